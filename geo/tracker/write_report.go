package tracker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxSkew is how far a phone's clock may be off before its reports are marked.
const maxSkew = 5 * time.Minute

// Filing is one report as it came in. Person is a new person to register, or
// nil when Report.Person names one. A Report that says nothing registers the
// person only.
type Filing struct {
	Report Report
	Person *Person
}

// Says tells whether the report holds anything at all.
func (r *Report) Says() bool {
	return r.Wellbeing != 0 || r.Intention != 0 || r.Contact != 0 || r.Persons != 0 || r.HasNeeds ||
		r.Position != nil || r.Country != "" || !r.OnwardUntil.IsZero() ||
		r.Note != "" || r.Phone != "" || r.Address != ""
}

// Receipt is what whoever filed a report gets.
type Receipt struct {
	Report     ID // zero when only a person was registered
	Person     ID
	ReceivedAt time.Time
	Code       string // four characters that a citizen can read out
}

// Submission is a batch of filings that one caller sends at once.
type Submission struct {
	Actor   Actor
	Crisis  ID
	Filings []Filing
	// Idempotency is optional; its Reply is what Encode makes.
	Idempotency *Idempotency
	Encode      func([]Receipt, []error) []byte
	// Action names it in the audit; default "report.create".
	Action string
}

// Submitted is how a submission ended. Receipts and Errors have one element
// for each filing: a filing was stored iff its error is nil.
type Submitted struct {
	Receipts []Receipt
	Errors   []error
	Replay   bool
	Reply    []byte
	Seq      int64
}

