package tracker_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

// As time goes by and nobody says anything, who was outside of a zone but near it
// becomes possible once they could have walked there; who was inside stays inside
// and turns stale; who is far stays outside. Nobody leaves the total, nothing is
// told as an event, and a new fix puts things right.
func TestAge(t *testing.T) {
	r := newRig(t)
	r.published(r.zone(3, 1, 1, 2, 2), 0)
	inside := r.at(tracker.ID{}, 1.5, 1.5, 10, start)
	near := r.at(tracker.ID{}, 2.1, 1.5, 10, start) // 11.1 km away: 2 h 14 min on foot
	far := r.at(tracker.ID{}, 3, 1.5, 10, start)
	events := len(r.events())
	look := func(what string, id tracker.ID, verdict geo.Verdict, level int, stale bool) {
		t.Helper()
		if row := r.row(id); row.Verdict != verdict || row.Level != level || row.Stale != stale {
			t.Errorf("%s: %v at level %d, stale %v; want %v, %d, %v", what, row.Verdict, row.Level, row.Stale, verdict, level, stale)
		}
		if n, err := r.view(everything).Total(tracker.Filter{Crisis: r.crisis}); err != nil || n.Records != 3 {
			t.Errorf("%s: the total is %v (%v), want 3", what, n, err)
		}
	}
	look("fresh, inside", inside, geo.Inside, 3, false)
	look("fresh, near", near, geo.Outside, 0, false)
	r.clock.forward(24 * time.Hour)
	r.step()
	look("stale, inside", inside, geo.Inside, 3, true)
	look("stale, near", near, geo.Outside, 0, true)
	r.clock.forward(2*time.Hour + 10*time.Minute)
	r.step()
	look("not yet there", near, geo.Outside, 0, true)
	r.clock.forward(10 * time.Minute)
	r.step()
	look("there by now, if on foot", near, geo.Possible, 3, true)
	look("inside still", inside, geo.Inside, 3, true)
	r.clock.forward(100 * time.Hour)
	r.step()
	look("near, later", near, geo.Possible, 3, true)
	look("far, later", far, geo.Outside, 0, true)
	if n := len(r.events()); n != events {
		t.Errorf("%d events were told by the clock", n-events)
	}
	if es := r.view(everything).Exposures(near); len(es) != 1 || es[0].Share != 0 || !es[0].Since.After(start.Add(26*time.Hour)) {
		t.Errorf("exposures %+v", es)
	}
	r.at(near, 2.1, 1.5, 10, r.clock.now())
	look("heard of again", near, geo.Outside, 0, false)
	if n := len(r.events()); n != events {
		t.Errorf("%d events of leaving a zone that nobody was told of", n-events)
	}
}

// A zone that comes, moves and goes finds and loses those who may have walked into
// it.
func TestAgeFollowsZones(t *testing.T) {
	r := newRig(t)
	near := r.at(tracker.ID{}, 2.1, 1.5, 10, start)
	r.clock.forward(30 * time.Hour)
	r.step()
	want := func(what string, verdict geo.Verdict, exposures int) {
		t.Helper()
		r.step()
		if row := r.row(near); row.Verdict != verdict {
			t.Errorf("%s: %v, want %v", what, row.Verdict, verdict)
		}
		if es := r.view(everything).Exposures(near); len(es) != exposures {
			t.Errorf("%s: exposures %+v", what, es)
		}
	}
	want("no zone", geo.Outside, 0)
	z := r.published(r.zone(2, 1, 1, 2, 2), 0)
	want("published", geo.Possible, 1)
	edit := z
	edit.Shape = orb.MultiPolygon{box(1, 1, 2.5, 2)}
	z = r.published(edit, z.Version)
	want("drawn over them", geo.Inside, 1)
	edit = z
	edit.Shape = orb.MultiPolygon{box(-5, -5, -4, -4)}
	z = r.published(edit, z.Version)
	want("moved away", geo.Outside, 0)
	edit = z
	edit.Shape = orb.MultiPolygon{box(2.2, 1, 3, 2)}
	z = r.published(edit, z.Version)
	want("moved near", geo.Possible, 1)
	if _, _, err := r.tr.Withdraw(t.Context(), r.analyst("Ann"), z.ID, z.Version, "over"); err != nil {
		t.Fatal(err)
	}
	want("withdrawn", geo.Outside, 0)
}

