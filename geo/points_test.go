package geo

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// held is a position of the model.
type held struct {
	p       orb.Point
	radiusM float64
}

// model is the oracle of Points: a map.
type model map[uint32]held

func (m model) at(id uint32) orb.Point { return m[id].p }

// checkPoints fails unless the invariants of Points hold and its content is that of m.
func checkPoints(t testing.TB, x *PointSet, m model) {
	t.Helper()
	if x.Len() != len(m) {
		t.Fatalf("%d positions, want %d", x.Len(), len(m))
	}
	var classHeld [classes]int
	seen := map[uint32]bool{}
	for i := range x.trees {
		tr := &x.trees[i]
		if len(tr.first) != len(tr.nodes) {
			t.Fatalf("tree %d: %d first words of %d nodes", i, len(tr.first), len(tr.nodes))
		}
		var lastWord uint64
		var lastID uint32
		for k, nd := range tr.nodes {
			if nd.n < 1 || nd.n > nodeCap || tr.first[k] != nd.first[0] {
				t.Fatalf("tree %d, node %d: %d blocks from %d, first word %x", i, k, nd.n, nd.first[0], tr.first[k])
			}
			box, n := nd.boxes[0], 0
			for j, b := range nd.Blocks() {
				if b.n < 1 || b.n > blockCap || nd.counts[j] != b.n || nd.first[j] != b.words[0] || nd.boxes[j] != b.box {
					t.Fatalf("tree %d, node %d: block %d is not what its node says", i, k, j)
				}
				var bb unitBox
				for l, id := range b.IDs() {
					w := b.words[l]
					if len(seen) > 0 && lastWord != 0 && (w < lastWord || w == lastWord && id <= lastID) {
						t.Fatalf("tree %d: (%x, %d) after (%x, %d)", i, w, id, lastWord, lastID)
					}
					lastWord, lastID = w, id
					h, ok := m[id]
					col, row, _ := units(h.p)
					if want := morton(col, row)<<classBits | uint64(classOf(h.radiusM)); !ok || w != want || wordClass(w).tree() != i {
						t.Fatalf("tree %d holds %d as %x, want %x", i, id, w, want)
					}
					if seen[id] {
						t.Fatalf("%d is held twice", id)
					}
					seen[id] = true
					classHeld[wordClass(w)]++
					if l == 0 {
						bb = unitBox{col, row, col, row}
					}
					bb.add(col, row)
				}
				if bb != b.box {
					t.Fatalf("tree %d, node %d, block %d: box %v, want %v", i, k, j, b.box, bb)
				}
				box.unite(&bb)
				n += int(b.n)
			}
			if box != nd.box || n != nd.held {
				t.Fatalf("tree %d, node %d: box %v and %d held, want %v and %d", i, k, nd.box, nd.held, box, n)
			}
			for _, b := range nd.blocks[nd.n:] {
				if b != nil {
					t.Fatalf("tree %d, node %d keeps a block it has lost", i, k)
				}
			}
		}
	}
	if len(seen) != len(m) || classHeld != x.held {
		t.Fatalf("%d positions in classes %v, want %d in %v", len(seen), x.held, len(m), classHeld)
	}
}

// anyRadius returns radii of all classes, often 0.
func anyRadius(r *rand.Rand) float64 {
	switch r.IntN(6) {
	case 0:
		return 0
	case 1:
		return math.NaN()
	case 2:
		return classRadiusM[r.IntN(classes)]
	}
	return math.Exp(r.Float64()*math.Log(1e8)) / 10
}

