package auth

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"aman/geo/tracker"
)

// MinPassword is how many characters a new password has at least (OWASP ASVS 6.2.1).
const MinPassword = 15

// maxPassword bounds what is hashed; longer ones are refused when set.
const maxPassword = 200

// hashing is the cost of one password: OWASP's second choice for Argon2id (46
// MiB, one pass), on one core so that two sign-ins can't take the machine.
var hashing = &argon2id.Params{Memory: 46 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// A Hasher makes and checks password hashes, at most two at a time: each takes
// tens of megabytes, and a flood of sign-ins must not starve the rest.
type Hasher struct {
	slots chan struct{}
	decoy string // checked for logins that don't exist, so that they take as long
}

// NewHasher returns a Hasher that works on two passwords at a time.
func NewHasher() (*Hasher, error) {
	decoy, err := argon2id.CreateHash("nobody has this password", hashing)
	if err != nil {
		return nil, fmt.Errorf("hash decoy password: %w", err)
	}
	return &Hasher{slots: make(chan struct{}, 2), decoy: decoy}, nil
}

// Hash checks the rules for a new password (15 to 200 characters, valid UTF-8)
// and returns it in argon2id's PHC form. Errors: a FieldError for "password".
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return "", &tracker.FieldError{Field: "password", Code: "invalid_utf8", Detail: "is not UTF-8 text"}
	case n < MinPassword:
		return "", &tracker.FieldError{Field: "password", Code: "too_short", Detail: fmt.Sprintf("needs at least %d characters", MinPassword)}
	case n > maxPassword:
		return "", &tracker.FieldError{Field: "password", Code: "too_long", Detail: fmt.Sprintf("has more than %d characters", maxPassword)}
	}
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	hash, err := argon2id.CreateHash(password, hashing)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// Matches tells whether the password belongs to the hash. An empty hash (no such
// account) takes as long and never matches.
func (h *Hasher) Matches(ctx context.Context, password, hash string) (bool, error) {
	if err := h.acquire(ctx); err != nil {
		return false, err
	}
	defer h.release()
	known := hash != ""
	if !known {
		hash = h.decoy
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("check password: %w", err)
	}
	return ok && known, nil
}

func (h *Hasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to hash: %w", ctx.Err())
	}
}

func (h *Hasher) release() { <-h.slots }
