package tracker

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"aman/geo"
)

// The enter/exit diff of a moving report: matched against a thousand zones of 900
// vertices, and compared with what the person was exposed to before.
func BenchmarkDiff(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	p := &picture{index: geo.NewIndex()}
	for i := range uint32(1000) {
		c := orb.Point{30 + rng.Float64()*30, 15 + rng.Float64()*25}
		p.zones = append(p.zones, &zoneState{num: i})
		p.index.Set(i, geo.NewArea(geo.Circle(c, 10_000+rng.Float64()*60_000, 900)))
	}
	compiled, err := p.index.Compile()
	if err != nil {
		b.Fatal(err)
	}
	p.index.Adopt(compiled)
	type person struct {
		at  orb.Point
		exp []exposure
	}
	people := make([]person, 100_000)
	for i := range people {
		x := &people[i]
		x.at = orb.Point{30 + rng.Float64()*30, 15 + rng.Float64()*25}
		x.exp = p.exposed(make([]exposure, 0, 16), p.index.Match(nil, x.at, 0), 0, 0)
	}
	for _, radiusM := range []float64{0, 20} {
		b.Run(fmt.Sprintf("radius=%v", radiusM), func(b *testing.B) {
			b.ReportAllocs()
			hits, moves := make([]geo.Hit, 0, 64), make([]move, 0, 64)
			now := make([]exposure, 0, 64)
			crossed, i := 0, 0
			for b.Loop() {
				x := &people[i%len(people)]
				i++
				x.at[0] += float64(i%7-3) * 0.003
				x.at[1] += float64(i%5-2) * 0.003
				hits = p.index.Match(hits[:0], x.at, radiusM)
				now = p.exposed(now[:0], hits, 0, int64(i))
				moves = appendMoves(moves[:0], 0, x.exp, now)
				crossed += len(moves)
				x.exp = append(x.exp[:0], now...)
			}
			b.ReportMetric(float64(crossed)/float64(i), "moves/op")
		})
	}
}
