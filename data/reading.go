package data

import (
	"bytes"
	"context"
	"slices"

	"aman/geo/tracker"
)

// MarkRead implements tracker.Store. A report that isn't there, or whose person
// was erased, is ErrNotFound, and nothing is stored.
func (d *DB) MarkRead(ctx context.Context, rs []tracker.Reading, au tracker.Audit) error {
	if len(rs) == 0 {
		return nil
	}
	rs = slices.Clone(rs)
	people := map[tracker.ID]bool{}
	for i := range rs {
		people[rs[i].Person] = true
	}
	// In one order, so that two who mark the same don't lock each other out.
	slices.SortFunc(rs, func(a, b tracker.Reading) int {
		x, y := keyID(a.Person, a.Report), keyID(b.Person, b.Report)
		return bytes.Compare(x[:], y[:])
	})
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		if err := s.mustBeThere(ctx, people); err != nil {
			return err
		}
		for i := range rs {
			r := &rs[i]
			if err := s.reportThere(ctx, r.Person, r.Report, tracker.ID{}); err != nil {
				return err
			}
			if err := s.insert(ctx, "reading", `INSERT INTO readings (person_id, report_id, mission_id, at) VALUES ($1, $2, $3, $4)
				ON CONFLICT (person_id, report_id) DO NOTHING`, r.Person[:], r.Report[:], idArg(r.Mission), toMicros(r.At)); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReadingOf tells when a report was first seen. ErrNotFound: not yet.
func (d *DB) ReadingOf(ctx context.Context, person, report tracker.ID) (r tracker.Reading, err error) {
	err = d.one(ctx, "reading", []any{&r.Person, &r.Report, &r.Mission, intoTime{&r.At}},
		`SELECT r.person_id, r.report_id, r.mission_id, r.at FROM readings r WHERE r.person_id = $1 AND r.report_id = $2`, person[:], report[:])
	return r, err
}
