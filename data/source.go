package data

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"

	"aman/geo/tracker"
)

// source says how the rows of one kind are read. T is the row with what is
// needed to unseal it.
type source[T any] struct {
	// query selects from the table; where is the word that begins a condition
	// after it, WHERE or AND.
	query, where string
	// commit is the column of the commit's id, order the order of reading.
	commit, order string
	// dest lists where the columns go, pointers into *T.
	dest     func(*T) []any
	commitOf func(*T) tracker.ID
	// open finishes a row: unseals it. May be nil.
	open func(*opener, *T) error
	// supersedes tells whether b, read after a, replaces it in a picture of now.
	// May be nil: every row counts.
	supersedes func(a, b *T) bool
	// batch is how many rows are handed on together; 0: batchSize.
	batch int
}

// text is the whole query with a condition added; "": all rows.
func (s *source[T]) text(condition string) string {
	if condition == "" {
		return s.query + ` ` + s.order
	}
	return s.query + ` ` + s.where + ` ` + condition + ` ` + s.order
}

// batchSize is how many rows are handed on together, where they are small.
const batchSize = 2000

// scan runs a query and hands its rows on in batches that the receiver keeps.
// keep may be nil; with latest, superseded rows are left out.
func (s *source[T]) scan(ctx context.Context, q querier, keep func(tracker.ID) bool, latest bool, emit func([]T) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var x T
	dest := s.dest(&x)
	size := cmp.Or(s.batch, batchSize)
	var batch []T
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if keep != nil && !keep(s.commitOf(&x)) {
			continue
		}
		if n := len(batch); latest && s.supersedes != nil && n > 0 && s.supersedes(&batch[n-1], &x) {
			batch[n-1] = x
			continue
		}
		// Only now is it sure that nothing replaces the last of a full batch.
		if len(batch) == size {
			if err := emit(batch); err != nil {
				return err
			}
			batch = make([]T, 0, size)
		}
		batch = append(batch, x)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(batch) > 0 {
		return emit(batch)
	}
	return nil
}

// each reads rows, unseals them on all processors and hands them on in order,
// from one goroutine.
func each[T any](ctx context.Context, v *vault, q querier, s *source[T], keep func(tracker.ID) bool, latest bool, visit func([]T) error, query string, args ...any) error {
	return inOrder(ctx,
		func(ctx context.Context, emit func([]T) error) error {
			return s.scan(ctx, q, keep, latest, emit, query, args...)
		},
		func() func([]T) error {
			o := &opener{v: v}
			return func(batch []T) error {
				if s.open == nil {
					return nil
				}
				for i := range batch {
					if err := s.open(o, &batch[i]); err != nil {
						return err
					}
				}
				return nil
			}
		},
		visit)
}

// all reads the rows of a query that gives few of them.
func all[T any](ctx context.Context, v *vault, q querier, s *source[T], query string, args ...any) ([]T, error) {
	var out []T
	o := &opener{v: v}
	err := s.scan(ctx, q, nil, false, func(batch []T) error {
		if s.open != nil {
			for i := range batch {
				if err := s.open(o, &batch[i]); err != nil {
					return err
				}
			}
		}
		if out == nil {
			out = batch
			return nil
		}
		out = append(out, batch...)
		return nil
	}, query, args...)
	return out, err
}

// unavailable marks an error of reading as one that may pass, unless it says
// more already.
func (d *DB) unavailable(err error) error {
	if d.dialect.classify(err) == isBroken {
		d.poison(err)
	}
	return fmt.Errorf("%w: %w", tracker.ErrUnavailable, err)
}

// unwatched is a querier whose queries don't end with their context: on SQLite
// the driver watches it anew for every row, and the readers of many rows look
// themselves.
type unwatched struct{ querier }

func (u unwatched) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return u.querier.QueryContext(context.WithoutCancel(ctx), query, args...)
}

// long prepares q for queries of many rows, read through each.
func (d *DB) long(q querier) querier {
	if d.dialect.patience == 0 {
		return unwatched{q}
	}
	return q
}

// snapshot begins a transaction in which all reads see one moment.
func (d *DB) snapshot(ctx context.Context) (*sql.Tx, error) {
	var o *sql.TxOptions
	if d.dialect.name == "postgres" {
		o = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := d.readers.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	if d.dialect.unlimited != "" {
		if _, err := tx.ExecContext(ctx, d.dialect.unlimited); err != nil {
			tx.Rollback()
			return nil, err
		}
	}
	return tx, nil
}
