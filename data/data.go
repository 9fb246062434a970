// Package data is the SQL store: one type, DB, that keeps everything durable on
// SQLite or Postgres behind the contracts of tracker.Store and auth.Store.
//
// Writes go through one committer that puts what is waiting into one
// transaction: rows, audit records, and one entry of the change feed, whose
// number comes from a head row that is locked last. What identifies a person
// or says where they are is sealed under that person's own key before it is
// queued. Reports that come one by one are rows of their own; those that come many
// at once are kept many to a row, in packs. The package data/storetest holds both
// databases to the same rules.
package data

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

var (
	_ tracker.Store = (*DB)(nil)
	_ auth.Store    = (*DB)(nil)
)

// Options says which database and key to open.
type Options struct {
	// URL is "sqlite:PATH" or "postgres://…" ("postgresql://…"), the latter
	// with an explicit sslmode.
	URL string
	// MigrateURL is the Postgres role that owns the tables; empty: URL's own.
	// With it, URL's role is granted reading and writing of the tables.
	MigrateURL string
	// KeyFile is the path of the master key. A missing file is created (mode
	// 0400) when the database is empty, and is an error when it isn't.
	KeyFile string
	// Logger may be nil: nothing is logged.
	Logger *slog.Logger
	// Now is the clock; nil: time.Now. Leases on Postgres go by the database's.
	Now func() time.Time
	// QueueLimit is how many writes may wait for the committer, 0: 4096. One
	// more gets tracker.ErrUnavailable.
	QueueLimit int
}

// DB is an open store. All methods may be called from any goroutine.
type DB struct {
	dialect dialect
	log     *slog.Logger
	now     func() time.Time
	vault   *vault

	// readers serves look-ups; sessions lends the committer's connection and
	// imports that of an import, on SQLite the same one.
	readers  *sql.DB
	hot      querier // readers, for the look-ups that every delivery makes
	writers  *sql.DB
	sessions chan *session
	imports  chan *session

	queue chan *job
	wake  chan struct{}
	cache rowCache
	keys  keyCache
	refs  refCache
	stats counters
	// poisoned is set for good after the disk failed to keep what it was given:
	// what it says from then on can't be believed.
	poisoned atomic.Bool
	// epoch is the one that the caches belong to; only the committer touches it.
	epoch string

	// places says which packs hold whose reports; packFrom is from how many reports on
	// a write's go into packs.
	places   packPlaces
	packFrom int
	// schema is the newest version of the tables that this program knows.
	schema int64

	// stop ends what waits on other processes.
	stop context.CancelFunc
	done sync.WaitGroup

	// mu guards closed, and holds the queue open while somebody sends to it.
	mu     sync.RWMutex
	closed bool
}

// Open connects, brings the schema up to date under a lock, checks that the
// database keeps what it acknowledges, and starts the committer. The caller
// closes it. A database that a newer program has migrated is refused; a store that is
// open when that happens ends Ping, Changes and Acquire with tracker.ErrUnavailable
// from then on.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.QueueLimit <= 0 {
		o.QueueLimit = 4096
	}
	d := &DB{
		log:   o.Logger,
		now:   func() time.Time { return o.Now().UTC().Truncate(time.Microsecond) },
		queue: make(chan *job, o.QueueLimit),
		wake:  make(chan struct{}, 1),

		places:   newPackPlaces(),
		packFrom: packFrom,
	}
	background, stop := context.WithCancel(context.Background())
	d.stop = stop
	var err error
	switch scheme, _, _ := strings.Cut(o.URL, ":"); scheme {
	case "sqlite":
		err = d.openSQLite(ctx, o)
	case "postgres", "postgresql":
		err = d.openPostgres(ctx, background, o)
	default:
		err = fmt.Errorf("database URL must begin with sqlite: or postgres://, not %q", scheme)
	}
	if err == nil {
		err = d.unlock(ctx, o.KeyFile)
	}
	if err != nil {
		d.release()
		return nil, fmt.Errorf("open store: %w", err)
	}
	d.done.Go(d.commitLoop)
	return d, nil
}

