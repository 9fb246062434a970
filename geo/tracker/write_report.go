package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	// Thread is the line that it came on, as the version to store, or nil;
	// Callback is somebody who wants to be rung because of it, or nil. Where they
	// name no person, they get the report's.
	Thread   *Thread
	Callback *Callback
}

// Says tells whether the report holds anything at all.
func (r *Report) Says() bool {
	return r.Wellbeing != 0 || r.Intention != 0 || r.Contact != 0 || r.Persons != 0 || r.HasNeeds ||
		r.Position != nil || r.Country != "" || !r.OnwardUntil.IsZero() ||
		r.Note != "" || r.Phone != "" || r.Address != "" ||
		r.MedicineDays != nil || r.Tell != 0 || r.Caller != nil || r.Flags&FlagHide != 0
}

// Receipt is what whoever filed a report gets.
type Receipt struct {
	Report     ID // zero when only a person was registered
	Person     ID
	ReceivedAt time.Time
	Code       string // four characters that a citizen can read out
	// Known: the new person is held already, and the report is filed with the record
	// that there is (Submission.Match).
	Known bool
}

// Submission is a batch of filings that one caller sends at once.
type Submission struct {
	Actor   Actor
	Crisis  ID
	Filings []Filing
	// Talk is stored with the filings; it may be all there is.
	Talk Talk
	// Whole: with any filing in error nothing is stored.
	Whole bool
	// Match: a new person whose IIN or passport is held within the actor's scope is
	// no error, if nothing else that is known of the two speaks against it (see
	// names.SameHuman): the report is filed with the one who is held, and the empty
	// fields of their record are filled.
	Match bool
	// Try stores nothing and answers how the submission would end; receipts name
	// ids that nobody will ever have.
	Try bool
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
// ErrNotFound for the crisis, ErrKeyReused, ErrUnavailable, and ErrConflict when a
// thread or call-back has moved on: the picture has caught up by then, so read it
// again and try anew.
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
		if !errors.Is(err, ErrConflict) {
			return out, err
		}
		// Somebody was faster with the same person; look again.
		if err := t.catchUp(ctx); err != nil {
			return Submitted{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if try == tries || sub.talks() {
			return out, err
		}
	}
}

// talks tells whether versions are stored that only the caller can renew.
func (sub *Submission) talks() bool {
	if len(sub.Talk.Threads)+len(sub.Talk.Callbacks) > 0 {
		return true
	}
	return slices.ContainsFunc(sub.Filings, func(f Filing) bool { return f.Thread != nil || f.Callback != nil })
}

func (t *Tracker) submitOnce(ctx context.Context, sub *Submission) (Submitted, error) {
	now := t.Now().Truncate(time.Microsecond)
	view := t.Snapshot().View(sub.Actor.Scope, now)
	out := Submitted{Receipts: make([]Receipt, len(sub.Filings)), Errors: make([]error, len(sub.Filings))}
	b := batch{
		t: t, sub: sub, view: &view, now: now, talk: sub.Talk,
		held: map[string]ID{}, made: map[ID]int{}, assigned: map[ID]bool{}, filled: map[ID]*Person{},
	}
	b.rows.Reports = make([]Report, 0, len(sub.Filings))
	failed := false
	for i := range sub.Filings {
		r, err := b.file(ctx, &sub.Filings[i])
		if err != nil {
			out.Errors[i], failed = err, true
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
	for _, p := range b.filled {
		b.rows.People = append(b.rows.People, *p)
	}
	said := len(b.rows.People) + len(b.rows.Reports) + len(b.talk.Threads) + len(b.talk.Messages) + len(b.talk.Callbacks)
	if failed && sub.Whole || sub.Try || said == 0 && (failed || sub.Idempotency == nil || len(sub.Filings) == 0) {
		return out, nil
	}
	w := &Write{Rows: b.rows, Talk: b.talk, Audit: sub.Actor.audit(sub.Action, objectOf(&b.rows), "")}
	if sub.Idempotency != nil {
		w.Idempotency = new(*sub.Idempotency)
		if sub.Encode != nil {
			w.Idempotency.Reply = sub.Encode(out.Receipts, out.Errors)
		}
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
