package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// Reports a second of one personal link in the long run, and at once: a phone that
// was offline for long has many to send, and nobody has more to say than that.
const (
	personalPerSecond = 0.1
	personalBurst     = 60
)

// linkPages are the citizens' pages. They take in and give a receipt; they never
// show a name, a place or how anybody is.
type linkPages struct {
	*Server
	page     *citizenPage
	places   *placeList
	maps     *mapDrawer
	personal *auth.Throttle
	sms      string // number that takes reports by SMS; empty: none
}

func newLinkPages(s *Server, o Options) *linkPages {
	const remembered = 100_000
	return &linkPages{
		Server:   s,
		page:     newCitizenPage(s.dist, s.catalogue),
		places:   &placeList{world: s.tracker.World()},
		maps:     newMapDrawer(s.tracker.World()),
		personal: auth.NewThrottle(personalPerSecond, personalBurst, remembered),
		sms:      strings.TrimSpace(o.SMSNumber),
	}
}

// link finds the link of a request. Errors: tracker.ErrNotFound, errLinkExpired,
// errLinkRevoked (the link is returned with these two), or the store's.
func (p *linkPages) link(c echo.Context) (auth.Link, error) {
	// Echo leaves escapes in the parameter when the path has them.
	raw, err := url.PathUnescape(c.Param("code"))
	code, ok := auth.NormalLinkCode(raw)
	if err != nil || !ok {
		return auth.Link{}, fmt.Errorf("%w: link", tracker.ErrNotFound)
	}
	l, err := p.store.LinkByCode(c.Request().Context(), code)
	if err != nil {
		return auth.Link{}, err
	}
	switch l.State(p.now()) {
	case auth.LinkExpired:
		return l, errLinkExpired
	case auth.LinkRevoked:
		return l, errLinkRevoked
	}
	return l, nil
}

var (
	errLinkExpired = refuse(http.StatusGone, "link_expired", "This link has expired.")
	errLinkRevoked = refuse(http.StatusGone, "link_revoked", "This link was closed.")
)

// isClosed tells whether a link was good once: it still takes a call for help.
func isClosed(err error) bool {
	return errors.Is(err, errLinkExpired) || errors.Is(err, errLinkRevoked)
}

// get shows the page, for HEAD too: it changes nothing, whoever fetches it.
func (p *linkPages) get(c echo.Context) error {
	l, err := p.link(c)
	v := p.blank(c, l)
	if err == nil || isClosed(err) {
		if r, ok := openReceipt(c.QueryParam("r"), &l); ok {
			v.Receipt = p.receipt(c.Request().Context(), v, l, r)
			v.More = r.help
			if guest := guestOf(c, l); guest != "" {
				v.Guest = guest
			}
		}
	}
	if err != nil {
		return p.refused(c, l, v, err)
	}
	return p.write(c, http.StatusOK, l, v)
}

// blank is an empty page in the reader's language.
func (p *linkPages) blank(c echo.Context, l auth.Link) *linkView {
	v := &linkView{
		page: p.page, Lang: pageLanguage(c.QueryParam("l"), c.Request()), Code: l.Code, Kind: kindOf(&l),
		ID: tracker.NewID().String(), SMS: p.sms, Tracking: p.trackers.on,
	}
	if v.Kind == "campaign" {
		v.Guest, _ = auth.NewToken()
	} else if row, ok := p.person(l.Person); ok {
		v.Minor = row.Needs&tracker.IsMinor != 0
	}
	return v
}

// person is somebody in the picture, whoever they count with by now.
func (p *linkPages) person(id tracker.ID) (tracker.Row, bool) {
	v := p.everybody()
	if root, ok := v.Snapshot().Root(id); ok {
		id = root
	}
	return v.Person(id)
}

// countries are those in which the sender of a link's report is likely to be: the
// link's, or else its mission's, or else all that the missions answer for.
func (p *linkPages) countries(l auth.Link) []string {
	if c := intake.LinkCountry(l, p.tracker.World()); c != "" {
		return []string{c}
	}
	if m, ok := p.tracker.Snapshot().Mission(l.Mission); ok && len(m.Countries) > 0 {
		return m.Countries
	}
	var all []string
	for _, m := range p.tracker.Snapshot().Missions() {
		all = append(all, m.Countries...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// write sends the page of a view.
func (p *linkPages) write(c echo.Context, status int, l auth.Link, v *linkView) error {
	if v.Closed == "" && v.Sheet == sheetForm {
		v.Places, v.listed = p.places.groups(p.countries(l), v.typed.Get("place"), v)
	}
	v.Hotlines = p.hotlines(c.Request().Context(), l, v.Lang)
	b, err := p.page.render(v)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", p.page.policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Language", v.Lang)
	h.Add("Vary", "Accept-Language")
	return c.HTMLBlob(status, b)
}

// hotlines are the numbers to ring: the public ones of the mission that the link is
// from, or else of those that answer for its country, or else of all; for a mission
// that names none, its duty phone; then the ministry's. Where none is known there
// is none: a number is never made up. While the store is away the duty phones, which
// the picture knows, still stand.
func (p *linkPages) hotlines(ctx context.Context, l auth.Link, lang string) []hotline {
	const most = 8
	known, err := p.store.Hotlines(ctx)
	if err != nil {
		p.log.WarnContext(ctx, "hotlines not read", "error", err)
	}
	var hs []hotline
	add := func(who, phone string) {
		if phone != "" && len(hs) < most && !slices.ContainsFunc(hs, func(h hotline) bool { return h.Phone == phone }) {
			hs = append(hs, hotline{Who: who, Phone: phone})
		}
	}
	public := func(mission tracker.ID, who string) (found bool) {
		for _, h := range known {
			if h.Mission == mission && h.Public {
				add(strings.Trim(who+". "+h.Names.In(lang), ". "), h.Phone)
				found = true
			}
		}
		return found
	}
	country := intake.LinkCountry(l, p.tracker.World())
	for _, m := range p.tracker.Snapshot().Missions() {
		ours := m.ID == l.Mission
		if l.Mission.IsZero() {
			ours = country == "" || slices.Contains(m.Countries, country)
		}
		if ours && !public(m.ID, m.Names.In(lang)) {
			add(m.Names.In(lang), m.DutyPhone)
		}
	}
	public(tracker.ID{}, "")
	return hs
}

// receipt is what the page says of a report that was stored, and of when staff saw
// it.
func (p *linkPages) receipt(ctx context.Context, v *linkView, l auth.Link, r pageReceipt) string {
	zone := p.timeZone(l)
	if r.report.IsZero() { // a call-back
		return strings.ReplaceAll(v.T("asked"), "{time}", pageClock(r.at, zone))
	}
	text := strings.NewReplacer("{time}", pageClock(r.at, zone), "{code}", r.code).Replace(v.T("received"))
	if seen, err := p.store.ReadingOf(ctx, r.person, r.report); err == nil {
		return text + " " + strings.ReplaceAll(v.T("read"), "{time}", pageClock(seen.At, zone))
	}
	if r.placed {
		return text + " " + v.T("next")
	}
	return text + " " + v.T("next_place")
}

// timeZone is that of where a link's people are, as far as the link says.
func (p *linkPages) timeZone(l auth.Link) string {
	if i, ok := p.tracker.World().Airport(l.Airport); ok {
		return p.tracker.World().Airports()[i].TimeZone
	}
	if cs := p.countries(l); len(cs) == 1 {
		return p.places.of(cs[0]).timeZone
	}
	return "UTC"
}
