package geo

import (
	"sync"

	"github.com/paulmach/orb"
)

// Count returns how many positions lie in a or on its edge, without regard to their radii: those that a.Contains.
func (x *PointSet) Count(a *Area) int { return x.CountShape(a.shape) }

// IDs appends to dst the ids of the positions that lie in a or on its edge, without regard to their radii, in no
// particular order, each once, and returns it.
func (x *PointSet) IDs(dst []uint32, a *Area) []uint32 { return x.IDsShape(dst, a.shape) }

// CountShape is Count for the area that NewArea would make of mp.
func (x *PointSet) CountShape(mp orb.MultiPolygon) int {
	var c counter
	x.sweep(mp, &c)
	return int(c)
}

// IDsShape is IDs for the area that NewArea would make of mp.
func (x *PointSet) IDsShape(dst []uint32, mp orb.MultiPolygon) []uint32 {
	l := lister{dst}
	x.sweep(mp, &l)
	return l.ids
}

// counter counts what a sweep finds.
type counter int

func (c *counter) span(t *pointTree, s span) { *c += counter(t.count(s)) }
func (c *counter) one(uint32)                { *c++ }

// lister gathers what a sweep finds.
type lister struct{ ids []uint32 }

func (l *lister) span(t *pointTree, s span) {
	t.runs(s, func(_ []uint64, ids []uint32) { l.ids = append(l.ids, ids...) })
}
func (l *lister) one(id uint32) { l.ids = append(l.ids, id) }

// sweeps keeps the room that sweeps need.
var sweeps = sync.Pool{New: func() any { return &pointSweep{o: new(outline)} }}

func (x *PointSet) sweep(mp orb.MultiPolygon, out taker) {
	s := sweeps.Get().(*pointSweep)
	defer sweeps.Put(s)
	s.at, s.out = x.at, out
	defer func() { s.at, s.out, s.t = nil, nil, nil }()
	if !s.o.reset(mp) {
		x.searchArea(NewArea(mp), out)
		return
	}
	for i := range x.trees {
		s.start(&x.trees[i])
	}
	x.twins(s.o, out)
}

// searchArea finds what lies in an area that goes beyond the rim of the world, where there are no units.
func (x *PointSet) searchArea(a *Area, out taker) {
	b := a.Bound()
	if b.Min[0] <= 180 && b.Max[0] >= -180 { // ±180 are one meridian
		b.Min[0], b.Max[0] = min(b.Min[0], -180), max(b.Max[0], 180)
	}
	x.Search(b, func(id uint32, p orb.Point) bool {
		if a.Contains(p) {
			out.one(id)
		}
		return true
	})
}

// twins finds the places at ±180 that lie in the shape by the other name of their meridian only.
func (x *PointSet) twins(o *outline, out taker) {
	for _, side := range [2]float64{-180, 180} {
		col, _, _ := units(orb.Point{side, 0})
		if o.box.west > col || o.box.east < col {
			continue
		}
		lo, hi := cellBox(col, o.box.south, 0), cellBox(col, o.box.north, 0)
		b := orb.Bound{Min: orb.Point{-side, lo.Min[1]}, Max: orb.Point{-side, hi.Max[1]}}
		x.Search(b, func(id uint32, p orb.Point) bool {
			if !o.holds(p, o.roots, false, nowhere) && o.holds(orb.Point{side, p[1]}, o.roots, false, nowhere) {
				out.one(id)
			}
			return true
		})
	}
}

// Visit sorts the positions by how their error discs lie to a, as Area.Disc would have them: inside gets runs of
// ids whose discs are Inside, maybe those that Disc has to be asked about, and everybody else's disc is Outside. No
// id is passed twice. The slices must not be kept.
func (x *PointSet) Visit(a *Area, inside func(ids []uint32), maybe func(id uint32)) {
	for i := range x.trees {
		for _, nd := range x.trees[i].nodes {
			for _, b := range nd.Blocks() {
				for k, id := range b.IDs() {
					boxes, n := discBounds(x.at(id), classRadiusM[wordClass(b.words[k])])
					for _, box := range boxes[:n] {
						if ab := a.Bound(); placed(ab) && meets(&box, &ab) {
							maybe(id)
							break
						}
					}
				}
			}
		}
	}
}
