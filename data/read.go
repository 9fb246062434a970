package data

import (
	"context"
	"fmt"

	"aman/geo/tracker"
)

// Read implements tracker.Store. Each slice is in the order of its keys; what
// the rows point to (positions, shapes, lists) may be shared and must not be
// changed. People who were erased since are left out, with all about them but
// the ids in merges and erasures. Reports are as they were stored: a ruling is a
// row of its own.
func (d *DB) Read(ctx context.Context, c tracker.Change) (*tracker.Rows, error) {
	if r, ok := d.cache.get(c.Commit); ok {
		return r, nil
	}
	out := new(tracker.Rows)
	if err := d.EachRow(ctx, c, func(r *tracker.Rows) error {
		appendRows(out, r)
		return nil
	}); err != nil {
		return nil, err
	}
	sortRows(out)
	return out, nil
}

// EachRow visits what the commit of c wrote in batches of bounded size, kind by
// kind, so that a commit of a million rows needs no memory of its size. visit
// is called from one goroutine and keeps what it is given.
func (d *DB) EachRow(ctx context.Context, c tracker.Change, visit func(*tracker.Rows) error) error {
	r := reading{d: d, v: d.vault, q: d.long(d.readers), visit: func(rows *tracker.Rows) error {
		// Another process may have erased somebody whom this one remembers.
		d.forget(erasedPeople(rows))
		return visit(rows)
	}}
	for _, x := range r.kinds() {
		if c.Kinds&x.kind == 0 {
			continue
		}
		if err := x.read(ctx, true, c.Commit[:]); err != nil {
			return fmt.Errorf("read commit %d: %w", c.Seq, d.unavailable(err))
		}
	}
	return nil
}

// reading turns stored rows into the Rows of a visitor.
type reading struct {
	d     *DB
	v     *vault
	q     querier
	visit func(*tracker.Rows) error
	// keep, when set, tells which commits count; latest leaves out superseded
	// versions where only the newest matters.
	keep   func(tracker.ID) bool
	latest bool
	// retracted are reports to leave out.
	retracted map[tracker.ID]bool
	// ruled are the flags that rulings leave reports' fixes; nil: as reported.
	ruled map[tracker.ID]tracker.Flags
}

type kindReader struct {
	kind tracker.Kinds
	// read reads all rows of the kind, or with ofCommit those of the commit.
	read func(ctx context.Context, ofCommit bool, args ...any) error
}

// kinds lists how each kind is read: people, who of them is whom, and then what
// is about them.
func (r *reading) kinds() []kindReader {
	return []kindReader{
		{tracker.KindCrisis, read(r, &crisisSource, func(x *storedCrisis, to *tracker.Rows) {
			to.Crises = append(to.Crises, x.Crisis)
		})},
		{tracker.KindMission, read(r, &missionSource, func(x *storedMission, to *tracker.Rows) {
			to.Missions = append(to.Missions, x.Mission)
		})},
		{tracker.KindZone, read(r, &zoneSource, func(x *storedZone, to *tracker.Rows) {
			to.Zones = append(to.Zones, x.Zone)
		})},
		{tracker.KindMark, read(r, &markSource, func(x *storedMark, to *tracker.Rows) {
			to.Marks = append(to.Marks, x.ZoneMark)
		})},
		{tracker.KindAirport, read(r, &airportSource, func(x *storedAirport, to *tracker.Rows) {
			to.Airports = append(to.Airports, x.AirportState)
		})},
		{tracker.KindPerson, read(r, &personSource, func(x *storedPerson, to *tracker.Rows) {
			to.People = append(to.People, x.Person)
		})},
		{tracker.KindMerge, read(r, &mergeSource, func(x *storedMerge, to *tracker.Rows) {
			to.Merges = append(to.Merges, x.Merge)
		})},
		{tracker.KindErasure, read(r, &erasureSource, func(x *storedErasure, to *tracker.Rows) {
			to.Erasures = append(to.Erasures, x.Erasure)
		})},
		{tracker.KindAssignment, read(r, &assignmentSource, func(x *storedAssignment, to *tracker.Rows) {
			to.Assignments = append(to.Assignments, x.Assignment)
		})},
		{tracker.KindReport, r.reports},
		{tracker.KindRetraction, read(r, &retractionSource, func(x *storedRetraction, to *tracker.Rows) {
			to.Retractions = append(to.Retractions, x.Retraction)
		})},
		{tracker.KindRuling, read(r, &rulingSource, func(x *storedRuling, to *tracker.Rows) {
			to.Rulings = append(to.Rulings, x.Ruling)
		})},
		{tracker.KindEvent, read(r, &eventSource, func(x *storedEvent, to *tracker.Rows) {
			to.Events = append(to.Events, x.Event)
		})},
	}
}

func read[T any](r *reading, s *source[T], put func(*T, *tracker.Rows)) func(context.Context, bool, ...any) error {
	return func(ctx context.Context, ofCommit bool, args ...any) error {
		condition := ""
		if ofCommit {
			condition = s.commit + ` = $1`
		}
		return each(ctx, r.v, r.q, s, r.keep, r.latest, func(batch []T) error {
			out := new(tracker.Rows)
			for i := range batch {
				put(&batch[i], out)
			}
			return r.visit(out)
		}, s.text(condition), args...)
	}
}

// reports reads the reports of the table and then those of packs.
func (r *reading) reports(ctx context.Context, ofCommit bool, args ...any) error {
	put := func(x *storedReport, to *tracker.Rows) {
		if !r.retracted[x.ID] {
			rule(&x.Report, r.ruled)
			to.Reports = append(to.Reports, x.Report)
		}
	}
	if err := read(r, &reportSource, put)(ctx, ofCommit, args...); err != nil {
		return err
	}
	condition := ""
	if ofCommit {
		condition = packSource.commit + ` = $1`
	}
	return r.d.eachPack(ctx, r.q, r.keep, func(xs []storedReport) error {
		out := new(tracker.Rows)
		for i := range xs {
			put(&xs[i], out)
		}
		return r.visit(out)
	}, packSource.text(condition), args...)
}
