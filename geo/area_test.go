package geo

import (
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random tests; 0 takes the time")

var fullFlag = flag.Bool("full", false, "look at every place there is, for minutes")

// newRand returns a source whose seed is logged, so that a failure can be run again.
func newRand(t testing.TB) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (repeat with -seed=%[1]d)", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// ratOrient is the oracle of orient: rational arithmetic.
func ratOrient(a, b, c orb.Point) int {
	r := func(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }
	sub := func(x, y float64) *big.Rat { return new(big.Rat).Sub(r(x), r(y)) }
	l := new(big.Rat).Mul(sub(a[0], c[0]), sub(b[1], c[1]))
	m := new(big.Rat).Mul(sub(a[1], c[1]), sub(b[0], c[0]))
	return l.Cmp(m)
}

// ratContains is the oracle of Contains: even-odd by rational arithmetic over all edges, edges inside.
func ratContains(mp orb.MultiPolygon, p orb.Point) bool {
	odd := false
	for _, poly := range mp {
		for _, ring := range poly {
			for i := range ring {
				a, b := ring[i], ring[(i+1)%len(ring)]
				if a[1] > b[1] {
					a, b = b, a
				}
				if p[1] < a[1] || p[1] > b[1] {
					continue
				}
				o := ratOrient(a, b, p)
				if o == 0 && p[0] >= min(a[0], b[0]) && p[0] <= max(a[0], b[0]) {
					return true
				}
				if o > 0 && a[1] <= p[1] && p[1] < b[1] {
					odd = !odd
				}
			}
		}
	}
	return odd
}

// star returns a ring around c whose corners are at random distances: it never crosses itself.
func star(r *rand.Rand, c orb.Point, radius float64, n int) orb.Ring {
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + 0.8*r.Float64()) / float64(n))
		d := radius * (0.3 + 0.7*r.Float64())
		ring = append(ring, orb.Point{c[0] + d*cos, c[1] + d*sin})
	}
	return append(ring, ring[0])
}

// nudge moves p by up to three units in the last place of each coordinate.
func nudge(r *rand.Rand, p orb.Point) orb.Point {
	for i := range p {
		for range r.IntN(4) {
			p[i] = math.Nextafter(p[i], []float64{math.Inf(-1), math.Inf(1)}[r.IntN(2)])
		}
	}
	return p
}

// tricky returns a place that floating point gets wrong if anything does: a corner, a place on or beside an edge,
// level with a corner.
func tricky(r *rand.Rand, mp orb.MultiPolygon) orb.Point {
	poly := mp[r.IntN(len(mp))]
	ring := poly[r.IntN(len(poly))]
	i := r.IntN(len(ring))
	a, b := ring[i], ring[(i+1)%len(ring)]
	t := r.Float64()
	switch r.IntN(7) {
	case 0:
		return a
	case 1:
		return nudge(r, a)
	case 2:
		return nudge(r, orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2})
	case 3:
		return nudge(r, orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
	case 4:
		o := ring[r.IntN(len(ring))]
		return nudge(r, orb.Point{o[0], a[1]})
	case 5:
		return nudge(r, orb.Point{a[0] + 3*t*(b[0]-a[0]), a[1] + 3*t*(b[1]-a[1])})
	}
	return orb.Point{a[0] + (2*t-1)*5*(b[0]-a[0]), a[1] + r.Float64()*5*(b[1]-a[1])}
}

