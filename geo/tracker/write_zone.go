package tracker

import (
	"context"
	"fmt"
	"time"
)

// Actor is who does something. Scope limits what they reach.
type Actor struct {
	ID    ID
	Name  string
	Role  string
	Scope Scope
}

func (a Actor) audit(action, object, reason string) Audit {
	return Audit{Actor: a.ID, Role: a.Role, Action: action, Object: object, Reason: reason}
}

// SaveDraft stores a new zone (z.ID zero, ifVersion 0) or a new draft of one,
// on top of version ifVersion. What is in force stays so. Errors: FieldError,
// ErrNotFound, ErrConflict when ifVersion isn't the latest.
func (t *Tracker) SaveDraft(ctx context.Context, a Actor, z Zone, ifVersion int) (Zone, int64, error) {
	if err := t.CheckZone(&z); err != nil {
		return Zone{}, 0, err
	}
	if z.ID.IsZero() {
		if _, ok := t.Snapshot().crisisNum(z.Crisis); !ok {
			return Zone{}, 0, fmt.Errorf("%w: crisis", ErrNotFound)
		}
		z.ID = NewID()
	} else {
		cur, err := t.latestZone(z.ID, ifVersion)
		if err != nil {
			return Zone{}, 0, err
		}
		z.Crisis, z.Ref = cur.latest.Crisis, cur.latest.Ref
	}
	z.State, z.Withdrawing = Draft, false
	return t.appendZone(ctx, a, z, ifVersion, "zone.draft")
}

// Publish puts the latest version of a zone in force, confirms a level 4 as the
// second person, or carries out a proposal as the second person. The zone that
// comes back is Active, or Proposed where rule 6 wants a second person first.
// Errors: ErrNotFound, ErrConflict (not the latest version, nothing to publish,
// or the second person is the first).
func (t *Tracker) Publish(ctx context.Context, a Actor, id ID, ifVersion int) (Zone, int64, error) {
	cur, err := t.latestZone(id, ifVersion)
	if err != nil {
		return Zone{}, 0, err
	}
	s := t.Snapshot()
	z := cur.latest
	if !z.ValidTo.IsZero() && !z.ValidTo.After(t.Now()) {
		return Zone{}, 0, invalid("valid_to", "in_the_past", "the zone's validity has ended; store a draft with a later end")
	}
	switch z.State {
	case Withdrawn:
		return Zone{}, 0, fmt.Errorf("%w: the zone is withdrawn; store a new draft first", ErrConflict)
	case Proposed:
		if z.Withdrawing {
			return Zone{}, 0, fmt.Errorf("%w: the proposal is to withdraw the zone", ErrConflict)
		}
		if z.Author == a.ID {
			return Zone{}, 0, ErrSecondPerson
		}
		z.Confirmer, z.ConfirmedAt = a.ID, t.Now()
	case Active:
		if z.Level != 4 || !z.Confirmer.IsZero() {
			return Zone{}, 0, fmt.Errorf("%w: this version is in force already", ErrConflict)
		}
		if z.Author == a.ID {
			return Zone{}, 0, ErrSecondPerson
		}
		z.Confirmer, z.ConfirmedAt = a.ID, t.Now()
	case Draft:
		z.Confirmer, z.ConfirmedAt = ID{}, time.Time{}
		if cur.active != nil && s.lowers(cur.active, &z) {
			z.State = Proposed
			return t.appendZone(ctx, a, z, ifVersion, "zone.propose")
		}
	}
	z.State = Active
	return t.appendZone(ctx, a, z, ifVersion, "zone.publish")
}

// Withdraw takes a zone out of force, or drops a draft of a zone that was never
// in force. A level 3 or 4 in force becomes a proposal first, and a second
// person's Withdraw carries it out. Errors: as Publish, and ErrDraftOpen where a
// draft stands on top of what is in force: whoever wants to be rid of the draft
// must not take the zone away by it.
func (t *Tracker) Withdraw(ctx context.Context, a Actor, id ID, ifVersion int, reason string) (Zone, int64, error) {
	cur, err := t.latestZone(id, ifVersion)
	if err != nil {
		return Zone{}, 0, err
	}
	z := cur.latest
	if z.State == Withdrawn {
		return Zone{}, 0, fmt.Errorf("%w: the zone is withdrawn already", ErrConflict)
	}
	if cur.active != nil {
		proposed := z.State == Proposed && z.Withdrawing
		if !proposed && z.State != Active {
			return Zone{}, 0, ErrDraftOpen
		}
		if proposed && z.Author == a.ID {
			return Zone{}, 0, ErrSecondPerson
		}
		out := *cur.active
		out.State = Withdrawn
		if !proposed && t.Snapshot().lowers(cur.active, &out) {
			out.State, out.Withdrawing = Proposed, true
			out.Reason = reason
			return t.appendZone(ctx, a, out, ifVersion, "zone.propose_withdrawal")
		}
		if proposed {
			out.Confirmer, out.ConfirmedAt = a.ID, t.Now()
		}
		z = out
	}
	z.State, z.Withdrawing, z.Reason = Withdrawn, false, reason
	return t.appendZone(ctx, a, z, ifVersion, "zone.withdraw")
}

// Discard drops the draft or proposal that stands on top of what is in force, by
// storing what is in force again as the latest version. Errors: ErrNotFound,
// ErrConflict (not the latest version, or nothing to drop).
func (t *Tracker) Discard(ctx context.Context, a Actor, id ID, ifVersion int) (Zone, int64, error) {
	cur, err := t.latestZone(id, ifVersion)
	if err != nil {
		return Zone{}, 0, err
	}
	if cur.active == nil || cur.latest.State == Active {
		return Zone{}, 0, fmt.Errorf("%w: no draft stands on top of a zone in force", ErrConflict)
	}
	z := *cur.active
	z.Version, z.RecordedAt = ifVersion+1, t.Now()
	return t.storeZone(ctx, a, z, "zone.discard")
}

// latestZone finds a zone whose latest version must be ifVersion.
func (t *Tracker) latestZone(id ID, ifVersion int) (*zoneState, error) {
	z, ok := t.Snapshot().zone(id)
	if !ok {
		return nil, fmt.Errorf("%w: zone %s", ErrNotFound, id)
	}
	if z.latest.Version != ifVersion {
		return nil, fmt.Errorf("%w: the zone is at version %d now", ErrConflict, z.latest.Version)
	}
	return z, nil
}

// appendZone stores a version after ifVersion. The author of a version is who
// first wrote its content; a confirming version keeps them.
func (t *Tracker) appendZone(ctx context.Context, a Actor, z Zone, ifVersion int, action string) (Zone, int64, error) {
	z.Version = ifVersion + 1
	z.RecordedAt = t.Now()
	if z.Confirmer != a.ID || z.Confirmer.IsZero() {
		z.Author = a.ID
	}
	return t.storeZone(ctx, a, z, action)
}

func (t *Tracker) storeZone(ctx context.Context, a Actor, z Zone, action string) (Zone, int64, error) {
	done, err := t.store.Commit(ctx, &Write{
		Rows:  Rows{Zones: []Zone{z}},
		Audit: a.audit(action, "zone "+z.ID.String(), z.Reason),
	})
	if err != nil {
		return Zone{}, 0, fmt.Errorf("store zone %s: %w", z.ID, err)
	}
	return z, done.Seq, nil
}
