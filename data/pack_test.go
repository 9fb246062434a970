package data_test

import (
	"testing"

	"aman/data/storetest"
)

// The whole suite again, with every report in a pack: where a report is kept must make
// no difference to anybody.

type packedSQLite struct{ *sqliteFile }

func (f packedSQLite) Open(t *testing.T) storetest.Store {
	d := open(t, f.options())
	d.PackAll()
	return d
}

func TestSQLitePacked(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Database { return packedSQLite{newSQLite(t)} })
}

// Packs implements storetest.Packing.
func (packedSQLite) Packs() {}

type packedPostgres struct{ *postgresDB }

func (p packedPostgres) Open(t *testing.T) storetest.Store {
	d := open(t, p.options())
	d.PackAll()
	return d
}

// Packs implements storetest.Packing.
func (packedPostgres) Packs() {}

func TestPostgresPacked(t *testing.T) {
	storetest.Postgres(t) // skips here, once, where there is none
	storetest.Run(t, func(t *testing.T) storetest.Database { return packedPostgres{newPostgres(t)} })
}
