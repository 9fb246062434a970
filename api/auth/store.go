package auth

import (
	"context"
	"time"

	"aman/geo/tracker"
)

// Account is somebody who signs in.
type Account struct {
	ID       tracker.ID
	Login    string // lower case, unique
	Name     string
	Role     Role
	Mission  tracker.ID // whose area an embassy account sees; zero for the ministry
	Disabled bool
	// PasswordHash is in argon2id's PHC form; it never leaves the service.
	PasswordHash string
	CreatedAt    time.Time
}

// Session is a signed-in browser. Only the SHA-256 of its token is kept.
type Session struct {
	TokenHash [32]byte
	Account   tracker.ID
	CreatedAt time.Time
	SeenAt    time.Time
}

// APIKey lets a machine in. Only the SHA-256 of the key is kept.
type APIKey struct {
	ID        tracker.ID
	Name      string
	Hash      [32]byte
	Role      Role
	Mission   tracker.ID
	CreatedBy tracker.ID
	CreatedAt time.Time
	ExpiresAt time.Time
	SeenAt    time.Time // zero: never used
	RevokedAt time.Time // zero: in force
}

// Link is a citizen's door: /s/CODE#SECRET. It only submits.
type Link struct {
	ID     tracker.ID
	Crisis tracker.ID
	Code   string // 10 characters of Crockford's base 32, unique
	// SecretHash is the SHA-256 of the 256-bit secret; a campaign link has none.
	SecretHash [32]byte
	HasSecret  bool
	// Person is whose link it is; zero for a campaign (a poster in an airport hall).
	Person  tracker.ID
	Airport string // preset place of a campaign, or empty
	Country string // preset country, or empty
	Mission tracker.ID
	// Label tells staff what the link is for; no personal data.
	Label     string
	CreatedBy tracker.ID
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time // zero: in force
}

// Store keeps accounts, sessions, keys and links. Every change carries its audit
// record in the same transaction. Look-ups answer tracker.ErrNotFound.
type Store interface {
	// CreateAccount fails with tracker.ErrConflict when the login is taken.
	CreateAccount(ctx context.Context, a Account, au tracker.Audit) error
	// DisableAccount ends the account's sessions and revokes the keys that it made.
	DisableAccount(ctx context.Context, login string, au tracker.Audit) error
	AccountByLogin(ctx context.Context, login string) (Account, error)
	AccountByID(ctx context.Context, id tracker.ID) (Account, error)
	Accounts(ctx context.Context) ([]Account, error)

	CreateSession(ctx context.Context, s Session, au tracker.Audit) error
	// SessionByHash returns the session and its account in one read.
	SessionByHash(ctx context.Context, hash [32]byte) (Session, Account, error)
	// TouchSession moves SeenAt forward; it isn't audited.
	TouchSession(ctx context.Context, hash [32]byte, at time.Time) error
	EndSession(ctx context.Context, hash [32]byte, au tracker.Audit) error

	CreateKey(ctx context.Context, k APIKey, au tracker.Audit) error
	KeyByHash(ctx context.Context, hash [32]byte) (APIKey, error)
	TouchKey(ctx context.Context, id tracker.ID, at time.Time) error
	RevokeKey(ctx context.Context, id tracker.ID, au tracker.Audit) error
	Keys(ctx context.Context) ([]APIKey, error)

	// CreateLink fails with tracker.ErrConflict when the code is taken.
	CreateLink(ctx context.Context, l Link, au tracker.Audit) error
	LinkByCode(ctx context.Context, code string) (Link, error)
	LinkByID(ctx context.Context, id tracker.ID) (Link, error)
	RevokeLink(ctx context.Context, id tracker.ID, at time.Time, au tracker.Audit) error
	// Links lists a crisis's links, newest first.
	Links(ctx context.Context, crisis tracker.ID, q LinkQuery) ([]Link, error)
}

// LinkQuery says which links to list. Conditions that are zero don't count.
type LinkQuery struct {
	Campaigns, Personal bool         // only those
	Mission             tracker.ID   // only campaigns of this mission, and personal ones of whichever
	People              []tracker.ID // only their own
	// BeforeAt and BeforeID: only those after this one in the list.
	BeforeAt time.Time
	BeforeID tracker.ID
	Limit    int // at most; 0 lists all
}
