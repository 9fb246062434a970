package geo

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"github.com/paulmach/orb"
)

// townsfolk returns n places, nine of ten of them in cities and at airports of a region 60 by 40 degrees wide.
func townsfolk(r *rand.Rand, n int) []orb.Point {
	centres := make([]orb.Point, 400)
	for i := range centres {
		centres[i] = orb.Point{20 + 60*r.Float64(), 10 + 40*r.Float64()}
	}
	ps := make([]orb.Point, n)
	for i := range ps {
		if r.IntN(10) == 0 {
			ps[i] = orb.Point{20 + 60*r.Float64(), 10 + 40*r.Float64()}
			continue
		}
		c := centres[int(float64(len(centres))*r.Float64()*r.Float64())] // few are large
		ps[i] = orb.Point{c[0] + 0.1*r.NormFloat64(), c[1] + 0.1*r.NormFloat64()}
	}
	return ps
}

// fill returns an index of ps, Set one after the other.
func fill(ps []orb.Point) *Points {
	x := NewPoints(func(id uint32) orb.Point { return ps[id] })
	for i, p := range ps {
		x.Set(uint32(i), p, 20)
	}
	return x
}

// benchSizes returns how many positions are held: ten million too where GEO_BENCH_10M is set.
func benchSizes() []int {
	sizes := []int{100_000, 1_000_000, 10_000_000}
	switch {
	case testing.Short():
		return sizes[:1]
	case os.Getenv("GEO_BENCH_10M") == "":
		return sizes[:2]
	}
	return sizes
}

// A move is a Set to a place some kilometres off, in batches of 1,000 with a Copy after each.
func BenchmarkPointsMove(b *testing.B) {
	for _, n := range benchSizes() {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			ps := townsfolk(r, n)
			x := fill(ps)
			var last *PointSet
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				id := r.Uint32N(uint32(n))
				ps[id] = orb.Point{ps[id][0] + 0.01*r.NormFloat64(), ps[id][1] + 0.01*r.NormFloat64()}
				x.Set(id, ps[id], 20)
				if i++; i%1000 == 0 {
					last = x.Copy(x.at)
				}
			}
			_ = last
		})
	}
}

func BenchmarkPointsSet(b *testing.B) {
	for _, n := range benchSizes() {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			ps := townsfolk(rand.New(rand.NewPCG(1, 1)), n)
			for b.Loop() {
				fill(ps)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/point")
		})
	}
}

func BenchmarkPointsLoad(b *testing.B) {
	for _, n := range benchSizes() {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			ps := townsfolk(rand.New(rand.NewPCG(1, 1)), n)
			var x *Points
			load := func() {
				x = NewPoints(func(id uint32) orb.Point { return ps[id] })
				x.Load(n, func(i int) (uint32, orb.Point, float64) { return uint32(i), ps[i], 20 })
			}
			bytes := bytesHeld(load)
			runtime.KeepAlive(x)
			for b.Loop() {
				load()
			}
			b.ReportMetric(float64(bytes)/float64(n), "B/point")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/point")
		})
	}
}

// benchZones returns n zones of 900 vertices, about a degree wide, where the people are.
func benchZones(n int) []orb.MultiPolygon {
	r := rand.New(rand.NewPCG(2, 2))
	zones := make([]orb.MultiPolygon, n)
	for i := range zones {
		c := orb.Point{20 + 60*r.Float64(), 10 + 40*r.Float64()}
		zones[i] = orb.MultiPolygon{{wiggle(r, c, 0.5, 900)}}
	}
	return zones
}

// A zone just drawn: with all that has to be done for it.
func BenchmarkPointsDrawn(b *testing.B) {
	zones := benchZones(1000)
	for _, n := range benchSizes() {
		ps := townsfolk(rand.New(rand.NewPCG(1, 1)), n)
		x := fill(ps)
		b.Run(fmt.Sprintf("count/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			found, i := 0, 0
			for b.Loop() {
				found += x.CountShape(zones[i%len(zones)])
				i++
			}
			b.ReportMetric(float64(found)/float64(i), "found/op")
		})
		b.Run(fmt.Sprintf("ids/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			var ids []uint32
			i := 0
			for b.Loop() {
				ids = x.IDsShape(ids[:0], zones[i%len(zones)])
				i++
			}
		})
	}
}

func BenchmarkNewAreaOfZone(b *testing.B) {
	zones := benchZones(1000)
	i := 0
	for b.Loop() {
		NewArea(zones[i%len(zones)])
		i++
	}
}

// Everybody held, sorted by how their discs lie to an area: what a zone that was published costs before Disc.
func BenchmarkPointsVisit(b *testing.B) {
	zones := benchZones(1000)
	areas := make([]*Area, len(zones))
	for i := range zones {
		areas[i] = NewArea(zones[i])
	}
	for _, n := range benchSizes() {
		x := fill(townsfolk(rand.New(rand.NewPCG(1, 1)), n))
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			inside, maybe, i := 0, 0, 0
			for b.Loop() {
				x.Visit(areas[i%len(areas)], func(ids []uint32) { inside += len(ids) }, func(uint32) { maybe++ })
				i++
			}
			b.ReportMetric(float64(inside)/float64(i), "inside/op")
			b.ReportMetric(float64(maybe)/float64(i), "maybe/op")
		})
	}
}

// A zone that was covered once.
func BenchmarkPointsCovered(b *testing.B) {
	zones := benchZones(1000)
	covers := make([]*Cover, len(zones))
	for i := range zones {
		covers[i] = NewCover(zones[i])
	}
	for _, n := range benchSizes() {
		ps := townsfolk(rand.New(rand.NewPCG(1, 1)), n)
		x := fill(ps)
		b.Run(fmt.Sprintf("count/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			found, i := 0, 0
			for b.Loop() {
				found += x.CountCover(covers[i%len(zones)])
				i++
			}
			b.ReportMetric(float64(found)/float64(i), "found/op")
		})
		b.Run(fmt.Sprintf("ids/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			var ids []uint32
			i := 0
			for b.Loop() {
				ids = x.IDsCover(ids[:0], covers[i%len(zones)])
				i++
			}
		})
	}
}

func BenchmarkNewCover(b *testing.B) {
	zones := benchZones(1000)
	b.ReportAllocs()
	i, pieces := 0, 0
	for b.Loop() {
		for _, p := range NewCover(zones[i%len(zones)]).parts {
			pieces += len(p.pieces)
		}
		i++
	}
	b.ReportMetric(float64(pieces)/float64(i), "pieces/op")
}
