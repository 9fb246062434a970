package tracker_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/data"
	"aman/data/seed"
	"aman/geo"
	"aman/geo/tracker"
)

// centres are where the benchmark's people are, most of them within 30 km.
var centres = []orb.Point{{55.27, 25.2}, {46.7, 24.7}, {39.2, 21.5}, {51.5, 25.3}, {50.6, 26.2}, {48, 29.4}, {35.9, 31.9}, {34.8, 32.1}, {51.4, 35.7}, {28.9, 41}}

func benchTracker(b *testing.B, n int) *tracker.Tracker {
	b.Helper()
	w, err := seed.World()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	db, err := data.Open(b.Context(), data.Options{URL: "sqlite:" + filepath.Join(dir, "aman.db"), KeyFile: filepath.Join(dir, "k")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	rng := rand.New(rand.NewPCG(1, 1))
	crisis := tracker.NewID()
	now := time.Now().UTC().Truncate(time.Microsecond)
	began := time.Now()
	_, err = db.Import(b.Context(), data.ImportOptions{Audit: tracker.Audit{Role: "system", Action: "import"}}, func(yield func(*tracker.Rows) error) error {
		rows := tracker.Rows{Crises: []tracker.Crisis{{ID: crisis, Slug: "b", Default: true, Starts: now}}}
		for i := range 40 {
			c := centres[i%len(centres)]
			shape := geo.Circle(orb.Point{c[0] + rng.Float64() - 0.5, c[1] + rng.Float64() - 0.5}, 5000+rng.Float64()*60000, 500)
			rows.Zones = append(rows.Zones, tracker.Zone{
				ID: tracker.NewID(), Crisis: crisis, Version: 1, State: tracker.Active, Level: 1 + i%4, Action: tracker.Avoid,
				Kind: tracker.Ground, ValidFrom: now.Add(-time.Hour), Names: tracker.Names{EN: fmt.Sprint("zone ", i)},
				Reason: "bench", Shape: shape, RecordedAt: now,
			})
		}
		for i := range n {
			c := centres[rng.IntN(len(centres))]
			p := tracker.Person{
				ID: tracker.NewID(), Crisis: crisis, Version: 1, Category: tracker.Citizen, Stay: tracker.Tourist, Persons: 1, RecordedAt: now,
				Details: tracker.Details{Name: fmt.Sprintf("Адам %d", i), Latin: fmt.Sprintf("ADAM %d", i), Phones: []string{fmt.Sprintf("+7000%07d", i)}},
			}
			rows.People = append(rows.People, p)
			rows.Reports = append(rows.Reports, tracker.Report{
				ID: tracker.NewID(), Crisis: crisis, Person: p.ID, Channel: tracker.ChannelImport, ReceivedAt: now, EffectiveAt: now,
				Wellbeing: tracker.Wellbeing(1 + rng.IntN(3)),
				Position:  &tracker.Position{Point: orb.Point{c[0] + rng.NormFloat64()*0.2, c[1] + rng.NormFloat64()*0.2}, RadiusM: 20 + rng.Float64()*2000, Method: tracker.GNSS},
			})
			if len(rows.People) == 4000 {
				if err := yield(&rows); err != nil {
					return err
				}
				rows = tracker.Rows{}
			}
		}
		return yield(&rows)
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("import of %d people: %v", n, time.Since(began))
	began = time.Now()
	tr := tracker.New(db, w, tracker.Options{})
	if err := tr.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("start: %v", time.Since(began))
	return tr
}

func BenchmarkPicture(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			tr := benchTracker(b, n)
			s := tr.Snapshot()
			c, _ := s.Crisis("")
			v := s.View(tracker.Scope{All: true}, time.Now())
			f := tracker.Filter{Crisis: c.ID}
			zs, err := v.Zones(c.ID)
			if err != nil {
				b.Fatal(err)
			}
			fz := f
			fz.Zone = zs[0].Latest.ID
			ft := f
			ft.Text = "Адам 77"
			box := f
			box.Boxes, _ = tracker.Boxes(54, 24, 57, 26)
			run := func(name string, fn func() error) {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if err := fn(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			run("list", func() error { _, err := v.People(f, 50, ""); return err })
			run("listZone", func() error { _, err := v.People(fz, 50, ""); return err })
			run("search", func() error { _, err := v.People(ft, 50, ""); return err })
			run("cellsWorld", func() error { _, err := v.Cells(f, 3); return err })
			run("cellsBox", func() error { _, err := v.Cells(box, 9); return err })
			run("countsCountry", func() error { _, err := v.Counts(f, tracker.ByCountry); return err })
			run("zones", func() error { _, err := v.Zones(c.ID); return err })
			run("airports", func() error {
				_, _, err := v.Airports(tracker.AirportFilter{Crisis: c.ID, Relevant: true}, 1000)
				return err
			})
			draft := zs[0].Latest
			draft.Shape = geo.Circle(orb.Point{55.27, 25.2}, 30_000, 500)
			run("impact", func() error { _, err := v.Impact(&draft); return err })
		})
	}
}
