package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"aman/geo/tracker"
)

const (
	// Idle and Absolute end a session: so long after the last request, and so
	// long after signing in.
	Idle     = 15 * time.Minute
	Absolute = 8 * time.Hour

	// touchEvery bounds how often a session's last use is written.
	touchEvery = time.Minute
	// keyMemory is how long a key's row is believed without asking the store
	// again: a machine sends thousands of reports a second.
	keyMemory = time.Second
	// failureDelay is what an attempt waits when many fail for one login.
	failureDelay = 2 * time.Second
)

// ErrUnauthorized: nobody is signed in, or the token is not (or no longer) good.
var ErrUnauthorized = errors.New("unauthorized")

// SlowDownError: too many attempts from one place; try again after Retry.
type SlowDownError struct{ Retry time.Duration }

func (e *SlowDownError) Error() string { return "too many attempts" }

// Accounts signs people and machines in. It is safe for concurrent use.
type Accounts struct {
	store  Store
	hasher *Hasher
	now    func() time.Time
	log    *slog.Logger

	// Failed sign-ins are limited for each login from each address, so that
	// nobody can lock somebody else out: from elsewhere the login still works,
	// only slower (byLogin). byOrigin is a high ceiling: a whole ministry, or a
	// camp, sits behind one address.
	byBoth, byLogin, byOrigin *Throttle

	// keyMu guards keys, the keys seen within keyMemory.
	keyMu sync.Mutex
	keys  map[[32]byte]seenKey
}

type seenKey struct {
	key APIKey
	at  time.Time
}

// NewAccounts returns Accounts over a store. now and log must not be nil.
func NewAccounts(s Store, now func() time.Time, log *slog.Logger) (*Accounts, error) {
	h, err := NewHasher()
	if err != nil {
		return nil, err
	}
	const remembered = 50_000
	return &Accounts{
		store: s, hasher: h, now: now, log: log,
		byBoth:   NewThrottle(1.0/30, 10, remembered),
		byLogin:  NewThrottle(1.0/10, 30, remembered),
		byOrigin: NewThrottle(5, 200, remembered),
		keys:     map[[32]byte]seenKey{},
	}, nil
}

// NormalLogin is the form in which logins are kept and compared.
func NormalLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Login checks a password and starts a session; origin is the caller's address.
// Errors: ErrUnauthorized (never saying whether the login exists),
// *SlowDownError, or the store's.
func (a *Accounts) Login(ctx context.Context, login, password, origin string) (token string, p Principal, err error) {
	login = NormalLogin(login)
	now := a.now()
	both := login + "|" + origin
	if ok, retry := a.byOrigin.Allow(origin, now); !ok {
		return "", p, &SlowDownError{Retry: retry}
	}
	if ok, retry := a.byBoth.Allow(both, now); !ok {
		a.log.WarnContext(ctx, "sign-in throttled")
		return "", p, &SlowDownError{Retry: retry}
	}
	if ok, _ := a.byLogin.Allow(login, now); !ok {
		select {
		case <-time.After(failureDelay):
		case <-ctx.Done():
			return "", p, fmt.Errorf("wait to sign in: %w", ctx.Err())
		}
	}
	acc, err := a.store.AccountByLogin(ctx, login)
	if err != nil && !errors.Is(err, tracker.ErrNotFound) {
		return "", p, fmt.Errorf("find account: %w", err)
	}
	ok, err := a.hasher.Matches(ctx, password, acc.PasswordHash)
	if err != nil {
		return "", p, err
	}
	if !ok || acc.Disabled {
		a.log.WarnContext(ctx, "sign-in refused", slog.String("account", acc.ID.String()), slog.Bool("disabled", acc.Disabled))
		return "", p, ErrUnauthorized
	}
	a.byBoth.Reset(both)
	a.byLogin.Reset(login)
	token, hash := NewToken()
	p = principal(acc, hash)
	s := Session{TokenHash: hash, Account: acc.ID, CreatedAt: now, SeenAt: now}
	if err := a.store.CreateSession(ctx, s, p.Audit("session.start", "account "+acc.ID.String())); err != nil {
		return "", p, fmt.Errorf("start session: %w", err)
	}
	return token, p, nil
}

