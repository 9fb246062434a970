package tracker

import (
	"math"

	"github.com/paulmach/orb"
)

// fence is a box of a view in web mercator, 32 bits an axis: who is beyond the outer
// sides is certainly not in the box, who is within the inner ones certainly is. In
// between, the place itself is asked.
type fence struct {
	outer, inner struct{ west, north, east, south uint32 }
}

func newFence(b orb.Bound) fence {
	// mercator never falls with lon; its latitudes are right to a unit or so.
	const slack = 4
	var f fence
	w, n := mercator(b.Min[0], b.Max[1])
	e, s := mercator(b.Max[0], b.Min[1])
	f.outer.west, f.outer.east = w, e
	f.outer.north, f.outer.south = n-min(n, slack), s+min(math.MaxUint32-s, slack)
	f.inner.west, f.inner.east = w+min(math.MaxUint32-w, 1), e-min(e, 1)
	f.inner.north, f.inner.south = n+min(math.MaxUint32-n, slack), s-min(s, slack)
	if b.Min[0] <= -180 {
		f.inner.west = 0
	}
	if b.Max[0] >= 180 {
		f.inner.east = math.MaxUint32
	}
	if b.Max[1] >= 90 {
		f.inner.north = 0
	}
	if b.Min[1] <= -90 {
		f.inner.south = math.MaxUint32
	}
	return f
}

// cellWalk gathers the cells of one depth that a view shows.
type cellWalk struct {
	k      *keptCells
	out    *cellsOut
	boxes  []orb.Bound
	fences []fence
	depth  int
	cell   sums // of the cell that is being gathered
	inLeaf []leafCell
}

// node walks below n, the cell (x, y) of depth d. cut says that a part of it may lie
// outside of the view.
func (w *cellWalk) node(n *cellNode, d int, x, y uint32, cut bool) {
	if len(n.sums) == 0 {
		return
	}
	if cut {
		meets := false
		if meets, cut = w.meets(d, x, y); !meets {
			return
		}
	}
	switch {
	case d == w.depth && !cut:
		w.out.emit(n.sums)
	case d == w.depth:
		w.cell = w.cell[:0]
		w.gather(n, d, x, y, cut)
		w.out.emit(w.cell)
	case n.kids == nil:
		w.leaf(n, cut)
	default:
		for i := range n.kids {
			w.node(&n.kids[i], d+1, x<<1|uint32(i&1), y<<1|uint32(i>>1), cut)
		}
	}
}

// gather adds to w.cell all below n that is in the view.
func (w *cellWalk) gather(n *cellNode, d int, x, y uint32, cut bool) {
	if len(n.sums) == 0 {
		return
	}
	if cut {
		meets := false
		if meets, cut = w.meets(d, x, y); !meets {
			return
		}
	}
	switch {
	case !cut:
		w.cell.addAll(n.sums)
	case n.kids != nil:
		for i := range n.kids {
			w.gather(&n.kids[i], d+1, x<<1|uint32(i&1), y<<1|uint32(i>>1), cut)
		}
	default:
		for _, num := range n.nums {
			r := w.k.people.record(num)
			if !inBoxes(r.hot, w.boxes) {
				continue
			}
			c := w.k.member(&r)
			w.cell.add(c.variant, &c.tally)
		}
	}
}

// meets tells whether the cell (x, y) of depth d may hold places of the view, and
// whether it may hold others.
func (w *cellWalk) meets(d int, x, y uint32) (meets, cut bool) {
	size := uint64(1) << (32 - d)
	x0, y0 := uint64(x)*size, uint64(y)*size
	x1, y1 := x0+size-1, y0+size-1
	for i := range w.fences {
		f := &w.fences[i]
		if i, o := &f.inner, &f.outer; x0 >= uint64(i.west) && x1 <= uint64(i.east) && y0 >= uint64(i.north) && y1 <= uint64(i.south) {
			return true, false
		} else if x1 >= uint64(o.west) && x0 <= uint64(o.east) && y1 >= uint64(o.north) && y0 <= uint64(o.south) {
			meets = true
		}
	}
	return meets, true
}

// leafCell sums the people of a leaf who are in one of the smaller cells shown.
type leafCell struct {
	x, y uint32
	sums sums
}

// leaf emits the cells of a leaf that is larger than they are.
func (w *cellWalk) leaf(n *cellNode, cut bool) {
	w.inLeaf = w.inLeaf[:0]
	shift := 32 - w.depth
	for _, num := range n.nums {
		r := w.k.people.record(num)
		if cut && !inBoxes(r.hot, w.boxes) {
			continue
		}
		c := w.k.member(&r)
		x, y, i := c.x>>shift, c.y>>shift, 0
		for i < len(w.inLeaf) && (w.inLeaf[i].x != x || w.inLeaf[i].y != y) {
			i++
		}
		if i == len(w.inLeaf) {
			if i < cap(w.inLeaf) { // with the room for sums that is there
				w.inLeaf = w.inLeaf[:i+1]
				w.inLeaf[i].x, w.inLeaf[i].y, w.inLeaf[i].sums = x, y, w.inLeaf[i].sums[:0]
			} else {
				w.inLeaf = append(w.inLeaf, leafCell{x: x, y: y})
			}
		}
		w.inLeaf[i].sums.add(c.variant, &c.tally)
	}
	for i := range w.inLeaf {
		w.out.emit(w.inLeaf[i].sums)
	}
}