// After any history of reports, zones and hours, the exposures by age of a tracker
// that followed are those of one that loads now, and those of brute force: whoever is
// stale, by the minute, and outside, and could have walked the distance that is left.
func TestAgeIsAFunctionOfTheFeedAndTheClock(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	r := newRig(t)
	var people []tracker.ID
	var zones []tracker.Zone
	aged := 0
	for range 60 {
		r.clock.forward(time.Duration(rng.IntN(4*3600)) * time.Second)
		switch k := rng.IntN(10); {
		case k < 5:
			var id tracker.ID
			if len(people) > 5 && rng.IntN(2) == 0 {
				id = people[rng.IntN(len(people))]
			}
			p := r.at(id, rng.Float64()*3-1.5, rng.Float64()*3-1.5, []float64{5, 500, 20_000}[rng.IntN(3)], r.clock.now().Add(-time.Duration(rng.IntN(7200))*time.Second))
			if id.IsZero() {
				people = append(people, p)
			}
		case k < 7 && len(people) > 0: // word without a place
			r.file(tracker.Filing{Report: tracker.Report{Person: people[rng.IntN(len(people))], FixedAt: r.clock.now(), Wellbeing: tracker.Safe}})
		default:
			x, y := rng.Float64()*2-1, rng.Float64()*2-1
			z, version := r.zone(1+rng.IntN(4), x, y, x+0.3, y+0.3), 0
			if len(zones) > 0 && rng.IntN(2) == 0 {
				zv, err := r.view(everything).Zone(zones[rng.IntN(len(zones))].ID)
				if err != nil {
					t.Fatal(err)
				}
				z.ID, version = zv.Latest.ID, zv.Latest.Version
			}
			zones = append(zones, r.published(z, version))
		}
		r.step()
		aged += bruteAge(t, r, people)
	}
	want := dump(t, r, r.tr)
	if got := dump(t, r, r.another()); !slices.Equal(got, want) {
		t.Errorf("one that loads differs from the one that followed:\n%s", firstDifference(got, want))
	}
	t.Logf("coverage: %d people, %d zones, %d exposures by age seen", len(people), len(zones), aged)
	if aged == 0 {
		t.Error("nobody was exposed by age")
	}
}

func bruteAge(t *testing.T, r *rig, people []tracker.ID) (aged int) {
	t.Helper()
	v := r.view(everything)
	zs, err := v.Zones(r.crisis)
	if err != nil {
		t.Fatal(err)
	}
	minute := r.clock.now().Truncate(time.Minute)
	for _, id := range people {
		row, _ := v.Person(id)
		got := map[tracker.ID]tracker.Exposure{}
		for _, e := range v.Exposures(id) {
			got[e.Zone] = e
		}
		for _, z := range zs {
			area := geo.NewArea(z.Active.Shape)
			want, _ := area.Disc(row.Position.Point, row.Position.RadiusM)
			walk := minute.Sub(row.StaleAt).Seconds() * 5 / 3.6
			gap := max(area.Distance(row.Position.Point)-row.Position.RadiusM, 0)
			byAge := want == geo.Outside && walk >= 0 && gap <= walk && gap+row.Position.RadiusM <= 50_000
			if want != geo.Outside && got[z.Latest.ID].Share == 0 || got[z.Latest.ID].Verdict != want && !byAge {
				t.Fatalf("at %v ±%v, stale at %v, against %v: %+v, want %v", row.Position.Point, row.Position.RadiusM, row.StaleAt, z.Active.Names.EN, got[z.Latest.ID], want)
			}
			if byAge {
				aged++
				if e := got[z.Latest.ID]; e.Verdict != geo.Possible || e.Share != 0 {
					t.Fatalf("%v m away, %v m walked since %v at %v: %+v, want possible by age", gap, walk, row.StaleAt, minute, e)
				}
			}
		}
	}
	return aged
}
