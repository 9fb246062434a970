package tracker

import (
	"context"
	"time"
)

// Kinds says which rows a commit wrote.
type Kinds uint16

const (
	KindCrisis Kinds = 1 << iota
	KindMission
	KindZone
	KindMark
	KindPerson
	KindAssignment
	KindReport
	KindRetraction
	KindAirport
	KindEvent
	KindMerge
	KindRuling
	KindErasure
)

// Change is one entry of the change feed: a pointer to what one commit wrote.
// Seq starts at 1 and grows by exactly one; reading Seq > last misses nothing.
type Change struct {
	Seq    int64
	Commit ID
	At     time.Time
	Kinds  Kinds
}

// Rows is what one commit writes or wrote. Read, each slice is in the order of
// its keys (id and version, person and report …), whatever the order of writing:
// a commit may hold several writes.
type Rows struct {
	Crises      []Crisis
	Missions    []Mission
	Zones       []Zone
	Marks       []ZoneMark
	People      []Person
	Assignments []Assignment
	Reports     []Report
	Retractions []Retraction
	Airports    []AirportState
	Events      []Event
	Merges      []Merge
	Rulings     []Ruling
	Erasures    []Erasure
}

// Talk is what a write stores beside the rows of the picture: the lines on which
// people are reached, and what is waiting to be said. The feed doesn't tell of it.
type Talk struct {
	Threads   []Thread
	Messages  []Message
	Callbacks []Callback
}

// Audit says who did what to what, and why; never a name or a place.
type Audit struct {
	Actor  ID     // account or API key; zero: the system or a link
	Role   string // what the actor acted as: "analyst", "link", "system" …
	Action string // "zone.publish", "person.read" …
	Object string // kind and id, e.g. "zone 0190…"; or a count for a batch
	Reason string
}

// Idempotency makes a retry harmless. Source scopes Key (an account, a link, a
// provider); BodyHash tells a retry from a reuse; Reply is kept and given back.
type Idempotency struct {
	Source   string
	Key      string
	BodyHash [32]byte
	Reply    []byte
}

// Lease is the claim under which one instance does what the clock causes.
type Lease struct {
	Name   string
	Holder ID
}

// Write is one all-or-nothing change.
type Write struct {
	Rows
	Talk
	Audit Audit
	// Idempotency may be nil.
	Idempotency *Idempotency
	// Lease, when set, must still be held when the write commits; else the
	// write fails with ErrConflict.
	Lease *Lease
	// EventsThrough, when > 0, records that all events caused by commits up to
	// this sequence number are stored with this write (or there are none).
	EventsThrough int64
}

// Committed is what a Write got.
type Committed struct {
	// Seq is the feed position of the write; 0 when it wrote no row that the
	// feed tells of (an audit record alone), or was a replay.
	Seq int64
	// Replay is true when the idempotency key was known with the same body;
	// nothing was written, and Reply is the first one.
	Replay bool
	Reply  []byte
}

// Loaded is the point of the feed up to which Load read.
type Loaded struct {
	Epoch string
	Seq   int64
	// At is the time of the commit with that number.
	At time.Time
}

// Store is the durable side: SQL in production, one contract for both
// databases, held by data/storetest. All methods may be called from any
// goroutine.
type Store interface {
	// Commit writes w in one transaction and returns after the database has
	// made it durable. Concurrent calls may share a transaction, a feed entry
	// and an audit record. Errors: ErrConflict (a version, assignment or event
	// number is taken, or the lease is lost), ErrKeyReused, ErrNotFound (a
	// reference to a row that isn't there), ErrInvalid, ErrUnavailable (queue
	// full or database away; also ctx's error when the write was withdrawn while
	// it waited). A failed write leaves nothing and does not fail the others of
	// its group. Only when the connection was lost in the midst of committing may
	// an ErrUnavailable write be kept after all: an Idempotency makes the retry
	// safe. A write with rows must carry an Audit.Action (ErrInvalid).
	Commit(ctx context.Context, w *Write) (Committed, error)

	// Replayed answers what a write under this key was answered, without
	// writing: Committed as of a replay, ErrNotFound when the key is not known,
	// ErrKeyReused when it came with another body.
	Replayed(ctx context.Context, in *Idempotency) (Committed, error)

	// Load streams the state as of the last commit whose events are stored
	// (Loaded.Seq; before any lease was ever taken, the last commit) to visit, in one consistent read: crises, missions, all zone
	// versions with their marks, airport states, the latest version of every
	// person, assignments, reports that are not retracted by then, and the last
	// events. Calls of visit come from one goroutine, in batches of bounded
	// size, a person always before their assignments and reports; the Rows and
	// what it points to belong to visit. Following up is Changes from
	// Loaded.Seq on.
	Load(ctx context.Context, visit func(*Rows) error) (Loaded, error)

	// Changes lists feed entries with Seq > after, ascending, at most limit. A
	// gap is impossible; an Epoch that changed means that the database was
	// restored: load anew.
	Changes(ctx context.Context, after int64, limit int) (epoch string, cs []Change, err error)

	// Read returns what the commit of c wrote, unsealed; people who were erased
	// since are left out. What the rows point to must not be changed.
	Read(ctx context.Context, c Change) (*Rows, error)

	// Wake returns a channel that gets a value soon after a commit, by this
	// process or (Postgres) another; values may be merged or lost, so a reader
	// also polls. All callers get the same channel.
	Wake() <-chan struct{}

	// Acquire takes or renews the lease l for ttl and reports whether l.Holder
	// has it now. A ttl below zero gives it up.
	Acquire(ctx context.Context, l Lease, ttl time.Duration) (bool, error)

	// ReportsOf lists a person's reports, newest first by EffectiveAt, at most
	// limit (0: all), each with whether it was retracted; a position has the flags
	// that the last Ruling left it.
	ReportsOf(ctx context.Context, person ID, limit int) ([]Report, []Retraction, error)

	// PersonVersion returns the latest committed version of a person, unsealed.
	// ErrNotFound where there is none or it was erased.
	PersonVersion(ctx context.Context, person ID) (Person, error)

	// ZoneVersions lists every version of a zone, oldest first.
	ZoneVersions(ctx context.Context, zone ID) ([]Zone, error)

	// EventsBefore lists events of a crisis with Seq < before (0: the newest),
	// newest first: limit of them, and those of the same commit as the last, so
	// that a page never ends within a number.
	EventsBefore(ctx context.Context, crisis ID, before int64, limit int) ([]Event, error)

	// FindIdentifier answers an exact look-up of an IIN, passport or phone number
	// (kind "iin", "passport", "phone") by its keyed digest; spaces, hyphens and
	// case don't matter. ErrNotFound; ErrConflict when several share a phone.
	FindIdentifier(ctx context.Context, crisis ID, kind, value string) (ID, error)

	// RulingsOf lists the rulings on the people's reports, by report and N.
	RulingsOf(ctx context.Context, people []ID) ([]Ruling, error)

	// MergesOf lists the merges and un-mergings that name any of the people, in order.
	MergesOf(ctx context.Context, people []ID) ([]Merge, error)

	// MarkRead stores who first saw reports, with au, in one transaction; a report
	// that was seen before keeps its first reading. Not in the feed.
	MarkRead(ctx context.Context, rs []Reading, au Audit) error
}
