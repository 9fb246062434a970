package main

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
)

// zone is one area of a set. Its id is its place in the set.
type zone = orb.MultiPolygon

// set is a kind of zones, and what is asked of it.
type set struct {
	name string
	box  orb.Bound // where zones and points are
	// zones makes the zones: the same for the same seed.
	zones func(p places, rng *rand.Rand, b orb.Bound) []zone
	goal  goal // of points-NAME
	// heavy sets have at least half a million vertices: memory and build have goals there.
	heavy bool
	// compared is for the set on which change and adversarial points are measured too.
	compared bool
}

var allSets = []set{
	{name: "me", box: orb.Bound{Min: orb.Point{9, 11}, Max: orb.Point{64, 43}}, zones: middleEast, goal: atLeastTimes(10)},
	{name: "z1k", box: regionBox, zones: blobs(1000), goal: atLeastTimes(14), heavy: true, compared: true},
	{name: "world", box: orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}, zones: countries, goal: atLeastTimes(35), heavy: true},
	{name: "z10k", box: regionBox, zones: blobs(10_000), goal: atLeastTimes(20), heavy: true},
}

// regionBox is where the blobs are, ten times as many over each point when there are 10,000, and the people.
var regionBox = orb.Bound{Min: orb.Point{20, 10}, Max: orb.Point{75, 45}}

// measures are the names of all that is measured on the set.
func (s set) measures() []string {
	names := []string{"points-" + s.name, singleName(s), "allocs", "bytes-per-vertex-" + s.name, "build-per-vertex-" + s.name, "build-peak-" + s.name}
	if s.compared {
		names = append(names, "floor", "points-z1k-per-floor", "adversarial-z1k", "rematch-z1k")
	}
	return names
}

// rng returns the set's own source of randomness.
func (s set) rng(seed uint64) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a, so that sets of one seed differ
	for _, c := range []byte(s.name) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}

func middleEast(p places, _ *rand.Rand, _ orb.Bound) []zone {
	var zs []zone
	for _, code := range []string{
		"AE", "BH", "CY", "EG", "IL", "IQ", "IR", "JO", "KW", "LB", "LY", "OM", "PS", "QA", "SA", "SY", "TR", "YE",
	} {
		c, _ := p.world.Country(code)
		zs = append(zs, c.Shape)
	}
	return zs
}

func countries(p places, _ *rand.Rand, _ orb.Bound) []zone {
	var zs []zone
	for _, code := range p.world.CountryCodes() {
		c, _ := p.world.Country(code)
		zs = append(zs, c.Shape)
	}
	return zs
}

// blobs returns a maker of n wiggly zones, 0.2 to 3 degrees across, six of ten around places. One in ten has a hole.
func blobs(n int) func(places, *rand.Rand, orb.Bound) []zone {
	return func(p places, rng *rand.Rand, b orb.Bound) []zone {
		at := p.within(b)
		zs := make([]zone, n)
		for i := range zs {
			c := anywhere(rng, b)
			if rng.IntN(10) < 6 {
				near := at[rng.IntN(len(at))]
				c = orb.Point{near.Point[0] + rng.NormFloat64(), near.Point[1] + rng.NormFloat64()}
			}
			radius := 0.1 * math.Pow(15, rng.Float64())
			zs[i] = zone{blob(rng, c, radius, 600+rng.IntN(600), rng.IntN(10) == 0)}
		}
		return zs
	}
}

// waves are how many make the edge of a blob: as a coast, it has bays of all sizes, and the larger the deeper.
const waves = 60

// blob returns a polygon of about n vertices whose edge is a sum of waves around c: it sees all of itself from there,
// so it is valid. A hole is the same shape, smaller.
func blob(rng *rand.Rand, c orb.Point, radius float64, n int, hole bool) orb.Polygon {
	var amplitude, phase [waves]float64
	for k := range amplitude {
		amplitude[k] = 0.8 * (rng.Float64() - 0.5) / float64(k+2)
		phase[k] = 2 * math.Pi * rng.Float64()
	}
	ring := func(n int, scale float64) orb.Ring {
		r := make(orb.Ring, 0, n+1)
		for i := range n {
			angle := 2 * math.Pi * float64(i) / float64(n)
			wave := 1.0
			for k := range amplitude {
				wave += amplitude[k] * math.Sin(float64(k+2)*angle+phase[k])
			}
			wave = max(wave, 0.2) * (1 + 0.004*(rng.Float64()-0.5))
			r = append(r, orb.Point{c[0] + scale*radius*wave*math.Cos(angle), c[1] + scale*radius*wave*math.Sin(angle)})
		}
		return append(r, r[0])
	}
	if !hole {
		return orb.Polygon{ring(n, 1)}
	}
	inner := ring(n/3, 0.4)
	inner.Reverse()
	return orb.Polygon{ring(n-n/3, 1), inner}
}

// vertices returns the number of positions in zs, closing ones included.
func vertices(zs []zone) int {
	n := 0
	for _, z := range zs {
		for _, p := range z {
			for _, r := range p {
				n += len(r)
			}
		}
	}
	return n
}

// adversarial returns n points where answers go wrong: on vertices, on the middle of edges, at the height of a
// vertex, and one unit in the last place off each.
func adversarial(rng *rand.Rand, zs []zone, n int) []orb.Point {
	pts := make([]orb.Point, n)
	for i := range pts {
		z := zs[rng.IntN(len(zs))]
		poly := z[rng.IntN(len(z))]
		ring := poly[rng.IntN(len(poly))]
		k := rng.IntN(len(ring) - 1)
		a, b := ring[k], ring[k+1]
		p := a
		switch rng.IntN(4) {
		case 0: // the vertex itself
		case 1:
			p = orb.Point{a[0] + (b[0]-a[0])/2, a[1] + (b[1]-a[1])/2}
		case 2:
			t := rng.Float64()
			p = orb.Point{a[0] + (b[0]-a[0])*t, a[1] + (b[1]-a[1])*t}
		case 3: // a ray through the vertex
			p = orb.Point{a[0] - rng.Float64(), a[1]}
		}
		for axis := range 2 {
			switch rng.IntN(4) {
			case 0:
				p[axis] = math.Nextafter(p[axis], -200)
			case 1:
				p[axis] = math.Nextafter(p[axis], 200)
			}
		}
		pts[i] = p
	}
	return pts
}

// setNamed returns the set of that name.
func setNamed(name string) (s set, ok bool) {
	for _, s := range allSets {
		if s.name == name {
			return s, true
		}
	}
	return set{}, false
}
