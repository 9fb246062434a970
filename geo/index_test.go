package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// scatter returns areas of all kinds, some over the antimeridian or a pole.
func scatter(r *rand.Rand, n int) []*Area {
	areas := make([]*Area, n)
	for i := range areas {
		mp, _, _ := discCase(r, 5e5)
		areas[i] = NewArea(mp)
	}
	return areas
}

// Oracle: every area asked by itself.
func TestIndexAgainstAll(t *testing.T) {
	r := newRand(t)
	areas := scatter(r, 300)
	x := NewIndex()
	held := map[uint32]*Area{}
	ids := func() []uint32 {
		var ids []uint32
		for id := range held {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return ids
	}
	check := func(t *testing.T, x *Index, held map[uint32]*Area, ids []uint32) {
		t.Helper()
		if x.Len() != len(held) {
			t.Fatalf("%d areas, want %d", x.Len(), len(held))
		}
		for range 12 {
			p := anywhere(r)
			radius := 0.0
			if r.IntN(2) == 0 {
				radius = math.Exp(r.Float64() * math.Log(1e6))
			}
			var want []Hit
			for _, id := range ids {
				if v, share := held[id].Disc(p, radius); v != Outside {
					want = append(want, Hit{id, v, float32(share)})
				}
			}
			if got := x.Match(nil, p, radius); !slices.Equal(got, want) {
				t.Fatalf("Match(%v, %v) = %v, want %v", p, radius, got, want)
			}
			within := math.Exp(r.Float64() * math.Log(5e6))
			near := map[uint32]bool{}
			last := 0.0
			x.Nearby(p, within, func(id uint32, a *Area, distM float64) bool {
				if a != held[id] || distM < last || distM > within {
					t.Fatalf("Nearby(%v, %v) yields %d at %v after %v", p, within, id, distM, last)
				}
				if d := a.Distance(p); math.Abs(d-distM) > 1e-4*d+0.02 {
					t.Fatalf("Nearby(%v, %v) yields %d at %v, its distance is %v", p, within, id, distM, d)
				}
				near[id], last = true, distM
				return true
			})
			for _, id := range ids {
				if d := held[id].Distance(p); d < within*(1-2e-4)-0.02 && !near[id] {
					t.Fatalf("Nearby(%v, %v) lacks %d at %v", p, within, id, d)
				}
			}
			b := edgeBox(p, anywhere(r))
			found := map[uint32]bool{}
			x.Search(b, func(id uint32, a *Area) bool {
				found[id] = true
				return true
			})
			for _, id := range ids {
				if ab := held[id].Bound(); meets(&ab, &b) != found[id] {
					t.Fatalf("Search(%v) of %d: %v", b, id, found[id])
				}
			}
		}
	}
	for step := range 6 {
		for range 60 {
			id := uint32(r.IntN(200)) * 777
			if r.IntN(4) == 0 {
				x.Delete(id)
				delete(held, id)
			} else {
				held[id] = areas[r.IntN(len(areas))]
				x.Set(id, held[id])
			}
			if a, ok := x.Get(id); a != held[id] || ok != (held[id] != nil) {
				t.Fatalf("Get(%d) = %v, %v", id, a, ok)
			}
		}
		check(t, x, held, ids())
		if step == 4 { // a copy keeps what was, whatever happens to the original
			old, was, wasIDs := x.Copy(), map[uint32]*Area{}, ids()
			for id, a := range held {
				was[id] = a
			}
			for range 300 {
				id := uint32(r.IntN(200)) * 777
				held[id] = areas[r.IntN(len(areas))]
				x.Set(id, held[id])
			}
			check(t, old, was, wasIDs)
		}
	}
}

func TestIndexTakesAnything(t *testing.T) {
	x := NewIndex()
	x.Set(1, NewArea(nil))
	x.Set(math.MaxUint32, NewArea(orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}}))
	x.Set(2, NewArea(orb.MultiPolygon{{{{math.NaN(), math.NaN()}}}}))
	nan := math.NaN()
	for _, p := range []orb.Point{{nan, 0}, {0, nan}, {nan, nan}, {math.Inf(1), 0}, {500, 500}} {
		for _, radius := range []float64{0, 100, nan, math.Inf(1)} {
			if hits := x.Match(nil, p, radius); len(hits) > 0 {
				t.Errorf("Match(%v, %v) = %v", p, radius, hits)
			}
		}
		x.Nearby(p, 1000, func(uint32, *Area, float64) bool { t.Errorf("something near %v", p); return true })
	}
	x.Search(orb.Bound{Min: orb.Point{nan, nan}, Max: orb.Point{nan, nan}}, func(uint32, *Area) bool {
		t.Error("a box of NaN meets something")
		return true
	})
	if hits := x.Match(nil, orb.Point{0.5, 0.5}, 0); len(hits) != 1 || hits[0] != (Hit{math.MaxUint32, Inside, 1}) {
		t.Errorf("got %v", hits)
	}
	if x.Len() != 3 {
		t.Errorf("%d areas", x.Len())
	}
	x.Delete(1)
	x.Delete(1)
	x.Delete(77)
	if x.Len() != 2 {
		t.Errorf("%d areas", x.Len())
	}
}

func TestMatchOfPointsAllocatesNothing(t *testing.T) {
	r := newRand(t)
	x := NewIndex()
	for i, a := range scatter(r, 500) {
		x.Set(uint32(i), a)
	}
	dst := make([]Hit, 0, 600)
	ps := []orb.Point{{50, 30}, {180, 0}, {-180, -16}, {0, 90}}
	if n := testing.AllocsPerRun(100, func() {
		for _, p := range ps {
			dst = x.Match(dst[:0], p, 0)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkIndexMatch(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{10, 100, 1000} {
		x := NewIndex()
		for i := range n {
			c := orb.Point{35 + 30*r.Float64(), 15 + 25*r.Float64()}
			x.Set(uint32(i), NewArea(orb.MultiPolygon{{wiggle(r, c, 10/math.Sqrt(float64(n)), 1000)}}))
		}
		for _, radius := range []float64{0, 100, 5000} {
			b.Run(fmt.Sprintf("n=%d/radius=%v", n, radius), func(b *testing.B) {
				ps := make([]orb.Point, 4096)
				for i := range ps {
					ps[i] = orb.Point{35 + 30*r.Float64(), 15 + 25*r.Float64()}
				}
				var dst []Hit
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					dst = x.Match(dst[:0], ps[i&4095], radius)
				}
			})
		}
	}
}
