package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"aman/geo/tracker"
	"aman/migrations"
)

const (
	// oldestPostgres is the first version whose behaviour was tried, times 10,000.
	oldestPostgres = 140000
	feedChannel    = "aman_feed"
	// postgresConns bounds one instance's connections: readers, the committer,
	// an import, migrations.
	postgresConns = 24
)

// openPostgres connects; what goes on afterwards ends with background.
func (d *DB) openPostgres(ctx, background context.Context, o Options) error {
	dsn, user, err := postgresURL(o.URL)
	if err != nil {
		return err
	}
	d.dialect = dialect{
		name:      "postgres",
		begin:     `BEGIN`,
		share:     ` FOR SHARE`,
		only:      `LOCK TABLE erasures IN EXCLUSIVE MODE`,
		watch:     `LOCK TABLE erasures IN ROW SHARE MODE`,
		inSet:     func(column, mark string) string { return column + ` = ANY(` + mark + `)` },
		idSet:     postgresIDs,
		classify:  classifyPostgres,
		copyIn:    copyFromStdin,
		notify:    `NOTIFY ` + feedChannel,
		clock:     `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint`,
		unlimited: `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`,
		patience:  30 * time.Second,
	}
	if d.writers, err = sql.Open("postgres", dsn); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	d.readers, d.hot = d.writers, d.writers
	d.writers.SetMaxOpenConns(postgresConns)
	d.writers.SetMaxIdleConns(8)
	d.writers.SetConnMaxIdleTime(5 * time.Minute)
	if err := assertPostgres(ctx, d.writers); err != nil {
		return err
	}
	if d.schema, err = migratePostgres(ctx, d.writers, o.MigrateURL, user); err != nil {
		return err
	}
	d.listen(background, dsn)
	d.lend(false)
	return nil
}

// postgresURL checks the URL and adds time limits to what it doesn't set.
func postgresURL(s string) (dsn, user string, err error) {
	u, err := url.Parse(s)
	if err != nil {
		return "", "", errors.New("database URL can't be read") // the error would quote the password
	}
	q := u.Query()
	if q.Get("sslmode") == "" {
		return "", "", errors.New("database URL must say sslmode: verify-full over a network, disable on one machine")
	}
	for k, v := range map[string]string{
		"application_name": "aman", "connect_timeout": "10",
		"statement_timeout": "30000", "idle_in_transaction_session_timeout": "60000",
	} {
		if !q.Has(k) {
			q.Set(k, v)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), u.User.Username(), nil
}

// assertPostgres refuses a server that may lose what it acknowledged.
func assertPostgres(ctx context.Context, db *sql.DB) error {
	var num, commit, encoding string
	if err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num'), current_setting('synchronous_commit'),
		current_setting('server_encoding')`).Scan(&num, &commit, &encoding); err != nil {
		return fmt.Errorf("read server settings: %w", err)
	}
	n, err := strconv.Atoi(num)
	if err != nil || n < oldestPostgres {
		return fmt.Errorf("postgres server is version %s, want at least %d", num, oldestPostgres)
	}
	if commit == "off" {
		return errors.New("postgres synchronous_commit is off: acknowledged reports could be lost")
	}
	if encoding != "UTF8" {
		return fmt.Errorf("postgres database encoding is %s, want UTF8", encoding)
	}
	return nil
}

func migratePostgres(ctx context.Context, app *sql.DB, migrateURL, user string) (known int64, err error) {
	db := app
	if migrateURL != "" {
		dsn, _, err := postgresURL(migrateURL)
		if err != nil {
			return 0, fmt.Errorf("migration URL: %w", err)
		}
		if db, err = sql.Open("postgres", dsn); err != nil {
			return 0, fmt.Errorf("open database to migrate: %w", err)
		}
		defer db.Close()
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return 0, fmt.Errorf("make migration lock: %w", err)
	}
	if known, err = migrate(ctx, db, goose.DialectPostgres, migrations.Postgres(), goose.WithSessionLocker(locker)); err != nil {
		return 0, err
	}
	if migrateURL != "" && user != "" {
		if _, err := db.ExecContext(ctx, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO `+pq.QuoteIdentifier(user)); err != nil {
			return 0, fmt.Errorf("grant tables to the application's role: %w", err)
		}
	}
	return known, nil
}

// listen turns other processes' notifications into wakes. A nil notification
// means that the connection was lost and is back: something may have been missed.
func (d *DB) listen(ctx context.Context, dsn string) {
	l := pq.NewListener(dsn, time.Second, 30*time.Second, func(ev pq.ListenerEventType, err error) {
		if err != nil {
			d.log.Warn("lost the database's notifications", "event", int(ev), "error", err)
		}
	})
	d.done.Go(func() {
		defer l.Close()
		// Listen blocks until there is a connection; Close unblocks it.
		unblock := context.AfterFunc(ctx, func() { l.Close() })
		defer unblock()
		if err := l.Listen(feedChannel); err != nil {
			if ctx.Err() == nil {
				d.log.Error("can't listen for notifications", "error", err)
			}
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case _, ok := <-l.Notify:
				if !ok {
					return
				}
				d.signal()
			}
		}
	})
}

func postgresIDs(ids []tracker.ID) any {
	a := make(pq.ByteaArray, len(ids))
	for i := range ids {
		a[i] = ids[i][:]
	}
	return a
}

func classifyPostgres(err error) errorKind {
	var e *pq.Error
	if !errors.As(err, &e) {
		return isDown
	}
	switch e.Code {
	case "23505":
		return isTaken
	case "23503":
		return isMissing
	case "40001", "40P01", "55P03":
		return isBusy
	case "58030": // io_error
		return isBroken
	}
	switch e.Code.Class() {
	case "22", "23", "54":
		return isBad
	}
	return isDown
}

// copyFromStdin is the text whose preparation makes lib/pq load a table in bulk.
// The names are the store's own.
func copyFromStdin(table string, columns ...string) string {
	return `COPY ` + table + ` (` + strings.Join(columns, `, `) + `) FROM STDIN`
}
