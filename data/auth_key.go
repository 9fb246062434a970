package data

import (
	"context"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

const keyColumns = `k.id, k.name, k.hash, k.role, k.mission_id, k.created_by, k.created_at, k.expires_at, k.seen_at, k.revoked_at`

func keyDest(k *auth.APIKey) []any {
	return []any{
		&k.ID,
		intoText{&k.Name},
		intoHash{&k.Hash},
		num(&k.Role), &k.Mission, &k.CreatedBy,
		intoTime{&k.CreatedAt},
		intoTime{&k.ExpiresAt},
		intoTime{&k.SeenAt},
		intoTime{&k.RevokedAt},
	}
}

// CreateKey implements auth.Store.
func (d *DB) CreateKey(ctx context.Context, k auth.APIKey, au tracker.Audit) error {
	var c checker
	c.text("key.name", k.Name)
	if c.err != nil {
		return c.err
	}
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		return s.insert(ctx, "API key", `INSERT INTO api_keys
			(id, name, hash, role, mission_id, created_by, created_at, expires_at, seen_at, revoked_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			k.ID[:], k.Name, k.Hash[:], int64(k.Role), idArg(k.Mission), idArg(k.CreatedBy), toMicros(k.CreatedAt),
			toMicros(k.ExpiresAt), toMicros(k.SeenAt), toMicros(k.RevokedAt))
	})
}

// KeyByHash implements auth.Store; expired and revoked keys are found too.
func (d *DB) KeyByHash(ctx context.Context, hash [32]byte) (k auth.APIKey, err error) {
	err = d.one(ctx, "API key", keyDest(&k), `SELECT `+keyColumns+` FROM api_keys k WHERE k.hash = $1`, hash[:])
	return k, err
}

// TouchKey implements auth.Store; an older time changes nothing.
func (d *DB) TouchKey(ctx context.Context, id tracker.ID, at time.Time) error {
	return d.change(ctx, tracker.Audit{}, func(ctx context.Context, s *session) error {
		return s.update(ctx, "API key", `UPDATE api_keys SET seen_at = CASE WHEN seen_at < $1 THEN $1 ELSE seen_at END
			WHERE id = $2`, toMicros(at), id[:])
	})
}

// RevokeKey implements auth.Store; the first revocation's time stands.
func (d *DB) RevokeKey(ctx context.Context, id tracker.ID, au tracker.Audit) error {
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		return s.update(ctx, "API key", `UPDATE api_keys SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END
			WHERE id = $2`, d.micros(), id[:])
	})
}

// Keys implements auth.Store; they come in the order of making.
func (d *DB) Keys(ctx context.Context) ([]auth.APIKey, error) {
	return many(ctx, d, "API keys", keyDest, `SELECT `+keyColumns+` FROM api_keys k ORDER BY k.created_at, k.id`)
}
