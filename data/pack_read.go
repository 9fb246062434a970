package data

import (
	"context"
	"fmt"

	"aman/geo/tracker"
)

// storedPack is a pack as it is read; opened, its reports.
type storedPack struct {
	people, body []byte
	commit       tracker.ID
	reports      []storedReport
}

var packSource = source[storedPack]{
	query: `SELECT p.people, p.body, p.commit_id FROM report_packs p`,
	where: `WHERE`, commit: `p.commit_id`, order: `ORDER BY p.n`,
	dest: func(x *storedPack) []any {
		return []any{intoBlob{&x.people}, intoBlob{&x.body}, &x.commit}
	},
	commitOf: func(x *storedPack) tracker.ID { return x.commit },
	batch:    packsAtOnce,
}

// packsAtOnce is how many packs are unsealed together: the keys of all their people are
// looked up with one query.
const packsAtOnce = 64

// eachPack reads packs, unseals them on all processors and hands their reports on, from
// one goroutine. Reports of people who were erased are left out.
func (d *DB) eachPack(ctx context.Context, q querier, keep func(commit tracker.ID) bool, visit func([]storedReport) error, query string, args ...any) error {
	return inOrder(ctx,
		func(ctx context.Context, emit func(*[]storedPack) error) error {
			return packSource.scan(ctx, q, keep, false, func(packs []storedPack) error { return emit(&packs) }, query, args...)
		},
		func() func(*[]storedPack) error {
			return func(packs *[]storedPack) error { return d.openPacks(ctx, *packs, nil) }
		},
		func(packs *[]storedPack) error {
			for i := range *packs {
				if err := visit((*packs)[i].reports); err != nil {
					return err
				}
			}
			return nil
		})
}

// openPacks unseals the reports of packs: those of all people, or of whom of wants.
func (d *DB) openPacks(ctx context.Context, packs []storedPack, of func(person tracker.ID) bool) error {
	var people []tracker.ID
	wanted := map[tracker.ID]bool{}
	for i := range packs {
		p := &packs[i]
		xs, err := unpack(p.people, p.body)
		if err != nil {
			return fmt.Errorf("read a pack of reports: %w", err)
		}
		for _, x := range xs {
			if of != nil && !of(x.Person) {
				continue
			}
			x.commit = p.commit
			p.reports = append(p.reports, x)
			if !wanted[x.Person] {
				wanted[x.Person] = true
				people = append(people, x.Person)
			}
		}
	}
	keys, err := d.personKeys(ctx, d.readers, people)
	if err != nil {
		return err
	}
	o := &opener{v: d.vault}
	for i := range packs {
		p := &packs[i]
		left := p.reports[:0]
		for _, x := range p.reports {
			k, ok := keys[x.Person]
			if !ok {
				continue // erased
			}
			if err := o.fill(&x, k); err != nil {
				return err
			}
			left = append(left, x)
		}
		p.reports = left
	}
	return nil
}

// fill finishes a report of a pack, unsealing it by its person's key.
func (o *opener) fill(x *storedReport, k personKey) error {
	if x.sealed == nil {
		return x.fill(nil)
	}
	if o.aead == nil || o.person != x.Person {
		o.person, o.aead = x.Person, k.aead()
	}
	b, err := o.aead.Open(o.buf[:0], nil, x.sealed, rowAAD("reports", x.ID, 0))
	if err != nil {
		return fmt.Errorf("unseal report %s: %w", x.ID, errBlob)
	}
	o.buf = b
	return x.fill(b)
}

// packedOf reads the reports of a person that are in packs.
func (d *DB) packedOf(ctx context.Context, person tracker.ID) (xs []storedReport, err error) {
	ns, err := d.places.of(ctx, d, person)
	if err != nil {
		return nil, err
	}
	isThem := func(p tracker.ID) bool { return p == person }
	for _, n := range ns {
		packs, err := all(ctx, d.vault, d.hot, &packSource, packSource.text(`p.n = $1`), int64(n))
		if err == nil {
			err = d.openPacks(ctx, packs, isThem)
		}
		if err != nil {
			return nil, err
		}
		for i := range packs {
			xs = append(xs, packs[i].reports...)
		}
	}
	return xs, nil
}

// reportThere makes sure that there is such a report of a person: stored before, or by
// the running commit. A report that isn't there is a *rowError.
func (s *session) reportThere(ctx context.Context, person, report, commit tracker.ID) error {
	var n int
	if err := s.row(ctx, []any{&n}, `SELECT COUNT(*) FROM reports WHERE person_id = $1 AND id = $2`, person[:], report[:]); err != nil {
		return fmt.Errorf("look for report: %w", err)
	}
	if n > 0 {
		return nil
	}
	ns, err := s.d.places.of(ctx, s.d, person)
	if err != nil {
		return err
	}
	for _, n := range ns {
		if found, err := s.packHolds(ctx, person, report, `p.n = $1`, int64(n)); found || err != nil {
			return err
		}
	}
	if found, err := s.packHolds(ctx, person, report, `p.commit_id = $1`, commit[:]); found || err != nil {
		return err
	}
	return refuse(fmt.Errorf("report %s of person %s: %w", report, person, tracker.ErrNotFound))
}

// packHolds tells whether one of the packs that a condition chooses holds a report.
func (s *session) packHolds(ctx context.Context, person, report tracker.ID, condition string, arg any) (bool, error) {
	packs, err := all(ctx, s.d.vault, s.conn, &packSource, packSource.text(condition), arg)
	if err != nil {
		return false, fmt.Errorf("look for report: %w", err)
	}
	for i := range packs {
		xs, err := unpack(packs[i].people, packs[i].body)
		if err != nil {
			return false, fmt.Errorf("look for report: %w", err)
		}
		for k := range xs {
			if xs[k].ID == report && xs[k].Person == person {
				return true, nil
			}
		}
	}
	return false, nil
}
