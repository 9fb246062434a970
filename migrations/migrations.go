// Package migrations holds the schema of both databases: one folder per
// dialect, files of the same names, applied in the order of their numbers.
// Migrations only add, so that an old instance loses nothing while a new one takes
// its place; but it doesn't know what was added, and so it stops to serve.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// SQLite returns the migrations for SQLite.
func SQLite() fs.FS { return sub("sqlite") }

// Postgres returns the migrations for Postgres.
func Postgres() fs.FS { return sub("postgres") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // impossible: the name is a constant and valid
	}
	return f
}
