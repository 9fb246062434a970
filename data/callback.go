package data

import (
	"context"
	"fmt"

	"aman/geo/tracker"
)

// superseded takes the mark of the latest off the version before a new one.
var superseded = table{
	name: "callbacks", matching: true,
	text: `UPDATE callbacks SET latest = $3 WHERE id = $1 AND version = $2 AND latest`,
	what: func(args []any) string { return describe("call-back", args) },
}

func (s *sealer) callback(e *encoded, c *tracker.Callback) error {
	s.refer(c.Mission)
	sealed, err := s.sealTexts(c.Crisis, c.Person, rowAAD("callbacks", c.ID, uint64(c.Version)), c.Phone, c.Text, c.Outcome)
	if err != nil {
		return err
	}
	e.add(tCallbacks, callbackKey(c), c.ID[:], int64(c.Version), true, c.Crisis[:], int64(c.Kind), int64(c.State),
		idArg(c.Person), idArg(c.Link), idArg(c.Thread), idArg(c.Mission), idArg(c.Author),
		toMicros(c.CreatedAt), toMicros(c.RecordedAt), sealed)
	if c.Version > 1 {
		e.add(tSuperseded, callbackKey(c), c.ID[:], int64(c.Version-1), false)
	}
	return nil
}

type storedCallback struct {
	tracker.Callback
	sealed, wrapped []byte
}

// callbackSource gives the last version of every call-back. Of the erased, what
// was sealed is empty.
var callbackSource = source[storedCallback]{
	query: `SELECT c.id, c.version, c.crisis_id, c.kind, c.state, c.person_id, c.link_id, c.thread_id, c.mission_id, c.author,
		c.created_at, c.recorded_at, c.sealed, k.wrapped
		FROM callbacks c LEFT JOIN person_keys k ON k.person_id = c.person_id WHERE c.latest`,
	where: `AND`, order: ``,
	dest: func(x *storedCallback) []any {
		return []any{
			&x.ID, num(&x.Version), &x.Crisis, num(&x.Kind), num(&x.State), &x.Person, &x.Link, &x.Thread, &x.Mission, &x.Author,
			intoTime{&x.CreatedAt},
			intoTime{&x.RecordedAt},
			intoBlob{&x.sealed},
			intoBlob{&x.wrapped},
		}
	},
	open: func(o *opener, x *storedCallback) error {
		x.Phone, x.Text, x.Outcome = "", "", ""
		if x.sealed == nil || !x.Person.IsZero() && x.wrapped == nil {
			return nil
		}
		return o.openTexts("callbacks", x.Person, x.wrapped, x.ID, uint64(x.Version), x.sealed, &x.Phone, &x.Text, &x.Outcome)
	},
}

func (d *DB) callbacks(ctx context.Context, condition string, args ...any) ([]tracker.Callback, error) {
	xs, err := all(ctx, d.vault, d.readers, &callbackSource, callbackSource.text(condition), args...)
	if err != nil {
		return nil, fmt.Errorf("read call-backs: %w", d.unavailable(err))
	}
	cs := make([]tracker.Callback, len(xs))
	for i := range xs {
		cs[i] = xs[i].Callback
	}
	return cs, nil
}

// CallbackHeads lists all call-backs of a crisis, last versions, oldest first,
// without what is sealed: those in state open or tried, or with any of every state.
func (d *DB) CallbackHeads(ctx context.Context, crisis tracker.ID, every bool) ([]tracker.Callback, error) {
	condition := ` AND c.state <= 2` // open and tried, in the words of the index
	if every {
		condition = ``
	}
	return many(ctx, d, "call-backs", func(c *tracker.Callback) []any {
		return []any{
			&c.ID, num(&c.Version), &c.Crisis, num(&c.Kind), num(&c.State), &c.Person, &c.Link, &c.Thread, &c.Mission, &c.Author,
			intoTime{&c.CreatedAt},
			intoTime{&c.RecordedAt},
		}
	}, `SELECT c.id, c.version, c.crisis_id, c.kind, c.state, c.person_id, c.link_id, c.thread_id, c.mission_id, c.author,
		c.created_at, c.recorded_at FROM callbacks c
		WHERE c.latest`+condition+` AND c.crisis_id = $1 ORDER BY c.created_at, c.id`, crisis[:])
}

// CallbacksByID returns the last versions of call-backs, oldest first; those that
// aren't there are left out.
func (d *DB) CallbacksByID(ctx context.Context, ids []tracker.ID) ([]tracker.Callback, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return d.callbacks(ctx, d.dialect.inSet(`c.id`, `$1`)+` ORDER BY c.created_at, c.id`, d.dialect.idSet(ids))
}

// CallbacksByLink lists those of a kind in state open or tried that came by a link,
// last versions, oldest first, at most limit.
func (d *DB) CallbacksByLink(ctx context.Context, crisis, link tracker.ID, kind tracker.CallbackKind, limit int) ([]tracker.Callback, error) {
	return d.callbacks(ctx, `c.state <= 2 AND c.crisis_id = $1 AND c.link_id = $2 AND c.kind = $3 ORDER BY c.created_at, c.id LIMIT $4`,
		crisis[:], link[:], int64(kind), limit)
}

// CallbackByID returns a call-back's last version. ErrNotFound.
func (d *DB) CallbackByID(ctx context.Context, id tracker.ID) (tracker.Callback, error) {
	cs, err := d.callbacks(ctx, `c.id = $1`, id[:])
	if err != nil {
		return tracker.Callback{}, err
	}
	if len(cs) == 0 {
		return tracker.Callback{}, fmt.Errorf("call-back %s: %w", id, tracker.ErrNotFound)
	}
	return cs[0], nil
}