// Submit stores filings in one commit: it gives ids and times, marks clocks
// that are off, and gives people without a responsible mission one by area.
// Filings that can't be stored (a person who isn't there or not in scope, an IIN
// that is held already) get an error of their own. Errors of the whole:
// ErrNotFound for the crisis, ErrKeyReused, ErrUnavailable.
func (t *Tracker) Submit(ctx context.Context, sub Submission) (Submitted, error) {
	if _, ok := t.Snapshot().crisisNum(sub.Crisis); !ok {
		return Submitted{}, fmt.Errorf("%w: crisis", ErrNotFound)
	}
	if sub.Action == "" {
		sub.Action = "report.create"
	}
	const tries = 4
	for try := 1; ; try++ {
		out, err := t.submitOnce(ctx, &sub)
		if !errors.Is(err, ErrConflict) || try == tries {
			return out, err
		}
		// Somebody was faster with the same person; look again.
		if err := t.catchUp(ctx); err != nil {
			return Submitted{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
}

func (t *Tracker) submitOnce(ctx context.Context, sub *Submission) (Submitted, error) {
	now := t.Now().Truncate(time.Microsecond)
	view := t.Snapshot().View(sub.Actor.Scope, now)
	out := Submitted{Receipts: make([]Receipt, len(sub.Filings)), Errors: make([]error, len(sub.Filings))}
	var rows Rows
	b := batch{held: map[string]bool{}, assigned: map[ID]bool{}}
	for i := range sub.Filings {
		r, err := t.file(ctx, &view, sub, &sub.Filings[i], now, &rows, &b)
		if err != nil {
			out.Errors[i] = err
			continue
		}
		out.Receipts[i] = r
	}
	if sub.Idempotency != nil && anyHeld(out.Errors) {
		// The retry of a submission that stored these people finds them held by
		// themselves: its key tells.
		switch done, err := t.store.Replayed(ctx, sub.Idempotency); {
		case err == nil:
			out.Replay, out.Reply = true, done.Reply
			return out, nil
		case !errors.Is(err, ErrNotFound):
			return Submitted{}, fmt.Errorf("look for an earlier try: %w", err)
		}
	}
	if len(rows.People)+len(rows.Reports) == 0 {
		return out, nil
	}
	w := &Write{Rows: rows, Audit: sub.Actor.audit(sub.Action, objectOf(&rows), "")}
	if sub.Idempotency != nil {
		w.Idempotency = new(*sub.Idempotency)
		w.Idempotency.Reply = sub.Encode(out.Receipts, out.Errors)
	}
	done, err := t.store.Commit(ctx, w)
	if err != nil {
		return Submitted{}, fmt.Errorf("store reports: %w", err)
	}
	out.Seq, out.Replay, out.Reply = done.Seq, done.Replay, done.Reply
	if !done.Replay && w.Idempotency != nil {
		out.Reply = w.Idempotency.Reply
	}
	return out, nil
}

func objectOf(rows *Rows) string {
	if len(rows.Reports) == 1 {
		return "report " + rows.Reports[0].ID.String() + " of person " + rows.Reports[0].Person.String()
	}
	if len(rows.Reports) == 0 && len(rows.People) == 1 {
		return "person " + rows.People[0].ID.String()
	}
	return fmt.Sprintf("%d people, %d reports", len(rows.People), len(rows.Reports))
}

// batch is what the filings of one submission know of each other.
type batch struct {
	held     map[string]bool // identifiers of new people
	assigned map[ID]bool     // people who got a mission in this batch
}

func anyHeld(errs []error) bool {
	for _, err := range errs {
		if held := (*HeldError)(nil); errors.As(err, &held) {
			return true
		}
	}
	return false
}

// file adds one filing to rows, complete.
func (t *Tracker) file(ctx context.Context, view *View, sub *Submission, f *Filing, now time.Time, rows *Rows, b *batch) (Receipt, error) {
	r := f.Report
	r.Crisis, r.ReceivedAt = sub.Crisis, now
	Stamp(&r)
	if f.Person != nil {
		p := *f.Person
		if err := CheckPerson(&p); err != nil {
			return Receipt{}, err
		}
		holder, err := t.holder(ctx, view, sub.Crisis, &p, b.held)
		if err != nil {
			return Receipt{}, err
		}
		if !holder.IsZero() {
			return t.fileWithHolder(ctx, sub, r, holder, now, rows, b)
		}
		p.ID, p.Crisis, p.Version, p.Author, p.RecordedAt = NewID(), sub.Crisis, 1, sub.Actor.ID, now
		p.Mission = view.s.areas.Responsible(r.Position, firstOf(r.Country, p.Country))
		rows.People = append(rows.People, p)
		r.Person = p.ID
	} else if err := t.assignByArea(ctx, view, sub, &r, now, rows, b); err != nil {
		return Receipt{}, err
	}
	if view.knowsOfDeath(r.Person, f.Person != nil) {
		r.Flags |= FlagCasualty
	}
	return addReport(r, rows), nil
}

// addReport adds a complete report, if it says anything, and makes its receipt.
func addReport(r Report, rows *Rows) Receipt {
	rec := Receipt{Person: r.Person, ReceivedAt: r.ReceivedAt, Code: codeOf(r.Person)}
	if r.Says() {
		r.ID = NewID()
		rec.Report, rec.Code = r.ID, codeOf(r.ID)
		rows.Reports = append(rows.Reports, r)
	}
	return rec
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Stamp sets a report's effective time and the flags of its clock.
func Stamp(r *Report) {
	r.EffectiveAt = Effective(r.FixedAt, r.SentAt, r.ReceivedAt)
	if r.Position == nil {
		return
	}
	q := *r.Position
	q.Flags |= r.Flags & FlagLowTrust
	if d := r.ReceivedAt.Sub(r.SentAt); !r.SentAt.IsZero() && (d > maxSkew || d < -maxSkew) {
		q.Flags |= FlagSkew
	}
	if r.FixedAt.Sub(r.ReceivedAt) > maxSkew {
		q.Flags |= FlagFuture
	}
	r.Position = &q
}

// assignByArea checks the person that a report names, and gives them a
// responsible mission if they have none.
func (t *Tracker) assignByArea(ctx context.Context, view *View, sub *Submission, r *Report, now time.Time, rows *Rows, b *batch) error {
	num, ok := view.s.person(r.Person)
	if !ok {
		// Registered a moment ago, perhaps elsewhere: the store knows.
		p, err := t.store.PersonVersion(ctx, r.Person)
		if err != nil {
			return err
		}
		if p.Crisis != sub.Crisis || !view.scope.All && (p.Mission.IsZero() || p.Mission != view.scope.Mission) {
			return fmt.Errorf("%w: person %s", ErrNotFound, r.Person)
		}
		return nil
	}
	h, c := view.s.people.at(num)
	if view.s.crises[h.crisis].ID != sub.Crisis || !view.sees(h, c) {
		return fmt.Errorf("%w: person %s", ErrNotFound, r.Person)
	}
	if h.mission != 0 || b.assigned[r.Person] {
		return nil
	}
	m := view.s.areas.Responsible(r.Position, r.Country)
	if m.IsZero() {
		return nil
	}
	b.assigned[r.Person] = true
	rows.Assignments = append(rows.Assignments, Assignment{
		Person: r.Person, N: int(c.missionN) + 1, Mission: m, Reason: "area", Author: sub.Actor.ID, RecordedAt: now,
	})
	return nil
}

// holder finds out whether the crisis holds somebody with the IIN or passport of
// p already. In the caller's scope that is a HeldError. Out of it the caller must
// not learn it (rule 5: only a look-up with a reason tells), and what they report
// must not be lost: then it is who to file the report with.
func (t *Tracker) holder(ctx context.Context, view *View, crisis ID, p *Person, held map[string]bool) (ID, error) {
	for _, x := range []struct{ kind, value string }{{"iin", p.Details.IIN}, {"passport", p.Details.Passport}} {
		if x.value == "" {
			continue
		}
		id, err := t.store.FindIdentifier(ctx, crisis, x.kind, x.value)
		switch {
		case err == nil:
			if _, seen := view.Person(id); !seen {
				return id, nil
			}
			return ID{}, &HeldError{Field: "person." + x.kind}
		case held[x.kind+x.value]:
			return ID{}, &HeldError{Field: "person." + x.kind}
		case !errors.Is(err, ErrNotFound):
			return ID{}, err
		}
		held[x.kind+x.value] = true
	}
	return ID{}, nil
}

// fileWithHolder files a report with somebody whom the caller doesn't see. Knowing
// a number is no proof: what they say may raise concern, never lower it.
func (t *Tracker) fileWithHolder(ctx context.Context, sub *Submission, r Report, holder ID, now time.Time, rows *Rows, b *batch) (Receipt, error) {
	everybody := t.Snapshot().View(Scope{All: true}, now)
	r.Person = holder
	r.Flags |= FlagLowTrust
	Stamp(&r)
	if err := t.assignByArea(ctx, &everybody, sub, &r, now, rows, b); err != nil {
		return Receipt{}, err
	}
	return addReport(r, rows), nil
}

// HeldError: somebody with this IIN or passport is held already; look them up.
type HeldError struct{ Field string }

func (e *HeldError) Error() string { return e.Field + ": somebody with this number is held already" }

// Is makes a HeldError an ErrConflict.
func (e *HeldError) Is(target error) bool { return target == ErrConflict }

// crockford leaves out I, L, O and U, which are misheard and misread.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeOf is a short code for an id: its last 20 bits.
func codeOf(id ID) string {
	n := uint32(id[13])<<16 | uint32(id[14])<<8 | uint32(id[15])
	return string([]byte{crockford[n>>15&31], crockford[n>>10&31], crockford[n>>5&31], crockford[n&31]})
}