// Oracle: rational arithmetic.
func TestOrientIsExact(t *testing.T) {
	r := newRand(t)
	scales := []float64{1, 180, 1e-3, 1e-9, 0x1p-300, 0x1p-450, 0x1p-700, 0x1p-1040, 5e-324, 0x1p450, 0x1p900, math.MaxFloat64}
	byProducts := 0
	for i := range 30_000 {
		s := scales[r.IntN(len(scales))]
		at := func() orb.Point {
			p := orb.Point{(2*r.Float64() - 1) * s, (2*r.Float64() - 1) * s}
			if i%5 == 0 { // mixed magnitudes
				p[r.IntN(2)] = (2*r.Float64() - 1) * scales[r.IntN(len(scales))]
			}
			if i%7 == 0 {
				p[r.IntN(2)] = 0
			}
			return p
		}
		a, b := at(), at()
		c := at()
		if i%2 == 0 { // nearly on the line
			u := 3*r.Float64() - 1
			c = nudge(r, orb.Point{a[0] + u*(b[0]-a[0]), a[1] + u*(b[1]-a[1])})
		}
		if math.IsInf(c[0]+c[1], 0) || math.IsNaN(c[0]+c[1]) {
			continue
		}
		if got, want := orient(a, b, c), ratOrient(a, b, c); got != want {
			t.Fatalf("orient(%v, %v, %v) = %d, want %d", a, b, c, got, want)
		}
		if expandable(a) && expandable(b) && expandable(c) {
			if got, want := orientExpansion(a, b, c), ratOrient(a, b, c); got != want {
				t.Fatalf("orientExpansion(%v, %v, %v) = %d, want %d", a, b, c, got, want)
			}
			if got, ok := orientProducts(a, b, c); ok {
				if want := ratOrient(a, b, c); got != want {
					t.Fatalf("orientProducts(%v, %v, %v) = %d, want %d", a, b, c, got, want)
				}
				byProducts++
			}
		}
		if got, want := orientFixed(a, b, c), ratOrient(a, b, c); got != want {
			t.Fatalf("orientFixed(%v, %v, %v) = %d, want %d", a, b, c, got, want)
		}
	}
	if byProducts < 1000 {
		t.Errorf("only %d were settled by products", byProducts)
	}
}

// Oracle: rational arithmetic.
func TestContainsIsExact(t *testing.T) {
	r := newRand(t)
	shapes := map[string]func() orb.MultiPolygon{
		"stars":  func() orb.MultiPolygon { return orb.MultiPolygon{{star(r, orb.Point{50, 30}, 10, 3+r.IntN(40))}} },
		"tiny":   func() orb.MultiPolygon { return orb.MultiPolygon{{star(r, orb.Point{50, 30}, 1e-13, 3+r.IntN(9))}} },
		"minute": func() orb.MultiPolygon { return orb.MultiPolygon{{star(r, orb.Point{}, 1e-300, 3+r.IntN(9))}} },
		"denormal": func() orb.MultiPolygon {
			return orb.MultiPolygon{{star(r, orb.Point{}, 1e-321, 3+r.IntN(9))}, {star(r, orb.Point{}, 170, 5)}}
		},
		"holes": func() orb.MultiPolygon {
			return orb.MultiPolygon{{star(r, orb.Point{-100, -40}, 30, 20), star(r, orb.Point{-100, -40}, 8, 9)}}
		},
		"grid": func() orb.MultiPolygon { // many equal coordinates, self-crossing, spikes
			var mp orb.MultiPolygon
			for range 1 + r.IntN(3) {
				var ring orb.Ring
				for range 3 + r.IntN(12) {
					ring = append(ring, orb.Point{float64(r.IntN(6)) / 10, float64(r.IntN(6)) / 10})
				}
				mp = append(mp, orb.Polygon{append(ring, ring[0])})
			}
			return mp
		},
		"shared edges": func() orb.MultiPolygon {
			x := r.Float64()
			return orb.MultiPolygon{
				{{{0, 0}, {x, 0}, {x + 0.1, 1}, {0, 1}, {0, 0}}},
				{{{x, 0}, {2, 0}, {2, 1}, {x + 0.1, 1}, {x, 0}}},
			}
		},
		"rims": func() orb.MultiPolygon {
			return orb.MultiPolygon{{{{-180, -90}, {180, -90}, {180, r.Float64()}, {0, 90 * r.Float64()}, {-180, 90}, {-180, -90}}}}
		},
		"sliver": func() orb.MultiPolygon {
			a, b := orb.Point{r.Float64(), r.Float64()}, orb.Point{50 + r.Float64(), 30 + r.Float64()}
			return orb.MultiPolygon{{{a, b, nudge(r, orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}), a}}}
		},
		"open": func() orb.MultiPolygon { rg := star(r, orb.Point{1, 1}, 1, 7); return orb.MultiPolygon{{rg[:7]}} },
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			for range 60 {
				mp := shape()
				a := NewArea(mp)
				for range 60 {
					p := tricky(r, mp)
					want := ratContains(mp, p)
					if p[0] == 180 || p[0] == -180 {
						want = want || ratContains(mp, orb.Point{-p[0], p[1]})
					}
					if got := a.Contains(p); got != want {
						t.Fatalf("%v contains %v: %v, want %v", mp, p, got, want)
					}
				}
			}
		})
	}
}

