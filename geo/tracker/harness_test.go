package tracker_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/data"
	"aman/geo/tracker"
)

// rig is a tracker on a real SQLite file with a clock that the test moves.
type rig struct {
	t      *testing.T
	db     *data.DB
	world  *tracker.World
	tr     *tracker.Tracker
	clock  *clock
	crisis tracker.ID
	// West and East answer for AA and BB of smallWorld.
	west, east tracker.ID
}

type clock struct{ us atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMicro(c.us.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.us.Add(d.Microseconds()) }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{}, crisis: tracker.NewID(), west: tracker.NewID(), east: tracker.NewID()}
	r.clock.us.Store(start.UnixMicro())
	r.world = smallWorld(t,
		tracker.Airport{IATA: "AAA", Country: "AA", Point: orb.Point{-5, 5}, FenceRadiusM: 3000, Size: tracker.LargeAirport},
		tracker.Airport{IATA: "BBB", Country: "BB", Point: orb.Point{5, 5}, FenceRadiusM: 3000, Size: tracker.LargeAirport},
	)
	dir := t.TempDir()
	db, err := data.Open(t.Context(), data.Options{
		URL: "sqlite:" + filepath.Join(dir, "aman.db"), KeyFile: filepath.Join(dir, "master.key"), Now: r.clock.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r.db = db
	r.commit(tracker.Rows{
		Crises: []tracker.Crisis{{ID: r.crisis, Slug: "test", Names: tracker.Names{EN: "Test"}, Default: true, Starts: start}},
		Missions: []tracker.Mission{
			{ID: r.west, Code: "AA", Names: tracker.Names{EN: "West"}, Countries: []string{"AA"}, DutyPhone: "+70000000001", Version: 1},
			{ID: r.east, Code: "BB", Names: tracker.Names{EN: "East"}, Countries: []string{"BB"}, DutyPhone: "+70000000002", Version: 1},
		},
	})
	r.tr = r.another()
	return r
}

// another is one more instance on the same database, with its own picture.
func (r *rig) another() *tracker.Tracker {
	r.t.Helper()
	tr := tracker.New(r.db, r.world, tracker.Options{Now: r.clock.now, LeaseTTL: time.Minute})
	if err := tr.Start(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return tr
}

func (r *rig) commit(rows tracker.Rows) int64 {
	r.t.Helper()
	done, err := r.db.Commit(r.t.Context(), &tracker.Write{Rows: rows, Audit: tracker.Audit{Role: "system", Action: "test"}})
	if err != nil {
		r.t.Fatal(err)
	}
	return done.Seq
}

// step lets the rig's tracker do one round of following and duties.
func (r *rig) step() {
	r.t.Helper()
	if err := r.tr.Step(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) analyst(name string) tracker.Actor {
	id := tracker.ID{15: byte(len(name)), 14: name[0]}
	return tracker.Actor{ID: id, Name: name, Role: "analyst", Scope: tracker.Scope{All: true}}
}

func (r *rig) embassy(m tracker.ID) tracker.Actor {
	return tracker.Actor{ID: m, Role: "embassy", Scope: tracker.Scope{Mission: m, Consul: true}}
}

// zone is a valid draft over a box.
func (r *rig) zone(level int, w, s, e, n float64) tracker.Zone {
	return tracker.Zone{
		Crisis: r.crisis, Level: level, Action: tracker.Avoid, Kind: tracker.Ground, ValidFrom: r.clock.now().Add(-time.Hour),
		Names: tracker.Names{EN: fmt.Sprintf("Box %v %v", w, s)}, Source: "test", Reason: "test",
		Shape: orb.MultiPolygon{box(w, s, e, n)},
	}
}

// published stores and publishes a zone; a second person follows where needed.
func (r *rig) published(z tracker.Zone, ifVersion int) tracker.Zone {
	r.t.Helper()
	ctx := r.t.Context()
	z, _, err := r.tr.SaveDraft(ctx, r.analyst("Ann"), z, ifVersion)
	if err != nil {
		r.t.Fatal(err)
	}
	r.step()
	z, _, err = r.tr.Publish(ctx, r.analyst("Ann"), z.ID, z.Version)
	if err != nil {
		r.t.Fatal(err)
	}
	r.step()
	if z.State == tracker.Proposed {
		if z, _, err = r.tr.Publish(ctx, r.analyst("Boris"), z.ID, z.Version); err != nil {
			r.t.Fatal(err)
		}
		r.step()
	}
	return z
}

// at files a report of a new or known person at a place.
func (r *rig) at(person tracker.ID, lon, lat, radius float64, when time.Time) tracker.ID {
	r.t.Helper()
	f := tracker.Filing{Report: tracker.Report{
		Person: person, Channel: tracker.ChannelAPI, FixedAt: when,
		Position: &tracker.Position{Point: orb.Point{lon, lat}, RadiusM: radius, Method: tracker.GNSS},
	}}
	return r.file(f).Person
}

func (r *rig) file(f tracker.Filing) tracker.Receipt {
	r.t.Helper()
	if f.Report.Person.IsZero() && f.Person == nil {
		f.Person = &tracker.Person{Details: tracker.Details{Name: "Айгүл Өмірбек"}}
	}
	out, err := r.tr.Submit(r.t.Context(), tracker.Submission{Actor: r.analyst("Ann"), Crisis: r.crisis, Filings: []tracker.Filing{f}})
	if err != nil {
		r.t.Fatal(err)
	}
	if out.Errors[0] != nil {
		r.t.Fatal(out.Errors[0])
	}
	r.step()
	return out.Receipts[0]
}

// submit files a batch, all of which must be taken.
func (r *rig) submit(fs []tracker.Filing) []tracker.Receipt {
	r.t.Helper()
	out, err := r.tr.Submit(r.t.Context(), tracker.Submission{Actor: r.analyst("Ann"), Crisis: r.crisis, Filings: fs, Whole: true})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, err := range out.Errors {
		if err != nil {
			r.t.Fatal(err)
		}
	}
	r.step()
	return out.Receipts
}

func (r *rig) view(sc tracker.Scope) tracker.View { return r.tr.Snapshot().View(sc, r.clock.now()) }

var everything = tracker.Scope{All: true, Casualty: true}

func (r *rig) row(id tracker.ID) tracker.Row {
	r.t.Helper()
	row, ok := r.view(everything).Person(id)
	if !ok {
		r.t.Fatalf("person %s is not in the picture", id)
	}
	return row
}

func (r *rig) events() []tracker.EventView {
	es, _, _ := r.view(everything).Events(r.crisis, 0, 1000)
	return es
}
