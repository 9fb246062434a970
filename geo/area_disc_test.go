package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"
)

// destination returns the place distM metres from p towards azimuth (degrees clockwise from north).
func destination(p orb.Point, azimuth, distM float64) orb.Point {
	var q orb.Point
	geodesic.WGS84.Direct(p[1], p[0], azimuth, distM, &q[1], &q[0], nil)
	return q
}

// anywhere returns a place, often at a rim of the map.
func anywhere(r *rand.Rand) orb.Point {
	p := orb.Point{360*r.Float64() - 180, math.Asin(2*r.Float64()-1) / radian}
	switch r.IntN(8) {
	case 0:
		p[0] = 180 - 0.1*r.ExpFloat64()
	case 1:
		p[0] = -180 + 0.1*r.ExpFloat64()
	case 2:
		p[1] = 90 - 0.2*r.ExpFloat64()
	case 3:
		p[1] = -90 + 0.2*r.ExpFloat64()
	}
	p[0], p[1] = min(max(p[0], -180), 180), min(max(p[1], -90), 90)
	return p
}

// Oracle: Karney's geodesics.
func TestPlaneKeepsDistances(t *testing.T) {
	r := newRand(t)
	worst := map[bool]float64{}
	for range 50_000 {
		p := anywhere(r)
		dist := math.Exp(r.Float64()*math.Log(1.9e9)) / 100 // 1 cm to 19,000 km
		azimuth := 360 * r.Float64()
		q := destination(p, azimuth, dist)
		pl := newPlane(p)
		x, y := pl.project(q)
		off := math.Abs(math.Hypot(x, y)-dist) / dist
		far := dist > 1e6
		if dist > 1 {
			worst[far] = max(worst[far], off)
		}
		if limit := 1e-4*dist + 1e-4; math.Abs(math.Hypot(x, y)-dist) > limit {
			t.Fatalf("%v to %v: %v m, want %v", p, q, math.Hypot(x, y), dist)
		}
		if dist < 1e6 { // and directions, within 0.2 degrees
			turn := math.Abs(math.Remainder(math.Atan2(x, y)/radian-azimuth, 360))
			if turn > 0.2 {
				t.Fatalf("%v to %v (%v m): azimuth %v, want %v", p, q, dist, math.Atan2(x, y)/radian, azimuth)
			}
		}
	}
	t.Logf("worst relative error: below 1,000 km %.2g, beyond %.2g", worst[false], worst[true])
}

// Oracle: Karney's geodesics.
func TestDiscBoundsHoldTheDisc(t *testing.T) {
	r := newRand(t)
	for range 20_000 {
		p := anywhere(r)
		radius := math.Exp(r.Float64() * math.Log(1.9e7))
		q := destination(p, 360*r.Float64(), radius*math.Sqrt(r.Float64()))
		bs := DiscBounds(p, radius)
		held := false
		for _, b := range bs {
			held = held || b.Min[0] <= q[0] && q[0] <= b.Max[0] && b.Min[1] <= q[1] && q[1] <= b.Max[1]
		}
		if !held || len(bs) > 2 {
			t.Fatalf("DiscBounds(%v, %v) = %v lacks %v", p, radius, bs, q)
		}
	}
	for _, bad := range []float64{0, -1, math.NaN()} {
		if bs := DiscBounds(orb.Point{10, 20}, bad); len(bs) != 1 || bs[0].Min != bs[0].Max {
			t.Errorf("radius %v: %v", bad, bs)
		}
	}
}

// edgeDistance is the oracle of the distance to an edge: dense geodesic sampling, refined around the best.
func edgeDistance(p, a, b orb.Point) float64 {
	at := func(t float64) float64 {
		return Distance(p, orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
	}
	best, bestT, lo, hi := math.Inf(1), 0.0, 0.0, 1.0
	for range 12 {
		n := 40
		for i := range n + 1 {
			t := lo + (hi-lo)*float64(i)/float64(n)
			if d := at(t); d < best {
				best, bestT = d, t
			}
		}
		step := (hi - lo) / float64(n)
		lo, hi = max(0, bestT-2*step), min(1, bestT+2*step)
	}
	return best
}

// discCase is an area and a disc somewhere near its edge.
func discCase(r *rand.Rand, maxRadius float64) (mp orb.MultiPolygon, p orb.Point, radius float64) {
	c := anywhere(r)
	radius = math.Exp(r.Float64() * math.Log(maxRadius))
	size := radius * math.Exp(4*r.Float64()-2)
	size = min(size, 5e6)
	n := 3 + r.IntN(9)
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		azimuth := -360 * (float64(i) + 0.7*r.Float64()) / float64(n)
		ring = append(ring, destination(c, azimuth, size*(0.3+0.7*r.Float64())))
	}
	ring = append(ring, ring[0])
	norm, err := Normalize(orb.MultiPolygon{{ring}})
	if err != nil {
		return discCase(r, maxRadius)
	}
	p = destination(c, 360*r.Float64(), (size+radius)*r.Float64())
	if r.IntN(6) == 0 { // on an edge
		ring := norm[0][0]
		p = ring[r.IntN(len(ring))]
	}
	return norm, p, radius
}

