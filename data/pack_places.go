package data

import (
	"context"
	"fmt"
	"math"

	"aman/geo/tracker"
)

// packPlaces remembers which packs hold reports of whom. It is made when it is first
// asked for, from the packs of the whole feed, and brought up to the feed's end before
// each answer, so that every process knows what any of them has stored. A report takes
// it 8 bytes.
type packPlaces struct {
	// turn is held by who reads or changes what is below: a channel and no mutex, so
	// that those who wait can leave when their time is up.
	turn chan struct{}
	// portion is how many entries of the feed, and how many packs, are taken in at once.
	portion int

	epoch string
	// Everything up to this entry of the feed, and of its packs up to this one, is
	// taken in.
	seq, n int64
	// last is the newest of a person's entries, by a part of the id: two people who
	// share it cost a look into each other's packs.
	last    map[uint32]uint32
	entries []packEntry // from 1 on
}

// placesPortion is some milliseconds of reading: what a caller loses whose time is up.
const placesPortion = 1024

func newPackPlaces() packPlaces {
	return packPlaces{turn: make(chan struct{}, 1), portion: placesPortion}
}

// packEntry is a pack, by its number, and the entry before of the same person, 0: none.
type packEntry struct{ n, before uint32 }

func placeKey(person tracker.ID) uint32 {
	// The end of a UUIDv7 is random.
	return uint32(person[12])<<24 | uint32(person[13])<<16 | uint32(person[14])<<8 | uint32(person[15])
}

// of lists the packs that may hold reports of a person, each once, newest first. When
// ctx ends it returns, and what it has taken in so far stays.
func (p *packPlaces) of(ctx context.Context, d *DB, person tracker.ID) ([]uint32, error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the places of packs: %w", ctx.Err())
	}
	defer func() { <-p.turn }()
	if err := p.catchUp(ctx, d); err != nil {
		return nil, err
	}
	var ns []uint32
	for i := p.last[placeKey(person)]; i != 0; i = p.entries[i].before {
		// The entries of a pack stand together: doubles are neighbours.
		if n := p.entries[i].n; len(ns) == 0 || ns[len(ns)-1] != n {
			ns = append(ns, n)
		}
	}
	return ns, nil
}

// catchUp takes in what the feed holds beyond what is known, portion by portion.
func (p *packPlaces) catchUp(ctx context.Context, d *DB) error {
	var epoch string
	var end int64
	if err := d.hot.QueryRowContext(ctx, `SELECT h.epoch, h.seq FROM head h`).Scan(intoText{&epoch}, &end); err != nil {
		return fmt.Errorf("read head: %w", err)
	}
	if p.last == nil || p.epoch != epoch || end < p.seq {
		p.epoch, p.seq, p.n, p.last, p.entries = epoch, 0, math.MaxInt64, map[uint32]uint32{}, make([]packEntry, 1)
	}
	for p.seq < end || p.n < math.MaxInt64 {
		if err := p.takePortion(ctx, d.long(d.hot), end); err != nil {
			return fmt.Errorf("read packs: %w", err)
		}
	}
	return nil
}

// placed is where a pack stands in the feed, and whom it is about.
type placed struct {
	seq, n int64
	people []byte
}

// takePortion takes in the next portion up to the feed's entry end: all of it, or after
// an error nothing.
func (p *packPlaces) takePortion(ctx context.Context, q querier, end int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	end = max(p.seq, min(end, p.seq+int64(p.portion)))
	rows, err := q.QueryContext(ctx, `SELECT f.seq, r.n, r.people FROM feed f JOIN report_packs r ON r.commit_id = f.commit_id
		WHERE f.seq >= $1 AND (f.seq > $1 OR r.n > $2) AND f.seq <= $3 ORDER BY f.seq, r.n LIMIT $4`, p.seq, p.n, end, p.portion)
	if err != nil {
		return err
	}
	defer rows.Close()
	var xs []placed
	for rows.Next() {
		var x placed
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := rows.Scan(&x.seq, &x.n, &x.people); err != nil {
			return err
		}
		xs = append(xs, x)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, x := range xs {
		for b := x.people; len(b) >= len(tracker.ID{}); b = b[len(tracker.ID{}):] {
			k := placeKey(tracker.ID(b))
			p.entries = append(p.entries, packEntry{uint32(x.n), p.last[k]})
			p.last[k] = uint32(len(p.entries) - 1)
		}
	}
	if len(xs) < p.portion {
		p.seq, p.n = end, math.MaxInt64
	} else {
		p.seq, p.n = xs[len(xs)-1].seq, xs[len(xs)-1].n
	}
	return nil
}
