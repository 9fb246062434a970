package data

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"aman/geo/tracker"
)

// dialect holds what differs between the databases; the SQL texts do not.
type dialect struct {
	name string
	// begin opens a writing transaction.
	begin string
	// share is appended to a SELECT that must keep its row as it is until the
	// transaction ends.
	share string
	// only is run before erasing: it waits for those who write about people and
	// keeps them out until the transaction ends. Empty: there is one writer.
	only string
	// watch is run to keep out, until the transaction ends, those who would erase; it
	// lets others watch too. Empty: there is one writer.
	watch string
	// scrub is run after erasing, so that what was deleted isn't left in a log;
	// empty: the server's own to see to.
	scrub string
	// inSet is a condition that the column is one of the ids of an argument that
	// idSet made.
	inSet func(column, mark string) string
	idSet func([]tracker.ID) any
	// classify sorts a driver's error.
	classify func(error) errorKind
	// copyIn is the text that loads a table in bulk; nil: prepared inserts are
	// as fast.
	copyIn func(table string, columns ...string) string
	// notify is run in a transaction that adds to the feed; may be empty.
	notify string
	// clock is a query of the database's own time in microseconds; empty: ours.
	clock string
	// unlimited lifts the time limits within the running transaction.
	unlimited string
	// patience bounds one group's time in the database; 0: the driver can't hang.
	patience time.Duration
}

// errorKind is what to do about an error of the database.
type errorKind uint8

const (
	// isDown: not reachable, or anything unexpected.
	isDown errorKind = iota
	// isTaken: a unique key is taken.
	isTaken
	// isMissing: a reference to nothing.
	isMissing
	// isBad: a value that the column doesn't take.
	isBad
	// isBusy: try the transaction again.
	isBusy
	// isBroken: the disk failed; nothing it says can be believed.
	isBroken
)

// ours maps an error of the database in one row to the contract's.
func (k errorKind) ours(what string, err error) error {
	switch k {
	case isTaken:
		return fmt.Errorf("%w: %s is taken", tracker.ErrConflict, what)
	case isMissing:
		return fmt.Errorf("%w: %s refers to nothing", tracker.ErrNotFound, what)
	case isBad:
		return fmt.Errorf("%w: %s has a value that can't be stored", tracker.ErrInvalid, what)
	default:
		return fmt.Errorf("store %s: %w: %w", what, tracker.ErrUnavailable, err)
	}
}

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
