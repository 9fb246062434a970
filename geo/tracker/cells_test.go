package tracker_test

import (
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// Cells that follow the picture are those of adding up everybody, for any filter, scope and
// view, while people report, zones change and time goes by, for the newest snapshot
// and for one that was taken earlier. The oracle is a pass over everybody.
func TestCellsFollow(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	l := newLiveOf(t, 4000, 30, func(rows *tracker.Rows, i int) { varied(rng, rows) })
	l.rng = rng
	type moment struct {
		s   *tracker.Snapshot
		now time.Time
	}
	moments := []moment{{l.Snapshot(), l.now}}
	nonEmpty, kinds := 0, map[bool]int{}
	for round := range 150 {
		switch rng.IntN(6) {
		case 0: // time alone
			l.now = l.now.Add(time.Duration(rng.IntN(7200)) * time.Second)
			l.Age(l.now)
		case 1:
			z := l.zone("again", 1+rng.IntN(4), l.somewhere(), 5_000+rng.Float64()*80_000, 50)
			l.Apply(l.change(), &tracker.Rows{Zones: []tracker.Zone{z}})
		default:
			rows := l.moved(1 + rng.IntN(80))
			for i := range rows.Reports {
				vary(rng, &rows.Reports[i])
			}
			l.Apply(l.change(), rows)
		}
		moments = append(moments, moment{l.Snapshot(), l.now})
		for range 4 {
			m := moments[len(moments)-1]
			if rng.IntN(5) == 0 { // a reader who is late
				m = moments[max(0, len(moments)-1-rng.IntN(8))]
				m.now = m.now.Add(-time.Duration(rng.IntN(2)*rng.IntN(7200)) * time.Second)
			}
			f := l.someFilter()
			sc := []tracker.Scope{{All: true}, {All: true, Casualty: true}, {Mission: l.gulf, Consul: true}}[rng.IntN(3)]
			v := m.s.View(sc, m.now)
			zoom := rng.IntN(19)
			got, err := v.Cells(f, zoom)
			if err != nil {
				t.Fatal(err)
			}
			want, err := v.CellsByScan(f, zoom)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("round %d, zoom %d, filter %+v, scope %+v:\n got %d cells, total %v, unplaced %v\nwant %d cells, total %v, unplaced %v\nfirst %+v",
					round, zoom, f, sc, len(got.Cells), got.Total, got.Unplaced, len(want.Cells), want.Total, want.Unplaced, firstCells(got, want))
			}
			if n, err := v.Total(f); err != nil || n != got.Total {
				t.Fatalf("filter %+v: the list has %v (%v), the map %v", f, n, err, got.Total)
			}
			if len(got.Cells) > 0 {
				nonEmpty++
			}
			kinds[f.Boxes != nil]++
		}
	}
	t.Logf("coverage: %d of 600 views showed somebody; with a box %d", nonEmpty, kinds[true])
	if nonEmpty < 150 {
		t.Errorf("only %d views showed anybody", nonEmpty)
	}
}

// A zone that isn't in force has nobody in it, before and after it has been; each time
// the cells of its filter are asked for twice, so that those kept answer, too.
func TestCellsOfZoneNotInForce(t *testing.T) {
	l := newLiveOf(t, 500, 5, func(*tracker.Rows, int) {})
	z := l.zone("round the first", 3, l.at[0], 50_000, 50)
	for i, step := range []struct {
		state tracker.ZoneState
		some  bool
	}{{tracker.Draft, false}, {tracker.Active, true}, {tracker.Withdrawn, false}, {tracker.Active, true}} {
		z.Version, z.State = i+1, step.state
		l.Apply(l.change(), &tracker.Rows{Zones: []tracker.Zone{z}})
		for range 2 {
			v := l.Snapshot().View(tracker.Scope{All: true}, l.now)
			got, err := v.Cells(tracker.Filter{Crisis: z.Crisis, Zone: z.ID}, 6)
			if err != nil {
				t.Fatal(err)
			}
			want, err := v.CellsByScan(tracker.Filter{Crisis: z.Crisis, Zone: z.ID}, 6)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) || (got.Total.Records > 0) != step.some {
				t.Errorf("version %d, state %v: %d cells of %v, want %d of %v", z.Version, step.state, len(got.Cells), got.Total, len(want.Cells), want.Total)
			}
		}
	}
}

func firstCells(got, want tracker.Cells) []tracker.Cell {
	for i := range min(len(got.Cells), len(want.Cells)) {
		if got.Cells[i] != want.Cells[i] {
			return []tracker.Cell{got.Cells[i], want.Cells[i]}
		}
	}
	return nil
}

// varied makes the person who was added last differ from the others.
func varied(rng *rand.Rand, rows *tracker.Rows) {
	p := &rows.People[len(rows.People)-1]
	p.Persons = 1 + rng.IntN(3)
	p.Stay = tracker.Stay(1 + rng.IntN(5))
	vary(rng, &rows.Reports[len(rows.Reports)-1])
}

