package geo

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// wild returns a coordinate that a program might hand over by mistake, with the limit of its axis.
func wild(r *rand.Rand, limit float64) float64 {
	switch r.IntN(10) {
	case 0:
		return math.Inf(1 - 2*r.IntN(2))
	case 1:
		return math.NaN()
	case 2:
		return math.Float64frombits(r.Uint64())
	case 3:
		return (4*r.Float64() - 2) * 1e6
	case 4:
		return (8*r.Float64() - 4) * limit
	case 5:
		return limit * float64(r.IntN(5)-2)
	}
	return (2*r.Float64() - 1) * limit
}

// For any coordinates at all: answers, and certainty only lost as radii grow.
func askWild(t *testing.T, mp orb.MultiPolygon, p orb.Point, radius float64) {
	a := NewArea(mp)
	v, share := a.Disc(p, radius)
	if ok := v == Inside && share == 1 || v == Outside && share == 0 || v == Possible && share > 0 && share < 1; !ok {
		t.Fatalf("Disc(%v, %v) of %v = %v, %v", p, radius, mp, v, share)
	}
	if wider, _ := a.Disc(p, radius*1.5); radius >= leastRadiusM && onEarth(p) && wider != v && wider != Possible {
		t.Fatalf("Disc(%v, %v) of %v = %v, and %v when wider", p, radius, mp, v, wider)
	}
	for _, dist := range []float64{a.Distance(p), a.DistanceWithin(p, radius)} {
		if !(dist >= 0) {
			t.Fatalf("distance from %v to %v = %v", p, mp, dist)
		}
	}
}

func TestDiscOfWildShapes(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name   string
		ring   orb.Ring
		p      orb.Point
		radius float64
	}{
		{"lon of 1e100", orb.Ring{{0.2, 1}, {1e100, 3}, {4, 0}}, orb.Point{3, 10}, 1e6},
		{"lon of 1e6", orb.Ring{{0.2, 1}, {1e6, 3}, {4, 0}}, orb.Point{3, 10}, 2.5e7},
		{"lon of -Inf", orb.Ring{{0.2, 1}, {-inf, 3}, {4, 0}}, orb.Point{3, 3.5}, 2.5e7},
		{"lat of Inf", orb.Ring{{0.2, 1}, {3, inf}, {4, 0}}, orb.Point{3, 3.5}, 2.5e7},
		{"lat of NaN", orb.Ring{{0.2, 1}, {3, nan}, {4, 0}}, orb.Point{3, 3.5}, 2.5e7},
		{"seam without an end", orb.Ring{{180, 1}, {180, inf}, {4, 0}}, orb.Point{180, 3.5}, 2.5e7},
		{"lat beyond the pole", orb.Ring{{0.2, 1}, {3, 179}, {4, 0}}, orb.Point{3, 3.5}, 2.5e7},
		{"lon around once too far", orb.Ring{{-360, 1}, {360, 3}, {4, 0}}, orb.Point{3, 3.5}, 2.5e7},
	} {
		t.Run(c.name, func(t *testing.T) { askWild(t, orb.MultiPolygon{{c.ring}}, c.p, c.radius) })
	}
	r := newRand(t)
	for range 3000 {
		ring := make(orb.Ring, 1+r.IntN(7))
		for i := range ring {
			ring[i] = orb.Point{wild(r, 180), wild(r, 90)}
		}
		p := orb.Point{360*r.Float64() - 180, 180*r.Float64() - 90}
		askWild(t, orb.MultiPolygon{{ring}}, p, logUniform(r, 1e-3, 3e7))
	}
}

func FuzzDiscOfWildShapes(f *testing.F) {
	addShapes(func(b []byte) { f.Add(b, 0.5, 0.5, 1000.0) })
	f.Add(bytesOf(orb.MultiPolygon{{{{0.2, 1}, {1e100, 3}, {4, 0}}}}), 3.0, 10.0, 1e6)
	f.Add(bytesOf(orb.MultiPolygon{{{{0.2, 1}, {math.Inf(-1), 3}, {4, 0}}}}), 3.0, 3.5, 2.5e7)
	f.Fuzz(func(t *testing.T, b []byte, lon, lat, radius float64) {
		var ring orb.Ring
		for ; len(b) >= 16 && len(ring) < 16; b = b[16:] {
			ring = append(ring, orb.Point{
				math.Float64frombits(binary.LittleEndian.Uint64(b)),
				math.Float64frombits(binary.LittleEndian.Uint64(b[8:])),
			})
		}
		askWild(t, orb.MultiPolygon{{ring}}, orb.Point{lon, lat}, radius)
	})
}

