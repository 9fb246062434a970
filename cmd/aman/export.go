package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"aman/api/auth"
	"aman/api/export"
	"aman/data"
	"aman/data/seed"
	"aman/geo"
	"aman/geo/tracker"
)

type exportCmd struct {
	storeFlags
	Kind    string `arg:"" enum:"zones,people" help:"zones or people."`
	Account string `required:"" placeholder:"LOGIN" help:"Whose scope it is written for."`
	Format  string `enum:"geojson,csv" default:"csv" help:"csv or geojson (default: csv)."`
	Output  string `short:"o" default:"-" placeholder:"FILE" help:"File to write (default: stdout)."`
	Crisis  string `placeholder:"SLUG" help:"The crisis (default: the default one)."`

	Zone      string    `group:"Filters of people" placeholder:"ID" help:"Inside or possibly inside this zone."`
	Country   string    `group:"Filters of people" placeholder:"CODE" help:"Country of the position, or declared."`
	Airport   string    `group:"Filters of people" placeholder:"CODE" help:"At this airport."`
	Mission   string    `group:"Filters of people" placeholder:"CODE" help:"Responsible mission."`
	Verdict   []string  `group:"Filters of people" placeholder:"WORD,…" help:"inside, possible, outside."`
	Freshness string    `group:"Filters of people" enum:",fresh,stale" default:"" help:"fresh or stale."`
	Wellbeing []string  `group:"Filters of people" placeholder:"WORD,…" help:"safe, needs_help, injured, unknown …"`
	Intention []string  `group:"Filters of people" placeholder:"WORD,…" help:"stays, wants_out, leaving …"`
	Contact   []string  `group:"Filters of people" placeholder:"WORD,…" help:"untried, reached, no_answer, wrong_number."`
	Stay      []string  `group:"Filters of people" placeholder:"WORD,…" help:"resident, tourist, transit …"`
	Level     []uint8   `group:"Filters of people" placeholder:"N,…" help:"Level of the highest zone, 0 to 4."`
	Stranded  *bool     `group:"Filters of people" negatable:"" help:"Stranded at an airport, or not."`
	Placed    *bool     `group:"Filters of people" negatable:"" help:"With a position, or without."`
	Bbox      []float64 `group:"Filters of people" placeholder:"W,S,E,N" help:"Position in this box, degrees."`
}

// Run builds the live picture as the service does, and writes what the account
// would be shown of it: the same numbers.
func (c *exportCmd) Run(ctx context.Context) (err error) {
	log := slog.New(slog.DiscardHandler)
	db, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	who, err := c.principal(ctx, db)
	if err != nil {
		return err
	}
	world, err := seed.World()
	if err != nil {
		return err
	}
	t := tracker.New(db, world, tracker.Options{Logger: log})
	if err := t.Start(ctx); err != nil {
		return err
	}
	v := t.Snapshot().View(who.Scope(), time.Now().UTC())
	crisis, ok := t.Snapshot().Crisis(c.Crisis)
	if !ok {
		return exitError{2, fmt.Errorf("there is no crisis %q", c.Crisis)}
	}
	zs, err := v.Zones(crisis.ID)
	if err != nil {
		return err
	}
	n := int64(len(zs))
	var f tracker.Filter
	if c.Kind == "people" {
		if f, err = c.filter(v, crisis); err == nil {
			var total tracker.Count
			total, err = v.Total(f)
			n = total.Records
		}
		if err != nil {
			return exitError{2, err}
		}
	}
	out, err := newOutput(c.Output)
	if err != nil {
		return exitError{2, err}
	}
	defer out.discard()
	// Written down before anything is anybody's.
	if err := t.Audit(ctx, who.Audit(c.Kind+".export", strconv.FormatInt(n, 10)+" "+c.Kind+" as "+c.Format)); err != nil {
		return fmt.Errorf("audit the export: %w", err)
	}
	if c.Kind == "zones" {
		err = export.Zones(out, c.Format, zs, func(z *tracker.Zone) orb.MultiPolygon { return v.Snapshot().ShapeOf(z) })
	} else {
		err = c.people(ctx, out, v, f)
	}
	if err != nil {
		return err
	}
	return out.keep()
}