func vary(rng *rand.Rand, r *tracker.Report) {
	r.Wellbeing = tracker.Wellbeing(rng.IntN(6))
	r.Intention = tracker.Intention(rng.IntN(8))
	r.Contact = tracker.Contact(rng.IntN(5))
	switch rng.IntN(8) {
	case 0:
		r.Position, r.Country = nil, []string{"AE", "SA"}[rng.IntN(2)]
	case 1:
		r.Position = &tracker.Position{Point: orb.Point{55.36, 25.25}, RadiusM: 3000, Method: tracker.AtAirport, Airport: "DXB"}
		r.OnwardUntil = r.EffectiveAt.Add(time.Duration(rng.IntN(40)) * time.Hour)
	case 2:
		r.Position.Point = orb.Point{[]float64{-180, 180, 179.9999}[rng.IntN(3)], []float64{-90, 86, 89.99, -85.1, 0}[rng.IntN(5)]}
	}
}

func (l *live) someFilter() tracker.Filter {
	rng := l.rng
	f := tracker.Filter{Crisis: l.crisis}
	set := func(n int) (s tracker.Set) {
		for range 1 + rng.IntN(2) {
			s.Add(uint8(rng.IntN(n)))
		}
		return s
	}
	yes := rng.IntN(2) == 0
	for range rng.IntN(3) {
		switch rng.IntN(10) {
		case 0:
			f.Zone = l.zones[rng.IntN(len(l.zones))]
		case 1:
			f.Country = []string{"AE", "SA"}[rng.IntN(2)]
		case 2:
			f.Verdicts = set(3)
		case 3:
			f.Freshness = tracker.Freshness(1 + rng.IntN(2))
		case 4:
			f.Wellbeing = set(6)
		case 5:
			f.Intention = set(8)
		case 6:
			f.Levels = set(5)
		case 7:
			f.Stranded = &yes
		case 8:
			f.Placed = &yes
		default:
			f.Airport = "DXB"
		}
	}
	if rng.IntN(3) > 0 {
		c := l.somewhere()
		if rng.IntN(8) == 0 {
			c = orb.Point{180, 80}
		}
		w := []float64{0.05, 1, 10, 60}[rng.IntN(4)]
		east := c[0] + w
		if east > 180 {
			east -= 360
		}
		f.Boxes, _ = tracker.Boxes(c[0]-w, max(-90, c[1]-w/2), east, min(90, c[1]+w/2))
		if rng.IntN(4) == 0 { // somebody stands in its corner
			at := l.at[rng.IntN(len(l.at))]
			f.Boxes, _ = tracker.Boxes(at[0], max(-90, at[1]-w), min(180, at[0]+w), at[1])
		}
	}
	return f
}

// What a panning map asks: every zoom, boxes of a screen's size around places, moved
// by some of their width; between two of them a few people have reported.
func (l *live) panning(n int) []cellView {
	var out []cellView
	for len(out) < n {
		c := l.somewhere()
		zoom := 2 + l.rng.IntN(11)
		f := tracker.Filter{Crisis: l.crisis}
		switch l.rng.IntN(10) {
		case 0:
			f.Freshness = tracker.Stale
		case 1:
			f.Levels.Add(3)
			f.Levels.Add(4)
		case 2:
			f.Wellbeing.Add(uint8(tracker.NeedsHelp))
		}
		all := l.rng.IntN(4) > 0
		for range 1 + l.rng.IntN(12) {
			w := 360 / float64(int(1)<<zoom) * 1600 / 256
			h := w * 0.55
			v := cellView{zoom: zoom, f: f, all: all}
			if w < 300 {
				v.f.Boxes, _ = tracker.Boxes(max(-180, c[0]-w/2), max(-85, c[1]-h/2), min(180, c[0]+w/2), min(85, c[1]+h/2))
			}
			out = append(out, v)
			c[0] += w * (l.rng.Float64() - 0.5) / 2
			c[1] += h * (l.rng.Float64() - 0.5) / 2
			zoom = min(max(zoom+l.rng.IntN(3)-1, 2), 12)
		}
	}
	return out[:n]
}

type cellView struct {
	zoom int
	f    tracker.Filter
	all  bool
}

// The map of everybody while a thousand reports a second come in and maps ask
// twenty times a second.
func BenchmarkCells(b *testing.B) {
	l := newLive(b, benchPeople(), 1000)
	views := l.panning(2000)
	l.Snapshot()
	var times []time.Duration
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := 0; b.Loop(); i++ {
		l.Apply(l.change(), l.moved(50))
		s := l.Snapshot()
		v := views[i%len(views)]
		sc := tracker.Scope{All: true}
		if !v.all {
			sc = tracker.Scope{Mission: l.gulf}
		}
		l.now = l.now.Add(50 * time.Millisecond)
		began := threadCPU()
		if _, err := s.View(sc, l.now).Cells(v.f, v.zoom); err != nil {
			b.Fatal(err)
		}
		times = append(times, threadCPU()-began)
	}
	slices.Sort(times)
	at := func(q float64) float64 {
		return float64(times[min(int(q*float64(len(times))), len(times)-1)].Microseconds())
	}
	b.ReportMetric(at(0.5), "p50-µs")
	b.ReportMetric(at(0.95), "p95-µs")
	b.ReportMetric(at(0.99), "p99-µs")
	b.ReportMetric(at(1), "max-µs")
}
