package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// denseCase is an area and a disc near its edge: a kind of place that is hard, with radii from a centimetre to
// thousands of kilometres. ok is false when chance made no area.
type denseCase struct {
	name string
	make func(r *rand.Rand) (mp orb.MultiPolygon, p orb.Point, radius float64, ok bool)
}

// logUniform returns a number between lo and hi, each order of magnitude as likely as another.
func logUniform(r *rand.Rand, lo, hi float64) float64 {
	return lo * math.Exp(r.Float64()*math.Log(hi/lo))
}

// starRing is a ring around c whose vertices are up to size metres away, in order of azimuth.
func starRing(r *rand.Rand, c orb.Point, size float64, n int) orb.Ring {
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		azimuth := -360 * (float64(i) + 0.7*r.Float64()) / float64(n)
		ring = append(ring, destination(c, azimuth, size*(0.3+0.7*r.Float64())))
	}
	return append(ring, ring[0])
}

// starsAround returns an area of stars around c, perhaps with a hole, and a place at or near its edge.
func starsAround(r *rand.Rand, c orb.Point, radius float64) (orb.MultiPolygon, orb.Point, float64, bool) {
	size := min(logUniform(r, radius/5, radius*20), 3e6)
	poly := orb.Polygon{starRing(r, c, size, 3+r.IntN(10))}
	if r.IntN(3) == 0 {
		poly = append(poly, starRing(r, c, size*0.25, 3+r.IntN(5)))
	}
	mp, err := Normalize(orb.MultiPolygon{poly})
	if err != nil {
		return nil, orb.Point{}, 0, false
	}
	return mp, beside(r, mp, radius), radius, true
}

// beside returns a place on an edge, some millimetres beside one, or up to somewhat more than radius metres.
func beside(r *rand.Rand, mp orb.MultiPolygon, radius float64) orb.Point {
	poly := mp[r.IntN(len(mp))]
	ring := poly[r.IntN(len(poly))]
	i := r.IntN(len(ring) - 1)
	a, b := ring[i], ring[i+1]
	t := r.Float64()
	p := orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
	switch r.IntN(8) {
	case 0:
		return p
	case 1:
		return destination(p, 360*r.Float64(), logUniform(r, 1e-6, 0.01))
	}
	return destination(p, 360*r.Float64(), radius*1.3*r.Float64())
}

var denseCases = []denseCase{
	{"anywhere", func(r *rand.Rand) (orb.MultiPolygon, orb.Point, float64, bool) {
		return starsAround(r, anywhere(r), logUniform(r, 1, 1e5))
	}},
	{"tiny", func(r *rand.Rand) (orb.MultiPolygon, orb.Point, float64, bool) {
		return starsAround(r, anywhere(r), logUniform(r, 0.01, 1))
	}},
	{"huge", func(r *rand.Rand) (orb.MultiPolygon, orb.Point, float64, bool) {
		return starsAround(r, anywhere(r), logUniform(r, 5e5, 6e6))
	}},
	{"antimeridian", func(r *rand.Rand) (orb.MultiPolygon, orb.Point, float64, bool) {
		radius := logUniform(r, 1, 1e6)
		c := orb.Point{180, 140*r.Float64() - 70}
		return starsAround(r, destination(c, 360*r.Float64(), radius*r.Float64()), radius)
	}},
	{"near a pole", func(r *rand.Rand) (orb.MultiPolygon, orb.Point, float64, bool) {
		radius := logUniform(r, 1, 3e5)
		pole := orb.Point{360*r.Float64() - 180, []float64{-90, 90}[r.IntN(2)]}
		return starsAround(r, destination(pole, 360*r.Float64(), radius*(0.5+20*r.Float64())), radius)
	}},
	{"around a pole", func(r *rand.Rand) (orb.MultiPolygon, orb.Point, float64, bool) {
		// A cap with a wavy rim, closed along the pole.
		radius := logUniform(r, 100, 2e6)
		lat := 90 - min(logUniform(r, radius/5, radius*5)/111e3, 60)
		ring := orb.Ring{{-180, 90}}
		for lon := -180.0; lon <= 180; lon += 15 {
			ring = append(ring, orb.Point{lon, lat + 0.3*(90-lat)*math.Sin(lon*radian*3)*math.Sin(lon*radian)})
		}
		ring = append(ring, orb.Point{180, 90}, ring[0])
		south := r.IntN(2) == 0
		for i := range ring {
			if south {
				ring[i][1] = -ring[i][1]
			}
		}
		mp := orb.MultiPolygon{{ring}}
		p := beside(r, orb.MultiPolygon{{ring[1 : len(ring)-2]}}, radius)
		return mp, p, radius, true
	}},
	{"long edges", func(r *rand.Rand) (orb.MultiPolygon, orb.Point, float64, bool) {
		// A quadrangle whose edges are straight in lon/lat over tens of degrees.
		w, e := -170+60*r.Float64(), 170-60*r.Float64()
		s, n := -80+50*r.Float64(), 80-50*r.Float64()
		mp := orb.MultiPolygon{{{{w, s}, {e, s + 20*r.Float64()}, {e - 30*r.Float64(), n}, {w + 30*r.Float64(), n - 20*r.Float64()}, {w, s}}}}
		radius := logUniform(r, 1, 1e6)
		return mp, beside(r, mp, radius), radius, true
	}},
}