// unlock makes the head row of an empty database and ties it to the key file.
func (d *DB) unlock(ctx context.Context, keyFile string) error {
	zero := make([]byte, 32)
	if _, err := d.writers.ExecContext(ctx, `INSERT INTO head (one, epoch, seq, at, audit_seq, audit_hash)
		VALUES (1, $1, 0, 0, 0, $2) ON CONFLICT (one) DO NOTHING`, rand.Text(), zero); err != nil {
		return fmt.Errorf("make head: %w", err)
	}
	check, err := d.keyCheck(ctx)
	if err != nil {
		return err
	}
	if d.vault, err = openVault(keyFile, check == nil); err != nil {
		return err
	}
	if check == nil {
		if check, err = d.vault.seal([]byte(keyCheckText), []byte(keyCheckText)); err != nil {
			return err
		}
		if _, err := d.writers.ExecContext(ctx, `UPDATE head SET key_check = $1 WHERE key_check IS NULL`, check); err != nil {
			return fmt.Errorf("tie database to its key: %w", err)
		}
		// Another process may have been first: its key is the one that counts.
		if check, err = d.keyCheck(ctx); err != nil {
			return err
		}
	}
	if _, err := d.vault.open(check, []byte(keyCheckText)); err != nil {
		return fmt.Errorf("key file %q is not the key of this database", keyFile)
	}
	return nil
}

const keyCheckText = "head|key_check"

func (d *DB) keyCheck(ctx context.Context) (check []byte, err error) {
	err = d.writers.QueryRowContext(ctx, `SELECT key_check FROM head`).Scan(&check)
	if err != nil {
		return nil, fmt.Errorf("read head: %w", err)
	}
	return check, nil
}

// Close stops the committer and releases the connections. Writes that are
// waiting are finished; later ones get tracker.ErrUnavailable. Closing again
// does nothing.
func (d *DB) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		d.done.Wait()
		return nil
	}
	d.closed = true
	close(d.queue)
	d.mu.Unlock()
	d.stop()
	d.done.Wait()
	return d.release()
}

func (d *DB) release() error {
	d.stop()
	for _, pool := range []chan *session{d.sessions, d.imports} {
		select {
		case s := <-pool:
			s.close()
		default: // a nil pool of a failed Open, or emptied as the other
		}
	}
	var errs []error
	if d.readers != nil {
		errs = append(errs, d.readers.Close())
	}
	if d.writers != nil && d.writers != d.readers {
		errs = append(errs, d.writers.Close())
	}
	return errors.Join(errs...)
}

// Ping tells whether the database answers and what it stores can be trusted.
func (d *DB) Ping(ctx context.Context) error {
	if d.poisoned.Load() {
		return fmt.Errorf("%w: the disk failed to keep a write", tracker.ErrUnavailable)
	}
	var schema int64
	if err := d.readers.QueryRowContext(ctx, `SELECT `+schemaVersion+` FROM head`).Scan(&schema); err != nil {
		return fmt.Errorf("ping database: %w: %w", tracker.ErrUnavailable, err)
	}
	return d.outgrown(schema)
}

// Stats is what the store has done since it was opened.
type Stats struct {
	Queued, QueueLimit int
	// Groups counts transactions, Writes the writes that they carried, Refused
	// those that got an error, Retries the groups tried again.
	Groups, Writes, Refused, Retries int64
	// CachedRows are kept for readers of recent commits.
	CachedRows int
	// Connections in use, of readers and writers together.
	Connections int
}

type counters struct{ groups, writes, refused, retries atomic.Int64 }

// Stats returns the counts as they are now.
func (d *DB) Stats() Stats {
	n := d.readers.Stats().InUse
	if d.writers != d.readers {
		n += d.writers.Stats().InUse
	}
	return Stats{
		Queued: len(d.queue), QueueLimit: cap(d.queue),
		Groups: d.stats.groups.Load(), Writes: d.stats.writes.Load(),
		Refused: d.stats.refused.Load(), Retries: d.stats.retries.Load(),
		CachedRows: d.cache.len(), Connections: n,
	}
}

// Dialect names the database: "sqlite" or "postgres".
func (d *DB) Dialect() string { return d.dialect.name }

func (d *DB) micros() int64 { return d.now().UnixMicro() }
