package data

import (
	"context"
	"strconv"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

const linkColumns = `l.id, l.crisis_id, l.code, l.secret_hash, l.secret_hash IS NOT NULL, l.person_id, l.airport, l.country,
	l.mission_id, l.label, l.created_by, l.created_at, l.expires_at, l.revoked_at`

func linkDest(l *auth.Link) []any {
	return []any{
		&l.ID, &l.Crisis,
		intoText{&l.Code},
		intoHash{&l.SecretHash},
		intoBool{&l.HasSecret},
		&l.Person,
		intoText{&l.Airport},
		intoText{&l.Country},
		&l.Mission,
		intoText{&l.Label},
		&l.CreatedBy,
		intoTime{&l.CreatedAt},
		intoTime{&l.ExpiresAt},
		intoTime{&l.RevokedAt},
	}
}

// CreateLink implements auth.Store. A crisis, person or mission that isn't there
// is ErrNotFound.
func (d *DB) CreateLink(ctx context.Context, l auth.Link, au tracker.Audit) error {
	return d.CreateLinks(ctx, []auth.Link{l}, au)
}

// CreateLinks stores links together or not at all, with one audit record. A code
// that is taken is ErrConflict; a crisis, person or mission that isn't there is
// ErrNotFound.
func (d *DB) CreateLinks(ctx context.Context, ls []auth.Link, au tracker.Audit) error {
	var c checker
	people := map[tracker.ID]bool{}
	for i := range ls {
		l := &ls[i]
		c.text("link", l.Code, l.Airport, l.Country, l.Label)
		if !l.Person.IsZero() {
			people[l.Person] = true
		}
	}
	if c.err != nil {
		return c.err
	}
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		if err := s.mustBeThere(ctx, people); err != nil {
			return err
		}
		for i := range ls {
			if err := s.link(ctx, &ls[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *session) link(ctx context.Context, l *auth.Link) error {
	var secret any
	if l.HasSecret {
		secret = l.SecretHash[:]
	}
	return s.insert(ctx, "link code", `INSERT INTO links
			(id, crisis_id, code, secret_hash, person_id, airport, country, mission_id, label, created_by, created_at, expires_at, revoked_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		l.ID[:], l.Crisis[:], l.Code, secret, idArg(l.Person), l.Airport, l.Country, idArg(l.Mission), l.Label,
		idArg(l.CreatedBy), toMicros(l.CreatedAt), toMicros(l.ExpiresAt), toMicros(l.RevokedAt))
}

// LinkByCode implements auth.Store; expired and revoked links are found too.
func (d *DB) LinkByCode(ctx context.Context, code string) (l auth.Link, err error) {
	err = d.one(ctx, "link", linkDest(&l), `SELECT `+linkColumns+` FROM links l WHERE l.code = $1`, code)
	return l, err
}

// LinkByID implements auth.Store.
func (d *DB) LinkByID(ctx context.Context, id tracker.ID) (l auth.Link, err error) {
	err = d.one(ctx, "link", linkDest(&l), `SELECT `+linkColumns+` FROM links l WHERE l.id = $1`, id[:])
	return l, err
}

// RevokeLink implements auth.Store; the first revocation's time stands.
func (d *DB) RevokeLink(ctx context.Context, id tracker.ID, at time.Time, au tracker.Audit) error {
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		return s.update(ctx, "link", `UPDATE links SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END
			WHERE id = $2`, toMicros(at), id[:])
	})
}

// Links implements auth.Store.
func (d *DB) Links(ctx context.Context, crisis tracker.ID, q auth.LinkQuery) ([]auth.Link, error) {
	args := []any{crisis[:]}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := `l.crisis_id = $1`
	if q.Campaigns {
		where += ` AND l.person_id IS NULL`
	}
	if q.Personal {
		where += ` AND l.person_id IS NOT NULL`
	}
	if !q.Mission.IsZero() {
		where += ` AND (l.person_id IS NOT NULL OR l.mission_id = ` + arg(q.Mission[:]) + `)`
	}
	if len(q.People) > 0 {
		where += ` AND ` + d.dialect.inSet(`l.person_id`, arg(d.dialect.idSet(q.People)))
	}
	if !q.BeforeAt.IsZero() {
		where += ` AND (l.created_at, l.id) < (` + arg(toMicros(q.BeforeAt)) + `, ` + arg(q.BeforeID[:]) + `)`
	}
	return many(ctx, d, "links", linkDest, `SELECT `+linkColumns+` FROM links l WHERE `+where+`
		ORDER BY l.created_at DESC, l.id DESC LIMIT `+arg(upTo(q.Limit)), args...)
}
