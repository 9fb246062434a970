package data

import (
	"context"
	"crypto/cipher"
	"fmt"

	"aman/geo/tracker"
)

// sealer encodes rows, each under its person's key. One goroutine has it.
type sealer struct {
	v *vault
	// find looks up the key of a person who isn't new.
	find func(person tracker.ID) (personKey, error)
	// findAll looks up many at once; who isn't there isn't in the answer.
	findAll func(people []tracker.ID) (map[tracker.ID]personKey, error)
	// found are the keys that findAll was asked for.
	found map[tracker.ID]personKey
	// before returns an earlier version of a person; ErrNotFound where there is none.
	before func(person tracker.ID, version int) (tracker.Details, error)
	// packFrom is the number of reports from which they go into packs; 0: never.
	packFrom int
	// fresh holds the keys of the people that these rows create.
	fresh map[tracker.ID]personKey
	// missions are those that rows of large tables refer to, which the database
	// doesn't check.
	missions map[tracker.ID]bool
	// known are the people of earlier writes that rows are about: still there when
	// they were looked up, to be looked at again when the rows are written.
	known map[tracker.ID]bool

	buf, sealed []byte
	who         tracker.ID
	last        personKey
	aead        cipher.AEAD
}

// key returns a person's key and cipher; those of the last person are kept.
func (s *sealer) key(person tracker.ID) (personKey, cipher.AEAD, error) {
	if s.aead != nil && s.who == person {
		return s.last, s.aead, nil
	}
	k, ok := s.fresh[person]
	if !ok {
		k, ok = s.found[person]
	}
	if !ok {
		var err error
		if k, err = s.find(person); err != nil {
			return personKey{}, nil, err
		}
	}
	s.who, s.last, s.aead = person, k, k.aead()
	return k, s.aead, nil
}

// admit makes keys for the people whose first version is among the rows.
func (s *sealer) admit(r *tracker.Rows) {
	for i := range r.People {
		if p := &r.People[i]; p.Version == 1 {
			if _, ok := s.fresh[p.ID]; !ok {
				s.fresh[p.ID] = newPersonKey(p.Crisis)
			}
		}
	}
}

// lookUp finds the keys of all whom reports are about, if they are many. admit was
// called on the rows.
func (s *sealer) lookUp(r *tracker.Rows) (err error) {
	if len(r.Reports) < lookUpFrom {
		return nil
	}
	people := make([]tracker.ID, 0, len(r.Reports))
	for i := range r.Reports {
		p := r.Reports[i].Person
		if n := len(people); n > 0 && people[n-1] == p {
			continue // the reports are in the order of their people
		}
		if _, ok := s.fresh[p]; !ok {
			people = append(people, p)
		}
	}
	if len(people) < lookUpFrom {
		return nil
	}
	s.found, err = s.findAll(people)
	return err
}

// lookUpFrom is the number of people from which one query is quicker than one for each.
const lookUpFrom = 4

// encode turns normalised rows into what is written. admit was called on them.
func (s *sealer) encode(r *tracker.Rows, e *encoded) error {
	if err := s.lookUp(r); err != nil {
		return err
	}
	for i := range r.Crises {
		e.crisis(&r.Crises[i])
	}
	for i := range r.Missions {
		e.mission(&r.Missions[i])
	}
	for i := range r.Zones {
		e.zone(&r.Zones[i])
	}
	for i := range r.Marks {
		e.mark(&r.Marks[i])
	}
	for i := range r.People {
		p := &r.People[i]
		s.refer(p.Mission)
		if err := s.person(e, p); err != nil {
			return err
		}
		var before tracker.Details
		if p.Version > 1 {
			var err error
			if i > 0 && r.People[i-1].ID == p.ID && r.People[i-1].Version == p.Version-1 {
				before = r.People[i-1].Details
			} else if before, err = s.before(p.ID, p.Version-1); err != nil {
				return fmt.Errorf("version before %d: %w", p.Version, err)
			}
		}
		s.v.identify(e, p, before)
	}
	for i := range r.Assignments {
		s.refer(r.Assignments[i].Mission)
		if err := s.assignment(e, &r.Assignments[i]); err != nil {
			return err
		}
	}
	if s.packFrom > 0 && len(r.Reports) >= s.packFrom {
		if err := s.packs(e, r.Reports); err != nil {
			return err
		}
	} else {
		for i := range r.Reports {
			if err := s.report(e, &r.Reports[i]); err != nil {
				return err
			}
		}
	}
	for i := range r.Retractions {
		if err := s.retraction(e, &r.Retractions[i]); err != nil {
			return err
		}
	}
	for i := range r.Airports {
		e.airport(&r.Airports[i])
	}
	for i := range r.Events {
		e.event(&r.Events[i])
	}
	for i := range r.Merges {
		if err := s.merge(e, &r.Merges[i]); err != nil {
			return err
		}
	}
	for i := range r.Rulings {
		if err := s.ruling(e, &r.Rulings[i]); err != nil {
			return err
		}
	}
	for i := range r.Erasures {
		if err := s.erasure(e, &r.Erasures[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sealer) refer(mission tracker.ID) {
	if !mission.IsZero() {
		s.missions[mission] = true
	}
}

// sealer makes one that looks keys up with q.
func (d *DB) sealer(ctx context.Context, q querier) *sealer {
	known := map[tracker.ID]bool{}
	return &sealer{
		v: d.vault,
		find: func(p tracker.ID) (personKey, error) {
			known[p] = true
			return d.personKey(ctx, q, p)
		},
		findAll: func(people []tracker.ID) (map[tracker.ID]personKey, error) {
			found, err := d.personKeys(ctx, q, people)
			for p := range found {
				known[p] = true
			}
			return found, err
		},
		before: func(p tracker.ID, version int) (tracker.Details, error) {
			x, err := d.personAt(ctx, `p.version = $2`, p, version)
			return x.Details, err
		},
		fresh:    map[tracker.ID]personKey{},
		missions: map[tracker.ID]bool{},
		known:    known,
	}
}
