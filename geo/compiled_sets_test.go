package geo

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/paulmach/orb"
)

// sets are sets of areas of every kind that could go wrong in cells.
var sets = []struct {
	name string
	make func(r *rand.Rand) []orb.MultiPolygon
}{
	{"stars", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		for range 60 {
			c := orb.Point{40 + 20*r.Float64(), 20 + 15*r.Float64()}
			mps = append(mps, orb.MultiPolygon{{star(r, c, math.Exp(-4+5*r.Float64()), 3+r.IntN(200))}})
		}
		return mps
	}},
	{"wiggles", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		for range 30 {
			c := orb.Point{-170 + 340*r.Float64(), -70 + 140*r.Float64()}
			mps = append(mps, orb.MultiPolygon{{wiggle(r, c, 0.1+3*r.Float64(), 100+r.IntN(2000))}})
		}
		return mps
	}},
	{"shared edges", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		const n = 12
		var at [n + 1][n + 1]orb.Point
		for i := range at {
			for j := range at[i] {
				at[i][j] = orb.Point{float64(i) + 0.4*r.Float64(), float64(j) + 0.4*r.Float64()}
			}
		}
		for i := range n {
			for j := range n {
				mps = append(mps, orb.MultiPolygon{{{at[i][j], at[i+1][j], at[i+1][j+1], at[i][j+1], at[i][j]}}})
			}
		}
		return mps
	}},
	{"lattice", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		for range 40 {
			mps = append(mps, orb.MultiPolygon{{gridRing(r, r.IntN(6), r.IntN(6), 2+r.IntN(5))}})
		}
		return mps
	}},
	{"spikes", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		for range 20 {
			c := orb.Point{10 * r.Float64(), 10 * r.Float64()}
			d := orb.Point{c[0] + 3*r.NormFloat64(), c[1] + 3*r.NormFloat64()}
			m := orb.Point{(c[0] + d[0]) / 2, (c[1] + d[1]) / 2}
			mps = append(mps, orb.MultiPolygon{{{c, d, m, d, {c[0], d[1]}, c}, {m, m}}, {{d}}})
		}
		return mps
	}},
	{"huge and tiny", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		mps = append(mps, orb.MultiPolygon{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}})
		mps = append(mps, orb.MultiPolygon{{{{-170, -80}, {170, 75}, {-160, 80}, {-170, -80}}}})
		for range 30 {
			c := orb.Point{50 + r.Float64(), 25 + r.Float64()}
			mps = append(mps, orb.MultiPolygon{{star(r, c, math.Pow(10, -13+13*r.Float64()), 3+r.IntN(9))}})
		}
		return mps
	}},
	{"antimeridian and poles", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		for range 12 {
			mp, _, _ := discCase(r, 1e6)
			mps = append(mps, mp)
		}
		mps = append(mps, orb.MultiPolygon{{{{170, 10}, {180, 10}, {180, 20}, {170, 20}, {170, 10}}}, {{{-180, 12}, {-175, 12}, {-175, 25}, {-180, 25}, {-180, 12}}}})
		return append(mps, orb.MultiPolygon{{{{-180, 80}, {180, 80}, {180, 90}, {-180, 90}, {-180, 80}}}})
	}},
	{"fan", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		c := orb.Point{51.5, 25.3}
		var ring orb.Ring
		for i := range 500 {
			sin, cos := math.Sincos(float64(i))
			ring = append(ring, c, orb.Point{c[0] + 5*cos, c[1] + 5*sin}, orb.Point{c[0] + 5*cos + 0.01, c[1] + 5*sin})
		}
		return []orb.MultiPolygon{{{append(ring, ring[0])}}}
	}},
	{"hatch", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		var ring orb.Ring
		for i := range 400 {
			x := 40 + float64(i)*1e-6
			ring = append(ring, orb.Point{x, 10}, orb.Point{x + 20, 30})
		}
		return []orb.MultiPolygon{{{append(ring, ring[0])}}}
	}},
	{"pile", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		ring := wiggle(r, orb.Point{44, 33}, 1, 300)
		for range 300 {
			mps = append(mps, orb.MultiPolygon{{ring}})
		}
		return mps
	}},
	{"holes", func(r *rand.Rand) (mps []orb.MultiPolygon) {
		for range 10 {
			c := orb.Point{r.Float64(), r.Float64()}
			var poly orb.Polygon
			for k := range 9 {
				poly = append(poly, wiggle(r, c, math.Pow(0.7, float64(k)), 80))
			}
			mps = append(mps, orb.MultiPolygon{poly})
		}
		return mps
	}},
	{"nothing", func(*rand.Rand) []orb.MultiPolygon { return []orb.MultiPolygon{{}, {{}}, {{{}}}} }},
}

// ringed tells whether mp has a corner.
func ringed(mp orb.MultiPolygon) bool {
	return slices.ContainsFunc(mp, func(p orb.Polygon) bool { return len(p) > 0 && len(p[0]) > 0 })
}
