package tracker

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrTwoHumans: two records that carry different IINs can't be one human's.
var ErrTwoHumans = fmt.Errorf("%w: the two records carry different IINs", ErrConflict)

// Merge makes the record gone count with kept: one person in every list and
// count, with the reports of both. Nothing is lost: Unmerge is the exact inverse.
// Errors: FieldError, ErrNotFound (or out of scope), ErrConflict (the same record,
// or another merge at once), ErrTwoHumans.
func (t *Tracker) Merge(ctx context.Context, a Actor, kept, gone ID, reason string) (int64, error) {
	s := t.Snapshot()
	v := s.View(a.Scope, t.Now())
	k, ok := v.Person(kept)
	g, also := v.Person(gone)
	switch {
	case !ok || !also || k.Crisis != g.Crisis:
		return 0, fmt.Errorf("%w: person", ErrNotFound)
	case k.ID == g.ID:
		return 0, fmt.Errorf("%w: they count as one already", ErrConflict)
	case strings.TrimSpace(reason) == "":
		return 0, invalid("reason", "missing", "a reason is needed")
	}
	var iin string
	for _, id := range append(s.Members(k.ID), s.Members(g.ID)...) {
		p, err := t.store.PersonVersion(ctx, id)
		if err != nil {
			return 0, err
		}
		switch {
		case p.Details.IIN == "" || p.Details.IIN == iin:
		case iin != "":
			return 0, ErrTwoHumans
		default:
			iin = p.Details.IIN
		}
	}
	return t.merge(ctx, a, s, Merge{Crisis: k.Crisis, Gone: g.ID, Kept: k.ID, Reason: reason}, "person.merge")
}

// Unmerge makes the record gone stand for itself again, as if it had never been
// merged; what was merged into it before stays with it. Errors: as of Merge.
func (t *Tracker) Unmerge(ctx context.Context, a Actor, gone ID, reason string) (int64, error) {
	s := t.Snapshot()
	v := s.View(a.Scope, t.Now())
	row, ok := v.Person(gone)
	num, known := s.nums.get(gone)
	switch {
	case !ok || !known:
		return 0, fmt.Errorf("%w: person %s", ErrNotFound, gone)
	case s.aliases[num] == 0 && s.aliases.root(num) == num:
		return 0, fmt.Errorf("%w: the record isn't merged into another", ErrConflict)
	case strings.TrimSpace(reason) == "":
		return 0, invalid("reason", "missing", "a reason is needed")
	}
	return t.merge(ctx, a, s, Merge{Crisis: row.Crisis, Gone: gone, Reason: reason}, "person.unmerge")
}

func (t *Tracker) merge(ctx context.Context, a Actor, s *Snapshot, m Merge, action string) (int64, error) {
	m.N, m.Author, m.RecordedAt = s.mergeN[m.Crisis]+1, a.ID, t.Now()
	object := "person " + m.Gone.String()
	if !m.Kept.IsZero() {
		object += " with " + m.Kept.String()
	}
	done, err := t.store.Commit(ctx, &Write{Rows: Rows{Merges: []Merge{m}}, Audit: a.audit(action, object, m.Reason)})
	if err != nil {
		if errors.Is(err, ErrConflict) {
			_ = t.catchUp(ctx) // for the caller's next try; what it misses, the feed brings
		}
		return 0, fmt.Errorf("store merge: %w", err)
	}
	return done.Seq, nil
}

// Rule says whether a report's fix is to be trusted: staff asked the person, or
// know better. Errors: FieldError, ErrNotFound, ErrConflict (another ruling at
// once).
func (t *Tracker) Rule(ctx context.Context, a Actor, person, report ID, trusted bool, reason string) (int64, error) {
	s := t.Snapshot()
	if _, ok := s.View(a.Scope, t.Now()).Person(person); !ok {
		return 0, fmt.Errorf("%w: person %s", ErrNotFound, person)
	}
	if strings.TrimSpace(reason) == "" {
		return 0, invalid("reason", "missing", "a reason is needed")
	}
	r, err := t.reportOf(ctx, s.Members(person), report)
	if err != nil {
		return 0, err
	}
	if r.Position == nil {
		return 0, invalid("report", "no_position", "the report names no place")
	}
	rs, err := t.store.RulingsOf(ctx, []ID{r.Person})
	if err != nil {
		return 0, fmt.Errorf("read rulings: %w", err)
	}
	ruling := Ruling{Report: report, Person: r.Person, N: 1, Reason: reason, Author: a.ID, RecordedAt: t.Now()}
	for _, x := range rs {
		if x.Report == report {
			ruling.N = max(ruling.N, x.N+1)
		}
	}
	action := "report.trust"
	if !trusted {
		ruling.Flags, action = FlagDoubted, "report.doubt"
	}
	done, err := t.store.Commit(ctx, &Write{
		Rows:  Rows{Rulings: []Ruling{ruling}},
		Audit: a.audit(action, "report "+report.String()+" of person "+r.Person.String(), reason),
	})
	if err != nil {
		return 0, fmt.Errorf("store ruling: %w", err)
	}
	return done.Seq, nil
}

// reportOf finds a report of any of the records. Errors: ErrNotFound.
func (t *Tracker) reportOf(ctx context.Context, members []ID, report ID) (Report, error) {
	for _, id := range members {
		rs, _, err := t.store.ReportsOf(ctx, id, 0)
		if err != nil {
			return Report{}, fmt.Errorf("read reports: %w", err)
		}
		for i := range rs {
			if rs[i].ID == report {
				return rs[i], nil
			}
		}
	}
	return Report{}, fmt.Errorf("%w: report %s", ErrNotFound, report)
}

// Erase destroys the key of a person and of all records that count with them, and
// takes them out of everything. It can't be undone. Errors: FieldError, ErrNotFound.
func (t *Tracker) Erase(ctx context.Context, a Actor, person ID, reason string) (int64, error) {
	s := t.Snapshot()
	row, ok := s.View(a.Scope, t.Now()).Person(person)
	if !ok {
		return 0, fmt.Errorf("%w: person %s", ErrNotFound, person)
	}
	if strings.TrimSpace(reason) == "" {
		return 0, invalid("reason", "missing", "a reason is needed")
	}
	var rows Rows
	for _, id := range s.Members(row.ID) {
		rows.Erasures = append(rows.Erasures, Erasure{Crisis: row.Crisis, Person: id, Reason: reason, Author: a.ID, RecordedAt: t.Now()})
	}
	done, err := t.store.Commit(ctx, &Write{Rows: rows, Audit: a.audit("person.erase", "person "+row.ID.String(), reason)})
	if err != nil {
		return 0, fmt.Errorf("erase person %s: %w", row.ID, err)
	}
	return done.Seq, nil
}