// Oracle: dense geodesic sampling of the edges for the verdict, of the disc for the share.
func TestDiscAgainstSampling(t *testing.T) {
	r := newRand(t)
	seen := map[Verdict]int{}
	worst := 0.0
	for i := range 300 {
		maxRadius := 2e4
		if i%4 == 0 {
			maxRadius = 2e6
		}
		mp, p, radius := discCase(r, maxRadius)
		a := NewArea(mp)
		v, share := a.Disc(p, radius)
		seen[v]++
		dist := math.Inf(1)
		for _, e := range a.boundary.edges {
			from, to := a.boundary.ends(e)
			dist = min(dist, edgeDistance(p, from, to))
		}
		tolerance := 1e-3*radius + 0.01
		want := Possible
		if dist > radius {
			if want = Outside; a.Contains(p) {
				want = Inside
			}
		}
		if v != want && math.Abs(dist-radius) > tolerance {
			t.Fatalf("case %d: Disc(%v, %v) of %v = %v, want %v (edge at %v m)", i, p, radius, mp, v, want, dist)
		}
		if v != Possible || i%3 != 0 {
			continue
		}
		if share <= 0 || share >= 1 {
			t.Fatalf("possible with share %v", share)
		}
		const n = 90
		in := 0
		for k := range n {
			s := equalAreaInverse((float64(k)+0.5)/n, radius)
			for j := range n {
				if a.Contains(destination(p, 360*(float64(j)+r.Float64())/n, s)) {
					in++
				}
			}
		}
		got := float64(in) / (n * n)
		worst = max(worst, math.Abs(got-share))
		if math.Abs(got-share) > 0.015 {
			t.Fatalf("case %d: share of Disc(%v, %v) of %v = %v, want %v", i, p, radius, mp, share, got)
		}
	}
	t.Logf("verdicts %v, worst share error %.4f (of which sampling a part)", seen, worst)
}

// equalAreaInverse returns the distance within which the given part of a disc's area lies, on a sphere.
func equalAreaInverse(part, radius float64) float64 {
	full := math.Sin(radius / (2 * meanRadiusM))
	return 2 * meanRadiusM * math.Asin(math.Sqrt(part)*full)
}

func TestDiscIsMonotone(t *testing.T) {
	r := newRand(t)
	for range 300 {
		mp, p, radius := discCase(r, 1e6)
		a := NewArea(mp)
		was := Verdict(255)
		for k := range 60 {
			rad := radius / 8 * math.Pow(1.1, float64(k))
			if k%3 == 1 {
				rad *= 1 + 1e-9
			}
			v, _ := a.Disc(p, rad)
			if was == Possible && v != Possible || was == Inside && v == Outside || was == Outside && v == Inside {
				t.Fatalf("disc around %v of %v m: %v after %v in %v", p, rad, v, was, mp)
			}
			was = v
		}
	}
}

