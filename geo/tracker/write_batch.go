package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aman/geo/tracker/names"
)

// batch is one try to make rows of a submission, and what its filings know of
// each other.
type batch struct {
	t    *Tracker
	sub  *Submission
	view *View
	now  time.Time
	rows Rows
	talk Talk

	held     map[string]ID  // identifiers of new people
	made     map[ID]int     // new people: where they are in rows
	assigned map[ID]bool    // people who got a mission in this batch
	filled   map[ID]*Person // next versions of people who are held
}

func anyHeld(errs []error) bool {
	for _, err := range errs {
		if held := (*HeldError)(nil); errors.As(err, &held) {
			return true
		}
	}
	return false
}

// file adds one filing, complete.
func (b *batch) file(ctx context.Context, f *Filing) (Receipt, error) {
	r := f.Report
	r.Crisis, r.ReceivedAt = b.sub.Crisis, b.now
	if r.Channel == ChannelOwnTracks || r.Channel == ChannelOsmAnd {
		r.Flags |= FlagAutomatic
	}
	known := false
	if f.Person != nil {
		p := *f.Person
		if err := CheckPerson(&p); err != nil {
			return Receipt{}, err
		}
		holder, err := b.holder(ctx, &p)
		switch {
		case err != nil:
			return Receipt{}, err
		case holder.IsZero():
			p.ID, p.Crisis, p.Version, p.Author, p.RecordedAt = NewID(), b.sub.Crisis, 1, b.sub.Actor.ID, b.now
			p.Mission = b.view.s.areas.Responsible(r.Position, firstOf(r.Country, p.Country))
			b.made[p.ID] = len(b.rows.People)
			b.rows.People = append(b.rows.People, p)
			b.hold(&p)
			r.Person = p.ID
			return b.add(f, r, true, false), nil
		case !b.sees(ctx, holder):
			return b.fileWithHolder(ctx, f, r, holder, &p)
		}
		if err := b.fill(ctx, holder, &p); err != nil {
			return Receipt{}, err
		}
		r.Person, known = holder, true
		if b.isNew(holder) {
			return b.add(f, r, true, true), nil
		}
	}
	if err := b.assignByArea(ctx, b.view, &r); err != nil {
		return Receipt{}, err
	}
	b.t.judge(b.view, &r)
	return b.add(f, r, false, known), nil
}

// isNew tells whether a person is made by this very batch.
func (b *batch) isNew(id ID) bool {
	_, ok := b.made[id]
	return ok
}

// sees tells whether the caller may know that somebody is held.
func (b *batch) sees(ctx context.Context, id ID) bool {
	if b.isNew(id) {
		return true
	}
	if _, known := b.view.s.nums.get(id); known {
		_, ok := b.view.Person(id)
		return ok
	}
	// Registered a moment ago, perhaps elsewhere: the store knows.
	p, err := b.t.store.PersonVersion(ctx, id)
	return err == nil && b.view.seesNew(&p)
}