// Oracle: a map. Positions crowd at few places, move about, come and go; old copies stay what they were.
func TestPointsAgainstMap(t *testing.T) {
	r := newRand(t)
	type past struct {
		x *PointSet
		m model
	}
	for round := range 4 {
		m := model{}
		x := NewPoints(m.at)
		var pasts []past
		ids := uint32([]int{100, 3000, 20_000, 2000}[round])
		crowds := make([]orb.Point, 5)
		for i := range crowds {
			crowds[i] = anywhere(r)
		}
		for step := range 8 {
			for range 6000 {
				id := r.Uint32N(ids)
				if r.IntN(50) == 0 {
					id += 4_000_000_000
				}
				p := anywhere(r)
				switch r.IntN(4) {
				case 0:
					p = crowds[r.IntN(len(crowds))]
				case 1:
					p = nudge(r, crowds[r.IntN(len(crowds))])
				}
				radius := anyRadius(r)
				grow := 8 // the second half of the steps shrinks again
				if step >= 4 && round < 3 {
					grow = 2
				}
				switch k := r.IntN(10); {
				case k < grow && onEarth(p):
					x.Set(id, p, radius)
					m[id] = held{p, radius}
				case k == 8:
					x.Set(id, orb.Point{math.NaN(), p[1]}, radius)
					delete(m, id)
				default:
					x.Delete(id)
					delete(m, id)
				}
				if _, ok := m[id]; x.Has(id) != ok {
					t.Fatalf("Has(%d) = %v, want %v", id, !ok, ok)
				}
			}
			checkPoints(t, &x.PointSet, m)
			checkSearch(t, r, &x.PointSet, m)
			if step%2 == 0 {
				now := maps.Clone(m)
				pasts = append(pasts, past{x.Copy(now.at), now})
			}
		}
		for _, p := range pasts {
			checkPoints(t, p.x, p.m)
			checkSearch(t, r, p.x, p.m)
		}
	}
}

// checkSearch compares Search and Blocks with asking everybody.
func checkSearch(t testing.TB, r *rand.Rand, x *PointSet, m model) {
	t.Helper()
	for range 10 {
		b := edgeBox(anywhere(r), anywhere(r))
		if r.IntN(2) == 0 {
			for _, h := range m { // one of the points is the box, or a corner of it
				b = edgeBox(h.p, nudge(r, h.p))
				break
			}
		}
		var got, want, near []uint32
		x.Search(b, func(id uint32, p orb.Point) bool {
			if p != m[id].p {
				t.Fatalf("Search has %d at %v, want %v", id, p, m[id].p)
			}
			got = append(got, id)
			return true
		})
		for id, h := range m {
			if b.Contains(h.p) {
				want = append(want, id)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("Search(%v) = %v, want %v", b, got, want)
		}
		x.Blocks(b, func(bl *Block) bool {
			near = append(near, bl.IDs()...)
			bound := bl.Bound()
			for _, id := range bl.IDs() {
				if !bound.Contains(m[id].p) {
					t.Fatalf("a block of %v holds %v", bound, m[id].p)
				}
			}
			return true
		})
		slices.Sort(near)
		for _, id := range want {
			if _, ok := slices.BinarySearch(near, id); !ok {
				t.Fatalf("Blocks(%v) lack %d", b, id)
			}
		}
	}
}

// Oracle: a map. Whatever is loaded is as if Set one after the other: doubles, places that are none, more later.
func TestPointsLoad(t *testing.T) {
	r := newRand(t)
	for _, n := range []int{0, 1, loadedBlock, loadedBlock + 1, 20_000} {
		for _, ids := range []uint32{uint32(n) + 1, 4_000_000_000} {
			m := model{}
			x := NewPoints(m.at)
			for range 3 {
				type given struct {
					id uint32
					held
				}
				list := make([]given, n)
				for i := range list {
					list[i] = given{r.Uint32N(ids), held{anywhere(r), anyRadius(r)}}
					if r.IntN(10) == 0 {
						list[i].p[0] = math.NaN()
					}
				}
				x.Load(n, func(i int) (uint32, orb.Point, float64) { return list[i].id, list[i].p, list[i].radiusM })
				for _, g := range list {
					if m[g.id] = g.held; !onEarth(g.p) {
						delete(m, g.id)
					}
				}
				checkPoints(t, &x.PointSet, m)
			}
			checkSearch(t, r, &x.PointSet, m)
		}
	}
}
