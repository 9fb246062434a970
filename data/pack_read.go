package data

import (
	"context"
	"fmt"
	"sync"

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

// packPlaces remembers which packs hold reports of whom. It is made when it is first
// asked for, from the packs of the whole feed, and brought up to the feed's end before
// each answer, so that every process knows what any of them has stored. A report takes
// it 8 bytes.
type packPlaces struct {
	// mu guards what is below.
	mu    sync.Mutex
	epoch string
	seq   int64 // of the feed: everything up to it is taken in
	// last is the newest of a person's entries, by a part of the id: two people who
	// share it cost a look into each other's packs.
	last    map[uint32]uint32
	entries []packEntry // from 1 on
}

// packEntry is a pack, by its number, and the entry before of the same person, 0: none.
type packEntry struct{ n, before uint32 }

func placeKey(person tracker.ID) uint32 {
	// The end of a UUIDv7 is random.
	return uint32(person[12])<<24 | uint32(person[13])<<16 | uint32(person[14])<<8 | uint32(person[15])
}

// of lists the packs that may hold reports of a person, newest first.
func (p *packPlaces) of(ctx context.Context, d *DB, person tracker.ID) ([]uint32, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.catchUp(ctx, d); err != nil {
		return nil, err
	}
	var ns []uint32
	for i := p.last[placeKey(person)]; i != 0; i = p.entries[i].before {
		if n := p.entries[i].n; len(ns) == 0 || ns[len(ns)-1] != n {
			ns = append(ns, n)
		}
	}
	return ns, nil
}

func (p *packPlaces) catchUp(ctx context.Context, d *DB) error {
	var epoch string
	var end int64
	if err := d.hot.QueryRowContext(ctx, `SELECT h.epoch, h.seq FROM head h`).Scan(intoText{&epoch}, &end); err != nil {
		return fmt.Errorf("read head: %w", err)
	}
	if p.last == nil || p.epoch != epoch || end < p.seq {
		p.epoch, p.seq, p.last, p.entries = epoch, 0, map[uint32]uint32{}, make([]packEntry, 1)
	}
	if end == p.seq {
		return nil
	}
	rows, err := d.hot.QueryContext(ctx, `SELECT r.n, r.people FROM feed f JOIN report_packs r ON r.commit_id = f.commit_id
		WHERE f.seq > $1 AND f.seq <= $2 ORDER BY f.seq, r.n`, p.seq, end)
	if err != nil {
		return fmt.Errorf("read packs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var people []byte
		if err := rows.Scan(&n, &people); err != nil {
			return fmt.Errorf("read packs: %w", err)
		}
		for ; len(people) >= len(tracker.ID{}); people = people[len(tracker.ID{}):] {
			k := placeKey(tracker.ID(people))
			p.entries = append(p.entries, packEntry{uint32(n), p.last[k]})
			p.last[k] = uint32(len(p.entries) - 1)
		}
	}
	if err := rows.Err(); err != nil {
		p.last = nil // half of it was taken in: from the start, next time
		return fmt.Errorf("read packs: %w", err)
	}
	p.seq = end
	return nil
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
