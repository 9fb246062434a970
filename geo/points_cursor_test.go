package geo

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// Oracle: the entries in one slice.
func TestSpansAreRunsOfEntries(t *testing.T) {
	r := newRand(t)
	for _, n := range []int{1, 2, blockCap, 3000, 40_000} {
		x := NewPoints(nil)
		spot := orb.Point{50, 30}
		for id := range uint32(n) {
			p := spot // a third at one place: the same word over many blocks
			if r.IntN(3) > 0 {
				p = orb.Point{49 + 2*r.Float64(), 29 + 2*r.Float64()}
			}
			x.Set(id, p, 20)
		}
		tr := &x.trees[classOf(20).tree()]
		var all []uint64
		tr.runs(tr.all(), func(words []uint64, _ []uint32) { all = append(all, words...) })
		if len(all) != n || !slices.IsSorted(all) || tr.count(tr.all()) != n {
			t.Fatalf("%d entries, counted %d, want %d", len(all), tr.count(tr.all()), n)
		}
		for range 400 {
			s, lo, hi := tr.all(), 0, n // entries lo to hi of all
			for depth := 0; depth < 6 && !s.empty(); depth++ {
				w := all[r.IntN(n)] + uint64(r.IntN(3)) - 1
				if r.IntN(20) == 0 {
					w = []uint64{0, ^uint64(0)}[r.IntN(2)]
				}
				k, _ := slices.BinarySearch(all[lo:hi], w)
				below, rest := tr.cut(s, w)
				if nearBelow, nearRest := tr.cutNear(s, w); nearBelow != below || nearRest != rest {
					t.Fatalf("cut near the beginning: %v and %v, want %v and %v", nearBelow, nearRest, below, rest)
				}
				if below.empty() != (k == 0) || rest.empty() != (lo+k == hi) || tr.count(below) != k || tr.count(rest) != hi-lo-k {
					t.Fatalf("%d entries cut at %d: counted %d and %d", hi-lo, k, tr.count(below), tr.count(rest))
				}
				if r.IntN(2) == 0 {
					s, hi = below, lo+k
				} else {
					s, lo = rest, lo+k
				}
				if s.empty() {
					break
				}
				var got []uint64
				tr.runs(s, func(words []uint64, _ []uint32) { got = append(got, words...) })
				if !slices.Equal(got, all[lo:hi]) {
					t.Fatalf("a span of %d entries runs over %d", hi-lo, len(got))
				}
				if first, last := tr.ends(s); first != all[lo] || last != all[hi-1] {
					t.Fatalf("a span ends at %x and %x, want %x and %x", first, last, all[lo], all[hi-1])
				}
			}
		}
	}
}