// add stamps a report, adds it, if it says anything, with what came along, and
// makes its receipt.
func (b *batch) add(f *Filing, r Report, isNew, known bool) Receipt {
	if r.Flags&FlagHide != 0 && r.Country == "" {
		r.Country = b.view.countryOf(r.Person) // hidden, not uncounted
	}
	if b.view.knowsOfDeath(r.Person, isNew) {
		r.Flags |= FlagCasualty
	}
	Stamp(&r)
	rec := Receipt{Person: r.Person, ReceivedAt: r.ReceivedAt, Code: codeOf(r.Person), Known: known}
	if r.Says() {
		r.ID = NewID()
		rec.Report, rec.Code = r.ID, codeOf(r.ID)
		b.rows.Reports = append(b.rows.Reports, r)
	}
	if f.Thread != nil {
		th := *f.Thread
		if th.Person.IsZero() && !th.Group {
			th.Person = r.Person
		}
		b.talk.Threads = append(slices.Clip(b.talk.Threads), th)
	}
	if f.Callback != nil {
		cb := *f.Callback
		if cb.Person.IsZero() {
			cb.Person = r.Person
		}
		b.talk.Callbacks = append(slices.Clip(b.talk.Callbacks), cb)
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
func (b *batch) assignByArea(ctx context.Context, view *View, r *Report) error {
	num, ok := view.s.person(r.Person)
	if !ok {
		// Registered a moment ago, perhaps elsewhere: the store knows.
		p, err := b.t.store.PersonVersion(ctx, r.Person)
		if err != nil {
			return err
		}
		if p.Crisis != b.sub.Crisis || !view.seesNew(&p) {
			return fmt.Errorf("%w: person %s", ErrNotFound, r.Person)
		}
		return nil
	}
	h, c := view.s.people.at(num)
	if view.s.crises[h.crisis].ID != b.sub.Crisis || !view.sees(h, c) {
		return fmt.Errorf("%w: person %s", ErrNotFound, r.Person)
	}
	if h.mission != 0 || b.assigned[c.id] {
		return nil
	}
	m := view.s.areas.Responsible(r.Position, r.Country)
	if m.IsZero() {
		return nil
	}
	b.assigned[c.id] = true
	b.rows.Assignments = append(b.rows.Assignments, Assignment{
		Person: c.id, N: int(c.missionN) + 1, Mission: m, Reason: "area", Author: b.sub.Actor.ID, RecordedAt: b.now,
	})
	return nil
}

// holder finds who in the crisis is held with the IIN or passport of p already;
// zero where nobody is. In the caller's scope that is a HeldError, unless the
// submission matches. Out of it the caller must not learn it (rule 5: only a
// look-up with a reason tells), and what they report must not be lost.
func (b *batch) holder(ctx context.Context, p *Person) (ID, error) {
	for _, x := range identifiersOf(p) {
		if x.value == "" {
			continue
		}
		id, ok := b.held[x.kind+x.value]
		if !ok {
			var err error
			id, err = b.t.store.FindIdentifier(ctx, b.sub.Crisis, x.kind, x.value)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return ID{}, err
			}
		}
		if b.sees(ctx, id) {
			same := false
			if b.sub.Match {
				held, err := b.latest(ctx, id)
				if err != nil {
					return ID{}, err
				}
				same = SameHuman(&held, p)
			}
			if !same {
				return ID{}, &HeldError{Field: "person." + x.kind}
			}
		}
		return id, nil
	}
	return ID{}, nil
}

type identifierOf struct{ kind, value string }

func identifiersOf(p *Person) [2]identifierOf {
	return [2]identifierOf{{"iin", p.Details.IIN}, {"passport", p.Details.Passport}}
}

// hold remembers the identifiers of somebody new, for the filings after.
func (b *batch) hold(p *Person) {
	for _, x := range identifiersOf(p) {
		if x.value != "" {
			b.held[x.kind+x.value] = p.ID
		}
	}
}

// SameHuman tells whether documents prove two records to be of one human, with
// nothing that is known of both against it (see names.SameHuman).
func SameHuman(a, b *Person) bool { return names.SameHuman(documentsOf(a), documentsOf(b)) }

// documentsOf is what proves two records to be of one human.
func documentsOf(p *Person) *names.IDs {
	d := &p.Details
	ids := &names.IDs{IIN: d.IIN, Passport: d.Passport, BirthDate: d.BirthDate, Sex: names.Sex(d.Sex)}
	if !d.Unidentified() {
		ids.Name = names.Prepare(&names.Identity{Name: d.Name, Latin: d.Latin})
	}
	return ids
}

// latest is a held person's record as this batch leaves it.
func (b *batch) latest(ctx context.Context, id ID) (Person, error) {
	if p, ok := b.filled[id]; ok {
		return *p, nil
	}
	if i, ok := b.made[id]; ok {
		return b.rows.People[i], nil
	}
	return b.t.store.PersonVersion(ctx, id)
}

// fill adds to the record of somebody who is held what p knows besides.
func (b *batch) fill(ctx context.Context, held ID, p *Person) error {
	old, err := b.latest(ctx, held)
	if err != nil {
		return err
	}
	next, changed := filledFrom(old, p)
	if !changed {
		return nil
	}
	if i, ok := b.made[held]; ok {
		b.rows.People[i] = next
		return nil
	}
	if _, again := b.filled[held]; !again {
		next.Version++
	}
	next.Author, next.RecordedAt = b.sub.Actor.ID, b.now
	b.filled[held] = &next
	return nil
}

// filledFrom is old with its empty fields, and its lists, filled from p. What is
// said already is never changed.
func filledFrom(old Person, p *Person) (next Person, changed bool) {
	next = old
	next.Details = old.Details.Clone()
	d, q := &next.Details, &p.Details
	for _, x := range []struct {
		to   *string
		from string
	}{
		{&d.Name, q.Name},
		{&d.Latin, q.Latin},
		{&d.BirthDate, q.BirthDate},
		{&d.IIN, q.IIN},
		{&d.Passport, q.Passport},
		{&d.PassportExpiry, q.PassportExpiry},
		{&d.TourCode, q.TourCode},
		{&next.Country, p.Country},
	} {
		if *x.to == "" && x.from != "" {
			*x.to, changed = x.from, true
		}
	}
	if d.Sex == 0 && q.Sex != 0 {
		d.Sex, changed = q.Sex, true
	}
	if next.Party.IsZero() && !p.Party.IsZero() {
		next.Party, changed = p.Party, true
	}
	const most = 10
	for _, x := range []struct {
		to   *[]string
		from []string
	}{{&d.Phones, q.Phones}, {&d.Handles, q.Handles}, {&d.Sources, q.Sources}} {
		for _, s := range x.from {
			if len(*x.to) < most && !slices.Contains(*x.to, s) {
				*x.to, changed = append(*x.to, s), true
			}
		}
	}
	return next, changed
}

// fileWithHolder files a report with somebody whom the caller doesn't see, with
// what it said of who they are. Knowing a number is no proof: what is said may
// raise concern, never lower it. The receipt is like that of anybody new: neither
// an id, which tells when somebody was registered, nor a report where none was
// sent gives away that they are held.
func (b *batch) fileWithHolder(ctx context.Context, f *Filing, r Report, holder ID, p *Person) (Receipt, error) {
	everybody := b.t.Snapshot().View(Scope{All: true}, b.now)
	said := r.Says()
	r.Person = holder
	r.Flags |= FlagLowTrust
	if r.Phone == "" && len(p.Details.Phones) > 0 {
		r.Phone = p.Details.Phones[0]
	}
	about := slices.DeleteFunc([]string{r.Note, p.Details.Name, p.Details.Latin, p.Details.TourCode}, func(s string) bool { return s == "" })
	if note := strings.Join(about, " · "); utf8.RuneCountInString(note) <= 2000 {
		r.Note = note
	}
	if err := b.assignByArea(ctx, &everybody, &r); err != nil {
		return Receipt{}, err
	}
	b.t.judge(&everybody, &r)
	rec := b.add(f, r, false, false)
	rec.Person = NewID()
	if !said {
		rec.Report, rec.Code = ID{}, codeOf(rec.Person)
	}
	return rec, nil
}
