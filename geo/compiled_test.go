package geo

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// probe returns a place that cells get wrong if anything does.
func probe(r *rand.Rand, c *Compiled, mps []orb.MultiPolygon) orb.Point {
	mp := mps[r.IntN(len(mps))]
	if len(mp) == 0 || !ringed(mp) || r.IntN(8) == 0 {
		return anywhere(r)
	}
	b := mp.Bound()
	p := orb.Point{b.Min[0] + r.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + r.Float64()*(b.Max[1]-b.Min[1])}
	switch r.IntN(4) {
	case 0:
		return p
	case 1: // on or beside the border of a cell
		col, row, ok := units(p)
		if !ok {
			return p
		}
		shift := uint(r.IntN(int(c.shift) + 1))
		box := cellBox(col>>shift<<shift, row>>shift<<shift, shift)
		if r.IntN(2) == 0 {
			p[0] = box.Min[0] + 1e-9
		} else {
			p[1] = box.Max[1] - 1e-9
		}
		return nudge(r, p)
	}
	return tricky(r, mp)
}

// slowSets have an edge beside nearly every place: fewer will do.
var slowSets = map[string]int{"fan": 50, "hatch": 50, "pile": 50}

// A million places at random, against the R-tree and strips; and a hundred thousand that are likely to go wrong,
// against rational arithmetic: all of them with -full, else a twentieth; with the race detector, a 200th.
func TestCompiledIsExact(t *testing.T) {
	for _, set := range sets {
		t.Run(set.name, func(t *testing.T) {
			r := newRand(t)
			mps := set.make(r)
			plain, x := NewIndex(), NewIndex()
			for i, mp := range mps {
				a := NewArea(mp)
				plain.Set(uint32(3*i), a)
				x.Set(uint32(3*i), a)
			}
			c, err := x.Compile()
			if err != nil {
				t.Fatal(err)
			}
			x.Adopt(c)
			checkCompiled(t, c)
			share := max(1, slowSets[set.name])
			switch {
			case *fullFlag:
			case raceOn || testing.Short():
				share *= 200
			default:
				share *= 20
			}
			var inside, touched, on int
			var asked []orb.Point // one by one, and then again side by side
			var answers, ends []uint32
			again := func() {
				t.Helper()
				ids, at := x.ContainingEach([]uint32{7}, []uint32{1}, asked)
				if !slices.Equal(ids[1:], answers) {
					t.Fatal("ContainingEach differs from Containing")
				}
				for i := range ends {
					if at[i+1] != ends[i]+1 {
						t.Fatalf("ContainingEach(%v) ends at %d, want %d", asked[i], at[i+1], ends[i]+1)
					}
				}
				asked, answers, ends = asked[:0], answers[:0], ends[:0]
			}
			count := func(p orb.Point, ids []uint32) {
				if len(ids) > 0 {
					inside++
				}
				if col, row, ok := units(p); ok && edged(c, col, row) {
					touched++
				}
				asked, answers = append(asked, p), append(answers, ids...)
				if ends = append(ends, uint32(len(answers))); len(ends) == 10_000 {
					again()
				}
			}
			b := c.bound()
			var got, want []uint32
			for range 1_000_000 / share {
				p := anywhere(r)
				if r.IntN(8) > 0 {
					p = orb.Point{b.Min[0] + r.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + r.Float64()*(b.Max[1]-b.Min[1])}
				}
				got, want = x.Containing(got[:0], p), plain.Containing(want[:0], p)
				if !slices.Equal(got, want) {
					t.Fatalf("Containing(%v) = %v compiled, %v plain", p, got, want)
				}
				count(p, got)
			}
			for range 100_000 / share {
				p := probe(r, c, mps)
				twin := p
				if math.Abs(p[0]) == 180 {
					twin[0] = -p[0]
				}
				want = want[:0]
				for i, mp := range mps {
					if ratContains(mp, p) || twin != p && ratContains(mp, twin) {
						want = append(want, uint32(3*i))
					}
				}
				if got = x.Containing(got[:0], p); !slices.Equal(got, want) {
					t.Fatalf("Containing(%v) = %v, want %v", p, got, want)
				}
				if got = plain.Containing(got[:0], p); !slices.Equal(got, want) {
					t.Fatalf("Containing(%v) = %v by the R-tree, want %v", p, got, want)
				}
				count(p, got)
				on++
			}
			again()
			t.Logf("%d places at random, %d hostile: %d inside, %d in leaves with edges; %d vertices, %d root cells of 2^%d units, %d nodes, %.1f bytes a vertex",
				1_000_000/share, on, inside, touched, c.Vertices(), len(c.root), c.shift, len(c.nodes)/fanout, float64(c.Bytes())/float64(max(1, c.Vertices())))
		})
	}
}

