package api

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
	personal *auth.Throttle
}

func newLinkPages(s *Server) *linkPages {
	const remembered = 100_000
	return &linkPages{
		Server:   s,
		page:     newCitizenPage(s.dist, s.catalogue),
		places:   &placeList{world: s.tracker.World()},
		personal: auth.NewThrottle(personalPerSecond, personalBurst, remembered),
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

// get shows the page, for HEAD too: it changes nothing, whoever fetches it.
func (p *linkPages) get(c echo.Context) error {
	l, err := p.link(c)
	v := p.blank(c, l)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	if r, ok := openReceipt(c.QueryParam("r"), &l); ok {
		v.Receipt = p.receipt(v, l, r)
		v.Guest = r.guest
	}
	return p.write(c, http.StatusOK, l, v)
}

// blank is an empty page in the reader's language.
func (p *linkPages) blank(c echo.Context, l auth.Link) *linkView {
	v := &linkView{page: p.page, Lang: pageLanguage(c.QueryParam("l"), c.Request()), Code: l.Code, Kind: kindOf(&l), ID: tracker.NewID().String()}
	if v.Kind == "campaign" {
		v.Guest, _ = auth.NewToken()
	}
	return v
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

// write sends the page.
func (p *linkPages) write(c echo.Context, status int, l auth.Link, v *linkView) error {
	if v.Closed == "" {
		v.Places, v.listed = p.places.groups(p.countries(l), v.typed.Get("place"), v)
	}
	v.Hotlines = p.hotlines(l, v.Lang)
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

// hotlines are the duty phones of the mission that the link is from, or else of
// those that answer for its country, or else of all. Where none is known there is
// none: a number is never made up.
func (p *linkPages) hotlines(l auth.Link, lang string) []hotline {
	const most = 16
	country := intake.LinkCountry(l, p.tracker.World())
	var hs []hotline
	for _, m := range p.tracker.Snapshot().Missions() {
		ours := m.ID == l.Mission
		if l.Mission.IsZero() {
			ours = country == "" || slices.Contains(m.Countries, country)
		}
		if ours && m.DutyPhone != "" && len(hs) < most {
			hs = append(hs, hotline{Who: m.Names.In(lang), Phone: m.DutyPhone})
		}
	}
	return hs
}

// receipt is what the page says of a report that was stored.
func (p *linkPages) receipt(v *linkView, l auth.Link, r pageReceipt) string {
	zone := "UTC"
	if i, ok := p.tracker.World().Airport(l.Airport); ok {
		zone = p.tracker.World().Airports()[i].TimeZone
	} else if cs := p.countries(l); len(cs) == 1 {
		zone = p.places.of(cs[0]).timeZone
	}
	next := v.T("next_place")
	if r.placed {
		next = v.T("next")
	}
	return strings.NewReplacer("{time}", pageClock(r.at, zone), "{code}", r.code).Replace(v.T("received")) + " " + next
}

// post takes a report in: a form, which is answered with a page, or JSON.
func (p *linkPages) post(c echo.Context) error {
	l, err := p.link(c)
	v := p.blank(c, l)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	if err := p.admitLink(&l); err != nil {
		return p.refused(c, l, v, err)
	}
	req := c.Request()
	req.Body = http.MaxBytesReader(c.Response(), req.Body, intake.MaxLinkBody)
	body, err := readBody(req)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	r, typed, err := intake.DecodeLink(req.Header.Get("Content-Type"), body)
	if lang := typed.Get("lang"); lang != "" && c.QueryParam("l") == "" {
		v.Lang = pageLanguage(lang, req)
	}
	v.typed = typed
	if err != nil {
		if errors.Is(err, intake.ErrMediaType) {
			err = refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send a form or JSON.")
		}
		return p.refused(c, l, v, err)
	}
	form := typed != nil
	rec, err := p.file(req.Context(), &l, &r, form)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	if !form {
		return c.JSON(http.StatusOK, rec)
	}
	guest := ""
	if l.Person.IsZero() {
		guest = r.Secret
	}
	placed := r.HasPoint || r.Place != "" || r.Address != "" || r.Intention == tracker.Left
	sealed := pageReceipt{at: rec.ReceivedAt, code: rec.Code, placed: placed, guest: guest}.seal(&l)
	return c.Redirect(http.StatusSeeOther, "/s/"+l.Code+"?l="+v.Lang+"&r="+sealed)
}

// admitLink bounds what one link may send: little for a person's own, much for a
// poster's.
func (p *linkPages) admitLink(l *auth.Link) error {
	t := p.limits.link
	if !l.Person.IsZero() {
		t = p.personal
	}
	return p.throttle(t, l.ID.String())
}

// refused answers what went wrong: with a page for whoever asked for a page, with
// the form as it was filled in; for programs as every other route does.
func (p *linkPages) refused(c echo.Context, l auth.Link, v *linkView, err error) error {
	if !wantsPage(c.Request()) {
		return err
	}
	problem, retry := problemOf(err)
	p.metrics.refused(problem.Status)
	say := v.T
	switch {
	case problem.Code == "link_expired":
		v.Closed = "closed_expired"
	case problem.Code == "link_revoked":
		v.Closed = "closed_revoked"
	case errors.Is(err, tracker.ErrNotFound):
		v.Closed = "closed_unknown"
	case problem.Status == http.StatusTooManyRequests:
		minutes := int(retry.Minutes()) + 1
		v.Problem = strings.ReplaceAll(say("busy"), "{minutes}", strconv.Itoa(minutes))
	case problem.Status >= http.StatusInternalServerError:
		v.Problem = say("unavailable")
		p.log.ErrorContext(c.Request().Context(), "request failed", "route", c.Path(), "status", problem.Status,
			"request_id", requestID(c), "error", err)
	default:
		v.Problem = say("refused")
		v.wrong = map[string]string{}
		for _, fe := range intake.FieldErrors(err) {
			v.Problem = say("invalid")
			v.wrong[fe.Field] = say(wordFor(fe))
		}
	}
	if retry > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(retry.Seconds())+1))
	}
	return p.write(c, problem.Status, l, v)
}

// busy answers a request that the gate holds back because too many come from its
// address: a page gets a page, filled in as it was. The link isn't looked up, so
// that codes can't be tried here.
func (p *linkPages) busy(c echo.Context, err error) error {
	if !wantsPage(c.Request()) {
		return err
	}
	raw, _ := url.PathUnescape(c.Param("code")) // what is no code is normalized to none
	code, _ := auth.NormalLinkCode(raw)
	l := auth.Link{Code: code}
	v := p.blank(c, l)
	// Not known to be a campaign's: the script of a personal link sends its secret.
	v.Kind, v.Guest = "personal", ""
	if req := c.Request(); req.Method == http.MethodPost {
		req.Body = http.MaxBytesReader(c.Response(), req.Body, intake.MaxLinkBody)
		if body, failed := readBody(req); failed == nil {
			var r intake.LinkReport
			r, v.typed, _ = intake.DecodeLink(req.Header.Get("Content-Type"), body) // what is wrong with it is for later
			if r.Secret != "" {
				v.Kind, v.Guest = "campaign", r.Secret // only a campaign's form has one in it
			}
			if !r.ID.IsZero() {
				v.ID = r.ID.String()
			}
			if r.Lang != "" && c.QueryParam("l") == "" {
				v.Lang = r.Lang
			}
		}
	}
	return p.refused(c, l, v, err)
}

// wordFor is the text that says what is wrong with a field.
func wordFor(fe *tracker.FieldError) string {
	switch {
	case fe.Field == "status" && fe.Code == "required":
		return "needed"
	case fe.Field == "persons":
		return "err_persons"
	case fe.Field == "phone":
		return "err_phone"
	case fe.Code == "too_long":
		return "err_long"
	default:
		return "err_field"
	}
}

// wantsPage tells a browser that shows what it gets from a program that reads it.
func wantsPage(req *http.Request) bool {
	if req.Method != http.MethodPost {
		return true
	}
	media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	return media == "application/x-www-form-urlencoded" ||
		media != "application/json" && strings.Contains(req.Header.Get("Accept"), "text/html")
}
