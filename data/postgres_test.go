package data_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aman/data"
	"aman/data/storetest"
	"aman/geo/tracker"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// postgresDB is a database of its own on the test server.
type postgresDB struct{ url, key string }

func newPostgres(t testing.TB) *postgresDB {
	return &postgresDB{storetest.Postgres(t), filepath.Join(t.TempDir(), "master.key")}
}

func (p *postgresDB) options() data.Options { return data.Options{URL: p.url, KeyFile: p.key} }

func (p *postgresDB) Open(t *testing.T) storetest.Store { return open(t, p.options()) }

func (p *postgresDB) Blob(b []byte) string { return `'\x` + hex.EncodeToString(b) + `'` }

func (p *postgresDB) Exec(t *testing.T, statement string) {
	t.Helper()
	db, err := sql.Open("postgres", p.url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// Raw gives every row of every table as text; bytes come as hexadecimal.
func (p *postgresDB) Raw(t *testing.T) []byte {
	db, err := sql.Open("postgres", p.url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all []byte
	for _, table := range column(t, db, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`) {
		for _, row := range column(t, db, fmt.Sprintf(`SELECT x::text FROM %q x`, table)) {
			all = append(all, row...)
		}
	}
	return all
}

func column(t *testing.T, db *sql.DB, query string) (out []string) {
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPostgres(t *testing.T) {
	storetest.Postgres(t) // skips here, once, where there is none
	storetest.Run(t, func(t *testing.T) storetest.Database { return newPostgres(t) })
}

func TestPostgresRefusesUnsafe(t *testing.T) {
	p := newPostgres(t)
	for _, c := range []struct{ name, query, want string }{
		{"no sslmode", "", "sslmode"},
		{"asynchronous commit", "sslmode=disable&options=" + url.QueryEscape("-c synchronous_commit=off"), "synchronous_commit"},
	} {
		u, err := url.Parse(p.url)
		if err != nil {
			t.Fatal(err)
		}
		u.RawQuery = c.query
		o := p.options()
		o.URL = u.String()
		if _, err := data.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestPostgresRoles runs the store under a role that owns nothing.
func TestPostgresRoles(t *testing.T) {
	p := newPostgres(t)
	role := "aman_app_" + strings.Map(digits, p.url) // roles belong to the whole server
	p.Exec(t, fmt.Sprintf(`CREATE ROLE %q LOGIN`, role))
	t.Cleanup(func() {
		p.Exec(t, fmt.Sprintf(`DROP OWNED BY %q`, role))
		p.Exec(t, fmt.Sprintf(`DROP ROLE %q`, role))
	})
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	o := p.options()
	o.MigrateURL, o.URL = o.URL, u.String()
	d := open(t, o)
	if n, err := d.VerifyAudit(t.Context()); err != nil || n != 0 {
		t.Errorf("verify audit: %d %v", n, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	o.MigrateURL = "" // nothing is left to migrate: the application's role is enough
	open(t, o)
}

func digits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// TestPostgresLostConnections ends all of the store's connections again and
// again while it writes. A write may fail, and one may be kept whose answer was
// lost with its connection; none that was acknowledged may be missing.
func TestPostgresLostConnections(t *testing.T) {
	p := newPostgres(t)
	d, crisis := store(t, p.options())
	stop := make(chan struct{})
	var wait sync.WaitGroup
	var mu sync.Mutex
	kept, failed := map[tracker.ID]bool{}, 0
	for range 8 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				x := tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1}
				_, err := d.Commit(context.Background(), &tracker.Write{
					Rows: tracker.Rows{People: []tracker.Person{x}}, Audit: tracker.Audit{Action: "test"},
				})
				if err != nil && !errors.Is(err, tracker.ErrUnavailable) {
					t.Errorf("commit: %v", err)
				}
				mu.Lock()
				if err == nil {
					kept[x.ID] = true
				} else {
					failed++
				}
				mu.Unlock()
			}
		})
	}
	for range 10 {
		time.Sleep(50 * time.Millisecond)
		p.Exec(t, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	}
	time.Sleep(300 * time.Millisecond)
	close(stop)
	wait.Wait()
	there := map[tracker.ID]bool{}
	if _, err := d.Load(t.Context(), func(r *tracker.Rows) error {
		for _, p := range r.People {
			there[p.ID] = true
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for id := range kept {
		if !there[id] {
			t.Errorf("person %s was acknowledged and is missing", id)
		}
	}
	if len(kept) == 0 {
		t.Error("nothing was written")
	}
	if _, err := d.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%d kept, %d failed, %d there", len(kept), failed, len(there))
}
