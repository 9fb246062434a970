package geo

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// thousand is a set of n zones of about 900 vertices.
func thousand(r *rand.Rand, n int) []orb.MultiPolygon {
	mps := make([]orb.MultiPolygon, n)
	for i := range mps {
		c := orb.Point{-150 + 300*r.Float64(), -60 + 130*r.Float64()}
		mps[i] = orb.MultiPolygon{{wiggle(r, c, 0.2+1.5*r.Float64()*r.Float64(), 900)}}
	}
	return mps
}

func BenchmarkContaining(b *testing.B) {
	for _, n := range []int{100, 1000} {
		r := rand.New(rand.NewPCG(1, 2))
		mps := thousand(r, n)
		x := NewIndex()
		for i, mp := range mps {
			x.Set(uint32(i), NewArea(mp))
		}
		c, err := x.Compile()
		if err != nil {
			b.Fatal(err)
		}
		x.Adopt(c)
		pts := make([]orb.Point, 1<<17)
		for i := range pts {
			m := mps[r.IntN(n)].Bound()
			pts[i] = orb.Point{m.Min[0] + r.Float64()*(m.Max[0]-m.Min[0]), m.Min[1] + r.Float64()*(m.Max[1]-m.Min[1])}
		}
		b.Run(fmt.Sprintf("n=%d/single", n), func(b *testing.B) {
			b.ReportAllocs()
			var dst []uint32
			for i := 0; b.Loop(); i++ {
				dst = x.Containing(dst[:0], pts[i&(len(pts)-1)])
			}
			b.ReportMetric(float64(c.Bytes())/float64(c.Vertices()), "B/vertex")
		})
		b.Run(fmt.Sprintf("n=%d/each", n), func(b *testing.B) {
			b.ReportAllocs()
			var dst, ends []uint32
			for i := 0; b.Loop(); i += batchLen {
				at := i & (len(pts) - 1)
				dst, ends = x.ContainingEach(dst[:0], ends[:0], pts[at:at+batchLen])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batchLen, "ns/place")
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	x := NewIndex()
	n := 0
	for i, mp := range thousand(r, 1000) {
		x.Set(uint32(i), NewArea(mp))
		n += len(mp[0][0])
	}
	for b.Loop() {
		if _, err := x.Compile(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/vertex")
}
