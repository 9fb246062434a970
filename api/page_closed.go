package api

import (
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// lastCall is what a link that takes reports no more still takes: "I need help"
// with a number to ring. It goes into the queue of those who ring back. By a
// personal link that has expired it is a report of low trust besides; one that was
// revoked says nothing about its person any more.
func (p *linkPages) lastCall(c echo.Context, l auth.Link, v *linkView, r *intake.LinkReport, bad, closed error) error {
	form := wantsPage(c.Request())
	switch {
	case errors.Is(bad, intake.ErrMediaType), bad == nil && r.Wellbeing != tracker.NeedsHelp:
		return p.refused(c, l, v, closed)
	case bad == nil && r.Phone == "":
		if !form {
			return closed
		}
		bad = &tracker.FieldError{Field: "phone", Code: "required", Detail: "is missing"}
	}
	if bad != nil {
		if form {
			v.closedBy(closed)
		}
		return p.refused(c, l, v, bad)
	}
	kept, err := p.call(c, l, r, errors.Is(closed, errLinkExpired))
	if errors.Is(err, errPersonGone) { // erased since: somebody asks for help all the same
		l.Person = tracker.ID{}
		kept, err = p.call(c, l, r, false)
	}
	if err != nil {
		if form {
			v.closedBy(closed)
		}
		return p.refused(c, l, v, err)
	}
	return p.thank(c, l, v, r, kept, form)
}

// closedBy keeps the page to what a closed link has, whatever else went wrong.
func (v *linkView) closedBy(err error) {
	v.Closed = "closed_revoked"
	if errors.Is(err, errLinkExpired) {
		v.Closed = "closed_expired"
	}
}

// call stores a call for help by a closed link.
func (p *linkPages) call(c echo.Context, l auth.Link, r *intake.LinkReport, report bool) (filed, error) {
	f := r.Filing(l, tracker.ID{}, p.countries(l), p.tracker.World())
	sub := tracker.Submission{Crisis: l.Crisis}
	if !r.ID.IsZero() {
		sub.Idempotency = &tracker.Idempotency{Source: "link " + l.ID.String(), Key: "help-" + r.ID.String(), BodyHash: r.Hash()}
	}
	cb := p.callback(l, l.Person, tracker.CallbackHelp, f.Report.Phone, r.Note, r.Lang)
	if report && !l.Person.IsZero() && r.Child == "" {
		f.Report.Flags |= tracker.FlagLowTrust
		f.Callback = &cb
		sub.Filings = []tracker.Filing{f}
	} else {
		sub.Talk.Callbacks = []tracker.Callback{cb}
	}
	return p.deliver(c.Request().Context(), sub)
}

// callback is somebody who wants to be rung, in the queue of the mission that is
// responsible for them, or else of the one that the link is from. lang, the
// language that they read, stands before what they said.
func (p *linkPages) callback(l auth.Link, person tracker.ID, kind tracker.CallbackKind, phone, note, lang string) tracker.Callback {
	at := p.now().UTC().Truncate(time.Microsecond)
	cb := tracker.Callback{
		ID: tracker.NewID(), Version: 1, Crisis: l.Crisis, Kind: kind, State: tracker.CallbackOpen, Person: person, Link: l.ID,
		Mission: l.Mission, Phone: phone, Text: note, CreatedAt: at, RecordedAt: at,
	}
	if lang != "" {
		cb.Text = "[" + lang + "] " + note
	}
	if row, ok := p.person(person); ok && !row.Mission.IsZero() {
		cb.Mission = row.Mission
	}
	return cb
}
