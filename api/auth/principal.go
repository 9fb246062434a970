package auth

import (
	"aman/geo/tracker"
)

// Principal is who is calling: an account in a browser, or a machine's key.
type Principal struct {
	ID      tracker.ID // of the account or key
	Login   string     // an account's; a key's name
	Name    string
	Role    Role
	Mission tracker.ID
	// Machine is true for a key.
	Machine bool

	token [32]byte // hash of the session's or key's token
}

// May tells whether the caller has the permission.
func (p Principal) May(x Permission) bool { return p.Role.May(x) }

// Audit starts an audit record of something that the caller does.
func (p Principal) Audit(action, object string) tracker.Audit {
	return tracker.Audit{Actor: p.ID, Role: p.Role.String(), Action: action, Object: object}
}
