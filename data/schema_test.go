package data_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"aman/data"
	"aman/geo/tracker"
	"aman/migrations"
)

// raw connects to a store's database behind its back.
func raw(t *testing.T, o data.Options) (db *sql.DB, dialect goose.Dialect, files fs.FS) {
	t.Helper()
	driver, at := "postgres", o.URL
	dialect, files = goose.DialectPostgres, migrations.Postgres()
	if path, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
		driver, at = "sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=busy_timeout(5000)"}).String()
		dialect, files = goose.DialectSQLite3, migrations.SQLite()
	}
	db, err := sql.Open(driver, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, dialect, files
}

// TestNewerSchema: a database that a newer program has migrated isn't opened, and a
// store that was open before says so instead of showing what it doesn't know of.
func TestNewerSchema(t *testing.T) {
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, _ := store(t, o)
			lease := tracker.Lease{Name: "events", Holder: tracker.NewID()}
			asks := map[string]func() error{
				"open": func() error {
					again, err := data.Open(t.Context(), o)
					if err == nil {
						err = again.Close()
					}
					return err
				},
				"ping":    func() error { return d.Ping(t.Context()) },
				"changes": func() error { _, _, err := d.Changes(t.Context(), 0, 9); return err },
				"no changes": func() error {
					_, _, err := d.Changes(t.Context(), 1<<40, 0)
					return err
				},
				"acquire": func() error { _, err := d.Acquire(t.Context(), lease, time.Second); return err },
			}
			for what, ask := range asks {
				if err := ask(); err != nil {
					t.Errorf("%s, at its own version: %v", what, err)
				}
			}
			db, _, files := raw(t, o)
			names, err := fs.Glob(files, "*.sql")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9001, $1)`, true); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("the database is at version 9001, this program knows %d: start the newer one", len(names))
			for what, ask := range asks {
				err := ask()
				if err == nil || !strings.Contains(err.Error(), want) || what != "open" && !errors.Is(err, tracker.ErrUnavailable) {
					t.Errorf("%s, at a newer version: %v", what, err)
				}
			}
		})
	}
}

// TestPacksStay: the migration that made packs isn't taken back while one of them holds
// reports that were acknowledged, and can be while there is none.
func TestPacksStay(t *testing.T) {
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, crisis := store(t, o)
			d.PackAll()
			person := tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1}
			report := tracker.Report{ID: tracker.NewID(), Crisis: crisis, Person: person.ID, Wellbeing: tracker.Safe}
			if _, err := d.Commit(t.Context(), &tracker.Write{
				Rows:  tracker.Rows{People: []tracker.Person{person}, Reports: []tracker.Report{report}},
				Audit: tracker.Audit{Action: "test"},
			}); err != nil {
				t.Fatal(err)
			}
			db, dialect, files := raw(t, o)
			p, err := goose.NewProvider(dialect, db, files)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.DownTo(context.Background(), 2); err == nil {
				t.Error("packs were dropped with what they hold")
			}
			if rs, _, err := d.ReportsOf(t.Context(), person.ID, 0); err != nil || len(rs) != 1 || rs[0].ID != report.ID {
				t.Errorf("after the refusal: %v %v", rs, err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(`DELETE FROM report_packs`); err != nil {
				t.Fatal(err)
			}
			if _, err := p.DownTo(context.Background(), 2); err != nil {
				t.Errorf("no packs: %v", err)
			}
		})
	}
}