// eachDense calls fn with n cases of each kind.
func eachDense(t *testing.T, n int, fn func(t *testing.T, r *rand.Rand, a *Area, p orb.Point, radius float64)) {
	if raceOn { // all of it runs in one goroutine
		n /= 5
	}
	for _, c := range denseCases {
		t.Run(c.name, func(t *testing.T) {
			r := newRand(t)
			for range n {
				mp, p, radius, ok := c.make(r)
				if !ok || !onEarth(p) {
					continue
				}
				fn(t, r, NewArea(mp), p, radius)
				if t.Failed() {
					t.Fatalf("Disc(%v, %v) of %v", p, radius, mp)
				}
			}
		})
	}
}

// tolerance is by how much, in metres, a disc may count as larger or smaller than it is.
func tolerance(radius float64) float64 { return 1e-3*radius + 0.01 }

// Oracle: Karney's geodesics. Circles of thousands of places around p, on the rim and within, tell what a certain
// disc may not say; the nearest of dense samples of all edges tells what an uncertain one may not.
func TestDiscAgainstCircles(t *testing.T) {
	const places, rings = 2000, 4
	eachDense(t, 60, func(t *testing.T, r *rand.Rand, a *Area, p orb.Point, radius float64) {
		v, share := a.Disc(p, radius)
		if (share == 1) != (v == Inside) || (share == 0) != (v == Outside) || share < 0 || share > 1 {
			t.Errorf("%v with a share of %v", v, share)
		}
		nearest := math.Inf(1)
		for _, e := range a.boundary.edges {
			from, to := a.boundary.ends(e)
			nearest = min(nearest, denseDistance(p, from, to, nearest))
		}
		if v == Possible {
			if nearest > radius+tolerance(radius) {
				t.Errorf("possible, but the nearest edge is %v m away", nearest)
			}
			return
		}
		if nearest < radius-tolerance(radius) {
			t.Errorf("%v, but an edge is %v m away", v, nearest)
		}
		for k := range rings {
			// What is nearer to the centre than the tolerance says nothing.
			at := (radius - tolerance(radius)) * float64(rings-k) / rings
			if at <= 0 {
				break
			}
			from := r.Float64()
			for i := range places {
				q := destination(p, 360*(float64(i)+from)/places, at)
				if a.Contains(q) != (v == Inside) {
					t.Errorf("%v, but %v, %v m away, is not", v, q, at)
					return
				}
			}
		}
	})
}

