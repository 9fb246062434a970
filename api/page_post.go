package api

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// post takes a report in: a form, which is answered with a page, or JSON.
func (p *linkPages) post(c echo.Context) error {
	l, closed := p.link(c)
	v := p.blank(c, l)
	if closed != nil && !isClosed(closed) {
		return p.refused(c, l, v, closed)
	}
	req := c.Request()
	req.Body = http.MaxBytesReader(c.Response(), req.Body, intake.MaxLinkBody)
	body, err := readBody(req)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	r, typed, err := intake.DecodeLink(req.Header.Get("Content-Type"), body)
	v.keep(c, typed)
	if err := p.admitLink(&l, toReport, r.Secret); err != nil {
		return p.refused(c, l, v, err)
	}
	if closed != nil && (err != nil || !p.inTime(&l, &r)) {
		return p.lastCall(c, l, v, &r, err, closed)
	}
	if err != nil {
		if errors.Is(err, intake.ErrMediaType) {
			err = refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send a form or JSON.")
		}
		return p.refused(c, l, v, err)
	}
	form := typed != nil
	kept, err := p.file(req.Context(), &l, &r, form)
	if closed != nil && errors.Is(err, errPersonGone) {
		return p.lastCall(c, l, v, &r, nil, closed)
	}
	if err != nil {
		return p.refused(c, l, v, err)
	}
	return p.thank(c, l, v, &r, kept, form)
}

// thank answers what was stored: with its receipt, or, for a form, with a page
// that shows it.
func (p *linkPages) thank(c echo.Context, l auth.Link, v *linkView, r *intake.LinkReport, kept filed, form bool) error {
	rec := pageReceipt{
		at: kept.ReceivedAt, code: kept.Code, person: kept.Person, report: kept.Report,
		placed: r.HasPoint || r.Place != "" || r.Address != "" || r.Intention == tracker.Left,
		help:   r.Wellbeing == tracker.NeedsHelp,
	}
	if _, guest := r.Guest(l); form && guest {
		p.setGuest(c, &l, r.Secret)
	}
	sealed := rec.seal(&l)
	if !form {
		return c.JSON(http.StatusOK, linkReceipt{ReceivedAt: kept.ReceivedAt, Code: kept.Code, Receipt: sealed})
	}
	return c.Redirect(http.StatusSeeOther, "/s/"+l.Code+"?l="+v.Lang+"&r="+sealed)
}

// keep shows what was typed again, in the language of the form, which keeps its
// secret: a personal link's own is in the form when its script sent it along.
func (v *linkView) keep(c echo.Context, typed url.Values) {
	if lang := typed.Get("lang"); lang != "" && c.QueryParam("l") == "" {
		v.Lang = pageLanguage(lang, c.Request())
	}
	v.typed = typed
	if secret := typed.Get("secret"); secret != "" {
		v.Guest = secret
	}
}

// What a link is used for: each has a limit of its own, so that none of them can
// keep a call for help out.
const (
	toReport = "report"
	toChart  = "map"
	toAsk    = "data"
	toRead   = "read"
	toSetUp  = "device"
)

// admitLink bounds what one link may send: little for a person's own, much for a
// poster's. Whoever has the link's own secret isn't held up by those who have its
// code alone.
func (p *linkPages) admitLink(l *auth.Link, use, secret string) error {
	t := p.limits.link
	if !l.Person.IsZero() {
		t = p.personal
	}
	name := l.ID.String() + " " + use
	if l.Verify(secret) {
		name += " own"
	}
	return p.throttle(t, name)
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
	case fe.Field == "medicine_days":
		return "err_days"
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
