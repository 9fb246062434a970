package data

import (
	"context"
	"fmt"
	"time"

	"aman/geo/tracker"
)

// Hotlines lists all hotlines, the ministry's first, by mission and order.
func (d *DB) Hotlines(ctx context.Context) ([]tracker.Hotline, error) {
	return many(ctx, d, "hotlines", func(h *tracker.Hotline) []any {
		return []any{&h.ID, &h.Mission, intoText{&h.Phone}, intoNames{&h.Names}, intoBool{&h.Public}, num(&h.Order)}
	}, `SELECT h.id, h.mission_id, h.phone, h.names, h.is_public, h.place FROM hotlines h
		ORDER BY h.mission_id IS NOT NULL, h.mission_id, h.place, h.id`)
}

// SetHotlines replaces the hotlines of a mission (zero: the ministry's). A mission
// that isn't there is ErrNotFound.
func (d *DB) SetHotlines(ctx context.Context, mission tracker.ID, hs []tracker.Hotline, au tracker.Audit) error {
	var c checker
	for i := range hs {
		c.id("hotline.id", hs[i].ID)
		c.text("hotline.phone", hs[i].Phone)
		c.names("hotline.names", hs[i].Names)
		c.version("hotline.order", hs[i].Order, 0)
	}
	if c.err != nil {
		return c.err
	}
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		if _, err := s.exec(ctx, `DELETE FROM hotlines WHERE mission_id IS NOT DISTINCT FROM $1`, idArg(mission)); err != nil {
			return fmt.Errorf("replace hotlines: %w", err)
		}
		for i := range hs {
			h := &hs[i]
			if err := s.insert(ctx, "hotline", `INSERT INTO hotlines (id, mission_id, phone, names, is_public, place)
				VALUES ($1, $2, $3, $4, $5, $6)`, h.ID[:], idArg(mission), h.Phone, jsonArg(h.Names), h.Public, int64(h.Order)); err != nil {
				return err
			}
		}
		return nil
	})
}

type storedShift struct {
	tracker.Shift
	sealed []byte
}

// Shifts lists a mission's shifts (zero: the ministry's) that overlap [from, to),
// by From.
func (d *DB) Shifts(ctx context.Context, mission tracker.ID, from, to time.Time) ([]tracker.Shift, error) {
	xs, err := many(ctx, d, "shifts", func(x *storedShift) []any {
		return []any{&x.ID, &x.Mission, intoTime{&x.From}, intoTime{&x.To}, intoBlob{&x.sealed}}
	}, `SELECT x.id, x.mission_id, x.from_at, x.to_at, x.sealed FROM shifts x
		WHERE x.mission_id IS NOT DISTINCT FROM $1 AND x.to_at > $2 AND x.from_at < $3 ORDER BY x.from_at, x.id`,
		idArg(mission), toMicros(from), toMicros(to))
	if err != nil {
		return nil, err
	}
	o := opener{v: d.vault}
	ss := make([]tracker.Shift, len(xs))
	for i := range xs {
		x := &xs[i]
		if err := o.openTexts("shifts", tracker.ID{}, nil, x.ID, 0, x.sealed, &x.Name, &x.Phone); err != nil {
			return nil, fmt.Errorf("read shift %s: %w", x.ID, err)
		}
		ss[i] = x.Shift
	}
	return ss, nil
}

// SetShifts replaces a mission's shifts that begin in [from, to) by ss, which all
// must do so and end after they begin. A mission that isn't there is ErrNotFound.
func (d *DB) SetShifts(ctx context.Context, mission tracker.ID, from, to time.Time, ss []tracker.Shift, au tracker.Audit) error {
	var c checker
	sealed := make([][]byte, len(ss))
	for i := range ss {
		x := &ss[i]
		c.id("shift.id", x.ID)
		if x.From.Before(from) || !x.From.Before(to) {
			c.fail("shift.from", "out_of_range", "must lie in the time that is replaced")
		}
		if !x.To.After(x.From) {
			c.fail("shift.to", "out_of_range", "must come after the beginning")
		}
		var err error
		if sealed[i], err = d.vault.seal(appendTexts(nil, x.Name, x.Phone), rowAAD("shifts", x.ID, 0)); err != nil {
			return err
		}
	}
	if c.err != nil {
		return c.err
	}
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		if _, err := s.exec(ctx, `DELETE FROM shifts WHERE mission_id IS NOT DISTINCT FROM $1 AND from_at >= $2 AND from_at < $3`,
			idArg(mission), toMicros(from), toMicros(to)); err != nil {
			return fmt.Errorf("replace shifts: %w", err)
		}
		for i := range ss {
			x := &ss[i]
			if err := s.insert(ctx, "shift", `INSERT INTO shifts (id, mission_id, from_at, to_at, sealed) VALUES ($1, $2, $3, $4, $5)`,
				x.ID[:], idArg(mission), toMicros(x.From), toMicros(x.To), sealed[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
