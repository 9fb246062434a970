package geo

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/paulmach/orb"
)

// Oracle: Area.Contains of the positions of a copy's time. Readers of copies and the writer never meet: run with -race.
func TestPointsCopiesStandWhileTheWriterGoesOn(t *testing.T) {
	r := newRand(t)
	mp := orb.MultiPolygon{{wiggle(r, orb.Point{50, 30}, 5, 300)}}
	cover, a := NewCover(mp), NewArea(mp)
	ps := townsfolk(r, 5000)
	m := model{}
	x := NewPoints(nil)
	var readers sync.WaitGroup
	for range 40 {
		for range 500 {
			id := r.Uint32N(6000)
			if id >= 5000 {
				x.Delete(id - 1000)
				delete(m, id-1000)
				continue
			}
			m[id] = held{orb.Point{45 + 10*r.Float64(), 25 + 10*r.Float64()}, 20}
			if r.IntN(2) == 0 {
				m[id] = held{ps[id], 20}
			}
			x.Set(id, m[id].p, 20)
		}
		now := maps.Clone(m)
		c := x.Copy(now.at)
		for range 2 {
			readers.Add(1)
			go func() {
				defer readers.Done()
				for nd := range c.Nodes {
					for _, b := range nd.Blocks() {
						b.SetMemo(len(b.IDs()))
					}
					nd.SetMemo(nd.Count())
				}
				want := 0
				for _, h := range now {
					if a.Contains(h.p) {
						want++
					}
				}
				if got := c.CountShape(mp); got != want {
					t.Errorf("a copy counts %d, want %d", got, want)
				}
				if got := c.CountCover(cover); got != want {
					t.Errorf("a copy counts %d by its cover, want %d", got, want)
				}
			}()
		}
	}
	readers.Wait()
}

// What did not change keeps its address and its memo from copy to copy; what did change has a new one, and no memo.
func TestPointsBlocksStandForTheirContent(t *testing.T) {
	r := newRand(t)
	ps := townsfolk(r, 20_000)
	x := NewPoints(func(id uint32) orb.Point { return ps[id] })
	x.Load(len(ps), func(i int) (uint32, orb.Point, float64) { return uint32(i), ps[i], anyRadius(r) })
	content := map[*Block][]uint32{}
	nodes := map[*Node]int{}
	touched := map[uint32]bool{}
	for step := range 30 {
		c := x.Copy(x.at)
		kept, seen := 0, 0
		for nd := range c.Nodes {
			fresh := false
			n := 0
			for _, b := range nd.Blocks() {
				ids := b.IDs()
				n += len(ids)
				seen++
				was, known := content[b]
				if known != (b.Memo() != nil) || known && (!slices.Equal(was, ids) || !slices.Equal(b.Memo().([]uint32), ids)) {
					t.Fatalf("a block of %v has the memo %v, and was %v", ids, b.Memo(), was)
				}
				if known {
					kept++
					for _, id := range ids {
						if touched[id] {
							t.Fatalf("%d was touched, and its block is the same", id)
						}
					}
				}
				fresh = fresh || !known
				content[b] = slices.Clone(ids)
				b.SetMemo(content[b])
			}
			if was, known := nodes[nd]; known && (fresh || was != n || nd.Memo() != n) || !known && nd.Memo() != nil || nd.Count() != n {
				t.Fatalf("a node of %d has the memo %v, and counts %d", n, nd.Memo(), nd.Count())
			}
			nodes[nd] = n
			nd.SetMemo(n)
		}
		if step > 0 && kept < seen/2 {
			t.Fatalf("%d of %d blocks are the same, after 20 changes", kept, seen)
		}
		clear(touched)
		for k := range 20 {
			id := r.Uint32N(uint32(len(ps)))
			touched[id] = true
			switch {
			case k%2 == 0:
				x.Touch(id)
			case k%7 == 0:
				x.Delete(id)
			default:
				ps[id] = ps[r.IntN(len(ps))]
				x.Set(id, ps[id], anyRadius(r))
			}
		}
	}
	if x.Touch(uint32(len(ps))) {
		t.Error("touched what is not held")
	}
}

// A memo that the writer's own search has left before any copy does not outlive a change.
func TestPointsMemoLapsesWithoutACopy(t *testing.T) {
	x := NewPoints(nil)
	x.Set(1, orb.Point{10, 10}, 0)
	mark := func() {
		for nd := range x.Nodes {
			nd.SetMemo("node")
			nd.Blocks()[0].SetMemo("block")
		}
	}
	for name, change := range map[string]func(){
		"set":    func() { x.Set(2, orb.Point{10, 10.1}, 0) },
		"delete": func() { x.Delete(2) },
		"touch":  func() { x.Touch(1) },
	} {
		x.Set(2, orb.Point{10, 10.2}, 0)
		mark()
		change()
		for nd := range x.Nodes {
			if nd.Memo() != nil || nd.Blocks()[0].Memo() != nil {
				t.Errorf("%s: memos %v and %v are left", name, nd.Memo(), nd.Blocks()[0].Memo())
			}
		}
	}
}
