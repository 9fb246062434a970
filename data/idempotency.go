package data

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"aman/geo/tracker"
)

// idempotencyKey is a key as it is stored: neither the key, which may be a
// provider's message id, nor the reply can be read from the table.
type idempotencyKey struct {
	digest [16]byte
	body   [32]byte
	sealed []byte
}

// replay is what a known key answers.
type replay struct {
	out tracker.Committed
	err error
}

func (v *vault) idempotencyKey(in *tracker.Idempotency) (*idempotencyKey, error) {
	k := &idempotencyKey{body: in.BodyHash}
	copy(k.digest[:], v.digest("idempotency", in.Source, in.Key))
	var err error
	k.sealed, err = v.seal(in.Reply, append([]byte("idempotency|"), k.digest[:]...))
	return k, err
}

// remember stores a key, or finds what it answered the first time. Where
// another transaction is storing the same key, the database makes this one wait
// for its end.
func (s *session) remember(ctx context.Context, k *idempotencyKey, now int64) (known bool, r replay, err error) {
	res, err := s.exec(ctx, `INSERT INTO idempotency (key_digest, body_hash, sealed, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key_digest) DO NOTHING`, k.digest[:], k.body[:], k.sealed, now)
	if err != nil {
		return false, r, fmt.Errorf("store idempotency key: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return false, r, err
	}
	var body, sealed []byte
	if err := s.row(ctx, []any{&body, &sealed}, storedReply, k.digest[:]); err != nil {
		return false, r, fmt.Errorf("read idempotency key: %w", err)
	}
	r, err = s.d.vault.replay(k, body, sealed)
	return err == nil, r, err
}

var idempotencyTable = func() table {
	t := insertInto("idempotency", "idempotency key", bulk, "key_digest", "body_hash", "sealed", "at")
	t.positional += ` ON CONFLICT (key_digest) DO NOTHING`
	return t
}()

// rememberAll is remember for the keys of many writes, all different: it returns what
// those answered that were known. A key that another transaction is storing is a
// *rowError, where the database doesn't make this one wait.
func (s *session) rememberAll(ctx context.Context, ks []*idempotencyKey, now int64) (map[*idempotencyKey]replay, error) {
	replays := map[*idempotencyKey]replay{}
	if len(ks) < copyFrom {
		for _, k := range ks {
			known, r, err := s.remember(ctx, k, now)
			if err != nil {
				return nil, err
			}
			if known {
				replays[k] = r
			}
		}
		return replays, nil
	}
	slices.SortFunc(ks, func(a, b *idempotencyKey) int { return bytes.Compare(a.digest[:], b.digest[:]) })
	known := map[tracker.ID]bool{}
	if s.d.dialect.copyIn != nil { // which can't skip those that are there
		digests := make([]tracker.ID, len(ks))
		for i, k := range ks {
			digests[i] = k.digest
		}
		ids, err := s.ids(ctx, `SELECT i.key_digest FROM idempotency i WHERE `+s.d.dialect.inSet(`i.key_digest`, `$1`), s.d.dialect.idSet(digests))
		if err != nil {
			return nil, fmt.Errorf("look for idempotency keys: %w", err)
		}
		for _, id := range ids {
			known[id] = true
		}
	}
	rows := make([]row, 0, len(ks))
	for _, k := range ks {
		if !known[k.digest] {
			rows = append(rows, row{args: []any{k.digest[:], k.body[:], k.sealed, now}})
		}
	}
	var err error
	if s.d.dialect.copyIn != nil {
		err = s.copy(ctx, &idempotencyTable, rows)
	} else {
		err = s.insertAll(&idempotencyTable, rows, func(i int, changed int64) {
			if changed == 0 {
				known[ks[i].digest] = true
			}
		})
	}
	if err != nil {
		return nil, fmt.Errorf("store idempotency keys: %w", err)
	}
	for _, k := range ks {
		if !known[k.digest] {
			continue
		}
		var body, sealed []byte
		if err := s.row(ctx, []any{&body, &sealed}, storedReply, k.digest[:]); err != nil {
			return nil, fmt.Errorf("read idempotency key: %w", err)
		}
		if replays[k], err = s.d.vault.replay(k, body, sealed); err != nil {
			return nil, err
		}
	}
	return replays, nil
}

const storedReply = `SELECT body_hash, sealed FROM idempotency WHERE key_digest = $1`

// replay answers with what is stored under a key.
func (v *vault) replay(k *idempotencyKey, body, sealed []byte) (replay, error) {
	if !bytes.Equal(body, k.body[:]) {
		return replay{err: tracker.ErrKeyReused}, nil
	}
	reply, err := v.open(sealed, append([]byte("idempotency|"), k.digest[:]...))
	if err != nil {
		return replay{}, fmt.Errorf("read reply: %w", err)
	}
	return replay{out: tracker.Committed{Replay: true, Reply: reply}}, nil
}

// Replayed implements tracker.Store.
func (d *DB) Replayed(ctx context.Context, in *tracker.Idempotency) (tracker.Committed, error) {
	k, err := d.vault.idempotencyKey(in)
	if err != nil {
		return tracker.Committed{}, err
	}
	var body, sealed []byte
	err = d.hot.QueryRowContext(ctx, storedReply, k.digest[:]).Scan(&body, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return tracker.Committed{}, fmt.Errorf("%w: idempotency key", tracker.ErrNotFound)
	}
	if err != nil {
		return tracker.Committed{}, fmt.Errorf("read idempotency key: %w", d.unavailable(err))
	}
	r, err := d.vault.replay(k, body, sealed)
	if err != nil {
		return tracker.Committed{}, err
	}
	return r.out, r.err
}

// RepliedTo returns what the write under source's key was answered, whatever its
// body was. Errors: ErrNotFound.
func (d *DB) RepliedTo(ctx context.Context, source, key string) ([]byte, error) {
	k, err := d.vault.idempotencyKey(&tracker.Idempotency{Source: source, Key: key})
	if err != nil {
		return nil, err
	}
	var body, sealed []byte
	err = d.readers.QueryRowContext(ctx, storedReply, k.digest[:]).Scan(&body, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: idempotency key", tracker.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read idempotency key: %w", d.unavailable(err))
	}
	copy(k.body[:], body)
	r, err := d.vault.replay(k, body, sealed)
	if err != nil {
		return nil, err
	}
	return r.out.Reply, r.err
}