// denseDistance is the oracle of the distance to an edge: samples along it, ever denser around the best. It is done
// early when the edge can't be nearer than enough.
func denseDistance(p, a, b orb.Point, enough float64) float64 {
	at := func(t float64) float64 {
		return Distance(p, orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
	}
	best, bestT := math.Inf(1), 0.0
	look := func(lo, hi float64, n int) {
		for i := range n + 1 {
			t := lo + (hi-lo)*float64(i)/float64(n)
			if d := at(t); d < best {
				best, bestT = d, t
			}
		}
	}
	const n = 200
	look(0, 1, n)
	// No place of the edge is farther from a sample than half a step, a degree being 111.7 km at most.
	step := 1.0 / n
	if length := 111.7e3 * math.Hypot(a[0]-b[0], a[1]-b[1]); best-length*step > enough {
		return best
	}
	for range 10 {
		look(max(0, bestT-2*step), min(1, bestT+2*step), 20)
		step /= 5
	}
	return best
}

// Oracle: places all over the disc, one at random in each of many parts of equal area.
func TestDiscShareAgainstPlaces(t *testing.T) {
	worst := 0.0
	eachDense(t, 25, func(t *testing.T, r *rand.Rand, a *Area, p orb.Point, radius float64) {
		v, share := a.Disc(p, radius)
		if v != Possible || radius < 10 { // below, the tolerance of the radius is more than the share's
			return
		}
		const n = 120
		in := 0
		for i := range n {
			for k := range n {
				dist := equalAreaInverse((float64(i)+r.Float64())/n, radius)
				if a.Contains(destination(p, 360*(float64(k)+r.Float64())/n, dist)) {
					in++
				}
			}
		}
		want := float64(in) / (n * n)
		worst = max(worst, math.Abs(share-want))
		if math.Abs(share-want) > 0.01 {
			t.Errorf("the share is %v, want %v", share, want)
		}
	})
	t.Logf("worst error of a share %.4f, of which the sampling's is about 0.001", worst)
}

// Enlarging a radius never turns possible into a certainty, nor one certainty into the other: in a sweep over all
// orders of magnitude, and double by double around where certainty ends.
func TestDiscSweepIsMonotone(t *testing.T) {
	eachDense(t, 20, func(t *testing.T, _ *rand.Rand, a *Area, p orb.Point, radius float64) {
		was, before := Verdict(255), 0.0
		next := func(radius float64) Verdict {
			v, _ := a.Disc(p, radius)
			if was == Possible && v != Possible || was == Inside && v == Outside || was == Outside && v == Inside {
				t.Errorf("%v m: %v, but %v m: %v", before, was, radius, v)
			}
			was, before = v, radius
			return v
		}
		sure, unsure := 0.0, math.Inf(1)
		for at := 1e-3; at < 1.9e7; at *= 1.07 {
			if next(at) == Possible {
				unsure = min(unsure, at)
			} else {
				sure = at
			}
		}
		if sure == 0 || math.IsInf(unsure, 1) {
			return
		}
		for sure < unsure {
			mid := sure + (unsure-sure)/2
			if mid == sure || mid == unsure {
				break
			}
			if v, _ := a.Disc(p, mid); v == Possible {
				unsure = mid
			} else {
				sure = mid
			}
		}
		at := sure
		for range 50 {
			at = math.Nextafter(at, 0)
		}
		was = Verdict(255)
		for range 100 {
			next(at)
			at = math.Nextafter(at, math.Inf(1))
		}
	})
}

// looked counts the boxes and the edges that a disc makes a boundary look at, and how many edges pass through the box of
// the disc. It walks as Disc does.
func looked(a *Area, p orb.Point, radius float64) (boxes, edges, met int) {
	d := disc{plane: newPlane(p), bd: &a.boundary, reachM: radius}
	d.boxes, d.nBoxes = boundsAround(p, discReach(radius), d.plane.axisM)
	var walk func(level, i int)
	walk = func(level, i int) {
		boxes++
		if !d.near(&d.bd.levels[level][i]) {
			return
		}
		if level > 0 {
			for j := i * fan; j < min((i+1)*fan, len(d.bd.levels[level-1])); j++ {
				walk(level-1, j)
			}
			return
		}
		for _, e := range d.bd.edges[i*fan : min((i+1)*fan, len(d.bd.edges))] {
			edges++
			if d.passes(d.bd.ends(e)) {
				met++
			}
		}
	}
	if top := len(d.bd.levels) - 1; top >= 0 {
		walk(top, 0)
	}
	return boxes, edges, met
}

// costlyZones are zones of about 100,000 vertices.
func costlyZones(r *rand.Rand) map[string]orb.MultiPolygon {
	islands := make(orb.MultiPolygon, 0, 25_000)
	for _, i := range r.Perm(25_000) { // in the order that somebody's file happens to have
		c := orb.Point{45 + 10*(float64(i%158)+0.5)/158, 25 + 10*(float64(i/158)+0.5)/158}
		islands = append(islands, orb.Polygon{{{c[0] - 0.01, c[1] - 0.01}, {c[0] + 0.01, c[1] - 0.01}, {c[0], c[1] + 0.01}, {c[0] - 0.01, c[1] - 0.01}}})
	}
	return map[string]orb.MultiPolygon{
		"one ring": {{wiggle(r, orb.Point{50, 30}, 5, 100_000)}},
		"islands":  islands,
	}
}

// A radius costs what lies around the disc, not the zone: however many edges it has, a few runs of neighbours are
// looked at beside those that the disc meets.
func TestDiscDoesNotScanTheZone(t *testing.T) {
	r := newRand(t)
	for name, mp := range costlyZones(r) {
		t.Run(name, func(t *testing.T) {
			a := NewArea(mp)
			boxes, edges, _ := looked(a, orb.Point{50.003, 30.003}, 10_000)
			t.Logf("10 km in the middle of %d edges: %d boxes, %d edges", len(a.boundary.edges), boxes, edges)
			worst := 0
			for range 2000 {
				p := orb.Point{45 + 10*r.Float64(), 25 + 10*r.Float64()}
				radius := logUniform(r, 1, 1e4)
				boxes, edges, met := looked(a, p, radius)
				worst = max(worst, boxes+edges-8*met)
				if boxes+edges > 600+8*met {
					t.Fatalf("Disc(%v, %v) looks at %d boxes and %d edges, %d of which it meets", p, radius, boxes, edges, met)
				}
			}
			t.Logf("at most %d besides eight for each edge that is met", worst)
		})
	}
}

func BenchmarkDiscInTheMiddle(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1000, 10_000, 100_000, 1_000_000} {
		a := NewArea(orb.MultiPolygon{{wiggle(r, orb.Point{50, 30}, 5, n)}})
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.Disc(orb.Point{50, 30}, 10_000)
			}
		})
	}
	a := NewArea(costlyZones(r)["islands"])
	b.Run("islands", func(b *testing.B) {
		for b.Loop() {
			a.Disc(orb.Point{50.003, 30.003}, 10_000)
		}
	})
}
