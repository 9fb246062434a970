package tracker_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

// crowd fills a rig with people of every kind and a few zones.
func crowd(t *testing.T, n int, seed uint64) *rig {
	r := newRig(t)
	rng := rand.New(rand.NewPCG(seed, 1))
	z := r.published(r.zone(4, -9, -9, -1, -1), 0)
	_ = z
	r.published(r.zone(2, -5, -5, 5, 5), 0)
	r.published(r.zone(3, 1, 1, 9, 9), 0)
	var fs []tracker.Filing
	for i := range n {
		f := tracker.Filing{
			Person: &tracker.Person{
				Stay: tracker.Stay(1 + rng.IntN(7)), Category: tracker.Citizen, Persons: 1 + rng.IntN(4),
				Details: tracker.Details{Name: fmt.Sprintf("Адам %d", i)},
			},
			Report: tracker.Report{
				Wellbeing: tracker.Wellbeing(1 + rng.IntN(5)), Intention: tracker.Intention(rng.IntN(8)),
				Contact: tracker.Contact(rng.IntN(5)), FixedAt: start.Add(-time.Duration(rng.IntN(60)) * time.Hour),
			},
		}
		switch rng.IntN(8) {
		case 0: // no place at all
		case 1:
			f.Report.Country = "AA"
		case 2:
			f.Report.Position = &tracker.Position{Point: orb.Point{-5, 5}, RadiusM: 3000, Method: tracker.AtAirport, Airport: "AAA"}
		default:
			f.Report.Position = &tracker.Position{
				Point:   orb.Point{rng.Float64()*20 - 10, rng.Float64()*20 - 10},
				RadiusM: []float64{5, 1000, 100_000}[rng.IntN(3)], Method: tracker.GNSS,
			}
		}
		fs = append(fs, f)
	}
	out, err := r.tr.Submit(t.Context(), tracker.Submission{Actor: r.analyst("Ann"), Crisis: r.crisis, Filings: fs})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range out.Errors {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.step()
	return r
}

func randomFilter(r *rig, rng *rand.Rand) tracker.Filter {
	f := tracker.Filter{Crisis: r.crisis}
	set := func(n int) (s tracker.Set) {
		for range 1 + rng.IntN(2) {
			s.Add(uint8(rng.IntN(n)))
		}
		return s
	}
	yes := rng.IntN(2) == 0
	for range rng.IntN(4) {
		switch rng.IntN(12) {
		case 0:
			zs, _ := r.view(everything).Zones(r.crisis)
			f.Zone = zs[rng.IntN(len(zs))].Latest.ID
		case 1:
			f.Country = []string{"AA", "BB", "CC"}[rng.IntN(3)]
		case 2:
			f.Airport = "AAA"
		case 3:
			f.Mission = r.west
		case 4:
			f.Verdicts = set(3)
		case 5:
			f.Freshness = tracker.Freshness(1 + rng.IntN(2))
		case 6:
			f.Wellbeing = set(6)
		case 7:
			f.Intention = set(8)
		case 8:
			f.Levels = set(5)
		case 9:
			f.Stranded = &yes
		case 10:
			f.Placed = &yes
		default:
			f.Boxes, _ = tracker.Boxes(-7, -7, rng.Float64()*14-6, rng.Float64()*14-6)
		}
	}
	return f
}

// One number has one meaning: for generated filters and every scope, the list
// walked page by page, the export, the count, every grouping and the map's cells
// agree, and nobody comes twice. The oracle is the walk itself, counted by hand.
func TestNumbersAgree(t *testing.T) {
	r := crowd(t, 600, 11)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 2))
	nonEmpty := 0
	for i := range 200 {
		f := randomFilter(r, rng)
		sc := []tracker.Scope{everything, {All: true}, {Mission: r.west}, {Mission: r.east}, {}}[i%5]
		v := r.view(sc)
		var walked tracker.Count
		seen := map[tracker.ID]bool{}
		var order []tracker.ID
		for cursor := ""; ; {
			page, err := v.People(f, 37, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range page.Rows {
				if seen[row.ID] {
					t.Fatalf("filter %d: %s is listed twice", i, row.ID)
				}
				seen[row.ID] = true
				order = append(order, row.ID)
				walked.Records++
				walked.Persons += int64(row.Persons)
			}
			if cursor = page.Next; cursor == "" {
				if page.Total != walked {
					t.Fatalf("filter %+v: total %v, walked %v", f, page.Total, walked)
				}
				break
			}
		}
		if walked.Records > 0 {
			nonEmpty++
		}
		var exported []tracker.ID
		if n, err := v.Each(f, func(row *tracker.Row) error { exported = append(exported, row.ID); return nil }); err != nil || n != walked {
			t.Fatalf("filter %+v: exported %v (%v), walked %v", f, n, err, walked)
		}
		if !slices.Equal(exported, order) {
			t.Fatalf("filter %+v: the export has another order than the list", f)
		}
		cells, err := v.Cells(f, rng.IntN(10))
		if err != nil {
			t.Fatal(err)
		}
		var inCells tracker.Count
		for _, c := range cells.Cells {
			inCells.Records += c.Records
			inCells.Persons += c.Persons
		}
		if f.Boxes == nil {
			inCells.Records += cells.Unplaced.Records
			inCells.Persons += cells.Unplaced.Persons
		}
		if inCells != walked || cells.Total != walked {
			t.Fatalf("filter %+v: cells %v, total %v, walked %v", f, inCells, cells.Total, walked)
		}
		for _, by := range []tracker.By{tracker.ByLevel, tracker.ByAirport, tracker.ByMission, tracker.ByFreshness, tracker.ByWellbeing, tracker.ByIntention, tracker.ByContact, tracker.ByVerdict} {
			cs, err := v.Counts(f, by)
			if err != nil {
				t.Fatal(err)
			}
			var sum tracker.Count
			for _, g := range cs.Groups {
				sum.Records += g.Records
				sum.Persons += g.Persons
			}
			if sum != walked || cs.Total != walked {
				t.Fatalf("filter %+v by %s: %v, total %v, walked %v", f, by, sum, cs.Total, walked)
			}
		}
	}
	t.Logf("coverage: %d of 200 filters meant somebody", nonEmpty)
	if nonEmpty < 40 {
		t.Errorf("only %d filters meant anybody", nonEmpty)
	}
}

