package data

import (
	"context"
	"fmt"
	"math"
	"time"

	"aman/geo/tracker"
)

// tried stores how far a message has got, in the committer's groups: thousands may
// be on their way at once.
var tried = table{
	name: "messages", matching: true,
	text: `UPDATE messages SET state = $2, attempts = $3, next_at = $4, sent_at = $5, failure = $6 WHERE id = $1`,
	what: func(args []any) string { return describe("message", args[:1]) },
}

func (s *sealer) message(e *encoded, m *tracker.Message) error {
	sealed, err := s.sealTexts(m.Crisis, m.Person, rowAAD("messages", m.ID, 0), m.Text, m.AuthorName)
	if err != nil {
		return err
	}
	e.add(tMessages, messageKey(m), m.ID[:], m.Crisis[:], m.Thread[:], int64(m.Channel), idArg(m.Person), idArg(m.Author),
		toMicros(m.CreatedAt), int64(m.State), int64(m.Attempts), toMicros(m.NextAt), toMicros(m.SentAt), m.Failure, sealed)
	return nil
}

type storedMessage struct {
	tracker.Message
	sealed, wrapped []byte
}

var messageSource = source[storedMessage]{
	query: `SELECT m.id, m.crisis_id, m.thread_id, m.channel, m.person_id, m.author, m.created_at, m.state, m.attempts,
		m.next_at, m.sent_at, m.failure, m.sealed, k.wrapped
		FROM messages m LEFT JOIN person_keys k ON k.person_id = m.person_id
		WHERE (m.person_id IS NULL OR k.wrapped IS NOT NULL)`,
	where: `AND`,
	dest: func(x *storedMessage) []any {
		return []any{
			&x.ID, &x.Crisis, &x.Thread, num(&x.Channel), &x.Person, &x.Author,
			intoTime{&x.CreatedAt},
			num(&x.State), num(&x.Attempts),
			intoTime{&x.NextAt},
			intoTime{&x.SentAt},
			intoText{&x.Failure},
			intoBlob{&x.sealed},
			intoBlob{&x.wrapped},
		}
	},
	open: func(o *opener, x *storedMessage) error {
		return o.openTexts("messages", x.Person, x.wrapped, x.ID, 0, x.sealed, &x.Text, &x.AuthorName)
	},
}

func (d *DB) messages(ctx context.Context, condition string, args ...any) ([]tracker.Message, error) {
	xs, err := all(ctx, d.vault, d.readers, &messageSource, messageSource.text(condition), args...)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", d.unavailable(err))
	}
	ms := make([]tracker.Message, len(xs))
	for i := range xs {
		ms[i] = xs[i].Message
	}
	return ms, nil
}

// upTo is the argument of LIMIT; limit <= 0 lists all.
func upTo(limit int) int {
	if limit <= 0 {
		return math.MaxInt32
	}
	return limit
}

// MessagesTo lists messages to the people, newest first; limit <= 0 lists all.
func (d *DB) MessagesTo(ctx context.Context, people []tracker.ID, limit int) ([]tracker.Message, error) {
	if len(people) == 0 {
		return nil, nil
	}
	return d.messages(ctx, d.dialect.inSet(`m.person_id`, `$1`)+` ORDER BY m.created_at DESC, m.id DESC LIMIT $2`,
		d.dialect.idSet(people), upTo(limit))
}

// MessagesDue lists queued messages with NextAt <= now, those that have been due
// for longest first and of the same moment the older first, so that one that
// fails again and again keeps nobody waiting; each with its thread at the same
// place of the second list. limit <= 0 lists all.
func (d *DB) MessagesDue(ctx context.Context, now time.Time, limit int) ([]tracker.Message, []tracker.Thread, error) {
	due, err := d.messages(ctx, `m.state = 1 AND m.next_at <= $1 ORDER BY m.next_at, m.id LIMIT $2`, toMicros(now), upTo(limit))
	if err != nil || len(due) == 0 {
		return nil, nil, err
	}
	wanted := map[tracker.ID]tracker.Thread{}
	var ids []tracker.ID
	for i := range due {
		if _, ok := wanted[due[i].Thread]; !ok {
			wanted[due[i].Thread] = tracker.Thread{}
			ids = append(ids, due[i].Thread)
		}
	}
	found, err := d.threads(ctx, d.dialect.inSet(`t.id`, `$1`), d.dialect.idSet(ids))
	if err != nil {
		return nil, nil, err
	}
	for _, t := range found {
		wanted[t.ID] = t
	}
	ms, ts := due[:0], make([]tracker.Thread, 0, len(due))
	for i := range due {
		// A thread may have been erased since; its messages went with it.
		if t := wanted[due[i].Thread]; !t.ID.IsZero() {
			ms, ts = append(ms, due[i]), append(ts, t)
		}
	}
	return ms, ts, nil
}

// MessageTried stores how far a message has got: State, Attempts, NextAt, SentAt
// and Failure. ErrNotFound where it is no more.
func (d *DB) MessageTried(ctx context.Context, m tracker.Message) error {
	var c checker
	c.text("message.failure", m.Failure)
	c.version("message.attempts", m.Attempts, 0)
	if c.err != nil {
		return c.err
	}
	j := &job{encoded: new(encoded), count: 1, done: make(chan struct{})}
	j.encoded.add(tTried, messageKey(&m), m.ID[:], int64(m.State), int64(m.Attempts), toMicros(m.NextAt), toMicros(m.SentAt), m.Failure)
	if err := d.submit(ctx, j); err != nil {
		d.stats.refused.Add(1)
		return fmt.Errorf("store how far message %s has got: %w", m.ID, err)
	}
	return nil
}
