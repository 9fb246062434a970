// Package auth says who somebody is and what they may do: accounts, sessions,
// API keys, citizens' links, roles and the registry of routes.
package auth

import (
	"fmt"

	"aman/geo/tracker"
)

// Role is what an account or key may do. Numbers are stored: never renumber.
type Role uint8

const (
	RoleAdmin Role = iota + 1
	RoleAnalyst
	RoleOperator
	RoleEmbassy
	RoleLocalStaff
	RolePartner
	RoleCasualty
)

var roleWords = []string{"", "admin", "analyst", "operator", "embassy", "local_staff", "partner", "casualty_cell"}

func (r Role) String() string {
	if int(r) < len(roleWords) {
		return roleWords[r]
	}
	return fmt.Sprintf("unknown(%d)", uint8(r))
}

// ParseRole reads a role's word.
func ParseRole(s string) (Role, error) {
	for i, w := range roleWords {
		if i > 0 && w == s {
			return Role(i), nil
		}
	}
	return 0, fmt.Errorf("%w: role %q is not known", tracker.ErrInvalid, s)
}
