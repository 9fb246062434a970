package geo

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// simpleValid asks simplefeatures, whose arithmetic is exact for small integers. It looks for holes within holes by
// their first points only, and misses one whose first point is on the edge of the other: so it is asked with each
// point as the first.
func simpleValid(mp orb.MultiPolygon) error {
	mp = mp.Clone()
	for range 8 {
		if err := simpleValidAsIs(mp); err != nil {
			return err
		}
		for _, poly := range mp {
			for _, hole := range poly[1:] {
				copy(hole, hole[1:])
				hole[len(hole)-1] = hole[0]
			}
		}
	}
	return nil
}

func simpleValidAsIs(mp orb.MultiPolygon) error {
	var polys []geom.Polygon
	for _, poly := range mp {
		var rings []geom.LineString
		for _, ring := range poly {
			var xy []float64
			for _, p := range ring {
				xy = append(xy, p[0], p[1])
			}
			rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
		}
		polys = append(polys, geom.NewPolygon(rings))
	}
	return geom.NewMultiPolygon(polys).Validate()
}

// gridRing is a ring of small integers, as often as not valid.
func gridRing(r *rand.Rand, x, y, size int) orb.Ring {
	at := func() orb.Point { return orb.Point{float64(x + r.IntN(size+1)), float64(y + r.IntN(size+1))} }
	var ring orb.Ring
	switch r.IntN(4) {
	case 0:
		x0, y0 := x+r.IntN(size), y+r.IntN(size)
		x1, y1 := x0+1+r.IntN(size), y0+1+r.IntN(size)
		ring = orb.Ring{{float64(x0), float64(y0)}, {float64(x1), float64(y0)}, {float64(x1), float64(y1)}, {float64(x0), float64(y1)}}
	case 1:
		ring = orb.Ring{at(), at(), at()}
	default:
		for range 4 + r.IntN(3) {
			ring = append(ring, at())
		}
	}
	if r.IntN(9) == 0 {
		k := r.IntN(len(ring))
		ring = append(ring[:k+1], ring[k:]...) // a repeated point
	}
	return append(ring, ring[0])
}

// Oracle: simplefeatures (a port of the OGC rules), on coordinates where its floating point is exact.
func TestValidateAgainstSimplefeatures(t *testing.T) {
	r := newRand(t)
	valid := 0
	for range 30_000 {
		var mp orb.MultiPolygon
		for i := range 1 + r.IntN(3) {
			poly := orb.Polygon{gridRing(r, r.IntN(6), r.IntN(6), 4+r.IntN(6))}
			if r.IntN(2) == 0 { // a shell that holds what follows
				o := float64(i * 20)
				poly[0] = orb.Ring{{o, 0}, {o + 12, 0}, {o + 12, 12}, {o, 12}, {o, 0}}
				for range r.IntN(4) {
					poly = append(poly, gridRing(r, i*20+r.IntN(7), r.IntN(7), 3+r.IntN(3)))
				}
			}
			mp = append(mp, poly)
		}
		want := simpleValid(mp)
		got := Validate(mp)
		if want == nil {
			valid++
		}
		if (got == nil) != (want == nil) {
			t.Fatalf("%v\nis %v\nsimplefeatures: %v", mp, got, want)
		}
	}
	t.Logf("%d valid", valid)
	if valid < 1000 {
		t.Errorf("only %d shapes were valid: the test says little", valid)
	}
}

// Oracle: all pairs of edges by rational arithmetic. A ring is simple when edges meet only in the point that
// neighbours share.
func TestValidateRingsAgainstAllPairs(t *testing.T) {
	r := newRand(t)
	seen := map[bool]int{}
	for i := range 120 {
		ring := star(r, orb.Point{50, 30}, []float64{1, 1e-13, 1e-9, 20}[r.IntN(4)], 4+r.IntN(30))
		if i%2 == 0 { // move a corner onto or beside an edge
			n := len(ring) - 1
			ring[1+r.IntN(n-1)] = tricky(r, orb.MultiPolygon{{ring}})
		}
		want := true
		n := len(ring) - 1
		for j := range n {
			for k := range j {
				if !disjoint(ring[j], ring[j+1], ring[k], ring[k+1], j == k+1 || j == n-1 && k == 0) {
					want = false
				}
			}
		}
		repeated := false
		for j := range n {
			repeated = repeated || ring[j] == ring[j+1]
		}
		if repeated {
			continue
		}
		got := Validate(orb.MultiPolygon{{ring}})
		seen[want]++
		if (got == nil) != want {
			t.Fatalf("%v: %v, want valid %v", ring, got, want)
		}
	}
	t.Logf("valid and not: %v", seen)
}

// disjoint says, by rational arithmetic, whether two edges have no point in common, or for neighbours none but the
// end they share.
func disjoint(a, b, c, d orb.Point, neighbours bool) bool {
	oc, od, oa, ob := ratOrient(a, b, c), ratOrient(a, b, d), ratOrient(c, d, a), ratOrient(c, d, b)
	if neighbours {
		// They share an end; they overlap if they are on one line and on the same side of it.
		if oc != 0 || od != 0 {
			return true
		}
		lo, hi := inner(a, b, c, d)
		return lo == hi
	}
	if oc == 0 && od == 0 {
		lo, hi := inner(a, b, c, d)
		return order(lo, hi) > 0
	}
	return oc*od > 0 || oa*ob > 0
}

func TestSelfIntersectionIsPlaced(t *testing.T) {
	err := Validate(orb.MultiPolygon{{{{0, 0}, {4, 4}, {4, 0}, {0, 4}, {0, 0}}}})
	const want = "coordinates[0][0][0]: ring 1 crosses or touches itself near (2, 2)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func BenchmarkValidate(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{100, 10_000, 100_000, 1_000_000} {
		for name, ring := range map[string]orb.Ring{
			"coast": wiggle(r, orb.Point{50, 30}, 5, n),
			"burst": star(r, orb.Point{50, 30}, 5, n), // long edges that all reach towards one place
			"comb":  comb(n, false),
			"slats": comb(n, true),
		} {
			if n > 100_000 && name != "coast" {
				continue
			}
			b.Run(fmt.Sprintf("%s/n=%d", name, n), func(b *testing.B) {
				mp := orb.MultiPolygon{{ring}}
				for b.Loop() {
					if err := Validate(mp); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// comb is a ring of long thin teeth.
func comb(n int, slanted bool) orb.Ring {
	var ring orb.Ring
	for i := range n / 2 {
		x, dx := float64(i)*10/float64(n), 0.0
		if slanted {
			dx = 20
		}
		if i%2 == 0 {
			ring = append(ring, orb.Point{x, 0}, orb.Point{x + dx, 20})
		} else {
			ring = append(ring, orb.Point{x + dx, 20}, orb.Point{x, 0})
		}
	}
	ring = append(ring, orb.Point{40, -1}, orb.Point{-1, -1})
	return append(ring, ring[0])
}
