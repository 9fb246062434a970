package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Visit sorts the positions by how their error discs lie to a, as Area.Disc would have them: inside gets runs of
// ids whose discs are Inside, maybe those that Disc has to be asked about, and everybody else's disc is Outside. No
// id is passed twice. Runs must not be kept. Radii are rounded up to a few classes, so some whom maybe gets turn out
// to be Inside or Outside.
func (x *PointSet) Visit(a *Area, inside func(ids []uint32), maybe func(id uint32)) {
	if !placed(a.bound) {
		return
	}
	s := sweeps.Get().(*pointSweep)
	defer s.done()
	s.o, s.at, s.out = &s.room, x.at, &visitor{inside, maybe}
	known := s.o.reset(a.shape)
	for i := range x.trees {
		top, some := x.largest(i)
		if !some {
			continue
		}
		r := newClearance(a.bound, &s.o.box, top)
		if !known { // a shape beyond the rim of the world, where there are no units
			x.visitEach(&x.trees[i], &r, maybe)
			continue
		}
		s.reach = &r
		s.start(&x.trees[i])
	}
}

// largest returns the largest class that tree i holds; some is false when it holds nothing.
func (x *PointSet) largest(i int) (top class, some bool) {
	for c, held := range x.held {
		if held > 0 && class(c).tree() == i {
			top, some = class(c), true
		}
	}
	return top, some
}

// visitEach is Visit without units: whoever may touch the box of the area.
func (x *PointSet) visitEach(t *pointTree, r *clearance, maybe func(id uint32)) {
	t.runs(t.all(), func(words []uint64, ids []uint32) {
		for i, w := range words {
			if r.mayTouch(cellFrame(w>>classBits, 0), wordClass(w)) {
				maybe(ids[i])
			}
		}
	})
}

// visitor passes on what a sweep finds.
type visitor struct {
	inside   func(ids []uint32)
	maybeOne func(id uint32)
}

func (v *visitor) span(t *pointTree, s span) {
	t.runs(s, func(_ []uint64, ids []uint32) { v.inside(ids[:len(ids):len(ids)]) })
}

func (v *visitor) some(ids []uint32) { v.inside(ids) }

func (v *visitor) maybe(id uint32) { v.maybeOne(id) }

// clearance is how far discs reach beyond their places, by class.
//
// Whatever crosses ±180 or a pole comes in again elsewhere. That is of no matter to an area that is farther from
// there than any disc reaches. To any other, atRim, a frame that leaves the map says nothing, and what is in it is
// asked one by one.
type clearance struct {
	bound orb.Bound // of the area
	cols  [classes]int64
	rows  [classes]int64
	top   class // the largest that there is
	atRim bool
}

// theMap is the units of the places on earth.
var theMap, _ = unitBoxOf(orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}})

// newClearance returns the reach of classes up to top about an area with the given box.
func newClearance(bound orb.Bound, box *unitBox, top class) clearance {
	r := clearance{bound: bound, top: top}
	for c := range r.rows {
		// What Disc allows for, and a whole unit for the place and for rounding each.
		r.rows[c] = int64(discReach(classRadiusM[c])/metresPerDegM*rowsPerDeg) + 3
	}
	far := r.rows[top]
	lat := max(math.Abs(bound.Min[1]), math.Abs(bound.Max[1])) + float64(far)/rowsPerDeg
	for c := range r.cols {
		r.cols[c] = colsAround(lat, class(c))
	}
	wide := r.widest(box)
	r.atRim = !wide.within(&theMap)
	return r
}

// colsAround returns how many columns a disc of a class reaches to the east and the west of a place that is no more
// than lat degrees from the equator.
func colsAround(lat float64, c class) int64 {
	boxes, _ := discBounds(orb.Point{0, min(math.Abs(lat), 90)}, discReach(classRadiusM[c]))
	return int64(boxes[0].Max[0]*colsPerDeg) + 3
}

// widest returns the box with the largest reach about it, as far as the world of units goes.
func (r *clearance) widest(b *unitBox) unitBox {
	cols, rows := r.cols[r.top], r.rows[r.top]
	const last = 1<<unitBits - 1
	return unitBox{
		uint32(max(int64(b.west)-cols, 0)), uint32(max(int64(b.south)-rows, 0)),
		uint32(min(int64(b.east)+cols, last)), uint32(min(int64(b.north)+rows, last)),
	}
}

// widen returns the frame with the reach of a class about it. It reports false when that leaves the map and there
// matters.
func (r *clearance) widen(f frame, c class) (wide frame, whole bool) {
	c = min(c, r.top)
	cols, rows := r.cols[c], r.rows[c]
	if r.atRim { // the frame may be anywhere
		south, north := float64(f.south)/rowsPerDeg+worldSouth, float64(f.north)/rowsPerDeg+worldSouth
		cols = colsAround(max(math.Abs(south), math.Abs(north)), c)
	}
	wide = frame{f.west - cols, f.south - rows, f.east + cols, f.north + rows}
	whole = wide.west > int64(theMap.west) && wide.east <= int64(theMap.east) &&
		wide.south > int64(theMap.south) && wide.north <= int64(theMap.north)
	if !r.atRim {
		const end = 1 << unitBits
		return frame{max(wide.west, 0), max(wide.south, 0), min(wide.east, end), min(wide.north, end)}, true
	}
	return wide, whole
}

// mayTouch reports whether a disc of a class about a place of the frame, one unit, may touch the box of the area.
func (r *clearance) mayTouch(f frame, c class) bool {
	p := orb.Point{float64(f.west)/colsPerDeg + worldWest, float64(f.south)/rowsPerDeg + worldSouth}
	p[0], p[1] = min(max(p[0], -180), 180), min(max(p[1], -90), 90)
	boxes, n := discBounds(p, discReach(classRadiusM[c])+0.1)
	for _, b := range boxes[:n] {
		if meets(&b, &r.bound) {
			return true
		}
	}
	return false
}

// beyond sweeps a span whose cell, with the reach of its discs, leaves the map: where it may touch the area at all,
// it is halved until it doesn't, or asked one by one.
func (s *pointSweep) beyond(sp span, f frame, free uint, above account) {
	rows := s.reach.rows[s.reach.top]
	if f.north+rows < int64(s.o.box.south) || f.south-rows > int64(s.o.box.north) {
		return
	}
	if free == 0 || sp.inOne() && sp.hi-sp.lo <= fewEntries {
		s.each(sp, above)
		return
	}
	first, _ := s.t.ends(sp)
	s.halves(sp, first>>classBits, free, above)
}
