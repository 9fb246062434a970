package tracker

import (
	"time"

	"aman/geo"
)

// Move says that one person's verdict against a zone changed.
type Move struct {
	Person   ID
	From, To geo.Verdict
}

// Event is a change worth telling. One event tells of one cause for one zone
// (or airport): publishing a zone over 51,000 people makes one.
type Event struct {
	ID     ID
	Crisis ID
	Kind   EventKind
	// Cause is the sequence number of the commit that caused it and N its place
	// among that commit's events; (Cause, N) is unique, so an event is stored
	// once whoever derives it.
	Cause int64
	N     int
	At    time.Time
	// Zone and ZoneVersion are zero for events that have none.
	Zone        ID
	ZoneVersion int
	Airport     string
	Level       int
	// Moves are the people meant, ordered by Person; empty for events about a
	// zone that moved nobody.
	Moves []Move
	// Seq is the event's own place in the feed; set when read.
	Seq int64
}
