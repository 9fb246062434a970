package geo

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Points finds positions by place. It is made for millions: the tree holds boxes in single precision, rounded
// outwards, and a table the exact places. One goroutine may write; while nobody writes, any number may read. Copy
// before the next write to publish what there is. The zero value is not usable: NewPoints.
type Points struct {
	tree  *rtree.RTreeGN[float32, uint32]
	where table[orb.Point]
}

// NewPoints returns an empty index.
func NewPoints() *Points {
	return &Points{tree: new(rtree.RTreeGN[float32, uint32]), where: newTable[orb.Point]()}
}

// Set puts id at p, from wherever it was. A p with a NaN is nowhere: it is as if id had been deleted.
func (x *Points) Set(id uint32, p orb.Point) {
	if old, ok := x.where.get(id); ok {
		if old == p {
			return
		}
		x.remove(id, old)
	}
	if math.IsNaN(p[0]) || math.IsNaN(p[1]) {
		x.where.delete(id)
		return
	}
	x.where.set(id, p)
	lo, hi := outwards(orb.Bound{Min: p, Max: p})
	x.tree.Insert(lo, hi, id)
}

// Delete removes id, if it is there.
func (x *Points) Delete(id uint32) {
	if old, ok := x.where.get(id); ok {
		x.remove(id, old)
		x.where.delete(id)
	}
}

func (x *Points) remove(id uint32, p orb.Point) {
	lo, hi := outwards(orb.Bound{Min: p, Max: p})
	x.tree.Delete(lo, hi, id)
}

// Get returns the place of id.
func (x *Points) Get(id uint32) (orb.Point, bool) { return x.where.get(id) }

// Len returns the number of points.
func (x *Points) Len() int { return x.where.n }

// Copy returns an independent index of the same points, in time that hardly depends on their number. It counts as
// a write to x: only the writer may call it.
func (x *Points) Copy() *Points {
	return &Points{tree: x.tree.Copy(), where: x.where.copy()}
}

// Search calls yield with the points in b, edges included, in no particular order, until yield returns false. A b
// with a NaN, or with Min above Max, holds nothing: ask for both parts of a box that crosses the antimeridian.
func (x *Points) Search(b orb.Bound, yield func(id uint32, p orb.Point) bool) {
	if !placed(b) {
		return
	}
	lo, hi := outwards(b)
	x.tree.Search(lo, hi, func(_, _ [2]float32, id uint32) bool {
		p, _ := x.where.get(id)
		if p[0] < b.Min[0] || p[0] > b.Max[0] || p[1] < b.Min[1] || p[1] > b.Max[1] {
			return true // met only because boxes are rounded
		}
		return yield(id, p)
	})
}

// outwards rounds b to single precision so that it still holds all it held.
func outwards(b orb.Bound) (lo, hi [2]float32) {
	for i := range 2 {
		lo[i], hi[i] = float32(b.Min[i]), float32(b.Max[i])
		if float64(lo[i]) > b.Min[i] {
			lo[i] = math.Nextafter32(lo[i], float32(math.Inf(-1)))
		}
		if float64(hi[i]) < b.Max[i] {
			hi[i] = math.Nextafter32(hi[i], float32(math.Inf(1)))
		}
	}
	return lo, hi
}
