package data_test

import (
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"aman/data"
	"aman/data/storetest"
)

// sqliteFile is a database in a directory of its own, whose path has a space
// and letters that a URL must escape.
type sqliteFile struct{ dir string }

func newSQLite(t testing.TB) *sqliteFile {
	dir := filepath.Join(t.TempDir(), "Әман data?#%")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return &sqliteFile{dir}
}

func (f *sqliteFile) options() data.Options {
	return data.Options{URL: "sqlite:" + filepath.Join(f.dir, "aman.db"), KeyFile: filepath.Join(f.dir, "..", "master.key")}
}

func open(t testing.TB, o data.Options) *data.DB {
	t.Helper()
	d, err := data.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func (f *sqliteFile) Open(t *testing.T) storetest.Store { return open(t, f.options()) }

func (f *sqliteFile) Raw(t *testing.T) []byte {
	var all []byte
	entries, err := os.ReadDir(f.dir)
	if err != nil || len(entries) < 2 { // the database and its log
		t.Fatal(err, entries)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(f.dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

func (f *sqliteFile) Exec(t *testing.T, statement string) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.Join(f.dir, "aman.db"), RawQuery: "_pragma=busy_timeout(5000)"}).String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func (f *sqliteFile) Blob(b []byte) string { return "x'" + hex.EncodeToString(b) + "'" }

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Database { return newSQLite(t) })
}
