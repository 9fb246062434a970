package data

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"aman/geo/tracker"
)

// identifierKind numbers what a person can be looked up by. Numbers are stored.
type identifierKind uint8

const (
	byIIN identifierKind = iota + 1
	byPassport
	byPhone
)

func (k identifierKind) String() string {
	switch k {
	case byIIN:
		return "iin"
	case byPassport:
		return "passport"
	default:
		return "phone"
	}
}

func parseIdentifierKind(s string) (identifierKind, error) {
	for _, k := range []identifierKind{byIIN, byPassport, byPhone} {
		if k.String() == s {
			return k, nil
		}
	}
	return 0, fmt.Errorf("%w: identifier kind %q is not known", tracker.ErrInvalid, s)
}

// plainIdentifier is the form in which an identifier is compared: without
// spaces and hyphens, in capitals.
func plainIdentifier(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, s))
}

type identifier struct {
	kind   identifierKind
	digest []byte
}

// identifiers lists the digests of a person's identifiers, each once.
func (v *vault) identifiers(crisis tracker.ID, d *tracker.Details) []identifier {
	var ids []identifier
	add := func(k identifierKind, s string) {
		if s = plainIdentifier(s); s == "" {
			return
		}
		x := identifier{k, v.digest("identifier", string(crisis[:]), k.String(), s)}
		if !slices.ContainsFunc(ids, x.same) {
			ids = append(ids, x)
		}
	}
	add(byIIN, d.IIN)
	add(byPassport, d.Passport)
	for _, p := range d.Phones {
		add(byPhone, p)
	}
	return ids
}

func (x identifier) same(y identifier) bool {
	return x.kind == y.kind && bytes.Equal(x.digest, y.digest)
}

func identifierRow(crisis, person tracker.ID, x identifier) row {
	slot := []byte{}
	if x.kind == byPhone { // a family shares a phone
		slot = person[:]
	}
	var k rowKey
	k[0] = byte(x.kind)
	copy(k[1:], x.digest)
	return row{k, []any{crisis[:], int64(x.kind), x.digest, slot, person[:]}}
}

func (e *encoded) identifier(crisis, person tracker.ID, x identifier) {
	e[tIdentifiers] = append(e[tIdentifiers], identifierRow(crisis, person, x))
}

// identify writes what a version of a person changes of their identifiers.
func (v *vault) identify(e *encoded, p *tracker.Person, before tracker.Details) {
	old, now := v.identifiers(p.Crisis, &before), v.identifiers(p.Crisis, &p.Details)
	for _, x := range old {
		if !slices.ContainsFunc(now, x.same) {
			e[tDropped] = append(e[tDropped], identifierRow(p.Crisis, p.ID, x))
		}
	}
	for _, x := range now {
		if !slices.ContainsFunc(old, x.same) {
			e.identifier(p.Crisis, p.ID, x)
		}
	}
}

// FindIdentifier answers an exact look-up by kind "iin", "passport" or "phone",
// spaces, hyphens and case aside. ErrNotFound; ErrConflict for a phone that
// several people share.
func (d *DB) FindIdentifier(ctx context.Context, crisis tracker.ID, kind, value string) (tracker.ID, error) {
	k, err := parseIdentifierKind(kind)
	if err != nil {
		return tracker.ID{}, err
	}
	digest := d.vault.digest("identifier", string(crisis[:]), k.String(), plainIdentifier(value))
	rows, err := d.readers.QueryContext(ctx, `SELECT i.person_id FROM identifiers i
		JOIN person_keys k ON k.person_id = i.person_id
		WHERE i.crisis_id = $1 AND i.kind = $2 AND i.digest = $3 AND k.wrapped IS NOT NULL LIMIT 2`, crisis[:], int64(k), digest)
	if err != nil {
		return tracker.ID{}, fmt.Errorf("find %s: %w", kind, d.unavailable(err))
	}
	defer rows.Close()
	var found []tracker.ID
	for rows.Next() {
		var id tracker.ID
		if err := rows.Scan(&id); err != nil {
			return tracker.ID{}, fmt.Errorf("find %s: %w", kind, err)
		}
		found = append(found, id)
	}
	if err := rows.Err(); err != nil {
		return tracker.ID{}, fmt.Errorf("find %s: %w", kind, d.unavailable(err))
	}
	switch len(found) {
	case 0:
		return tracker.ID{}, fmt.Errorf("%s: %w", kind, tracker.ErrNotFound)
	case 1:
		return found[0], nil
	default:
		return tracker.ID{}, fmt.Errorf("%w: several people have this %s", tracker.ErrConflict, kind)
	}
}
