package api

import (
	"context"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

// Store is what the server needs of the database beyond what the Tracker does.
type Store interface {
	auth.Store
	DeskStore
	// Ping tells whether the database answers.
	Ping(ctx context.Context) error
	// FindIdentifier finds who has exactly this "iin" or "passport". Errors:
	// tracker.ErrNotFound.
	FindIdentifier(ctx context.Context, crisis tracker.ID, kind, value string) (tracker.ID, error)
	// Commit is the tracker.Store's.
	Commit(ctx context.Context, w *tracker.Write) (tracker.Committed, error)
	// PersonVersion is the tracker.Store's.
	PersonVersion(ctx context.Context, person tracker.ID) (tracker.Person, error)
	// Acquire is the tracker.Store's.
	Acquire(ctx context.Context, l tracker.Lease, ttl time.Duration) (bool, error)
	// Replayed is the tracker.Store's.
	Replayed(ctx context.Context, in *tracker.Idempotency) (tracker.Committed, error)
	// RepliedTo returns what the write under source's key was answered, whatever its
	// body. Errors: tracker.ErrNotFound.
	RepliedTo(ctx context.Context, source, key string) ([]byte, error)
}

// DeskStore keeps what people and staff say to each other, and how they are
// reached. Threads, Messages and Callbacks are written by Commit (tracker.Talk).
type DeskStore interface {
	// ThreadByKey returns the last version of a thread, unsealed. ErrNotFound.
	ThreadByKey(ctx context.Context, crisis tracker.ID, ch tracker.Channel, key string) (tracker.Thread, error)
	// ThreadsOf lists the threads that are about any of the people, last versions,
	// oldest thread first. Groups are in none.
	ThreadsOf(ctx context.Context, people []tracker.ID) ([]tracker.Thread, error)
	// Groups lists the group threads of a crisis, last versions.
	Groups(ctx context.Context, crisis tracker.ID) ([]tracker.Thread, error)

	// MessagesTo lists messages to the people, newest first, at most limit.
	MessagesTo(ctx context.Context, people []tracker.ID, limit int) ([]tracker.Message, error)
	// MessagesDue lists queued messages with NextAt <= now, oldest first, at most
	// limit, each with its thread.
	MessagesDue(ctx context.Context, now time.Time, limit int) ([]tracker.Message, []tracker.Thread, error)
	// MessageTried stores how far a message has got: State, Attempts, NextAt,
	// SentAt and Failure. Not audited.
	MessageTried(ctx context.Context, m tracker.Message) error

	// CallbackHeads lists all call-backs of a crisis, last versions, oldest first,
	// without what is sealed: those in state open or tried, or with all of any state.
	CallbackHeads(ctx context.Context, crisis tracker.ID, all bool) ([]tracker.Callback, error)
	// CallbacksByID returns last versions, oldest first; those that aren't there are
	// left out.
	CallbacksByID(ctx context.Context, ids []tracker.ID) ([]tracker.Callback, error)
	// CallbacksByLink lists those of a kind in state open or tried that came by a
	// link, last versions, oldest first, at most limit.
	CallbacksByLink(ctx context.Context, crisis, link tracker.ID, kind tracker.CallbackKind, limit int) ([]tracker.Callback, error)
	// CallbackByID returns a call-back's last version. ErrNotFound.
	CallbackByID(ctx context.Context, id tracker.ID) (tracker.Callback, error)

	// ReadingOf tells when a report was first seen. ErrNotFound: not yet.
	ReadingOf(ctx context.Context, person, report tracker.ID) (tracker.Reading, error)

	// Hotlines lists all hotlines, by mission and order.
	Hotlines(ctx context.Context) ([]tracker.Hotline, error)
	// SetHotlines replaces the hotlines of a mission (zero: the ministry's).
	SetHotlines(ctx context.Context, mission tracker.ID, hs []tracker.Hotline, au tracker.Audit) error
	// Shifts lists a mission's shifts that overlap [from, to), by From.
	Shifts(ctx context.Context, mission tracker.ID, from, to time.Time) ([]tracker.Shift, error)
	// SetShifts replaces a mission's shifts that begin in [from, to) by ss.
	SetShifts(ctx context.Context, mission tracker.ID, from, to time.Time, ss []tracker.Shift, au tracker.Audit) error
	// Mappings lists the saved mappings of lists, by name, newest of a name first.
	Mappings(ctx context.Context) ([]tracker.Mapping, error)
	// SaveMapping stores a mapping, or replaces that of the same owner and name.
	SaveMapping(ctx context.Context, m tracker.Mapping, au tracker.Audit) error
	// DeleteMapping forgets one. ErrNotFound.
	DeleteMapping(ctx context.Context, id tracker.ID, au tracker.Audit) error
	// CreateLinks stores links together or not at all. ErrConflict: a code is taken.
	CreateLinks(ctx context.Context, ls []auth.Link, au tracker.Audit) error
}
