package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"aman/geo/tracker"
)

type storedPerson struct {
	tracker.Person
	sealed, wrapped []byte
	commit          tracker.ID
}

var personSource = source[storedPerson]{
	query: `SELECT p.id, p.version, p.crisis_id, p.category, p.stay, p.persons, p.needs, p.country,
		p.party_id, p.guardian_id, p.mission_id, p.author, p.recorded_at, p.sealed, p.commit_id, k.wrapped
		FROM people p JOIN person_keys k ON k.person_id = p.id WHERE k.wrapped IS NOT NULL`,
	where: `AND`, commit: `p.commit_id`, order: `ORDER BY p.id, p.version`,
	dest: func(x *storedPerson) []any {
		return []any{
			&x.ID, num(&x.Version), &x.Crisis, num(&x.Category), num(&x.Stay), num(&x.Persons), num(&x.Needs),
			intoText{&x.Country},
			&x.Party, &x.Guardian, &x.Mission, &x.Author,
			intoTime{&x.RecordedAt},
			intoBlob{&x.sealed},
			&x.commit,
			intoBlob{&x.wrapped},
		}
	},
	commitOf:   func(x *storedPerson) tracker.ID { return x.commit },
	supersedes: func(a, b *storedPerson) bool { return a.ID == b.ID },
	open: func(o *opener, x *storedPerson) error {
		b, err := o.open("people", x.ID, x.wrapped, x.ID, uint64(x.Version), x.sealed)
		if err != nil {
			return err
		}
		x.Details, err = decodeDetails(b)
		return err
	},
}

// person encodes a version of a person; for the first, with the key that will
// seal all that is said about them.
func (s *sealer) person(e *encoded, p *tracker.Person) error {
	k, aead, err := s.key(p.ID)
	if err != nil {
		return err
	}
	if k.crisis != p.Crisis {
		return fmt.Errorf("person %s in crisis %s: %w", p.ID, p.Crisis, tracker.ErrNotFound)
	}
	if p.Version == 1 {
		wrapped, err := s.v.wrap(p.ID, k)
		if err != nil {
			return err
		}
		e.add(tKeys, keyN(p.ID, 0), p.ID[:], p.Crisis[:], wrapped)
	}
	s.buf = appendDetails(s.buf[:0], &p.Details)
	sealed := aead.Seal(nil, nil, s.buf, rowAAD("people", p.ID, uint64(p.Version)))
	e.add(tPeople, personRowKey(p), p.ID[:], int64(p.Version), p.Crisis[:], int64(p.Category), int64(p.Stay),
		int64(p.Persons), int64(p.Needs), p.Country, idArg(p.Party), idArg(p.Guardian), idArg(p.Mission),
		idArg(p.Author), toMicros(p.RecordedAt), sealed, nil)
	return nil
}

func (s *sealer) assignment(e *encoded, a *tracker.Assignment) error {
	_, aead, err := s.key(a.Person)
	if err != nil {
		return err
	}
	var sealed []byte
	if a.Reason != "" {
		sealed = aead.Seal(nil, nil, []byte(a.Reason), rowAAD("assignments", a.Person, uint64(a.N)))
	}
	e.add(tAssignments, assignmentKey(a), a.Person[:], int64(a.N), idArg(a.Mission), idArg(a.Author),
		toMicros(a.RecordedAt), blobArg(sealed), nil)
	return nil
}

type storedAssignment struct {
	tracker.Assignment
	sealed, wrapped []byte
	commit          tracker.ID
}

