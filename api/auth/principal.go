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

// Scope is what the caller may see. A partner sees nobody: it only submits. That
// somebody died is for the casualty cell, and for the consul who is responsible.
func (p Principal) Scope() tracker.Scope {
	switch p.Role {
	case RoleAdmin, RoleAnalyst, RoleOperator:
		return tracker.Scope{All: true}
	case RoleCasualty:
		return tracker.Scope{All: true, Casualty: true}
	case RoleEmbassy:
		return tracker.Scope{Mission: p.Mission, Consul: true}
	case RoleLocalStaff:
		return tracker.Scope{Mission: p.Mission, NoPlaces: true, NoDocuments: true}
	default:
		return tracker.Scope{}
	}
}

// Actor is the caller as the core knows them.
func (p Principal) Actor() tracker.Actor {
	return tracker.Actor{ID: p.ID, Name: p.Name, Role: p.Role.String(), Scope: p.Scope()}
}
