package data

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"aman/geo/tracker"
	"aman/migrations"
)

// Readers of SQLite run beside the one writer; more than this many only
// compete for processors.
const sqliteReaders = 8

func (d *DB) openSQLite(ctx context.Context, o Options) error {
	path := strings.TrimPrefix(strings.TrimPrefix(o.URL, "sqlite:"), "//")
	if path == "" || path == ":memory:" {
		return errors.New("sqlite URL needs the path of a file")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("find database file: %w", err)
	}
	// SQLite gives its log files the mode of the database file.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open database file: %w", err)
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return fmt.Errorf("protect database file: %w", err)
	}
	d.dialect = dialect{
		name:  "sqlite",
		begin: `BEGIN IMMEDIATE`,
		scrub: `PRAGMA wal_checkpoint(TRUNCATE)`,
		inSet: func(column, mark string) string {
			return column + ` IN (SELECT unhex(value) FROM json_each(` + mark + `))`
		},
		idSet:    sqliteIDs,
		classify: classifySQLite,
	}
	// temp_store: a sort of readers must not spill to a file outside. A checkpoint
	// copies each page once, however often it was written since the last: at 64 MB of
	// log, pages of a flood are copied a fraction as often as at SQLite's own 4.
	writer := sqliteURL(path, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
		"cache_size(-65536)", "temp_store(2)", "journal_size_limit(67108864)", "wal_autocheckpoint(16384)")
	if d.writers, err = sql.Open("sqlite", writer+"&_txlock=immediate"); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	d.writers.SetMaxOpenConns(1)
	if d.schema, err = migrate(ctx, d.writers, goose.DialectSQLite3, migrations.SQLite()); err != nil {
		// Another process may have been migrating at the same moment.
		if d.schema, err = migrate(ctx, d.writers, goose.DialectSQLite3, migrations.SQLite()); err != nil {
			return err
		}
	}
	if err := assertSQLite(ctx, d.writers); err != nil {
		return err
	}
	reader := sqliteURL(path, "query_only(1)", "cache_size(-16384)", "temp_store(2)")
	if d.readers, err = sql.Open("sqlite", reader); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	d.readers.SetMaxOpenConns(sqliteReaders)
	d.readers.SetMaxIdleConns(sqliteReaders)
	d.hot = newPrepared(d.readers)
	d.lend(true)
	return nil
}

func sqliteURL(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// assertSQLite reads back what durability rests on: a pragma that isn't
// understood is silently ignored.
func assertSQLite(ctx context.Context, db *sql.DB) error {
	for _, p := range []struct{ name, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"secure_delete", "1"},
	} {
		var got string
		if err := db.QueryRowContext(ctx, `PRAGMA `+p.name).Scan(&got); err != nil {
			return fmt.Errorf("read pragma %s: %w", p.name, err)
		}
		if got != p.want {
			return fmt.Errorf("sqlite %s is %q, want %q", p.name, got, p.want)
		}
	}
	return nil
}

// sqliteIDs is a JSON list of hexadecimal: SQLite binds no lists.
func sqliteIDs(ids []tracker.ID) any {
	texts := make([]string, len(ids))
	for i := range ids {
		texts[i] = hex.EncodeToString(ids[i][:])
	}
	return jsonArg(texts)
}

func classifySQLite(err error) errorKind {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return isDown
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return isTaken
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return isMissing
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return isBad
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return isBusy
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return isBroken
	}
	return isDown
}