// bound returns the box of all areas.
func (c *Compiled) bound() orb.Bound {
	b := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	for _, a := range c.areas {
		b = unite(b, a.Bound())
	}
	return b
}

// edged tells whether edges touch the leaf of a place.
func edged(c *Compiled, col, row uint32) bool {
	x, y := col>>c.shift-c.col, row>>c.shift-c.row
	if x >= c.cols || y >= c.rows {
		return false
	}
	e := c.root[y*c.cols+x]
	for shift := c.shift - fanBits; e&entryMask == isNode; shift -= fanBits {
		e = c.nodes[uint32(e>>entryBits)*fanout+row>>shift&fanMask<<fanBits+col>>shift&fanMask]
	}
	return e&entryMask == isEdged
}

// checkCompiled holds c to its invariants: every entry leads somewhere, leaves are whole, and no longer than they
// may be.
func checkCompiled(t *testing.T, c *Compiled) {
	t.Helper()
	used := make([]bool, len(c.leaves))
	var walk func(e entry, shift uint)
	walk = func(e entry, shift uint) {
		at := int(e >> entryBits)
		switch e & entryMask {
		case isNode:
			if shift < leastShift+fanBits || at*fanout >= len(c.nodes) {
				t.Fatalf("node %d of %d in a cell of 2^%d units", at, len(c.nodes)/fanout, shift)
			}
			for k := range fanout {
				walk(c.nodes[at*fanout+k], shift-fanBits)
			}
			return
		case isOne:
			if _, ok := slices.BinarySearch(c.ids, uint32(at)); !ok && e != emptyCell {
				t.Fatalf("no area %d", at)
			}
			return
		}
		word := at
		whole, parts := int(c.leaves[word]&0xffff), int(c.leaves[word]>>16)
		if edged := e&entryMask == isEdged; edged != (parts > 0) || !edged && whole < 2 {
			t.Fatalf("leaf %d: %d areas cover it, edges of %d touch it", word, whole, parts)
		}
		if !slices.IsSorted(c.leaves[word+1 : word+1+whole]) {
			t.Fatalf("leaf %d: covering areas out of order", word)
		}
		end := word + 1 + whole
		last := -1
		for range parts {
			id := int(c.leaves[end] >> 6)
			if id <= last {
				t.Fatalf("leaf %d: parts out of order", word)
			}
			last = id
			end++
			for more := true; more; {
				run := c.leaves[end]
				more = run&1 != 0
				n := int(run >> 1 & maxRunEdges)
				end++
				if n > 0 {
					if pts := c.area(uint32(id)).strips.pts; int(run>>8)+n >= len(pts) {
						t.Fatalf("leaf %d: a run of %d from %d, of %d", word, n, run>>8, len(pts))
					}
					end += n + 1
				}
			}
		}
		for i := word; i < end; i++ {
			used[i] = true
		}
	}
	for _, e := range c.root {
		walk(e, c.shift)
	}
	if i := slices.Index(used, false); i >= 0 {
		t.Fatalf("word %d of %d belongs to no leaf", i, len(used))
	}
}

