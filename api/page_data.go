package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// data is the page of what we hold about somebody. It shows nothing of it: it takes
// the wish that their places be hidden, which is done at once for whoever has the
// link's own secret, and the wish to see, correct or erase what is held, for which
// they are rung: a stolen link must not erase a missing person.
func (p *linkPages) data(c echo.Context) error {
	l, err := p.link(c)
	v := p.blank(c, l)
	v.Sheet = sheetData
	closed := err
	if closed != nil && (!errors.Is(closed, errLinkExpired) || c.Request().Method != http.MethodPost) {
		return p.refused(c, l, v, closed)
	}
	if c.Request().Method != http.MethodPost {
		v.Guest = "" // nobody knows it yet
		return p.write(c, http.StatusOK, l, v)
	}
	req := c.Request()
	req.Body = http.MaxBytesReader(c.Response(), req.Body, intake.MaxLinkBody)
	body, err := readBody(req)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	a, typed, err := intake.DecodeAsk(req.Header.Get("Content-Type"), body)
	v.Guest = ""
	v.keep(c, typed)
	v.Guest = a.Secret
	if err := p.admitLink(&l, toAsk, a.Secret); err != nil {
		return p.refused(c, l, v, err)
	}
	if err != nil {
		if errors.Is(err, intake.ErrMediaType) {
			err = refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send a form.")
		}
		return p.refused(c, l, v, err)
	}
	person, own, err := p.whom(req.Context(), &l, a.Secret)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	if closed != nil && !(own && a.Hide) { // by a link that expired somebody may still hide, and no more
		return p.refused(c, l, v, closed)
	}
	v.CanHide = own
	switch {
	case a.Hide && own:
		if err := p.hide(c, &l, person); err != nil {
			return p.refused(c, l, v, err)
		}
		v.Receipt = v.T("hidden")
	case a.Hide:
		v.Problem = v.T("hide_not")
		return p.write(c, http.StatusForbidden, l, v)
	case a.Kind != 0:
		kept, err := p.ask(c, l, &a, person, v.Lang)
		if err != nil {
			return p.refused(c, l, v, err)
		}
		v.Receipt = p.receipt(req.Context(), v, l, pageReceipt{at: kept.ReceivedAt})
		v.typed = nil
	}
	return p.write(c, http.StatusOK, l, v)
}

// hide withholds a person's places, at once.
func (p *linkPages) hide(c echo.Context, l *auth.Link, person tracker.ID) error {
	_, err := p.submit(c.Request().Context(), l, tracker.Filing{Report: tracker.Report{
		Crisis: l.Crisis, Person: person, Channel: tracker.ChannelLink, Source: l.ID, Flags: tracker.FlagHide,
	}}, nil)
	return err
}

// ask stores that somebody wants to be rung about what we hold of them.
func (p *linkPages) ask(c echo.Context, l auth.Link, a *intake.LinkAsk, person tracker.ID, lang string) (filed, error) {
	phone := intake.LinkPhone(a.Phone, p.countries(l))
	cb := p.callback(l, person, a.Kind, phone, a.Note, lang)
	sub := tracker.Submission{Crisis: l.Crisis, Talk: tracker.Talk{Callbacks: []tracker.Callback{cb}}}
	if !a.ID.IsZero() {
		sub.Idempotency = &tracker.Idempotency{
			Source: "link " + l.ID.String(), Key: fmt.Sprintf("ask-%s-%x", a.ID, a.Hash()), BodyHash: a.Hash(),
		}
	}
	return p.deliver(c.Request().Context(), sub)
}
