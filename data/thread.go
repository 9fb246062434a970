package data

import (
	"context"
	"encoding/binary"
	"fmt"

	"aman/geo/tracker"
)

// threadVersions writes a version of a thread that is there under the same key,
// after the version before it.
var threadVersions = table{
	name: "thread_versions", matching: true,
	text: `INSERT INTO thread_versions (thread_id, version, person_id, is_group, mission_id, lang, recorded_at, sealed)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM threads t
		WHERE t.id = $1 AND t.crisis_id = $9 AND t.channel = $10 AND t.digest = $11
		AND ($2 = 1 OR EXISTS (SELECT 1 FROM thread_versions v WHERE v.thread_id = $1 AND v.version = $2 - 1))`,
	what: func(args []any) string { return describe("thread", args) },
}

// threadDigest is a keyed digest of the provider's name for a line.
func (v *vault) threadDigest(crisis tracker.ID, ch tracker.Channel, key string) []byte {
	return v.digest("thread", string(crisis[:]), ch.String(), key)
}

// thread encodes a version of a thread; the first takes its key.
func (s *sealer) thread(e *encoded, t *tracker.Thread) error {
	s.refer(t.Mission)
	sealed, err := s.sealTexts(t.Crisis, t.Person, rowAAD("thread_versions", t.ID, uint64(t.Version)), t.Key, string(t.State))
	if err != nil {
		return err
	}
	digest := s.v.threadDigest(t.Crisis, t.Channel, t.Key)
	if t.Version == 1 {
		// In the order of the digests: two who meet over one are to meet in order.
		var k rowKey
		binary.BigEndian.PutUint16(k[:], uint16(t.Channel))
		copy(k[2:], digest)
		e.add(tThreads, k, t.ID[:], t.Crisis[:], int64(t.Channel), digest)
	}
	e.add(tThreadVersions, threadKey(t), t.ID[:], int64(t.Version), idArg(t.Person), t.Group, idArg(t.Mission), t.Lang,
		toMicros(t.RecordedAt), sealed, t.Crisis[:], int64(t.Channel), digest)
	return nil
}

type storedThread struct {
	tracker.Thread
	sealed, wrapped []byte
}

// threadSource gives the last version of every thread.
var threadSource = source[storedThread]{
	query: `SELECT t.id, t.crisis_id, t.channel, v.version, v.person_id, v.is_group, v.mission_id, v.lang, v.recorded_at,
		v.sealed, k.wrapped
		FROM threads t JOIN thread_versions v ON v.thread_id = t.id
		LEFT JOIN person_keys k ON k.person_id = v.person_id
		WHERE v.version = (SELECT MAX(x.version) FROM thread_versions x WHERE x.thread_id = v.thread_id)
		AND (v.person_id IS NULL OR k.wrapped IS NOT NULL)`,
	where: `AND`, order: `ORDER BY t.id`,
	dest: func(x *storedThread) []any {
		return []any{
			&x.ID, &x.Crisis, num(&x.Channel), num(&x.Version), &x.Person,
			intoBool{&x.Group},
			&x.Mission,
			intoText{&x.Lang},
			intoTime{&x.RecordedAt},
			intoBlob{&x.sealed},
			intoBlob{&x.wrapped},
		}
	},
	open: func(o *opener, x *storedThread) error {
		var state string
		err := o.openTexts("thread_versions", x.Person, x.wrapped, x.ID, uint64(x.Version), x.sealed, &x.Key, &state)
		x.State = list([]byte(state))
		return err
	},
}

func (d *DB) threads(ctx context.Context, condition string, args ...any) ([]tracker.Thread, error) {
	xs, err := all(ctx, d.vault, d.hot, &threadSource, threadSource.text(condition), args...)
	if err != nil {
		return nil, fmt.Errorf("read threads: %w", d.unavailable(err))
	}
	ts := make([]tracker.Thread, len(xs))
	for i := range xs {
		ts[i] = xs[i].Thread
	}
	return ts, nil
}

// ThreadByKey returns the last version of the thread that a provider calls key.
// ErrNotFound.
func (d *DB) ThreadByKey(ctx context.Context, crisis tracker.ID, ch tracker.Channel, key string) (tracker.Thread, error) {
	ts, err := d.threads(ctx, `t.crisis_id = $1 AND t.channel = $2 AND t.digest = $3`,
		crisis[:], int64(ch), d.vault.threadDigest(crisis, ch, key))
	if err != nil {
		return tracker.Thread{}, err
	}
	if len(ts) == 0 {
		return tracker.Thread{}, fmt.Errorf("thread: %w", tracker.ErrNotFound)
	}
	return ts[0], nil
}

// ThreadsOf lists the threads that are about any of the people now, oldest first.
func (d *DB) ThreadsOf(ctx context.Context, people []tracker.ID) ([]tracker.Thread, error) {
	if len(people) == 0 {
		return nil, nil
	}
	return d.threads(ctx, `NOT v.is_group AND `+d.dialect.inSet(`v.person_id`, `$1`), d.dialect.idSet(people))
}

// Groups lists the group threads of a crisis, oldest first.
func (d *DB) Groups(ctx context.Context, crisis tracker.ID) ([]tracker.Thread, error) {
	// The inner query has the index of the few groups among the many lines.
	return d.threads(ctx, `v.is_group AND t.crisis_id = $1
		AND t.id IN (SELECT g.thread_id FROM thread_versions g WHERE g.is_group)`, crisis[:])
}
