package api

import (
	"cmp"
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

// hotlines are the numbers to ring: the public ones of the mission that answers for
// the link's person, of the one that the link is from, and of those that answer for
// where they are, or else of all, as many as fit; for a mission that names none, its
// duty phone; then the ministry's, always. Where none is known there is none: a number
// is never made up. While the store is away the duty phones, which the picture knows,
// still stand.
func (p *linkPages) hotlines(ctx context.Context, l auth.Link, lang string) []hotline {
	const most = 8
	known, err := p.store.Hotlines(ctx)
	if err != nil {
		p.log.WarnContext(ctx, "hotlines not read", "error", err)
	}
	var hs []hotline
	add := func(to []hotline, who, phone string) []hotline {
		if phone == "" || slices.ContainsFunc(to, func(h hotline) bool { return h.Phone == phone }) {
			return to
		}
		return append(to, hotline{Who: who, Phone: phone})
	}
	public := func(to []hotline, mission tracker.ID, who string) (with []hotline, found bool) {
		for _, h := range known {
			if h.Mission == mission && h.Public {
				to, found = add(to, strings.Trim(who+". "+h.Names.In(lang), ". "), h.Phone), true
			}
		}
		return to, found
	}
	for _, m := range p.missions(l) {
		var named bool
		if hs, named = public(hs, m.ID, m.Names.In(lang)); !named {
			hs = add(hs, m.Names.In(lang), m.DutyPhone)
		}
	}
	ministry, _ := public(nil, tracker.ID{}, "")
	hs = hs[:min(len(hs), max(most-len(ministry), 1))]
	for _, h := range ministry {
		hs = add(hs, h.Who, h.Phone)
	}
	return hs
}

// missions are those that somebody with a link should turn to, the nearest to them
// first: where none is known to be theirs, all.
func (p *linkPages) missions(l auth.Link) []tracker.Mission {
	all := p.tracker.Snapshot().Missions()
	var theirs tracker.ID
	var countries []string
	if c := intake.LinkCountry(l, p.tracker.World()); c != "" && l.Mission.IsZero() {
		countries = []string{c}
	}
	if row, ok := p.person(l.Person); ok {
		// Not those of where they are now: whoever has the code would learn it.
		theirs = row.Mission
	}
	there := func(c string) bool { return slices.Contains(countries, c) }
	rank := func(m tracker.Mission) int {
		switch {
		case m.ID == theirs:
			return 0
		case m.ID == l.Mission:
			return 1
		case slices.ContainsFunc(m.Countries, there):
			return 2
		default:
			return 3
		}
	}
	slices.SortStableFunc(all, func(a, b tracker.Mission) int { return cmp.Compare(rank(a), rank(b)) })
	far := slices.IndexFunc(all, func(m tracker.Mission) bool { return rank(m) == 3 })
	if far < 0 || far == 0 && len(countries) == 0 {
		return all
	}
	return all[:far]
}

// receipt is what the page says of a report that was stored, and of when staff saw
// it.
func (p *linkPages) receipt(ctx context.Context, v *linkView, l auth.Link, r pageReceipt) string {
	zone := p.timeZone(l)
	if r.report.IsZero() || r.help && l.State(p.now()) == auth.LinkExpired { // a call-back, perhaps with a report
		return strings.ReplaceAll(v.T("asked"), "{time}", pageClock(r.at, zone))
	}
	text := strings.NewReplacer("{time}", pageClock(r.at, zone), "{code}", r.code).Replace(v.T("received"))
	if seen, err := p.store.ReadingOf(ctx, r.person, r.report); err == nil {
		return text + " " + strings.ReplaceAll(v.T("read"), "{time}", pageClock(seen.At, zone))
	}
	if l.State(p.now()) == auth.LinkExpired { // its page takes nothing more
		return text
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