func TestDiscByHand(t *testing.T) {
	square := orb.MultiPolygon{{{{50, 30}, {51, 30}, {51, 31}, {50, 31}, {50, 30}}}}
	fiji := orb.MultiPolygon{
		{{{178, -20}, {180, -20}, {180, -15}, {178, -15}, {178, -20}}},
		{{{-180, -20}, {-178, -20}, {-178, -15}, {-180, -15}, {-180, -20}}},
	}
	cap60 := orb.MultiPolygon{{{{-180, 60}, {180, 60}, {180, 90}, {-180, 90}, {-180, 60}}}}
	world := orb.MultiPolygon{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}}
	halves := orb.MultiPolygon{
		{{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}},
		{{{1, 0}, {2, 0}, {2, 1}, {1, 1}, {1, 0}}},
	}
	bowtie := orb.MultiPolygon{{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}}
	inf := math.Inf(1)
	for _, c := range []struct {
		name   string
		mp     orb.MultiPolygon
		p      orb.Point
		radius float64
		want   Verdict
		share  float64
	}{
		{"point", square, orb.Point{50.5, 30.5}, 0, Inside, 1},
		{"point on an edge", square, orb.Point{50, 30.5}, 0, Inside, 1},
		{"negative radius", square, orb.Point{50.5, 30.5}, -5, Inside, 1},
		{"radius that isn't a number", square, orb.Point{49, 30.5}, math.NaN(), Outside, 0},
		{"well inside", square, orb.Point{50.5, 30.5}, 10_000, Inside, 1},
		{"on an edge", square, orb.Point{50, 30.5}, 1000, Possible, 0.5},
		{"on an edge, a millimetre", square, orb.Point{50, 30.5}, 1e-3, Possible, 0.5},
		{"on a corner", square, orb.Point{50, 30}, 1000, Possible, 0.25},
		{"well outside", square, orb.Point{49.9, 30.5}, 9_000, Outside, 0},
		{"swallows it", square, orb.Point{50.5, 30.5}, 500_000, Possible, 0.01351},
		{"infinite", square, orb.Point{50.5, 30.5}, inf, Possible, 0.00002},
		{"across the antimeridian", fiji, orb.Point{180, -17}, 100_000, Inside, 1},
		{"across it from the other side", fiji, orb.Point{-179.9, -17}, 100_000, Inside, 1},
		{"beyond it", fiji, orb.Point{-177.9, -17}, 5_000, Outside, 0},
		{"over the eastern edge", fiji, orb.Point{-178, -17}, 5_000, Possible, 0.5},
		{"around the pole", cap60, orb.Point{0, 90}, 1_000_000, Inside, 1},
		{"over the pole", cap60, orb.Point{77, 89.5}, 1_000_000, Inside, 1},
		{"on the seam near the pole", cap60, orb.Point{180, 89.5}, 1_000_000, Inside, 1},
		{"world", world, orb.Point{12, 34}, 1e7, Inside, 1},
		{"world at its rim", world, orb.Point{-180, -90}, 1e7, Inside, 1},
		{"all of the world", world, orb.Point{0, 0}, inf, Inside, 1},
		{"over a shared edge", halves, orb.Point{1, 0.5}, 1000, Inside, 1},
		{"crossing of a bow tie", bowtie, orb.Point{1, 1}, 1000, Possible, 0.5},
		{"at the side of a bow tie", bowtie, orb.Point{1.9, 1}, 1000, Inside, 1},
		{"over the notch of a bow tie", bowtie, orb.Point{1, 1.9}, 1000, Outside, 0},
		{"not a place", square, orb.Point{math.NaN(), 30.5}, 1e6, Outside, 0},
	} {
		v, share := NewArea(c.mp).Disc(c.p, c.radius)
		if v != c.want || math.Abs(share-c.share) > 0.003 {
			t.Errorf("%s: %v %.5f, want %v %.5f", c.name, v, share, c.want, c.share)
		}
	}
}

// Oracle: dense geodesic sampling of all edges.
func TestDistanceAgainstSampling(t *testing.T) {
	r := newRand(t)
	for i := range 250 {
		mp, _, size := discCase(r, 1e6)
		a := NewArea(mp)
		p := anywhere(r)
		if i%2 == 0 {
			p = destination(mp[0][0][0], 360*r.Float64(), size*r.ExpFloat64())
		}
		want := math.Inf(1)
		if a.Contains(p) {
			want = 0
		} else {
			for _, e := range a.boundary.edges {
				from, to := a.boundary.ends(e)
				want = min(want, edgeDistance(p, from, to))
			}
		}
		if got := a.Distance(p); math.Abs(got-want) > 1e-4*want+0.01 {
			t.Fatalf("distance from %v to %v = %v, want %v", p, mp, got, want)
		}
	}
}

func BenchmarkDisc(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{10, 1000, 10_000} {
		a := NewArea(orb.MultiPolygon{{wiggle(r, orb.Point{50, 30}, 5, n)}})
		edge := a.strips.pts
		for _, radius := range []float64{100, 1000, 5000, 50_000} {
			for _, where := range []string{"anywhere", "edge"} {
				b.Run(fmt.Sprintf("n=%d/radius=%v/%s", n, radius, where), func(b *testing.B) {
					ps := make([]orb.Point, 4096)
					for i := range ps {
						ps[i] = orb.Point{45 + 10*r.Float64(), 25 + 10*r.Float64()}
						if where == "edge" {
							ps[i] = destination(edge[r.IntN(len(edge))], 360*r.Float64(), radius*r.Float64())
						}
					}
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						a.Disc(ps[i&4095], radius)
					}
				})
			}
		}
	}
}

func BenchmarkDistance(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			a := NewArea(orb.MultiPolygon{{wiggle(r, orb.Point{50, 30}, 5, n)}})
			for i := 0; b.Loop(); i++ {
				a.Distance(orb.Point{float64(i%360) - 180, float64(i%180) - 90})
			}
		})
	}
}
