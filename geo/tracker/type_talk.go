package tracker

import "time"

// Thread is one line on which somebody is reached: a chat, a number, a device.
// Crisis, Channel and Key are unique together. Versions are append-only; the
// highest stands.
type Thread struct {
	ID      ID
	Crisis  ID
	Channel Channel
	// Key is the provider's name for the line: a chat's id, a number in E.164, a
	// device's random id. Sealed; looked up by its keyed digest.
	Key     string
	Version int // 1, 2, …
	// Person is whom the line is about; zero: not known yet. Who holds a line
	// speaks for them.
	Person ID
	// Group is true for a chat of many, which is nobody's own; Mission answers for
	// it.
	Group   bool
	Mission ID
	Lang    string // kk, ru, en; empty: not known
	// State is where a conversation stands, or a device's secret as a hash: the
	// channel's own encoding, at most 4 KiB. Sealed.
	State      []byte
	RecordedAt time.Time
}

// Message is something that staff say to somebody on a thread, or to a group. It
// is stored before it is sent and sent until the provider takes it.
type Message struct {
	ID      ID
	Crisis  ID
	Thread  ID
	Channel Channel
	Person  ID     // zero for an announcement to a group
	Text    string // sealed; at most 2000 characters
	Author  ID
	// Name of who wrote it, as staff see it. Sealed.
	AuthorName string
	CreatedAt  time.Time

	// How far it has got; these change.
	State    MessageState
	Attempts int
	NextAt   time.Time // when it may next be tried, while queued
	SentAt   time.Time
	// Failure is a stable code of why the provider didn't take it, without what it
	// said.
	Failure string
}

// Callback is somebody who is waiting to be rung. Versions are append-only.
type Callback struct {
	ID      ID
	Version int // 1, 2, …
	Crisis  ID
	Kind    CallbackKind
	State   CallbackState
	Person  ID     // zero: not known who
	Link    ID     // that it came by, or zero
	Thread  ID     // that it came by, or zero
	Mission ID     // whose queue it is in; zero: the ministry's
	Phone   string // sealed; as it can be dialled
	Text    string // sealed; what they said
	Outcome string // sealed; what staff noted
	Author  ID     // who changed it last; zero: the person
	// CreatedAt is the first version's time, RecordedAt this one's.
	CreatedAt, RecordedAt time.Time
}

// Hotline is a number that people can ring.
type Hotline struct {
	ID      ID
	Mission ID // zero: the ministry
	Phone   string
	Names   Names // what it is, e.g. "Consular section, day and night"
	Public  bool  // shown on the citizens' pages
	Order   int
}

// Shift is one turn of duty at a mission, [From, To).
type Shift struct {
	ID       ID
	Mission  ID
	Name     string // sealed; who is on duty
	Phone    string // sealed; theirs
	From, To time.Time
}

// Mapping says which column of a list means what; kept for the next list of the
// same sender.
type Mapping struct {
	ID      ID
	Name    string
	Owner   ID     // account or key that made it
	Mission ID     // whose it is; zero: the ministry's
	Text    []byte // JSON, package intake's
	At      time.Time
}

// Reading says that staff first saw a report.
type Reading struct {
	Person, Report ID
	Mission        ID // of who read it; zero: the ministry
	At             time.Time
}
