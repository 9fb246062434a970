package data_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"aman/data"
	"aman/data/storetest"
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
	role := "app" + strings.ReplaceAll(filepath.Base(t.TempDir()), "0", "") + strings.Map(digits, p.url)
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
