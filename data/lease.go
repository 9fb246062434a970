package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aman/geo/tracker"
)

// Acquire implements tracker.Store. Time is the database's on Postgres, so that
// instances whose clocks differ agree on who holds a lease. The first lease ever
// taken also marks the point from which events are owed (see Load).
func (d *DB) Acquire(ctx context.Context, l tracker.Lease, ttl time.Duration) (held bool, err error) {
	err = d.change(ctx, tracker.Audit{}, func(ctx context.Context, s *session) error {
		now, err := s.clock(ctx)
		if err != nil {
			return fmt.Errorf("read clock: %w", err)
		}
		var schema int64
		if err := s.row(ctx, []any{&schema}, `SELECT `+schemaVersion+` FROM head`); err != nil {
			return fmt.Errorf("read schema version: %w", err)
		}
		if err := d.outgrown(schema); err != nil {
			return refuse(err)
		}
		res, err := s.exec(ctx, `INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE leases.holder = excluded.holder OR leases.until <= $4`, l.Name, l.Holder[:], now+ttl.Microseconds(), now)
		if err != nil {
			return s.rowError(err, "lease")
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if held = n == 1; !held {
			return nil
		}
		_, err = s.exec(ctx, `UPDATE head SET events_through = seq WHERE one = $1 AND events_through IS NULL`, 1)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("acquire lease %q: %w", l.Name, err)
	}
	return held, nil
}

// holds tells whether the lease is l's, and keeps it so until the transaction ends.
func (s *session) holds(ctx context.Context, l tracker.Lease) (bool, error) {
	now, err := s.clock(ctx)
	if err != nil {
		return false, fmt.Errorf("read clock: %w", err)
	}
	var one int
	err = s.row(ctx, []any{&one}, `SELECT 1 FROM leases WHERE name = $1 AND holder = $2 AND until > $3`+s.d.dialect.share,
		l.Name, l.Holder[:], now)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read lease: %w", err)
	}
	return true, nil
}