// leaningComb is a zone of n vertices whose edges all run side by side: blades 20° tall, leaning 15°, on a base of 12.5°.
//
//	 / / / /
//	/|/|/|/|
func leaningComb(n int) orb.MultiPolygon {
	lean := 20 * math.Tan(15*radian)
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		x := 12.5 * float64(i) / float64(n-1)
		if i%2 == 0 {
			ring = append(ring, orb.Point{40 + x, 20})
		} else {
			ring = append(ring, orb.Point{40 + x + lean, 40})
		}
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// Pieces are to be the edges again, one beginning at the very point where the other ends, and at most four for each
// edge; an outline's edges stay whole.
func TestCrowdsAreCutIntoPieces(t *testing.T) {
	mp := leaningComb(5000)
	mp = append(mp, orb.Polygon{wiggle(newRand(t), orb.Point{10, 10}, 5, 2000)})
	a := NewArea(mp)
	from := map[orb.Point]orb.Point{}
	for _, e := range a.boundary.edges {
		b, c := a.boundary.ends(e)
		from[b] = c
	}
	if n := len(a.boundary.edges); n != len(from) || n > crowdPieces*5000+2000 || n < 3*5000 {
		t.Fatalf("%d pieces, %d beginnings, of 7000 edges", n, len(from))
	}
	met := 0
	for _, poly := range mp {
		ring := poly[0]
		for i := range len(ring) - 1 {
			at, steps := from[ring[i]], 1
			for ; at != ring[i+1] && steps <= len(from); steps++ {
				at = from[at]
			}
			if met += steps; at != ring[i+1] {
				t.Fatalf("edge %v → %v is lost", ring[i], ring[i+1])
			}
		}
	}
	if met != len(from) {
		t.Fatalf("edges of %d pieces, want %d", met, len(from))
	}
	if outline := NewArea(orb.MultiPolygon{mp[1]}); len(outline.boundary.more) != 0 || len(outline.boundary.edges) != 2000 {
		t.Fatalf("an outline of 2000 edges is cut into %d", len(outline.boundary.edges))
	}
}

// Oracle: the edges one by one, by dense sampling.
func TestDiscInACrowd(t *testing.T) {
	r := newRand(t)
	mp := leaningComb(200)
	a := NewArea(mp)
	if len(a.boundary.edges) <= 200 {
		t.Fatal("not cut")
	}
	ring := mp[0][0]
	for range 15 {
		p := orb.Point{38 + 20*r.Float64(), 18 + 24*r.Float64()}
		dist := math.Inf(1)
		for i := range len(ring) - 1 {
			dist = min(dist, denseDistance(p, ring[i], ring[i+1], dist))
		}
		for _, radius := range []float64{dist * 0.99, dist * 1.01, logUniform(r, 1, 1e5)} {
			want := Possible
			if radius < dist {
				if want = Outside; a.Contains(p) {
					want = Inside
				}
			}
			if v, _ := a.Disc(p, radius); v != want && math.Abs(radius-dist) > tolerance(radius) {
				t.Fatalf("Disc(%v, %v) = %v, want %v (edge at %v m)", p, radius, v, want, dist)
			}
		}
		if got := a.Distance(p); !a.Contains(p) && math.Abs(got-dist) > 1e-4*dist+0.01 {
			t.Fatalf("Distance(%v) = %v, want %v", p, got, dist)
		}
	}
}

// A crowd's boxes still overlap, but by far less than the edges' would.
func TestDiscDoesNotScanTheCrowd(t *testing.T) {
	r := newRand(t)
	const n = 50_000
	a := NewArea(leaningComb(n))
	worst := 0
	for range 500 {
		p := orb.Point{40 + 17*r.Float64(), 20 + 20*r.Float64()}
		boxes, edges, met := looked(a, p, 30)
		if worst = max(worst, boxes+edges); boxes+edges > n/4+8*met {
			t.Fatalf("Disc(%v, 30) looks at %d boxes and %d pieces, %d of which it meets", p, boxes, edges, met)
		}
	}
	t.Logf("of %d pieces and their boxes at most %d are looked at", len(a.boundary.edges), worst)
}

func BenchmarkDiscInACrowd(b *testing.B) {
	for _, n := range []int{5000, 50_000} {
		mp := leaningComb(n)
		b.Run(fmt.Sprintf("n=%d/build", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NewArea(mp)
			}
		})
		a := NewArea(mp)
		for _, radius := range []float64{30, 1000, 100_000} {
			b.Run(fmt.Sprintf("n=%d/radius=%v", n, radius), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 1))
				for b.Loop() {
					a.Disc(orb.Point{46 + 5*r.Float64(), 25 + 10*r.Float64()}, radius)
				}
			})
		}
	}
}
