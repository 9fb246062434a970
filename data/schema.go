package data

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"aman/geo/tracker"
)

// schemaVersion is an expression for the newest migration that the database has had.
const schemaVersion = `(SELECT MAX(v.version_id) FROM goose_db_version v)`

// schemaError says that a newer program has migrated the database: what this one reads
// of it may lack what it doesn't know of.
type schemaError struct{ has, known int64 }

// Error implements error.
func (e *schemaError) Error() string {
	return fmt.Sprintf("the database is at version %d, this program knows %d: start the newer one", e.has, e.known)
}

// migrate applies what is missing of the schema and returns the version that this
// program knows. A database at a newer one is a *schemaError.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, files fs.FS, o ...goose.ProviderOption) (known int64, err error) {
	p, err := goose.NewProvider(dialect, db, files, o...)
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	has, known, err := p.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	if has > known {
		return 0, &schemaError{has, known}
	}
	return known, nil
}

// outgrown is the error of a store that runs on when the database has gone to a
// version newer than its own: unavailable, until the newer program takes its place.
func (d *DB) outgrown(has int64) error {
	if has <= d.schema {
		return nil
	}
	return fmt.Errorf("%w: %w", tracker.ErrUnavailable, &schemaError{has, d.schema})
}
