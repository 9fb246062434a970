package auth

import (
	"context"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"aman/geo/tracker"
)

// loginForm is what a login may look like: it stands in lists and in audits.
var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,99}$`)

// NewAccount is what an administrator says about somebody who shall sign in.
type NewAccount struct {
	Login, Name, Password string
	Role                  Role
	// Mission is required for embassy and local staff, and not allowed for others.
	Mission tracker.ID
}

// Create stores an account. Errors: a FieldError, tracker.ErrConflict when the
// login is taken, or the store's.
func (a *Accounts) Create(ctx context.Context, n NewAccount, au tracker.Audit) (Account, error) {
	login := NormalLogin(n.Login)
	if !loginForm.MatchString(login) {
		return Account{}, &tracker.FieldError{Field: "login", Code: "wrong_form", Detail: "is 1 to 100 of a-z 0-9 . _ @ -"}
	}
	if n.Name == "" || !utf8.ValidString(n.Name) || utf8.RuneCountInString(n.Name) > 200 {
		return Account{}, &tracker.FieldError{Field: "name", Code: "wrong_form", Detail: "is 1 to 200 characters"}
	}
	if err := checkMission(n.Role, n.Mission); err != nil {
		return Account{}, err
	}
	hash, err := a.hasher.Hash(ctx, n.Password)
	if err != nil {
		return Account{}, err
	}
	acc := Account{
		ID: tracker.NewID(), Login: login, Name: n.Name, Role: n.Role, Mission: n.Mission,
		PasswordHash: hash, CreatedAt: a.now(),
	}
	au.Action, au.Object = "account.create", "account "+acc.ID.String()
	if err := a.store.CreateAccount(ctx, acc, au); err != nil {
		return Account{}, fmt.Errorf("create account %q: %w", login, err)
	}
	return acc, nil
}

// NewKey is what an administrator says about a machine's key.
type NewKey struct {
	Name      string
	Role      Role
	Mission   tracker.ID
	CreatedBy tracker.ID
	ExpiresAt time.Time // zero: never
}

// CreateKey stores a key and returns it with its secret, which is shown once.
func (a *Accounts) CreateKey(ctx context.Context, n NewKey, au tracker.Audit) (secret string, k APIKey, err error) {
	if n.Name == "" || !utf8.ValidString(n.Name) || utf8.RuneCountInString(n.Name) > 100 {
		return "", k, &tracker.FieldError{Field: "name", Code: "wrong_form", Detail: "is 1 to 100 characters"}
	}
	if err := checkMission(n.Role, n.Mission); err != nil {
		return "", k, err
	}
	now := a.now()
	if !n.ExpiresAt.IsZero() && !n.ExpiresAt.After(now) {
		return "", k, &tracker.FieldError{Field: "expires_at", Code: "out_of_range", Detail: "is in the past"}
	}
	secret, hash := NewKeyToken()
	k = APIKey{
		ID: tracker.NewID(), Name: n.Name, Hash: hash, Role: n.Role, Mission: n.Mission,
		CreatedBy: n.CreatedBy, CreatedAt: now, ExpiresAt: n.ExpiresAt,
	}
	au.Action, au.Object = "key.create", "key "+k.ID.String()
	if err := a.store.CreateKey(ctx, k, au); err != nil {
		return "", k, fmt.Errorf("create key: %w", err)
	}
	return secret, k, nil
}

// checkMission: those who see one mission's people need one, the others have none.
func checkMission(r Role, mission tracker.ID) error {
	if _, known := may[r]; !known {
		return &tracker.FieldError{Field: "role", Code: "unknown", Detail: "is not a role"}
	}
	needs := r == RoleEmbassy || r == RoleLocalStaff
	switch {
	case needs && mission.IsZero():
		return &tracker.FieldError{Field: "mission", Code: "required", Detail: "is needed for the role " + r.String()}
	case !needs && !mission.IsZero():
		return &tracker.FieldError{Field: "mission", Code: "not_allowed", Detail: "means nothing for the role " + r.String()}
	}
	return nil
}