// The zones' own counts are those of the list filtered by the zone.
func TestZoneCountsAreTheList(t *testing.T) {
	r := crowd(t, 400, 12)
	for _, sc := range []tracker.Scope{everything, {Mission: r.west}, {}} {
		v := r.view(sc)
		zs, err := v.Zones(r.crisis)
		if err != nil {
			t.Fatal(err)
		}
		groups, err := v.Counts(tracker.Filter{Crisis: r.crisis}, tracker.ByZone)
		if err != nil {
			t.Fatal(err)
		}
		byKey := map[string]tracker.Group{}
		for _, g := range groups.Groups {
			byKey[g.Key] = g
		}
		for _, z := range zs {
			for _, x := range []struct {
				verdict   geo.Verdict
				got, also tracker.Count
			}{
				{geo.Inside, z.Inside, byKey[z.Latest.ID.String()].Inside},
				{geo.Possible, z.Possible, byKey[z.Latest.ID.String()].Possible},
			} {
				f := tracker.Filter{Crisis: r.crisis, Zone: z.Latest.ID}
				f.Verdicts.Add(uint8(x.verdict))
				n, err := v.Total(f)
				if err != nil {
					t.Fatal(err)
				}
				if n != x.got || n != x.also {
					t.Errorf("%s %v: list %v, zone %v, counts %v", z.Latest.Names.EN, x.verdict, n, x.got, x.also)
				}
			}
		}
	}
}