// principal is the account, if it may have such a file.
func (c *exportCmd) principal(ctx context.Context, db *data.DB) (auth.Principal, error) {
	a, err := db.AccountByLogin(ctx, auth.NormalLogin(c.Account))
	if errors.Is(err, tracker.ErrNotFound) || err == nil && a.Disabled {
		return auth.Principal{}, exitError{2, fmt.Errorf("no account %q is in force", c.Account)}
	}
	if err != nil {
		return auth.Principal{}, err
	}
	p := auth.Principal{ID: a.ID, Login: a.Login, Name: a.Name, Role: a.Role, Mission: a.Mission}
	needs := auth.PeopleExport
	if c.Kind == "zones" {
		needs = auth.ZonesRead
	}
	if !p.May(needs) {
		return p, exitError{2, fmt.Errorf("the role %s may not export %s", a.Role, c.Kind)}
	}
	return p, nil
}

func (c *exportCmd) people(ctx context.Context, out io.Writer, v tracker.View, f tracker.Filter) error {
	w, err := export.People(out, c.Format, v)
	if err != nil {
		return err
	}
	n, err := v.Each(f, func(r *tracker.Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return w.Row(r)
	})
	if err != nil {
		return err
	}
	return w.Close(n)
}

func (c *exportCmd) filter(v tracker.View, crisis tracker.Crisis) (f tracker.Filter, err error) {
	f = tracker.Filter{Crisis: crisis.ID, Country: c.Country, Airport: c.Airport, Stranded: c.Stranded, Placed: c.Placed}
	if c.Zone != "" {
		if f.Zone, err = tracker.ParseID(c.Zone); err != nil {
			return f, err
		}
	}
	if c.Mission != "" {
		for _, m := range v.Snapshot().Missions() {
			if m.Code == c.Mission {
				f.Mission = m.ID
			}
		}
		if f.Mission.IsZero() {
			return f, fmt.Errorf("no mission has the code %q", c.Mission)
		}
	}
	switch c.Freshness {
	case "fresh":
		f.Freshness = tracker.Fresh
	case "stale":
		f.Freshness = tracker.Stale
	}
	for _, n := range c.Level {
		if n > 4 {
			return f, fmt.Errorf("level %d is not in 0 to 4", n)
		}
		f.Levels.Add(n)
	}
	if len(c.Bbox) > 0 {
		if len(c.Bbox) != 4 {
			return f, errors.New("a bbox is west,south,east,north")
		}
		if f.Boxes, err = tracker.Boxes(c.Bbox[0], c.Bbox[1], c.Bbox[2], c.Bbox[3]); err != nil {
			return f, err
		}
	}
	return f, errors.Join(
		addWords(&f.Verdicts, c.Verdict, geo.ParseVerdict),
		addWords(&f.Wellbeing, c.Wellbeing, tracker.ParseWellbeing),
		addWords(&f.Intention, c.Intention, tracker.ParseIntention),
		addWords(&f.Contact, c.Contact, tracker.ParseContact),
		addWords(&f.Stay, c.Stay, tracker.ParseStay),
	)
}

func addWords[N ~uint8](set *tracker.Set, words []string, parse func(string) (N, error)) error {
	for _, w := range words {
		n, err := parse(w)
		if err != nil {
			return err
		}
		set.Add(uint8(n))
	}
	return nil
}

// output is stdout, or a file that appears whole or not at all.
type output struct {
	*bufio.Writer
	file *os.File
	name string // empty: stdout
}

func newOutput(name string) (*output, error) {
	if name == "-" {
		return &output{Writer: bufio.NewWriter(os.Stdout), file: os.Stdout}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".aman-export-*") // mode 0600: it holds names
	if err != nil {
		return nil, fmt.Errorf("make file: %w", err)
	}
	return &output{Writer: bufio.NewWriter(f), file: f, name: name}, nil
}

func (o *output) keep() error {
	if err := o.Flush(); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if o.name == "" {
		return nil
	}
	if err := errors.Join(o.file.Sync(), o.file.Close(), os.Rename(o.file.Name(), o.name)); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	o.name = ""
	return nil
}

// discard removes what wasn't kept.
func (o *output) discard() {
	if o.name != "" {
		o.file.Close()
		os.Remove(o.file.Name())
	}
}