// Oracle: an index of the same areas that was never compiled.
func TestIndexIsTheSameCompiledOrNot(t *testing.T) {
	r := newRand(t)
	plain, x := NewIndex(), NewIndex()
	areas := scatter(r, 400)
	for i, a := range areas[:200] {
		plain.Set(uint32(i), a)
		x.Set(uint32(i), a)
	}
	var old *Compiled
	compile := func() *Compiled {
		c, err := x.Compile()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	type past struct{ x, plain *Index }
	var pasts []past
	steps := 300
	if raceOn {
		steps = 60
	}
	for step := range steps {
		id := uint32(r.IntN(250))
		switch r.IntN(3) {
		case 0:
			plain.Delete(id)
			x.Delete(id)
		default:
			a := areas[r.IntN(len(areas))]
			plain.Set(id, a)
			x.Set(id, a)
		}
		switch r.IntN(12) {
		case 0:
			x.Adopt(compile())
			if x.Behind() != 0 {
				t.Fatalf("%d areas behind what was just compiled", x.Behind())
			}
		case 1:
			old = compile()
		case 2:
			if old != nil {
				x.Adopt(old)
			}
		case 3:
			pasts = append(pasts, past{x.Copy(), plain.Copy()})
		}
		pair := past{x, plain}
		if len(pasts) > 0 && step%3 == 0 {
			pair = pasts[r.IntN(len(pasts))]
		}
		for k := range 20 {
			p := anywhere(r)
			if k%2 == 0 {
				if mp := areas[r.IntN(len(areas))].Shape(); ringed(mp) {
					p = tricky(r, mp)
				}
			}
			radius := math.Exp(r.Float64()*16) - 1
			if k%4 == 0 {
				radius = 0
			}
			if got, want := pair.x.Match(nil, p, radius), pair.plain.Match(nil, p, radius); !slices.Equal(got, want) {
				t.Fatalf("step %d: Match(%v, %v) = %v compiled, %v plain", step, p, radius, got, want)
			}
			var want []uint32
			for _, h := range pair.plain.Match(nil, p, 0) {
				want = append(want, h.ID)
			}
			if got := pair.x.Containing(nil, p); !slices.Equal(got, want) {
				t.Fatalf("step %d: Containing(%v) = %v compiled, %v plain", step, p, got, want)
			}
		}
	}
}

func TestCompileRefusesTooMuch(t *testing.T) {
	x := NewIndex()
	a := NewArea(orb.MultiPolygon{{{{0, 0}, {1, 0}, {0, 1}, {0, 0}}}})
	for i := range MaxCompiledOverlap + 2 {
		x.Set(uint32(i), a)
	}
	_, err := x.Compile()
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Limit != MaxCompiledOverlap || limit.Figure != MaxCompiledOverlap+2 {
		t.Fatalf("Compile of %d areas over one place: %v", x.Len(), err)
	}
	if n := len(x.Containing(nil, orb.Point{0.2, 0.2})); n != x.Len() {
		t.Fatalf("%d areas without what can't be compiled, want %d", n, x.Len())
	}
}

// An area off the map, or with an id that parts have no room for, is left to the R-tree.
func TestCompileLeavesOutWhatIsOffTheMap(t *testing.T) {
	x := NewIndex()
	x.Set(1, NewArea(orb.MultiPolygon{{{{500, 0}, {510, 0}, {500, 10}, {500, 0}}}}))
	x.Set(maxPartID+1, NewArea(orb.MultiPolygon{{{{0, 0}, {1, 0}, {0, 1}, {0, 0}}}}))
	x.Set(7, NewArea(orb.MultiPolygon{{{{0, 0}, {1, 0}, {0, 1}, {0, 0}}}}))
	c, err := x.Compile()
	if err != nil || c.Len() != 1 {
		t.Fatalf("%d areas compiled (%v), want 1", c.Len(), err)
	}
	x.Adopt(c)
	if got := x.Containing(nil, orb.Point{501, 1}); !slices.Equal(got, []uint32{1}) {
		t.Fatalf("off the map: %v", got)
	}
	if got := x.Containing(nil, orb.Point{0.1, 0.1}); !slices.Equal(got, []uint32{7, maxPartID + 1}) {
		t.Fatalf("a large id: %v", got)
	}
}

func TestContainingAllocatesNothing(t *testing.T) {
	if raceOn {
		t.Skip("with the race detector less stays on the stack; make test asks without it, too")
	}
	r := newRand(t)
	x := NewIndex()
	for i := range 100 {
		x.Set(uint32(i), NewArea(orb.MultiPolygon{{wiggle(r, orb.Point{50 + r.Float64(), 25 + r.Float64()}, 0.5, 300)}}))
	}
	c, err := x.Compile()
	if err != nil {
		t.Fatal(err)
	}
	x.Adopt(c)
	dst := make([]uint32, 0, 128)
	hits := make([]Hit, 0, 128)
	for _, fresh := range []bool{false, true} {
		if fresh {
			x.Set(100, NewArea(orb.MultiPolygon{{wiggle(r, orb.Point{50.5, 25.5}, 0.5, 300)}}))
			x.Delete(3)
		}
		if n := testing.AllocsPerRun(1000, func() {
			p := orb.Point{50 + r.Float64(), 25 + r.Float64()}
			dst = x.Containing(dst[:0], p)
			hits = x.Match(hits[:0], p, 0)
			hits = x.Match(hits[:0], p, 20)
		}); n > 0 {
			t.Errorf("%v allocations a place (fresh: %v)", n, fresh)
		}
	}
}