// An embassy sees the people of its area and those assigned to it; nothing
// else, by any question.
func TestScope(t *testing.T) {
	r := newRig(t)
	west := r.at(tracker.ID{}, -5, 0, 10, start)
	east := r.at(tracker.ID{}, 5, 0, 10, start)
	border := r.at(tracker.ID{}, 0, 0, 10, start)
	sea := r.at(tracker.ID{}, 50, 50, 10, start)
	handed := r.at(tracker.ID{}, 6, 0, 10, start)
	if _, err := r.tr.Assign(t.Context(), r.analyst("Ann"), handed, r.west, "family is there"); err != nil {
		t.Fatal(err)
	}
	r.step()
	for _, c := range []struct {
		name  string
		scope tracker.Scope
		sees  []tracker.ID
	}{
		{"ministry", tracker.Scope{All: true}, []tracker.ID{west, east, border, sea, handed}},
		{"west", tracker.Scope{Mission: r.west}, []tracker.ID{west, border, handed}},
		{"east", tracker.Scope{Mission: r.east}, []tracker.ID{east, border, handed}},
		{"nobody", tracker.Scope{}, nil},
		{"a mission that isn't there", tracker.Scope{Mission: tracker.NewID()}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := r.view(c.scope)
			var got []tracker.ID
			if _, err := v.Each(tracker.Filter{Crisis: r.crisis}, func(row *tracker.Row) error { got = append(got, row.ID); return nil }); err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(got, tracker.ID.Compare)
			slices.SortFunc(c.sees, tracker.ID.Compare)
			if !slices.Equal(got, c.sees) {
				t.Errorf("sees %v, want %v", got, c.sees)
			}
			for _, id := range []tracker.ID{west, east, border, sea, handed} {
				_, one := v.Person(id)
				_, err := r.tr.Card(t.Context(), tracker.Actor{Scope: c.scope}, id)
				if want := slices.Contains(c.sees, id); one != want || (err == nil) != want {
					t.Errorf("person %s: row %v, card %v, want %v", id, one, err, want)
				}
			}
		})
	}
}

func TestCursorsThatAreNone(t *testing.T) {
	r := newRig(t)
	for _, c := range []string{"x", "AAAA", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := r.view(everything).People(tracker.Filter{Crisis: r.crisis}, 10, c); err == nil {
			t.Errorf("cursor %q was taken", c)
		}
	}
}

// Impact says beforehand what publishing does: the moves of the event that
// follows are the oracle.
func TestImpactComesTrue(t *testing.T) {
	r := crowd(t, 400, 13)
	z := r.zone(3, -4, -8, 6, 7)
	imp, err := r.view(everything).Impact(&z)
	if err != nil {
		t.Fatal(err)
	}
	z = r.published(z, 0)
	ev := lastEvent(t, r, tracker.EventZoneActivated)
	if ev.Enters != imp.Enters || imp.Enters.Records == 0 {
		t.Errorf("entered %v, the preview said %v", ev.Enters, imp.Enters)
	}
	edit := z
	edit.Shape = orb.MultiPolygon{box(-8, -8, 2, 2)}
	imp, err = r.view(everything).Impact(&edit)
	if err != nil {
		t.Fatal(err)
	}
	if !imp.SecondPerson {
		t.Error("moving a level 3 away from people must want a second person")
	}
	r.published(edit, z.Version)
	ev = lastEvent(t, r, tracker.EventZoneChanged)
	if ev.Enters != imp.Enters || ev.Leaves != imp.Leaves || imp.Leaves.Records == 0 {
		t.Errorf("entered %v, left %v; the preview said %v, %v", ev.Enters, ev.Leaves, imp.Enters, imp.Leaves)
	}
	zv, err := r.view(everything).Zone(z.ID)
	if err != nil || zv.Inside != imp.Inside || zv.Possible != imp.Possible {
		t.Errorf("inside %v, possible %v (%v); the preview said %v, %v", zv.Inside, zv.Possible, err, imp.Inside, imp.Possible)
	}
}

func lastEvent(t *testing.T, r *rig, kind tracker.EventKind) tracker.EventView {
	t.Helper()
	for _, e := range r.events() {
		if e.Kind == kind {
			return e
		}
	}
	t.Fatalf("no event %v", kind)
	return tracker.EventView{}
}