// BySession returns whose session a token is, and counts the request as its use.
func (a *Accounts) BySession(ctx context.Context, token string) (Principal, error) {
	hash, ok := HashToken(token)
	if !ok || strings.HasPrefix(token, KeyPrefix) {
		return Principal{}, ErrUnauthorized
	}
	p, s, err := a.session(ctx, hash)
	if err != nil {
		return Principal{}, err
	}
	if now := a.now(); now.Sub(s.SeenAt) >= touchEvery {
		if err := a.store.TouchSession(ctx, hash, now); err != nil {
			a.log.WarnContext(ctx, "touch session", slog.Any("error", err))
		}
	}
	return p, nil
}

func (a *Accounts) session(ctx context.Context, hash [32]byte) (Principal, Session, error) {
	s, acc, err := a.store.SessionByHash(ctx, hash)
	if errors.Is(err, tracker.ErrNotFound) {
		return Principal{}, s, ErrUnauthorized
	}
	if err != nil {
		return Principal{}, s, fmt.Errorf("find session: %w", err)
	}
	now := a.now()
	if acc.Disabled || now.Sub(s.SeenAt) >= Idle || now.Sub(s.CreatedAt) >= Absolute {
		return Principal{}, s, ErrUnauthorized
	}
	return principal(acc, hash), s, nil
}

func principal(acc Account, hash [32]byte) Principal {
	return Principal{ID: acc.ID, Login: acc.Login, Name: acc.Name, Role: acc.Role, Mission: acc.Mission, token: hash}
}

// ByKey returns whose API key a token is. A key that was revoked is refused
// within a second.
func (a *Accounts) ByKey(ctx context.Context, token string) (Principal, error) {
	hash, ok := HashToken(token)
	if !ok || !strings.HasPrefix(token, KeyPrefix) {
		return Principal{}, ErrUnauthorized
	}
	k, err := a.key(ctx, hash)
	if err != nil {
		return Principal{}, err
	}
	return Principal{ID: k.ID, Login: k.Name, Name: k.Name, Role: k.Role, Mission: k.Mission, Machine: true, token: hash}, nil
}

func (a *Accounts) key(ctx context.Context, hash [32]byte) (APIKey, error) {
	now := a.now()
	a.keyMu.Lock()
	seen, ok := a.keys[hash]
	a.keyMu.Unlock()
	if !ok || now.Sub(seen.at) >= keyMemory || now.Before(seen.at) {
		k, err := a.store.KeyByHash(ctx, hash)
		if errors.Is(err, tracker.ErrNotFound) {
			return k, ErrUnauthorized
		}
		if err != nil {
			return k, fmt.Errorf("find key: %w", err)
		}
		if now.Sub(k.SeenAt) >= touchEvery && a.good(k, now) {
			if err := a.store.TouchKey(ctx, k.ID, now); err != nil {
				a.log.WarnContext(ctx, "touch key", slog.Any("error", err))
			}
		}
		seen = seenKey{key: k, at: now}
		a.keyMu.Lock()
		if len(a.keys) > 10_000 {
			clear(a.keys)
		}
		a.keys[hash] = seen
		a.keyMu.Unlock()
	}
	if !a.good(seen.key, now) {
		return APIKey{}, ErrUnauthorized
	}
	return seen.key, nil
}

func (a *Accounts) good(k APIKey, now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// Recheck tells whether a caller who was let in before still may come in:
// ErrUnauthorized when the session ended or the account was disabled. Streams
// ask it. It counts as a use, so that an open console stays signed in.
func (a *Accounts) Recheck(ctx context.Context, p Principal) error {
	if p.Machine {
		_, err := a.key(ctx, p.token)
		return err
	}
	_, s, err := a.session(ctx, p.token)
	if err != nil {
		return err
	}
	if now := a.now(); now.Sub(s.SeenAt) >= touchEvery {
		if err := a.store.TouchSession(ctx, p.token, now); err != nil {
			return fmt.Errorf("touch session: %w", err)
		}
	}
	return nil
}

// Logout ends the caller's session; a key has none, and keeps working.
func (a *Accounts) Logout(ctx context.Context, p Principal) error {
	if p.Machine {
		return nil
	}
	if err := a.store.EndSession(ctx, p.token, p.Audit("session.end", "account "+p.ID.String())); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}