var assignmentSource = source[storedAssignment]{
	query: `SELECT a.person_id, a.n, a.mission_id, a.author, a.recorded_at, a.sealed, a.commit_id, k.wrapped
		FROM assignments a JOIN person_keys k ON k.person_id = a.person_id WHERE k.wrapped IS NOT NULL`,
	where: `AND`, commit: `a.commit_id`, order: `ORDER BY a.person_id, a.n`,
	dest: func(x *storedAssignment) []any {
		return []any{
			&x.Person, num(&x.N), &x.Mission, &x.Author,
			intoTime{&x.RecordedAt},
			intoBlob{&x.sealed},
			&x.commit,
			intoBlob{&x.wrapped},
		}
	},
	commitOf: func(x *storedAssignment) tracker.ID { return x.commit },
	open: func(o *opener, x *storedAssignment) error {
		x.Reason = ""
		if x.sealed == nil {
			return nil
		}
		b, err := o.open("assignments", x.Person, x.wrapped, x.Person, uint64(x.N), x.sealed)
		x.Reason = string(b)
		return err
	},
}

// PersonVersion returns the latest committed version of a person, unsealed.
func (d *DB) PersonVersion(ctx context.Context, person tracker.ID) (tracker.Person, error) {
	return d.personAt(ctx, `p.version = (SELECT MAX(v.version) FROM people v WHERE v.id = $2)`, person, person[:])
}

func (d *DB) personAt(ctx context.Context, condition string, person tracker.ID, arg any) (tracker.Person, error) {
	xs, err := all(ctx, d.vault, d.readers, &personSource, personSource.text(`p.id = $1 AND `+condition), person[:], arg)
	if err != nil {
		return tracker.Person{}, fmt.Errorf("read person %s: %w", person, d.unavailable(err))
	}
	if len(xs) == 0 {
		return tracker.Person{}, fmt.Errorf("person %s: %w", person, tracker.ErrNotFound)
	}
	return xs[0].Person, nil
}

// personKeys finds the keys of many people with few queries. Whoever isn't there, or
// was erased, isn't in the answer.
func (d *DB) personKeys(ctx context.Context, q querier, people []tracker.ID) (map[tracker.ID]personKey, error) {
	found := make(map[tracker.ID]personKey, len(people))
	for part := range slices.Chunk(d.keys.getAll(people, found), keysAtOnce) {
		rows, err := q.QueryContext(ctx, `SELECT k.person_id, k.crisis_id, k.wrapped FROM person_keys k
			WHERE k.wrapped IS NOT NULL AND `+d.dialect.inSet(`k.person_id`, `$1`), d.dialect.idSet(part))
		if err != nil {
			return nil, fmt.Errorf("read keys of people: %w", d.unavailable(err))
		}
		if err := d.unwrapAll(rows, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// keysAtOnce bounds how many ids one query is asked about.
const keysAtOnce = 10_000

func (d *DB) unwrapAll(rows *sql.Rows, found map[tracker.ID]personKey) error {
	defer rows.Close()
	for rows.Next() {
		var person, crisis tracker.ID
		var wrapped []byte
		if err := rows.Scan(&person, &crisis, &wrapped); err != nil {
			return fmt.Errorf("read keys of people: %w", err)
		}
		k, err := d.vault.unwrap(person, crisis, wrapped)
		if err != nil {
			return err
		}
		d.keys.put(person, k)
		found[person] = k
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read keys of people: %w", d.unavailable(err))
	}
	return nil
}

// personKey finds a person's key; ErrNotFound where there is no such person or
// they were erased.
func (d *DB) personKey(ctx context.Context, q querier, person tracker.ID) (personKey, error) {
	if k, ok := d.keys.get(person); ok {
		return k, nil
	}
	var crisis tracker.ID
	var wrapped []byte
	err := q.QueryRowContext(ctx, `SELECT crisis_id, wrapped FROM person_keys WHERE person_id = $1`, person[:]).Scan(&crisis, &wrapped)
	if errors.Is(err, sql.ErrNoRows) || err == nil && wrapped == nil {
		return personKey{}, fmt.Errorf("person %s: %w", person, tracker.ErrNotFound)
	}
	if err != nil {
		return personKey{}, fmt.Errorf("read key of person %s: %w", person, d.unavailable(err))
	}
	k, err := d.vault.unwrap(person, crisis, wrapped)
	if err != nil {
		return personKey{}, err
	}
	d.keys.put(person, k)
	return k, nil
}
