package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"aman/geo/tracker"
)

// lastEvents is how many events Load gives, the newest.
const lastEvents = 1000

// Load implements tracker.Store. It reads as of head.events_through, the last
// commit whose events are stored. Until a lease was first taken nobody has
// derived any, and nobody owes any: it then reads as of the last commit, so that
// a first import isn't replayed as a million arrivals.
func (d *DB) Load(ctx context.Context, visit func(*tracker.Rows) error) (tracker.Loaded, error) {
	tx, err := d.snapshot(ctx)
	if err != nil {
		return tracker.Loaded{}, fmt.Errorf("load: %w", d.unavailable(err))
	}
	defer tx.Rollback()
	l, err := loadedPoint(ctx, tx)
	if err != nil {
		return tracker.Loaded{}, fmt.Errorf("load: %w", d.unavailable(err))
	}
	later, err := laterCommits(ctx, tx, l.Seq)
	if err != nil {
		return tracker.Loaded{}, fmt.Errorf("load: %w", d.unavailable(err))
	}
	r := reading{d: d, v: d.vault, q: d.long(tx), latest: true, retracted: map[tracker.ID]bool{}, ruled: map[tracker.ID]tracker.Flags{}}
	if len(later) > 0 {
		r.keep = func(commit tracker.ID) bool { return !later[commit] }
	}
	var stopped error
	r.visit = func(rows *tracker.Rows) error {
		if countRows(rows) == 0 {
			return nil
		}
		stopped = visit(rows)
		return stopped
	}
	if err := d.loadAll(ctx, tx, &r, l.Seq); err != nil {
		if stopped != nil {
			return tracker.Loaded{}, stopped
		}
		return tracker.Loaded{}, fmt.Errorf("load: %w", d.unavailable(err))
	}
	return l, nil
}

func (d *DB) loadAll(ctx context.Context, tx *sql.Tx, r *reading, seq int64) error {
	// Reports that were taken back are left out, and fixes have the flags that
	// rulings left them, so retractions and rulings come first; they aren't visited.
	if err := each(ctx, r.v, r.q, &retractionSource, r.keep, false, func(batch []storedRetraction) error {
		for i := range batch {
			r.retracted[batch[i].Report] = true
		}
		return nil
	}, retractionSource.text("")); err != nil {
		return err
	}
	if err := each(ctx, r.v, r.q, &rulingSource, r.keep, true, func(batch []storedRuling) error {
		for i := range batch {
			r.ruled[batch[i].Report] = batch[i].Flags
		}
		return nil
	}, rulingSource.text("")); err != nil {
		return err
	}
	for _, k := range r.kinds() {
		if k.kind&(tracker.KindRetraction|tracker.KindRuling|tracker.KindEvent) != 0 {
			continue
		}
		if err := k.read(ctx, false); err != nil {
			return err
		}
	}
	return d.loadEvents(ctx, tx, r, seq)
}

// loadEvents visits the newest events by seq, oldest first.
func (d *DB) loadEvents(ctx context.Context, tx *sql.Tx, r *reading, seq int64) error {
	xs, err := all(ctx, d.vault, tx, &eventSource, eventSource.query+` WHERE f.seq <= $1 `+eventSource.order+` LIMIT $2`, seq, lastEvents)
	if err != nil {
		return err
	}
	out := new(tracker.Rows)
	for _, x := range slices.Backward(xs) {
		out.Events = append(out.Events, x.Event)
	}
	return r.visit(out)
}

func loadedPoint(ctx context.Context, tx *sql.Tx) (l tracker.Loaded, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT epoch, COALESCE(events_through, seq) FROM head`).Scan(&l.Epoch, &l.Seq); err != nil {
		return l, err
	}
	err = tx.QueryRowContext(ctx, `SELECT at FROM feed WHERE seq = $1`, l.Seq).Scan(intoTime{&l.At})
	if errors.Is(err, sql.ErrNoRows) && l.Seq == 0 {
		err = nil
	}
	return l, err
}

// laterCommits are those after seq: few, as events are stored soon after what
// caused them.
func laterCommits(ctx context.Context, tx *sql.Tx, seq int64) (map[tracker.ID]bool, error) {
	rows, err := tx.QueryContext(ctx, `SELECT commit_id FROM feed WHERE seq > $1`, seq)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	later := map[tracker.ID]bool{}
	for rows.Next() {
		var id tracker.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		later[id] = true
	}
	return later, rows.Err()
}
