package data

import (
	"context"
	"errors"
	"fmt"
	"math"

	"aman/geo"
	"aman/geo/tracker"
)

func (e *encoded) event(x *tracker.Event) {
	e.add(tEvents, eventKey(x), x.Cause, int64(x.N), x.ID[:], x.Crisis[:], int64(x.Kind), toMicros(x.At),
		idArg(x.Zone), int64(x.ZoneVersion), x.Airport, int64(x.Level), blobArg(encodeMoves(x.Moves)), nil)
}

// moveSize is the length of one move: a person, the verdict before and after.
const moveSize = 18

func encodeMoves(ms []tracker.Move) []byte {
	if len(ms) == 0 {
		return nil
	}
	b := make([]byte, 0, moveSize*len(ms))
	for _, m := range ms {
		b = append(b, m.Person[:]...)
		b = append(b, byte(m.From), byte(m.To))
	}
	return b
}

func decodeMoves(b []byte) ([]tracker.Move, error) {
	if len(b)%moveSize != 0 {
		return nil, errors.New("moves of an event are damaged")
	}
	if len(b) == 0 {
		return nil, nil
	}
	ms := make([]tracker.Move, 0, len(b)/moveSize)
	for ; len(b) > 0; b = b[moveSize:] {
		ms = append(ms, tracker.Move{Person: tracker.ID(b[:16]), From: geo.Verdict(b[16]), To: geo.Verdict(b[17])})
	}
	return ms, nil
}

type storedEvent struct {
	tracker.Event
	moves  []byte
	commit tracker.ID
}

var eventSource = source[storedEvent]{
	query: `SELECT e.cause, e.n, e.id, e.crisis_id, e.kind, e.at, e.zone_id, e.zone_version, e.airport, e.level, e.moves,
		e.commit_id, f.seq
		FROM events e JOIN feed f ON f.commit_id = e.commit_id`,
	where: `WHERE`, commit: `e.commit_id`, order: `ORDER BY f.seq DESC, e.cause DESC, e.n DESC`,
	dest: func(x *storedEvent) []any {
		return []any{
			num(&x.Cause), num(&x.N), &x.ID, &x.Crisis, num(&x.Kind),
			intoTime{&x.At},
			&x.Zone,
			num(&x.ZoneVersion),
			intoText{&x.Airport},
			num(&x.Level),
			intoBlob{&x.moves},
			&x.commit, num(&x.Seq),
		}
	},
	commitOf: func(x *storedEvent) tracker.ID { return x.commit },
	open: func(_ *opener, x *storedEvent) (err error) {
		x.Moves, err = decodeMoves(x.moves)
		return err
	},
}

// EventsBefore lists events of a crisis with Seq < before (0: the newest),
// newest first: limit of them, and those of the same commit as the last, so
// that a page never ends within a number.
func (d *DB) EventsBefore(ctx context.Context, crisis tracker.ID, before int64, limit int) ([]tracker.Event, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	es, err := d.eventsBefore(ctx, d.readers, crisis, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", d.unavailable(err))
	}
	return es, nil
}

func (d *DB) eventsBefore(ctx context.Context, q querier, crisis tracker.ID, before int64, limit int) ([]tracker.Event, error) {
	if limit <= 0 {
		return nil, nil
	}
	// The number of the last event that fits decides where the page ends.
	var last int64
	if err := q.QueryRowContext(ctx, `SELECT COALESCE(MIN(seq), 0) FROM (
		SELECT f.seq FROM events e JOIN feed f ON f.commit_id = e.commit_id
		WHERE e.crisis_id = $1 AND f.seq < $2 ORDER BY f.seq DESC LIMIT $3) page`, crisis[:], before, limit).Scan(&last); err != nil {
		return nil, err
	}
	xs, err := all(ctx, d.vault, q, &eventSource, eventSource.text(`e.crisis_id = $1 AND f.seq < $2 AND f.seq >= $3`),
		crisis[:], before, last)
	if err != nil {
		return nil, err
	}
	es := make([]tracker.Event, len(xs))
	for i := range xs {
		es[i] = xs[i].Event
	}
	return es, nil
}
