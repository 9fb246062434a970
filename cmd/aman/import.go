package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aman/data"
	"aman/data/seed"
	"aman/geo/tracker"
)

type importCmd struct {
	storeFlags
	Kind   string `arg:"" enum:"zones,people,reports,missions" help:"zones (GeoJSON), people or reports (CSV, NDJSON), missions (CSV)."`
	File   string `arg:"" help:"The file; - is stdin."`
	Format string `enum:",geojson,csv,ndjson" default:"" help:"geojson, csv or ndjson (default: by the file's name)."`
	Crisis string `placeholder:"SLUG" help:"Crisis that it belongs to (default: the default one)."`
	DryRun bool   `help:"Check everything and store nothing."`
}

// formatsOf are the formats of each kind of file, the usual one first.
var formatsOf = map[string][]string{
	"zones":    {"geojson"},
	"people":   {"csv", "ndjson"},
	"reports":  {"ndjson", "csv"},
	"missions": {"csv"},
}

// Run exits 0 when all is stored (or, dry, could be), 1 when a row is bad and
// nothing was stored, 2 when the command or the file can't be used.
func (c *importCmd) Run(ctx context.Context) (err error) {
	format, err := c.format()
	if err != nil {
		return exitError{2, err}
	}
	in, size := os.Stdin, int64(0)
	if c.File != "-" {
		if in, err = os.Open(c.File); err != nil {
			return exitError{2, fmt.Errorf("open file: %w", err)}
		}
		defer in.Close()
		if info, err := in.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
	}
	log := c.logger()
	db, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	im, err := c.prepare(ctx, db, log)
	if err != nil {
		return err
	}
	im.progress = newProgress(os.Stderr, c.Kind, size)
	file := im.progress.reader(in)
	began := time.Now()
	var made string
	switch c.Kind {
	case "people":
		made, err = im.people(ctx, file, format)
	case "reports":
		made, err = im.reports(ctx, file, format)
	case "zones":
		made, err = im.zones(ctx, file)
	case "missions":
		made, err = im.missions(ctx, file)
	}
	im.progress.end()
	if err != nil {
		return err
	}
	if c.DryRun {
		_, err = fmt.Printf("%s can be imported; nothing was stored (dry run)\n", made)
		return err
	}
	_, err = fmt.Printf("imported %s in %.1f s\n", made, time.Since(began).Seconds())
	return err
}

func (c *importCmd) format() (string, error) {
	format := c.Format
	if format == "" {
		switch strings.ToLower(filepath.Ext(c.File)) {
		case ".geojson", ".json":
			format = "geojson"
		case ".csv":
			format = "csv"
		case ".ndjson", ".jsonl":
			format = "ndjson"
		default:
			if c.File != "-" {
				return "", fmt.Errorf("%q doesn't say its format by its name: use --format", c.File)
			}
			format = formatsOf[c.Kind][0]
		}
	}
	for _, f := range formatsOf[c.Kind] {
		if f == format {
			return f, nil
		}
	}
	return "", fmt.Errorf("%s are read as %s, not as %s", c.Kind, strings.Join(formatsOf[c.Kind], " or "), format)
}

// importing is one import under way.
type importing struct {
	db       *data.DB
	log      *slog.Logger
	ref      reference
	crisis   tracker.Crisis
	first    *tracker.Crisis // to be stored with the import: there is none yet
	world    *tracker.World
	now      time.Time
	dry      bool
	errs     *badRows
	progress *progress
}

func (c *importCmd) prepare(ctx context.Context, db *data.DB, log *slog.Logger) (*importing, error) {
	world, err := seed.World()
	if err != nil {
		return nil, err
	}
	im := &importing{
		db: db, log: log, world: world, dry: c.DryRun, now: time.Now().UTC().Truncate(time.Microsecond),
		errs: &badRows{out: os.Stderr},
	}
	if im.ref, err = readReference(ctx, db); err != nil {
		return nil, err
	}
	im.crisis, err = im.ref.crisis(c.Crisis)
	if c.Crisis == "" && len(im.ref.crises) == 0 {
		// A first import may come before the first start of the service.
		im.crisis, err = defaultCrisis(im.now), nil
		im.first = &im.crisis
	}
	if err != nil {
		return nil, exitError{2, err}
	}
	return im, nil
}

// store runs rows, which calls its argument with part after part, in one
// transaction: all is stored, or nothing when a row was bad. A dry run stores
// nothing either way.
func (im *importing) store(ctx context.Context, what string, rows func(yield func(*tracker.Rows) error) error) error {
	next := func(yield func(*tracker.Rows) error) error {
		if im.first != nil && what != "missions" { // which belong to no crisis
			if err := yield(&tracker.Rows{Crises: []tracker.Crisis{*im.first}}); err != nil {
				return err
			}
		}
		err := rows(func(r *tracker.Rows) error {
			if im.errs.n > 0 {
				return nil // only the rest of the bad rows is still of interest
			}
			return yield(r)
		})
		if err == nil && im.errs.n > 0 {
			err = errBadRows
		}
		return err
	}
	var err error
	if im.dry {
		err = next(func(*tracker.Rows) error { return nil })
	} else {
		_, err = im.db.Import(ctx, data.ImportOptions{
			Audit: tracker.Audit{Role: "command", Action: what + ".import", Object: "crisis " + im.crisis.ID.String()},
		}, next)
	}
	if errors.Is(err, errBadRows) {
		return im.errs.end()
	}
	return err
}

var errBadRows = errors.New("rows are bad")

// badRows names what is wrong on stderr: a line each, and how many more there
// are when they are too many to read.
type badRows struct {
	out io.Writer
	n   int
}

// namedRows is how many bad rows are named.
const namedRows = 1000

// add names a bad row. Where is the row's place in the file ("line 12"), field
// may be empty.
func (b *badRows) add(where, field, reason string) {
	b.n++
	if b.n > namedRows {
		return
	}
	if field != "" {
		field += ": "
	}
	fmt.Fprintf(b.out, "%s: %s%s\n", where, field, reason)
}

// addError names a bad row by the error that it caused.
func (b *badRows) addError(where string, err error) {
	if f, ok := errors.AsType[*tracker.FieldError](err); ok {
		b.add(where, columnOf(f.Field), f.Detail)
		return
	}
	if h, ok := errors.AsType[*tracker.HeldError](err); ok {
		b.add(where, columnOf(h.Field), "somebody with this number is held already")
		return
	}
	b.add(where, "", err.Error())
}

// columnOf is the column that a field of the contract came from: its last name.
func columnOf(field string) string {
	if field == "city.name" {
		return "city"
	}
	return field[strings.LastIndexByte(field, '.')+1:]
}

func (b *badRows) end() error {
	if more := b.n - namedRows; more > 0 {
		fmt.Fprintf(b.out, "… and %d more bad rows\n", more)
	}
	if b.n == 1 {
		return exitError{1, errors.New("1 row is bad; nothing was stored")}
	}
	return exitError{1, fmt.Errorf("%d rows are bad; nothing was stored", b.n)}
}

// counted says how many there are of something.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
