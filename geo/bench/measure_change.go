package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/paulmach/orb"

	"aman/geo"
)

// moving is how many reports of moving people are measured.
const moving = 1_000_000

// measureChange measures what a report, and what a new zone, costs with 1,000 zones there.
func (b *bench) measureChange() error {
	s, _ := setNamed("z1k")
	rng := s.rng(b.seed)
	zs := s.zones(b.places, rng, s.box)
	e, err := newEngine(zs)
	if err != nil {
		return err
	}
	b.measureDiff(e, rng)
	return b.measurePublish(e, rng)
}

// measureDiff measures enter and exit: where a person went, and which zones that left and entered.
func (b *bench) measureDiff(e *engine, rng *rand.Rand) {
	if !b.report.wants("index-diff", "index-diff-allocs") {
		return
	}
	const people = 20_000
	start := b.places.people(rng, people, regionBox)
	steps := make([]orb.Point, moving)
	at := slices.Clone(start)
	for i := range steps {
		p := &at[i%people]
		*p = orb.Point{p[0] + rng.NormFloat64()*0.05, p[1] + rng.NormFloat64()*0.05}
		steps[i] = *p
	}
	zones := make([][]uint32, people)
	for i, p := range start {
		zones[i] = append(make([]uint32, 0, 32), e.index.Containing(nil, p)...)
	}
	entered, left := 0, 0
	var now []uint32
	report := func() {
		for i, p := range steps {
			now = e.index.Containing(now[:0], p)
			was := &zones[i%people]
			in, out := changes(*was, now)
			entered, left = entered+in, left+out
			if in+out > 0 {
				*was = append((*was)[:0], now...)
			}
		}
	}
	report()
	var rounds []float64
	allocs := 0.0
	var before, after runtime.MemStats
	for range b.rounds {
		runtime.ReadMemStats(&before)
		d := onThread(report)
		runtime.ReadMemStats(&after)
		rounds = append(rounds, float64(d)/moving)
		allocs = float64((after.Mallocs - before.Mallocs) / moving) // whole ones: the measuring allocates some itself
	}
	b.report.note("index-diff: %d entered, %d left", entered, left)
	b.report.line(measure{name: "index-diff", ours: median(rounds), unit: "ns", goal: atMost(1000, "ns")})
	b.report.line(measure{name: "index-diff-allocs", ours: allocs, goal: atMost(0, "")})
}

// changes counts what is in now and not in was, and the other way; both ascend.
func changes(was, now []uint32) (entered, left int) {
	i, j := 0, 0
	for i < len(was) && j < len(now) {
		switch {
		case was[i] == now[j]:
			i, j = i+1, j+1
		case was[i] < now[j]:
			left, i = left+1, i+1
		default:
			entered, j = entered+1, j+1
		}
	}
	return entered + len(now) - j, left + len(was) - i
}

// measurePublish measures how long it takes until a new zone of 5,000 vertices is part of what is matched.
func (b *bench) measurePublish(e *engine, rng *rand.Rand) error {
	if !b.report.wants("publish-5000") {
		return nil
	}
	at := b.places.within(regionBox)
	const id = 1 << 20
	var rounds []float64
	published := e.index
	for range max(b.rounds, 21) { // each is short
		c := at[rng.IntN(len(at))].Point
		z := zone{blob(rng, c, 1, 5000, false)}
		d := onThread(func() {
			published.Set(id, geo.NewArea(z))
			published = published.Copy()
		})
		rounds = append(rounds, float64(d)/1e6)
		found := published.Containing(nil, z[0][0][0])
		if !slices.Contains(found, uint32(id)) {
			return fmt.Errorf("a vertex of the zone that was just published is in %v", found)
		}
		published.Delete(id)
		published = published.Copy()
	}
	b.report.line(measure{name: "publish-5000", ours: median(rounds), unit: "ms", goal: atMost(1.5, "ms")})
	return nil
}
