package tracker

import (
	"time"

	"github.com/paulmach/orb"
)

// Crisis is what everything belongs to.
type Crisis struct {
	ID      ID
	Slug    string // short and unique, e.g. "gulf-2026"
	Names   Names
	Region  string
	Default bool
	Starts  time.Time
	Ends    time.Time // zero: still open
}

// Zone is one version of an escalation area. Versions are only ever appended:
// the number grows by one with each, and (ID, Version) is unique.
type Zone struct {
	ID      ID
	Crisis  ID
	Version int
	State   ZoneState
	// Withdrawing marks a Proposed version that asks for the zone to be
	// withdrawn; without it a Proposed version asks to be published.
	Withdrawing bool
	Level       int // 1..4
	Action      Action
	Kind        ZoneKind
	FloorM      float64 // airspace only, metres above sea level
	CeilingM    float64
	ValidFrom   time.Time
	ValidTo     time.Time // exclusive; zero: open end
	Names       Names
	Advice      Names
	Source      string
	Reason      string
	// Country is the code of the country whose area the zone is, with Shape
	// empty; a zone has either a Country or a Shape.
	Country string
	Shape   orb.MultiPolygon
	// Ref is the zone's id in the file that it was imported from, or empty.
	Ref string

	Author      ID // account
	Confirmer   ID // second account, where rule 6 asks for one
	ConfirmedAt time.Time
	RecordedAt  time.Time
}

// HighRisk tells whether people inside count as being in danger: level 3 or 4,
// on the ground or at sea. Whether it is in force is the picture's to say.
func (z *Zone) HighRisk() bool { return z.Level >= 3 && z.Kind != Airspace }

// Valid tells whether t lies in [ValidFrom, ValidTo).
func (z *Zone) Valid(t time.Time) bool {
	return !t.Before(z.ValidFrom) && (z.ValidTo.IsZero() || t.Before(z.ValidTo))
}

// ZoneMark says that a zone's validity began or ended: what the clock causes,
// committed once by the instance that holds the lease.
type ZoneMark struct {
	Zone    ID
	Version int
	Begin   bool
	At      time.Time
}

// AirportState is one version of an airport's state in a crisis.
type AirportState struct {
	Crisis     ID
	Airport    string // IATA, or ICAO where there is none
	Version    int
	Status     AirportStatus
	Reason     string
	Until      time.Time // zero: until further notice
	Author     ID
	RecordedAt time.Time
}

// Mission is an embassy or consulate with the area that it answers for.
type Mission struct {
	ID        ID
	Code      string // unique, e.g. "AE-AUH"
	Names     Names
	Countries []string         // whole countries of its area
	Area      orb.MultiPolygon // or parts of them; may be empty
	DutyPhone string
	Version   int
}
