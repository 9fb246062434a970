package geo

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Hit is an area that a position is, or may be, in.
type Hit struct {
	ID      uint32
	Verdict Verdict // Inside or Possible
	Share   float32 // of the error disc inside the area, (0,1]
}

// Index finds areas by place: the changing set of zones. One goroutine may write; while nobody writes, any number
// may read. Copy before the next write to publish what there is. The zero value is not usable: NewIndex.
//
// All areas are in an R-tree, which serves what changes and what is drawn. Matching goes by the Compiled that was
// last adopted; what was set since is looked up in a small tree of its own, and what was deleted or replaced is
// passed over. So the answer is the same at every moment, compiled or not:
//
//	Match = Compiled without gone, and fresh
type Index struct {
	tree  *rtree.RTreeG[*indexed]
	areas table[*indexed]

	base  *Compiled               // nil: nothing is compiled
	gone  []uint32                // ids in base that it answers wrongly now, ascending; never written, but replaced
	fresh *rtree.RTreeG[*indexed] // the areas that base lacks
}

type indexed struct {
	id   uint32
	area *Area
}

// NewIndex returns an empty index.
func NewIndex() *Index {
	return &Index{tree: new(rtree.RTreeG[*indexed]), areas: newTable[*indexed](), fresh: new(rtree.RTreeG[*indexed])}
}

// Set adds the area under id, or puts it in the place of the one that is there. An area without a place (empty, or
// with a box that isn't finite) is kept and found by Get alone.
func (x *Index) Set(id uint32, a *Area) {
	x.Delete(id)
	in := &indexed{id: id, area: a}
	x.areas.set(id, in)
	if b := a.Bound(); placed(b) {
		x.tree.Insert(b.Min, b.Max, in)
		x.fresh.Insert(b.Min, b.Max, in)
	}
}

// Delete removes the area under id, if there is one.
func (x *Index) Delete(id uint32) {
	in, ok := x.areas.get(id)
	if !ok {
		return
	}
	x.areas.delete(id)
	if b := in.area.Bound(); placed(b) {
		x.tree.Delete(b.Min, b.Max, in)
		if x.compiled(in) {
			x.gone = with(x.gone, id)
		} else {
			x.fresh.Delete(b.Min, b.Max, in)
		}
	}
}

// placed reports whether b may go into a tree: a NaN there would hit everything.
func placed(b orb.Bound) bool {
	return b.Min[0] <= b.Max[0] && b.Min[1] <= b.Max[1]
}

// Get returns the area under id.
func (x *Index) Get(id uint32) (*Area, bool) {
	in, ok := x.areas.get(id)
	if !ok {
		return nil, false
	}
	return in.area, true
}

// Len returns the number of areas.
func (x *Index) Len() int { return x.areas.n }

// Copy returns an independent index of the same areas, in time that hardly depends on their number. It counts as a
// write to x: only the writer may call it.
func (x *Index) Copy() *Index {
	return &Index{tree: x.tree.Copy(), areas: x.areas.copy(), base: x.base, gone: x.gone, fresh: x.fresh.Copy()}
}

// Search calls yield with the areas whose boxes meet b, edges included, in no particular order, until yield
// returns false. A b with a NaN, or with Min above Max, meets nothing: ask for both parts of a box that crosses the
// antimeridian.
func (x *Index) Search(b orb.Bound, yield func(id uint32, a *Area) bool) {
	if !placed(b) {
		return
	}
	x.tree.Search(b.Min, b.Max, func(_, _ [2]float64, in *indexed) bool { return yield(in.id, in.area) })
}

// Nearby calls yield with the areas whose distance from p is at most withinM metres, nearest first, equals in no
// particular order, until yield returns false.
func (x *Index) Nearby(p orb.Point, withinM float64, yield func(id uint32, a *Area, distM float64) bool) {
	if !onEarth(p) {
		return
	}
	if withinM <= searchReachM {
		x.nearbyBoxes(p, withinM, yield)
		return
	}
	pl := newPlane(p)
	x.tree.Nearby(
		func(lo, hi [2]float64, in *indexed, item bool) float64 {
			apart := pl.apart(orb.Bound{Min: lo, Max: hi}, withinM)
			if !item || apart > withinM {
				return apart
			}
			return in.area.distance(p, withinM)
		},
		func(_, _ [2]float64, in *indexed, distM float64) bool {
			return distM <= withinM && yield(in.id, in.area, distM)
		})
}

// searchReachM is up to how far it pays to look at everything in a box rather than at the nearest first.
const searchReachM = 500_000

// nearbyBoxes is Nearby by way of the boxes that hold all places within withinM.
func (x *Index) nearbyBoxes(p orb.Point, withinM float64, yield func(id uint32, a *Area, distM float64) bool) {
	type found struct {
		in    *indexed
		distM float64
	}
	var buf [16]found
	near := buf[:0]
	boxes, n := discBounds(p, withinM)
	for _, b := range boxes[:n] {
		x.tree.Search(b.Min, b.Max, func(_, _ [2]float64, in *indexed) bool {
			if d := in.area.distance(p, withinM); d <= withinM {
				near = append(near, found{in, d})
			}
			return true
		})
	}
	slices.SortFunc(near, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.distM, b.distM), cmp.Compare(a.in.id, b.in.id))
	})
	near = slices.Compact(near) // an area may have met both boxes
	for _, f := range near {
		if !yield(f.in.id, f.in.area, f.distM) {
			return
		}
	}
}
