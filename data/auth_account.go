package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

// refuse is an error of the write itself, not of the database.
func refuse(err error) error { return &rowError{isMissing, err} }

// insert runs a statement that stores one thing.
func (s *session) insert(ctx context.Context, what, text string, args ...any) error {
	if _, err := s.exec(ctx, text, args...); err != nil {
		return s.rowError(err, what)
	}
	return nil
}

// update runs a statement that must change something.
func (s *session) update(ctx context.Context, what, text string, args ...any) error {
	res, err := s.exec(ctx, text, args...)
	if err != nil {
		return s.rowError(err, what)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return refuse(fmt.Errorf("%s: %w", what, tracker.ErrNotFound))
	}
	return nil
}

// one reads a single row; ErrNotFound where there is none.
func (d *DB) one(ctx context.Context, what string, dest []any, query string, args ...any) error {
	err := d.hot.QueryRowContext(ctx, query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, tracker.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", what, d.unavailable(err))
	}
	return nil
}

// many reads all rows of a query.
func many[T any](ctx context.Context, d *DB, what string, dest func(*T) []any, query string, args ...any) ([]T, error) {
	rows, err := d.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", what, d.unavailable(err))
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var x T
		if err := rows.Scan(dest(&x)...); err != nil {
			return nil, fmt.Errorf("list %s: %w", what, err)
		}
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", what, d.unavailable(err))
	}
	return out, nil
}

const accountColumns = `a.id, a.login, a.name, a.role, a.mission_id, a.disabled, a.password_hash, a.created_at`

func accountDest(a *auth.Account) []any {
	return []any{
		&a.ID,
		intoText{&a.Login},
		intoText{&a.Name},
		num(&a.Role), &a.Mission,
		intoBool{&a.Disabled},
		intoText{&a.PasswordHash},
		intoTime{&a.CreatedAt},
	}
}

// CreateAccount implements auth.Store. A mission that isn't there is ErrNotFound.
func (d *DB) CreateAccount(ctx context.Context, a auth.Account, au tracker.Audit) error {
	var c checker
	c.text("account", a.Login, a.Name, a.PasswordHash)
	if c.err != nil {
		return c.err
	}
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		return s.insert(ctx, "login", `INSERT INTO accounts (id, login, name, role, mission_id, disabled, password_hash, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			a.ID[:], a.Login, a.Name, int64(a.Role), idArg(a.Mission), a.Disabled, a.PasswordHash, toMicros(a.CreatedAt))
	})
}

// DisableAccount implements auth.Store.
func (d *DB) DisableAccount(ctx context.Context, login string, au tracker.Audit) error {
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		if err := s.update(ctx, "account", `UPDATE accounts SET disabled = $1 WHERE login = $2`, true, login); err != nil {
			return err
		}
		if _, err := s.exec(ctx, `DELETE FROM sessions WHERE account_id = (SELECT id FROM accounts WHERE login = $1)`, login); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		if _, err := s.exec(ctx, `UPDATE api_keys SET revoked_at = $1
			WHERE revoked_at = 0 AND created_by = (SELECT id FROM accounts WHERE login = $2)`, d.micros(), login); err != nil {
			return fmt.Errorf("revoke keys: %w", err)
		}
		return nil
	})
}

// AccountByLogin implements auth.Store.
func (d *DB) AccountByLogin(ctx context.Context, login string) (a auth.Account, err error) {
	err = d.one(ctx, "account", accountDest(&a), `SELECT `+accountColumns+` FROM accounts a WHERE a.login = $1`, login)
	return a, err
}

// AccountByID implements auth.Store.
func (d *DB) AccountByID(ctx context.Context, id tracker.ID) (a auth.Account, err error) {
	err = d.one(ctx, "account", accountDest(&a), `SELECT `+accountColumns+` FROM accounts a WHERE a.id = $1`, id[:])
	return a, err
}

// Accounts implements auth.Store; they come by login.
func (d *DB) Accounts(ctx context.Context) ([]auth.Account, error) {
	return many(ctx, d, "accounts", accountDest, `SELECT `+accountColumns+` FROM accounts a ORDER BY a.login`)
}

// CreateSession implements auth.Store.
func (d *DB) CreateSession(ctx context.Context, x auth.Session, au tracker.Audit) error {
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		return s.insert(ctx, "session", `INSERT INTO sessions (token_hash, account_id, created_at, seen_at) VALUES ($1, $2, $3, $4)`,
			x.TokenHash[:], x.Account[:], toMicros(x.CreatedAt), toMicros(x.SeenAt))
	})
}

// SessionByHash implements auth.Store.
func (d *DB) SessionByHash(ctx context.Context, hash [32]byte) (s auth.Session, a auth.Account, err error) {
	dest := append([]any{intoHash{&s.TokenHash}, &s.Account, intoTime{&s.CreatedAt}, intoTime{&s.SeenAt}}, accountDest(&a)...)
	err = d.one(ctx, "session", dest, `SELECT s.token_hash, s.account_id, s.created_at, s.seen_at, `+accountColumns+`
		FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.token_hash = $1`, hash[:])
	return s, a, err
}

// TouchSession implements auth.Store; an older time changes nothing.
func (d *DB) TouchSession(ctx context.Context, hash [32]byte, at time.Time) error {
	return d.change(ctx, tracker.Audit{}, func(ctx context.Context, s *session) error {
		return s.update(ctx, "session", `UPDATE sessions SET seen_at = CASE WHEN seen_at < $1 THEN $1 ELSE seen_at END
			WHERE token_hash = $2`, toMicros(at), hash[:])
	})
}

// EndSession implements auth.Store.
func (d *DB) EndSession(ctx context.Context, hash [32]byte, au tracker.Audit) error {
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		return s.update(ctx, "session", `DELETE FROM sessions WHERE token_hash = $1`, hash[:])
	})
}
