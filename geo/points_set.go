package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// PointSet is what Points held at one moment. It is immutable and safe for concurrent use. The zero value is empty.
type PointSet struct {
	trees [pointTrees]pointTree
	held  [classes]int // positions by class
	at    func(id uint32) orb.Point
}

// Len returns the number of positions.
func (x *PointSet) Len() int {
	n := 0
	for _, held := range x.held {
		n += held
	}
	return n
}

// Nodes calls yield with all nodes, until yield returns false. Together their blocks hold every id once.
func (x *PointSet) Nodes(yield func(nd *Node) bool) {
	for i := range x.trees {
		for _, nd := range x.trees[i].nodes {
			if !yield(nd) {
				return
			}
		}
	}
}

// Blocks calls yield with the blocks that may hold places in b, edges included, until yield returns false. A b with
// a NaN, or with Min above Max, holds nothing: ask for both parts of a box that crosses the antimeridian.
func (x *PointSet) Blocks(b orb.Bound, yield func(b *Block) bool) {
	box, ok := unitBoxOf(b)
	if !ok {
		return
	}
	x.meeting(&box, yield)
}

// meeting calls yield with the blocks whose boxes meet box.
func (x *PointSet) meeting(box *unitBox, yield func(b *Block) bool) {
	for i := range x.trees {
		for _, nd := range x.trees[i].nodes {
			if !nd.box.meets(box) {
				continue
			}
			for k := range nd.n {
				if nd.boxes[k].meets(box) && !yield(nd.blocks[k]) {
					return
				}
			}
		}
	}
}

// Search calls yield with the positions in b, edges included, in no particular order, until yield returns false. A
// b with a NaN, or with Min above Max, holds nothing: ask for both parts of a box that crosses the antimeridian.
func (x *PointSet) Search(b orb.Bound, yield func(id uint32, p orb.Point) bool) {
	box, ok := unitBoxOf(b)
	if !ok {
		return
	}
	x.meeting(&box, func(bl *Block) bool {
		for i, w := range bl.words[:bl.n] {
			if col, row := wordUnit(w); col < box.west || col > box.east || row < box.south || row > box.north {
				continue
			}
			id := bl.ids[i]
			// A place in an outermost unit may yet be beyond b.
			if p := x.at(id); p[0] >= b.Min[0] && p[0] <= b.Max[0] && p[1] >= b.Min[1] && p[1] <= b.Max[1] && !yield(id, p) {
				return false
			}
		}
		return true
	})
}

// unitBoxOf returns the box of the units of all places on earth in b; ok is false when there can be none.
func unitBoxOf(b orb.Bound) (box unitBox, ok bool) {
	lo := orb.Point{max(b.Min[0], -180), max(b.Min[1], -90)}
	hi := orb.Point{min(b.Max[0], 180), min(b.Max[1], 90)}
	if !(lo[0] <= hi[0] && lo[1] <= hi[1]) || math.IsNaN(lo[0]+lo[1]+hi[0]+hi[1]) {
		return box, false
	}
	box.west, box.south, _ = units(lo)
	box.east, box.north, _ = units(hi)
	return box, true
}
