package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// oddShapes are shapes that searches may get wrong: tiny, huge, with spikes and shared edges, over the rims of the
// map, and beyond them.
var oddShapes = map[string]func(r *rand.Rand) orb.MultiPolygon{
	"star":  func(r *rand.Rand) orb.MultiPolygon { return orb.MultiPolygon{{star(r, anywhere(r), 10, 3+r.IntN(40))}} },
	"coast": func(r *rand.Rand) orb.MultiPolygon { return orb.MultiPolygon{{wiggle(r, anywhere(r), 5, 500)}} },
	"tiny": func(r *rand.Rand) orb.MultiPolygon {
		return orb.MultiPolygon{{star(r, anywhere(r), 1e-6, 3+r.IntN(9))}}
	},
	"minute": func(r *rand.Rand) orb.MultiPolygon {
		return orb.MultiPolygon{{star(r, anywhere(r), 1e-13, 3+r.IntN(9))}}
	},
	"holes": func(r *rand.Rand) orb.MultiPolygon {
		c := anywhere(r)
		return orb.MultiPolygon{{star(r, c, 30, 20), star(r, c, 8, 9)}, {star(r, c, 1, 30)}}
	},
	"grid": func(r *rand.Rand) orb.MultiPolygon { // many equal coordinates, self-crossing, spikes
		var mp orb.MultiPolygon
		for range 1 + r.IntN(3) {
			var ring orb.Ring
			for range 3 + r.IntN(30) {
				ring = append(ring, orb.Point{float64(r.IntN(6)) / 10, float64(r.IntN(6)) / 10})
			}
			mp = append(mp, orb.Polygon{append(ring, ring[0])})
		}
		return mp
	},
	"spikes": func(r *rand.Rand) orb.MultiPolygon { // there and back along one line
		var ring orb.Ring
		a, b := anywhere(r), anywhere(r)
		for range 20 {
			t := r.Float64()
			ring = append(ring, orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
		}
		return orb.MultiPolygon{{append(ring, star(r, a, 3, 9)...)}}
	},
	"shared": func(r *rand.Rand) orb.MultiPolygon {
		x := r.Float64()
		return orb.MultiPolygon{
			{{{0, 0}, {x, 0}, {x + 0.1, 1}, {0, 1}, {0, 0}}},
			{{{x, 0}, {2, 0}, {2, 1}, {x + 0.1, 1}, {x, 0}}},
		}
	},
	"islands": func(r *rand.Rand) orb.MultiPolygon {
		var mp orb.MultiPolygon
		c := anywhere(r)
		for range 40 {
			mp = append(mp, orb.Polygon{star(r, orb.Point{c[0] + 5*r.Float64(), c[1] + 5*r.Float64()}, 0.3, 3+r.IntN(20))})
		}
		return mp
	},
	"east": func(r *rand.Rand) orb.MultiPolygon {
		return orb.MultiPolygon{{{{178, -20}, {180, -20}, {180, 15}, {178 + r.Float64(), 15}, {178, -20}}}}
	},
	"both sides": func(r *rand.Rand) orb.MultiPolygon {
		return orb.MultiPolygon{
			{{{170, -20}, {180, -20}, {180, 15}, {178, 15}, {170, -20}}},
			{{{-180, -20}, {-170, -20 + 9*r.Float64()}, {-178, -5}, {-180, -5}, {-180, -20}}},
		}
	},
	"world": func(r *rand.Rand) orb.MultiPolygon {
		return orb.MultiPolygon{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}, star(r, anywhere(r), 20, 10)}}
	},
	"cap": func(r *rand.Rand) orb.MultiPolygon {
		return orb.MultiPolygon{{{{-180, 60}, {0, 50 + 30*r.Float64()}, {180, 60}, {180, 90}, {-180, 90}, {-180, 60}}}}
	},
	"beyond": func(r *rand.Rand) orb.MultiPolygon {
		return orb.MultiPolygon{{star(r, orb.Point{170, 80}, 40, 12)}, {{{-1e300, 0}, {1e300, 1}, {0, 30 * r.Float64()}}}}
	},
	"huge":  func(r *rand.Rand) orb.MultiPolygon { return orb.MultiPolygon{{star(r, orb.Point{0, 0}, 200, 12)}} },
	"point": func(r *rand.Rand) orb.MultiPolygon { return orb.MultiPolygon{{{anywhere(r)}}} },
	"none":  func(*rand.Rand) orb.MultiPolygon { return orb.MultiPolygon{nil, {nil}, {{}}} },
}

// around returns a place in or near a shape.
func around(r *rand.Rand, mp orb.MultiPolygon) orb.Point {
	poly := mp[r.IntN(len(mp))]
	ring := poly[r.IntN(len(poly))]
	a, b, c := ring[r.IntN(len(ring))], ring[r.IntN(len(ring))], ring[r.IntN(len(ring))]
	return orb.Point{(a[0] + b[0] + c[0]) / 3, (a[1] + b[1] + c[1]) / 3}
}

