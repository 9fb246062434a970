package api

import (
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// lateReports is for how long after a link has expired it takes what was said before:
// phones are without a network for days.
const lateReports = 14 * 24 * time.Hour

// inTime tells whether a report by a link that has expired was said while the link
// was good. It is the phone's word, so what is stored is of low trust. A link that
// was revoked says nothing any more, whenever it was said.
func (p *linkPages) inTime(l *auth.Link, r *intake.LinkReport) bool {
	now := p.now()
	return l.State(now) == auth.LinkExpired && !r.FixedAt.IsZero() && !now.After(l.ExpiresAt.Add(lateReports)) &&
		tracker.Effective(r.FixedAt, r.SentAt, now).Before(l.ExpiresAt)
}

// late makes a report by a link that has expired one of low trust. A call for help of
// whom the link is known to be goes into the queue of those who ring back besides.
func (p *linkPages) late(l *auth.Link, r *intake.LinkReport, f *tracker.Filing) {
	if l.State(p.now()) != auth.LinkExpired {
		return
	}
	f.Report.Flags |= tracker.FlagLowTrust
	if !l.Person.IsZero() && r.Wellbeing == tracker.NeedsHelp {
		cb := p.callback(*l, l.Person, tracker.CallbackHelp, f.Report.Phone, r.Note, r.Lang)
		f.Callback = &cb
	}
}

// lastCall is what a link that takes reports no more still takes: "I need help"
// with a number to ring. It goes into the queue of those who ring back. By a
// personal link that has expired it is a report of low trust besides, and no number
// is needed, for the person is known; one that was revoked says nothing about its
// person any more.
func (p *linkPages) lastCall(c echo.Context, l auth.Link, v *linkView, r *intake.LinkReport, bad, closed error) error {
	form := wantsPage(c.Request())
	switch {
	case errors.Is(bad, intake.ErrMediaType), bad == nil && r.Wellbeing != tracker.NeedsHelp:
		return p.refused(c, l, v, closed)
	case bad == nil && r.Phone == "" && (l.Person.IsZero() || !errors.Is(closed, errLinkExpired)):
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
		if l.Person = (tracker.ID{}); r.Phone == "" {
			return p.refused(c, l, v, closed)
		}
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
	if report && !l.Person.IsZero() && r.Child == "" {
		p.late(&l, r, &f)
		sub.Filings = []tracker.Filing{f}
	} else {
		sub.Talk.Callbacks = []tracker.Callback{p.callback(l, l.Person, tracker.CallbackHelp, f.Report.Phone, r.Note, r.Lang)}
	}
	return p.deliver(c.Request().Context(), sub)
}

// callback is somebody who wants to be rung, in the queue of the mission that is
// responsible for them, or else of the one that the link is from, or else of the one
// that answers for the link's airport or country. lang, the language that they read,
// stands before what they said. Who left no number is rung at the one that is known.
func (p *linkPages) callback(l auth.Link, person tracker.ID, kind tracker.CallbackKind, phone, note, lang string) tracker.Callback {
	at := p.now().UTC().Truncate(time.Microsecond)
	cb := tracker.Callback{
		ID: tracker.NewID(), Version: 1, Crisis: l.Crisis, Kind: kind, State: tracker.CallbackOpen, Person: person, Link: l.ID,
		Mission: l.Mission, Phone: phone, Text: note, CreatedAt: at, RecordedAt: at,
	}
	if lang != "" {
		cb.Text = "[" + lang + "] " + note
	}
	if row, ok := p.person(person); ok {
		if !row.Mission.IsZero() {
			cb.Mission = row.Mission
		}
		if cb.Phone == "" {
			cb.Phone = row.Phone
		}
	}
	if cb.Mission.IsZero() {
		at, _ := intake.AirportPosition(l.Airport, p.tracker.World()) // nil where the link is for none
		areas := tracker.NewAreas(p.tracker.World(), p.tracker.Snapshot().Missions())
		cb.Mission = areas.Responsible(at, intake.LinkCountry(l, p.tracker.World()))
	}
	return cb
}
