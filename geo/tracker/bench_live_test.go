package tracker_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/data/seed"
	"aman/geo/tracker"
)

// live is a picture of n people and a thousand zones without a store: nine people in
// ten stand within some 30 km of a city, the others anywhere in the region.
type live struct {
	*tracker.LivePicture
	rng    *rand.Rand
	crisis tracker.ID
	gulf   tracker.ID // a mission
	zones  []tracker.ID
	people []tracker.ID
	at     []orb.Point
	now    time.Time
	seq    int64
}

// benchPeople are how many people the benchmarks hold: AMAN_BENCH_PEOPLE, else 100,000.
func benchPeople() int {
	if n, err := strconv.Atoi(os.Getenv("AMAN_BENCH_PEOPLE")); err == nil {
		return n
	}
	return 100_000
}

func newLive(tb testing.TB, n, zones int) *live {
	tb.Helper()
	return newLiveOf(tb, n, zones, func(*tracker.Rows, int) {})
}

// newLiveOf lets vary, called with each person's row and report last in its lists,
// make people differ.
func newLiveOf(tb testing.TB, n, zones int, vary func(rows *tracker.Rows, i int)) *live {
	tb.Helper()
	w, err := seed.World()
	if err != nil {
		tb.Fatal(err)
	}
	l := &live{rng: rand.New(rand.NewPCG(1, 2)), crisis: tracker.NewID(), now: time.Now().UTC().Truncate(time.Microsecond), seq: 1}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	l.gulf = tracker.NewID()
	rows := &tracker.Rows{
		Crises:   []tracker.Crisis{{ID: l.crisis, Slug: "b", Default: true, Starts: l.now}},
		Missions: []tracker.Mission{{ID: l.gulf, Code: "AE", Countries: []string{"AE", "QA", "BH"}, Version: 1}},
	}
	for i := range zones {
		rows.Zones = append(rows.Zones, l.zone(fmt.Sprint("zone ", i), 1+i%4, l.anywhere(), 10_000+l.rng.Float64()*60_000, 900))
	}
	for i := range rows.Zones {
		l.zones = append(l.zones, rows.Zones[i].ID)
	}
	for i := range n {
		p := tracker.Person{
			ID: tracker.NewID(), Crisis: l.crisis, Version: 1, Category: tracker.Citizen, Stay: tracker.Tourist, Persons: 1, RecordedAt: l.now,
			Details: tracker.Details{Name: "Адам " + strconv.Itoa(i), Phones: []string{fmt.Sprintf("+7000%07d", i)}},
		}
		rows.People = append(rows.People, p)
		l.people = append(l.people, p.ID)
		l.at = append(l.at, l.somewhere())
		rows.Reports = append(rows.Reports, l.report(i))
		vary(rows, i)
	}
	l.LivePicture = tracker.NewLivePicture(w, rows)
	rows = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	tb.Logf("%d people, %d zones: %.0f bytes a person, zones and all", n, zones, float64(after.HeapAlloc-before.HeapAlloc)/float64(n))
	return l
}

func (l *live) anywhere() orb.Point {
	return orb.Point{30 + l.rng.Float64()*30, 15 + l.rng.Float64()*25}
}

func (l *live) somewhere() orb.Point {
	if l.rng.IntN(10) == 0 {
		return l.anywhere()
	}
	c := centres[l.rng.IntN(len(centres))]
	return orb.Point{c[0] + l.rng.NormFloat64()*0.15, c[1] + l.rng.NormFloat64()*0.15}
}

func (l *live) report(i int) tracker.Report {
	at := l.now.Add(-time.Duration(l.rng.IntN(20*3600)) * time.Second)
	if l.seq > 1 {
		at = l.now
	}
	return tracker.Report{
		ID: tracker.NewID(), Crisis: l.crisis, Person: l.people[i], Channel: tracker.ChannelAPI, ReceivedAt: at, EffectiveAt: at,
		Wellbeing: tracker.Wellbeing(1 + l.rng.IntN(3)),
		Position:  &tracker.Position{Point: l.at[i], RadiusM: 5 + l.rng.ExpFloat64()*100, Method: tracker.Network},
	}
}