func TestContainsByHand(t *testing.T) {
	// A square with a square hole, and a separate triangle.
	//   (0,10)─────(10,10)
	//     │  (4,6)─(6,6)│      (20,5)
	//     │    │     │  │     ╱     ╲
	//     │  (4,4)─(6,4)│  (15,0)─(25,0)
	//   (0,0)──────(10,0)
	a := NewArea(orb.MultiPolygon{
		{{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}, {{4, 4}, {4, 6}, {6, 6}, {6, 4}, {4, 4}}},
		{{{15, 0}, {25, 0}, {20, 5}, {15, 0}}},
	})
	for _, c := range []struct {
		name string
		p    orb.Point
		want bool
	}{
		{"inside", orb.Point{1, 1}, true},
		{"corner", orb.Point{0, 0}, true},
		{"edge", orb.Point{10, 5}, true},
		{"in the hole", orb.Point{5, 5}, false},
		{"edge of the hole", orb.Point{4, 5}, true},
		{"corner of the hole", orb.Point{6, 6}, true},
		{"level with the hole", orb.Point{2, 6}, true},
		{"between", orb.Point{12, 2}, false},
		{"second polygon", orb.Point{20, 1}, true},
		{"its apex", orb.Point{20, 5}, true},
		{"just above it", orb.Point{20, math.Nextafter(5, 6)}, false},
		{"left of all", orb.Point{-1, 5}, false},
		{"not a number", orb.Point{math.NaN(), 5}, false},
		{"infinite", orb.Point{math.Inf(1), 5}, false},
	} {
		if got := a.Contains(c.p); got != c.want {
			t.Errorf("%s: %v is %v, want %v", c.name, c.p, got, c.want)
		}
	}
}

func TestEmptyAreaContainsNothing(t *testing.T) {
	for _, mp := range []orb.MultiPolygon{nil, {}, {{}}, {{{}}}, {nil, {nil}}} {
		a := NewArea(mp)
		if a.Contains(orb.Point{}) || a.Contains(orb.Point{1, 1}) {
			t.Errorf("%v contains something", mp)
		}
		if v, share := a.Disc(orb.Point{}, 1e6); v != Outside || share != 0 {
			t.Errorf("%v: disc %v %v", mp, v, share)
		}
		if d := a.Distance(orb.Point{}); !math.IsInf(d, 1) {
			t.Errorf("%v: distance %v", mp, d)
		}
	}
}

func BenchmarkContains(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{10, 100, 1000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			a := NewArea(orb.MultiPolygon{{wiggle(r, orb.Point{50, 30}, 5, n)}})
			ps := make([]orb.Point, 4096)
			for i := range ps {
				ps[i] = orb.Point{45 + 10*r.Float64(), 25 + 10*r.Float64()}
			}
			for i := 0; b.Loop(); i++ {
				a.Contains(ps[i&4095])
			}
		})
	}
}

// wiggle is a ring like a coast: a circle roughened at all scales.
func wiggle(r *rand.Rand, c orb.Point, radius float64, n int) orb.Ring {
	var amp, ph [12]float64
	for i := range amp {
		amp[i], ph[i] = 0.25/math.Pow(1.6, float64(i)), 2*math.Pi*r.Float64()
	}
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		th := 2 * math.Pi * float64(i) / float64(n)
		d := 1.0
		for k := range amp {
			d += amp[k] * math.Sin(ph[k]+th*float64(int(2)<<k))
		}
		d = radius * max(d, 0.1) * (1 + 0.2/float64(n)*r.Float64())
		sin, cos := math.Sincos(th)
		ring = append(ring, orb.Point{c[0] + d*cos, c[1] + d*sin})
	}
	return append(ring, ring[0])
}

func BenchmarkNewArea(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			mp := orb.MultiPolygon{{wiggle(r, orb.Point{50, 30}, 5, n)}}
			b.ReportAllocs()
			for b.Loop() {
				NewArea(mp)
			}
		})
	}
}
