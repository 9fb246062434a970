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
func (c *counter) some(ids []uint32)         { *c += counter(len(ids)) }
func (c *counter) maybe(uint32)              { panic("geo: a disc where radii don't count") }

// lister gathers what a sweep finds.
type lister struct{ ids []uint32 }

func (l *lister) span(t *pointTree, s span) {
	t.runs(s, func(_ []uint64, ids []uint32) { l.ids = append(l.ids, ids...) })
}
func (l *lister) some(ids []uint32) { l.ids = append(l.ids, ids...) }
func (l *lister) maybe(uint32)      { panic("geo: a disc where radii don't count") }

// sweeps keeps the room that sweeps need.
var sweeps = sync.Pool{New: func() any { return new(pointSweep) }}

func (x *PointSet) sweep(mp orb.MultiPolygon, out taker) {
	s := sweeps.Get().(*pointSweep)
	defer s.done()
	s.o, s.at, s.out = &s.room, x.at, out
	if !s.o.reset(mp) {
		x.searchArea(NewArea(mp), out)
		return
	}
	for i := range x.trees {
		s.start(&x.trees[i])
	}
	x.twins(s)
}

// done gives back the room, and nothing that holds on to points.
func (s *pointSweep) done() {
	s.o, s.at, s.out, s.t, s.reach = nil, nil, nil, nil, nil
	sweeps.Put(s)
}

// searchArea finds what lies in an area that goes beyond the rim of the world, where there are no units.
func (x *PointSet) searchArea(a *Area, out taker) {
	b := a.Bound()
	if b.Min[0] <= 180 && b.Max[0] >= -180 { // ±180 are one meridian
		b.Min[0], b.Max[0] = min(b.Min[0], -180), max(b.Max[0], 180)
	}
	x.Search(b, func(id uint32, p orb.Point) bool {
		if a.Contains(p) {
			out.some([]uint32{id})
		}
		return true
	})
}

// twins finds the places at ±180 that lie in the shape by the other name of their meridian only.
func (x *PointSet) twins(s *pointSweep) {
	box := &s.o.box
	for _, side := range [2]float64{-180, 180} {
		col, _, _ := units(orb.Point{side, 0})
		if box.west > col || box.east < col {
			continue
		}
		lo, hi := cellBox(col, box.south, 0), cellBox(col, box.north, 0)
		b := orb.Bound{Min: orb.Point{-side, lo.Min[1]}, Max: orb.Point{-side, hi.Max[1]}}
		x.Search(b, func(id uint32, p orb.Point) bool {
			if !s.contains(p) && s.contains(orb.Point{side, p[1]}) {
				s.out.some([]uint32{id})
			}
			return true
		})
	}
}
