package tracker

import (
	"context"
	"fmt"

	"aman/geo/tracker/names"
)

// Candidate is somebody who may be the human of a record. Only people decide.
type Candidate struct {
	Row   Row
	Score float64 // 0..1
	// Why are stable words of what speaks for and against it.
	Why []string
}

// Suggest lists who in the crisis, and in scope, may be the same human as p, at
// most n, best first. p needs no id; with one, its own record, and what counts
// with it, is left out. Errors: ErrNotFound for the crisis; ErrUnavailable for the
// first seconds after a start, while the index is made.
func (v View) Suggest(crisis ID, p *Person, n int) ([]Candidate, error) {
	c, ok := v.s.crisisNum(crisis)
	if !ok {
		return nil, fmt.Errorf("%w: crisis", ErrNotFound)
	}
	select {
	case <-v.s.who.ready:
	default:
		return nil, fmt.Errorf("%w: the index of names is being made", ErrUnavailable)
	}
	self := ^uint32(0)
	if num, ok := v.s.person(p.ID); ok && !p.ID.IsZero() {
		self = num
	}
	// Some of those found are of other crises or out of scope.
	const more = 8
	seen := map[uint32]bool{self: true}
	q := &query{v: &v, f: &Filter{}, zone: -1}
	var out []Candidate
	for _, s := range v.s.who.Suggest(names.Prepare(identityOf(p)), n*more) {
		if s.ID >= v.s.people.n {
			continue // registered after this snapshot
		}
		num := v.s.aliases.root(s.ID)
		h, cold := v.s.people.at(num)
		if seen[num] || h.crisis != c || !v.sees(h, cold) {
			continue
		}
		seen[num] = true
		if out = append(out, Candidate{Row: q.row(num), Score: s.Score, Why: s.Reasons.Words()}); len(out) == n {
			break
		}
	}
	return out, nil
}

// Details is who a person is, for work on their record; the caller audits what it
// tells of them. Errors: ErrNotFound, also when out of scope.
func (t *Tracker) Details(ctx context.Context, a Actor, id ID) (Person, error) {
	row, ok := t.Snapshot().View(a.Scope, t.Now()).Person(id)
	if !ok {
		return Person{}, fmt.Errorf("%w: person %s", ErrNotFound, id)
	}
	return t.store.PersonVersion(ctx, row.ID)
}
