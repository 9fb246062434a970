package seed

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"aman/geo/tracker"
)

// DemoOptions is what Demo needs besides the world.
type DemoOptions struct {
	// Now is the moment at which the demo opens; everything is dated against it.
	Now time.Time
	// Seed makes everything else: the same seed, the same people.
	Seed uint64
	// Analyst draws the zones and Second, somebody else, confirms what needs two.
	Analyst, Second tracker.ID
}

// DemoData is a crisis to try things on. All of it is invented: names are drawn
// at random, the numbers of people and phones belong to nobody (see demoIIN and
// demoPhone), and missions carry no real address or telephone.
type DemoData struct {
	// Base holds the crisis, missions, people, reports and airport states.
	Base tracker.Rows
	// Zones are versions, to be stored after Base: then the events tell who
	// came to be inside.
	Zones []tracker.Zone
}

// Demo makes the crisis of the March 2026 figures: see demoFigures. It depends
// on its arguments alone. Errors: a code or place that the world doesn't have,
// which only another build of the world could cause.
func Demo(w *tracker.World, o DemoOptions) (DemoData, error) {
	m := &demoMaker{
		w: w, now: o.Now.UTC().Truncate(time.Microsecond), author: o.Analyst,
		r:    rand.New(rand.NewPCG(o.Seed, 0x616d616e)),
		used: map[string]bool{},
	}
	crisis := tracker.Crisis{
		ID:      m.id(m.now),
		Slug:    "middle-east-2026",
		Names:   tracker.Names{KK: "Таяу Шығыс 2026 (демо)", RU: "Ближний Восток 2026 (демо)", EN: "Middle East 2026 (demo)"},
		Region:  "Middle East",
		Default: true,
		Starts:  m.now.Add(-21 * 24 * time.Hour),
	}
	m.crisis = crisis.ID
	m.rows.Crises = []tracker.Crisis{crisis}
	m.rows.Missions = m.missions()
	m.areas = tracker.NewAreas(m.w, m.rows.Missions)
	for _, f := range demoFigures {
		if err := m.country(f); err != nil {
			return DemoData{}, err
		}
	}
	m.lost(demoLost)
	states, err := m.airports()
	if err != nil {
		return DemoData{}, err
	}
	m.rows.Airports = states
	return DemoData{Base: m.rows, Zones: m.zones(o.Analyst, o.Second)}, nil
}

// demoMaker makes the demo's rows from one source of chance.
type demoMaker struct {
	w      *tracker.World
	areas  *tracker.Areas
	r      *rand.Rand
	now    time.Time
	crisis tracker.ID
	author tracker.ID
	rows   tracker.Rows
	used   map[string]bool // IINs and passports that somebody has
}

// id makes a UUIDv7 from a time and the seeded source, so that the same seed
// makes the same ids.
func (m *demoMaker) id(at time.Time) (id tracker.ID) {
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|m.r.Uint64N(1<<12)|7<<12)
	binary.BigEndian.PutUint64(id[8:], m.r.Uint64()>>2|1<<63)
	return id
}

// chance is true with probability p.
func (m *demoMaker) chance(p float64) bool { return m.r.Float64() < p }

// between draws a duration evenly from [a, b).
func (m *demoMaker) between(a, b time.Duration) time.Duration {
	return a + time.Duration(m.r.Int64N(int64(b-a)))
}

// pick draws one of values with probability in proportion to its weight.
func pick[T any](r *rand.Rand, values []weighted[T]) T {
	total := 0.0
	for _, v := range values {
		total += v.weight
	}
	x := r.Float64() * total
	for _, v := range values {
		if x -= v.weight; x < 0 {
			return v.value
		}
	}
	return values[len(values)-1].value
}

type weighted[T any] struct {
	value  T
	weight float64
}

func one[T any](r *rand.Rand, values []T) T { return values[r.IntN(len(values))] }
