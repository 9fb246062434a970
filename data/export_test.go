package data

import (
	"context"

	"aman/geo/tracker"
)

// PackAll makes every report of a commit go into a pack, were it alone.
func (d *DB) PackAll() { d.packFrom = 1 }

// PlacesOf lists the packs that may hold reports of a person, taken in by portions of
// this size; 0: as it is.
func (d *DB) PlacesOf(ctx context.Context, person tracker.ID, portion int) ([]uint32, error) {
	if portion > 0 {
		d.places.portion = portion
	}
	return d.places.of(ctx, d, person)
}

// HoldPlaces keeps others from the places of packs until release is called.
func (d *DB) HoldPlaces() (release func()) {
	d.places.turn <- struct{}{}
	return func() { <-d.places.turn }
}

// PlacesKnown are the numbers of the packs that were taken in, one for each report.
func (d *DB) PlacesKnown() []uint32 {
	var ns []uint32
	for _, e := range d.places.entries[min(1, len(d.places.entries)):] {
		ns = append(ns, e.n)
	}
	return ns
}