// zone has a wavy edge of the given number of vertices around a place.
func (l *live) zone(name string, level int, c orb.Point, radiusM float64, vertices int) tracker.Zone {
	ring := make(orb.Ring, vertices)
	turn := l.rng.Float64()
	for i := range vertices - 1 {
		a := 2 * math.Pi * float64(i) / float64(vertices-1)
		r := radiusM / 111_000 * (1 + 0.2*math.Sin(7*a+turn) + 0.05*math.Sin(61*a))
		ring[i] = orb.Point{c[0] + r*math.Cos(a)/math.Cos(c[1]*math.Pi/180), c[1] + r*math.Sin(a)}
	}
	ring[vertices-1] = ring[0]
	return tracker.Zone{
		ID: tracker.NewID(), Crisis: l.crisis, Version: 1, State: tracker.Active, Level: level, Action: tracker.Avoid,
		Kind: tracker.Ground, ValidFrom: l.now.Add(-time.Hour), Names: tracker.Names{EN: name}, Reason: "bench",
		Shape: orb.MultiPolygon{{ring}}, RecordedAt: l.now,
	}
}

func (l *live) change() tracker.Change {
	l.seq++
	l.now = l.now.Add(time.Millisecond)
	return tracker.Change{Seq: l.seq, At: l.now}
}

// moved is a batch of reports of people chosen at random who went some hundred metres.
func (l *live) moved(n int) *tracker.Rows {
	rows := &tracker.Rows{}
	for range n {
		i := l.rng.IntN(len(l.people))
		l.at[i][0] += l.rng.NormFloat64() * 0.005
		l.at[i][1] += l.rng.NormFloat64() * 0.005
		rows.Reports = append(rows.Reports, l.report(i))
	}
	return rows
}

// A batch of a thousand reports: applied, its events derived, and published.
func BenchmarkReports(b *testing.B) {
	l := newLive(b, benchPeople(), 1000)
	l.Snapshot()
	b.ReportAllocs()
	var spent time.Duration
	for b.Loop() {
		b.StopTimer()
		c, rows := l.change(), l.moved(1000)
		b.StartTimer()
		began := cpu()
		l.Apply(c, rows)
		l.Snapshot()
		spent += cpu() - began
	}
	b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "cpu-µs/batch")
}

// A zone of 5,000 vertices is published into a thousand, withdrawn, and so on.
func BenchmarkPublishZone(b *testing.B) {
	l := newLive(b, benchPeople(), 1000)
	for _, c := range []struct {
		name    string
		where   orb.Point
		radiusM float64
	}{
		{"countryside", orb.Point{42.5, 30.5}, 50_000},
		{"suburb", orb.Point{55.27, 25.55}, 20_000},
		{"city", orb.Point{55.27, 25.2}, 50_000},
	} {
		b.Run(c.name, func(b *testing.B) {
			z := l.zone(c.name, 3, c.where, c.radiusM, 5000)
			b.ReportAllocs()
			var moves, n int
			var spent time.Duration
			for b.Loop() {
				z.State = tracker.Active
				began := cpu()
				es := l.Apply(l.change(), &tracker.Rows{Zones: []tracker.Zone{z}})
				l.Snapshot()
				spent += cpu() - began
				b.StopTimer()
				for _, e := range es {
					moves += len(e.Moves)
				}
				n++
				z.Version++
				z.State = tracker.Withdrawn
				l.Apply(l.change(), &tracker.Rows{Zones: []tracker.Zone{z}})
				l.Snapshot()
				z.Version++
				b.StartTimer()
			}
			b.ReportMetric(float64(moves)/float64(n), "people")
			b.ReportMetric(float64(spent.Microseconds())/float64(n), "cpu-µs/publish")
		})
	}
}