// besiege adds n places about a shape to m: tricky ones, many at one, and ordinary ones near and far.
func besiege(r *rand.Rand, m model, mp orb.MultiPolygon, n int) {
	empty := NewArea(mp).Vertices() == 0
	last := anywhere(r)
	for range n {
		p := anywhere(r)
		if !empty {
			switch r.IntN(6) {
			case 0, 1:
				p = tricky(r, mp)
			case 2, 3:
				p = around(r, mp)
			case 4:
				p = last
			}
		}
		if r.IntN(20) == 0 {
			p[0] = math.Copysign(180, p[0])
		}
		if !onEarth(p) {
			continue
		}
		last = p
		m[uint32(len(m))] = held{p, anyRadius(r)}
	}
}

// Oracle: Area.Contains for every position.
func TestPointsInAnAreaAreThoseItContains(t *testing.T) {
	r := newRand(t)
	for name, shape := range oddShapes {
		t.Run(name, func(t *testing.T) {
			for round := range 12 {
				mp := shape(r)
				m := model{}
				besiege(r, m, mp, []int{30, 300, 3000}[round%3])
				x := NewPoints(m.at)
				for id, h := range m {
					x.Set(id, h.p, h.radiusM)
				}
				checkArea(t, &x.PointSet, m, mp)
			}
		})
	}
}

// checkArea compares all that is asked of an area's places with asking everybody.
func checkArea(t testing.TB, x *PointSet, m model, mp orb.MultiPolygon) {
	t.Helper()
	a := NewArea(mp)
	var want []uint32
	for id, h := range m {
		if a.Contains(h.p) {
			want = append(want, id)
		}
	}
	slices.Sort(want)
	got := x.IDs([]uint32{77}, a)
	if got[0] != 77 {
		t.Fatalf("IDs dropped what was there")
	}
	got = got[1:]
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("%s", difference(m, mp, got, want))
	}
	if n := x.Count(a); n != len(want) {
		t.Fatalf("Count = %d, want %d", n, len(want))
	}
	c := NewCover(mp)
	got = x.IDsCover(nil, c)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("covered: %s", difference(m, mp, got, want))
	}
	if n := x.CountCover(c); n != len(want) {
		t.Fatalf("CountCover = %d, want %d", n, len(want))
	}
	if len(m) <= 300 { // Disc takes its time
		checkVisit(t, x, m, mp)
	}
}

// difference describes the first id that only one of two ascending lists has.
func difference(m model, mp orb.MultiPolygon, got, want []uint32) string {
	for _, id := range got {
		if _, ok := slices.BinarySearch(want, id); !ok {
			return fmt.Sprintf("%d at %v is not in %v", id, m[id], mp)
		}
	}
	for _, id := range want {
		if _, ok := slices.BinarySearch(got, id); !ok {
			return fmt.Sprintf("%d at %v is in %v", id, m[id], mp)
		}
	}
	return fmt.Sprintf("%v has doubles", got)
}

// checkVisit compares Visit with asking every disc.
func checkVisit(t testing.TB, x *PointSet, m model, mp orb.MultiPolygon) {
	t.Helper()
	a := NewArea(mp)
	seen := map[uint32]string{}
	see := func(id uint32, as string) {
		if _, ok := m[id]; !ok || seen[id] != "" {
			t.Fatalf("%d is passed as %s, and before as %q", id, as, seen[id])
		}
		seen[id] = as
	}
	x.Visit(a, func(ids []uint32) {
		for _, id := range ids {
			see(id, "inside")
		}
	}, func(id uint32) { see(id, "maybe") })
	for id, h := range m {
		v, _ := a.Disc(h.p, h.radiusM)
		if as := seen[id]; as == "inside" && v != Inside || as == "" && v != Outside {
			t.Fatalf("%d at %v, radius %v, is %v, but passed as %q, for %v", id, h.p, h.radiusM, v, as, mp)
		}
	}
}

// Oracle: Area.Disc for every position.
func TestPointsVisitMissesNoDisc(t *testing.T) {
	r := newRand(t)
	for range 300 {
		mp, p, radius := discCase(r, 2e6)
		m := model{}
		besiege(r, m, mp, 200)
		m[uint32(len(m))] = held{p, radius}
		for range 50 { // discs that just touch an edge, or just don't
			poly := mp[r.IntN(len(mp))]
			ring := poly[r.IntN(len(poly))]
			edge := ring[r.IntN(len(ring))]
			radius := anyRadius(r)
			if !(radius > 0) || radius > 1e7 {
				continue
			}
			m[uint32(len(m))] = held{destination(edge, 360*r.Float64(), radius*(1+0.004*(r.Float64()-0.5))), radius}
		}
		x := NewPoints(m.at)
		for id, h := range m {
			if !onEarth(h.p) {
				delete(m, id)
				continue
			}
			x.Set(id, h.p, h.radiusM)
		}
		checkVisit(t, &x.PointSet, m, mp)
	}
}
