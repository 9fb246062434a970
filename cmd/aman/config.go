package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"aman/data"
)

// storeFlags say where what is durable lives. Commands that open the store share
// them.
type storeFlags struct {
	DataDir     string `env:"AMAN_DATA_DIR" default:"aman-data" placeholder:"DIR" help:"Where the SQLite database and the key file are (default: aman-data)."`
	DatabaseURL string `env:"AMAN_DATABASE_URL" placeholder:"URL" help:"sqlite:PATH or postgres://… with sslmode (default: aman.db in the data directory)."`
	MigrateURL  string `env:"AMAN_MIGRATE_URL" placeholder:"URL" help:"Postgres role that owns the tables, where it isn't the service's own."`
	KeyFile     string `env:"AMAN_KEY_FILE" placeholder:"FILE" help:"Master key (default: aman.key in the data directory). Keep a copy elsewhere: without it nothing can be read."`
	LogLevel    string `env:"AMAN_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error."`
}

// logger writes JSON lines to stderr.
func (f *storeFlags) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		level = slog.LevelInfo // kong lets known words through only
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// open opens the store, and makes the data directory when it is needed.
func (f *storeFlags) open(ctx context.Context, log *slog.Logger) (*data.DB, error) {
	url, key := f.DatabaseURL, f.KeyFile
	if url == "" || key == "" {
		if err := os.MkdirAll(f.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("make data directory: %w", err)
		}
	}
	if url == "" {
		url = "sqlite:" + filepath.Join(f.DataDir, "aman.db")
	}
	if key == "" {
		key = filepath.Join(f.DataDir, "aman.key")
	}
	db, err := data.Open(ctx, data.Options{URL: url, MigrateURL: f.MigrateURL, KeyFile: key, Logger: log})
	if err != nil {
		return nil, withoutSecrets(err, f.DatabaseURL, f.MigrateURL)
	}
	return db, nil
}

// withoutSecrets keeps a driver's error from printing the password of a URL.
func withoutSecrets(err error, urls ...string) error {
	text := err.Error()
	for _, u := range urls {
		if _, rest, ok := strings.Cut(u, "://"); ok {
			if user, _, ok := strings.Cut(rest, "@"); ok {
				if _, password, ok := strings.Cut(user, ":"); ok && password != "" {
					text = strings.ReplaceAll(text, password, "…")
				}
			}
		}
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}

// closing closes the store at the end of a command; its error counts unless the
// command has one already.
func closing(db *data.DB, err *error) {
	if e := db.Close(); e != nil && *err == nil {
		*err = fmt.Errorf("close store: %w", e)
	}
}
