package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Validate says whether mp is a valid multipolygon in the sense of OGC Simple Features: rings closed, of four points
// or more, not flat, neither crossing nor touching themselves; holes within their outer ring; rings of a polygon
// neither crossing nor overlapping and touching in single points only, without parting the inside; polygons neither
// overlapping nor sharing a stretch of edge. Points that are repeated in a row are allowed. An edge that spans more
// than 180 degrees of lon crosses the antimeridian (see Normalize).
//
// The error is a *ShapeError that names the first fault found and its place. The answer is exact, but for shapes
// that cross the antimeridian, whose coordinates are rounded when 360 is added to them.
func Validate(mp orb.MultiPolygon) error {
	if f := validate(mp); f != nil {
		return f.error("coordinates", false)
	}
	return nil
}

func validate(mp orb.MultiPolygon) *fault {
	if f := checkRings(mp); f != nil {
		return f
	}
	for i, poly := range mp {
		for j, ring := range poly {
			if isFlat(ring) && !rounds(ring) {
				return faultAt(i, j, -1, ring[0], "flat_ring", "%s is flat", ringName(mp, i, j))
			}
		}
	}
	// Polygons that don't cross the antimeridian are looked at together. One that does is looked at alone, as it runs
	// on, and its parts take its place among the others.
	flat := make(orb.MultiPolygon, 0, len(mp))
	var from []int // index in mp
	var cutOf []cutKind
	for i, poly := range mp {
		if !crosses(poly) {
			flat, from, cutOf = append(flat, poly), append(from, i), append(cutOf, notCut)
			continue
		}
		kind := cutAtPole
		if run, ok := unwrap(poly); ok {
			kind = cutChecked
			v := validator{names: mp, mp: orb.MultiPolygon{run}, from: []int{i}, cut: []cutKind{notCut}}
			if f := v.check(); f != nil {
				return f
			}
		}
		for _, part := range cut(poly) {
			flat, from, cutOf = append(flat, part), append(from, i), append(cutOf, kind)
		}
	}
	v := validator{names: mp, mp: flat, from: from, cut: cutOf}
	return v.check()
}

// rounds reports whether the ring goes around the earth: along a parallel it is flat on the map only.
func rounds(ring orb.Ring) bool {
	ks := turnsOf(ring)
	return ks[len(ks)-1] != 0
}

// cutKind says how a polygon that is checked came about.
type cutKind uint8

const (
	notCut     cutKind = iota
	cutChecked         // a part of a polygon that crosses the antimeridian and has been checked as it runs on
	cutAtPole          // a part of one that goes around a pole, and has not
)

// validator checks polygons that don't cross the antimeridian, or a single one that has been unwrapped.
type validator struct {
	names orb.MultiPolygon // what is named in faults
	mp    orb.MultiPolygon // what is checked
	from  []int            // which of names each polygon is, or is a part of
	cut   []cutKind        // of each polygon
	rings []ringRef        // all rings, in order
	owner []uint32         // ring of each point
	st    strips
	meets map[orb.Point][]uint32 // rings of one polygon that touch others, by place
}

type ringRef struct {
	poly, ring  int
	first, last uint32 // its first point, and the last (equal) one
}

func (v *validator) check() *fault {
	v.meets = map[orb.Point][]uint32{}
	var pts []orb.Point
	var edges []uint32
	for i, poly := range v.mp {
		for j, ring := range poly {
			// Without repeated points, neighbouring edges meet in one point and have a direction.
			first := len(pts)
			for _, p := range ring {
				if len(pts) == first || pts[len(pts)-1] != p {
					pts = append(pts, p)
				}
			}
			id := uint32(len(v.rings))
			v.rings = append(v.rings, ringRef{i, j, uint32(first), uint32(len(pts) - 1)})
			for k := first; k < len(pts); k++ {
				v.owner = append(v.owner, id)
				if k+1 < len(pts) {
					edges = append(edges, uint32(k))
				}
			}
		}
	}
	v.st = newStrips(pts, edges, 32)
	if f := v.sweep(); f != nil {
		return f
	}
	if f := v.joined(); f != nil {
		return f
	}
	return v.nested()
}

// name says which ring in words.
func (v *validator) name(r ringRef) string { return ringName(v.names, v.from[r.poly], v.ringIndex(r)) }

// ringIndex is the ring's number in the polygon it came from; after a cut there is no telling.
func (v *validator) ringIndex(r ringRef) int {
	if v.cut[r.poly] != notCut {
		return 0
	}
	return r.ring
}

// reach is where an edge passes within a strip, a little more rather than less.
type reach struct {
	lo, hi   float64 // of lon
	edge     uint32
	through  bool    // whether it passes from the strip's south to its north
	foot, to float64 // if so, its lon there
	slack    float64 // and how far both may be off
}

// reach returns where edge e passes within strip s.
func (v *validator) reach(e uint32, s int) reach {
	a, b := v.st.pts[e], v.st.pts[e+1]
	if a[1] > b[1] {
		a, b = b, a
	}
	r := reach{lo: min(a[0], b[0]), hi: max(a[0], b[0]), edge: e}
	if v.st.scale == 0 || v.st.scale > 1e9 || a[1] == b[1] { // strips near the resolution of doubles: no saving
		return r
	}
	south := v.st.lo + (float64(s)-1e-3)/v.st.scale
	north := v.st.lo + (float64(s)+1+1e-3)/v.st.scale
	slope := (b[0] - a[0]) / (b[1] - a[1])
	if math.IsInf(slope, 0) || math.IsNaN(slope) {
		return r
	}
	r.foot, r.to = a[0], b[0]
	r.through = south >= a[1] && north <= b[1]
	if south > a[1] {
		r.foot = a[0] + slope*(south-a[1])
	}
	if north < b[1] {
		r.to = a[0] + slope*(north-a[1])
	}
	r.slack = 1e-9*(r.hi-r.lo) + 1e-13
	r.lo, r.hi = max(r.lo, min(r.foot, r.to)-r.slack), min(r.hi, max(r.foot, r.to)+r.slack)
	return r
}

// sweep looks at all pairs of edges that may meet in a strip: for a fault, and for places where rings touch.
func (v *validator) sweep() *fault {
	var in, through, passing, ending []reach
	for s := range len(v.st.starts) - 1 {
		in, through = in[:0], through[:0]
		ends := 0
		for _, e := range v.st.edges[v.st.starts[s]:v.st.starts[s+1]] {
			r := v.reach(e, s)
			if r.through {
				through = append(through, r)
			} else {
				ends++
			}
			in = append(in, r)
		}
		if f := v.sweepThrough(through); f != nil {
			return f
		}
		if ends == 0 {
			continue
		}
		// Pairs of which one ends in the strip: those whose lons overlap.
		slices.SortFunc(in, func(a, b reach) int { return cmp.Compare(a.lo, b.lo) })
		passing, ending = passing[:0], ending[:0]
		for _, r := range in {
			var f *fault
			if ending, f = v.pairs(ending, r); f != nil {
				return f
			}
			if r.through {
				passing = append(passing, r)
				continue
			}
			if passing, f = v.pairs(passing, r); f != nil {
				return f
			}
			ending = append(ending, r)
		}
	}
	return nil
}

// pairs looks at r with those of active that it overlaps, and returns these; the others end west of it, and so of
// all that follow.
func (v *validator) pairs(active []reach, r reach) ([]reach, *fault) {
	keep := active[:0]
	for _, o := range active {
		if o.hi < r.lo {
			continue
		}
		keep = append(keep, o)
		if f := v.pair(min(o.edge, r.edge), max(o.edge, r.edge)); f != nil {
			return nil, f
		}
	}
	return keep, nil
}

// sweepThrough looks at the pairs of edges that pass through a whole strip. Where they come in the same order in the
// south and in the north they don't meet, so even thousands of long parallel edges make few pairs.
func (v *validator) sweepThrough(through []reach) *fault {
	slices.SortFunc(through, func(a, b reach) int { return cmp.Compare(a.foot, b.foot) })
	east := math.Inf(-1) // the easternmost arrival so far
	slack := 0.0
	for i := range through {
		slack = max(slack, 2*through[i].slack)
	}
	for i, r := range through {
		for k := i - 1; k >= 0; k-- {
			o := &through[k]
			// east, kept in hi, is that of all up to k.
			if o.hi < r.to-slack && o.foot < r.foot-slack {
				break
			}
			if o.to >= r.to-slack || o.foot >= r.foot-slack {
				if f := v.pair(min(o.edge, r.edge), max(o.edge, r.edge)); f != nil {
					return f
				}
			}
		}
		east = max(east, r.to)
		through[i].hi = east
	}
	return nil
}

// pair looks at two edges, d < e.
func (v *validator) pair(d, e uint32) *fault {
	pts := v.st.pts
	a, b, p, q := pts[d], pts[d+1], pts[e], pts[e+1]
	if max(a[1], b[1]) < min(p[1], q[1]) || max(p[1], q[1]) < min(a[1], b[1]) ||
		max(a[0], b[0]) < min(p[0], q[0]) || max(p[0], q[0]) < min(a[0], b[0]) {
		return nil
	}
	op, oq := orient(a, b, p), orient(a, b, q)
	if op*oq > 0 {
		return nil
	}
	oa, ob := orient(p, q, a), orient(p, q, b)
	if oa*ob > 0 {
		return nil
	}
	rd, re := v.rings[v.owner[d]], v.rings[v.owner[e]]
	if v.from[rd.poly] == v.from[re.poly] && (rd.poly != re.poly || v.cut[rd.poly] == cutChecked) {
		return nil // parts of one polygon
	}
	if op == 0 && oq == 0 { // on one line
		lo, hi := inner(a, b, p, q)
		if order(lo, hi) > 0 {
			return nil
		}
		if lo != hi {
			return v.fault(rd, re, d, orb.Point{(lo[0] + hi[0]) / 2, (lo[1] + hi[1]) / 2}, true)
		}
		return v.touch(rd, re, d, e, lo)
	}
	switch {
	case op == 0:
		return v.touch(rd, re, d, e, p)
	case oq == 0:
		return v.touch(rd, re, d, e, q)
	case oa == 0:
		return v.touch(rd, re, d, e, a)
	case ob == 0:
		return v.touch(rd, re, d, e, b)
	}
	return v.fault(rd, re, d, intersection(a, b, p, q), false)
}

// order compares places by lon, then lat.
func order(a, b orb.Point) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

// inner returns the later of the starts and the earlier of the ends of two edges on one line, by order.
func inner(a, b, p, q orb.Point) (lo, hi orb.Point) {
	if order(a, b) > 0 {
		a, b = b, a
	}
	if order(p, q) > 0 {
		p, q = q, p
	}
	lo, hi = a, b
	if order(p, lo) > 0 {
		lo = p
	}
	if order(q, hi) < 0 {
		hi = q
	}
	return lo, hi
}

// intersection returns about where two edges cross.
func intersection(a, b, p, q orb.Point) orb.Point {
	dx, dy, ex, ey := b[0]-a[0], b[1]-a[1], q[0]-p[0], q[1]-p[1]
	t := ((p[0]-a[0])*ey - (p[1]-a[1])*ex) / (dx*ey - dy*ex)
	if !(t >= 0 && t <= 1) {
		t = 0.5
	}
	return orb.Point{a[0] + t*dx, a[1] + t*dy}
}

// touch looks at a single place where two edges meet.
func (v *validator) touch(rd, re ringRef, d, e uint32, at orb.Point) *fault {
	if rd == re {
		if e == d+1 || d == rd.first && e == rd.last-1 { // neighbours meet
			if e == d+1 && at == v.st.pts[e] || e != d+1 && at == v.st.pts[d] {
				return nil
			}
		}
		return v.fault(rd, re, d, at, false)
	}
	if v.passes(d, e, at) {
		return v.fault(rd, re, d, at, false)
	}
	if rd.poly == re.poly {
		i, j := v.owner[d], v.owner[e]
		for _, r := range [2]uint32{i, j} {
			if !slices.Contains(v.meets[at], r) {
				v.meets[at] = append(v.meets[at], r)
			}
		}
	}
	return nil
}

// passes reports whether the rings of edges d and e, which meet in at alone, pass from one side of each other to the
// other there.
func (v *validator) passes(d, e uint32, at orb.Point) bool {
	d0, d1 := v.arms(d, at)
	e0, e1 := v.arms(e, at)
	// Two rings pass when the arms of one part those of the other.
	return v.between(at, d0, d1, e0) != v.between(at, d0, d1, e1)
}

// arms returns the neighbours of at on the ring of edge e: the ring comes from prev and goes to next.
func (v *validator) arms(e uint32, at orb.Point) (prev, next orb.Point) {
	pts, r := v.st.pts, v.rings[v.owner[e]]
	switch at {
	case pts[e]:
		if e == r.first {
			return pts[r.last-1], pts[e+1]
		}
		return pts[e-1], pts[e+1]
	case pts[e+1]:
		if e+1 == r.last {
			return pts[e], pts[r.first+1]
		}
		return pts[e], pts[e+2]
	}
	return pts[e], pts[e+1]
}

// between reports whether the direction from o to p lies strictly within the angle swept counter-clockwise from
// that to a to that to b. Directions that are equal are overlaps, which sweep refuses elsewhere.
func (v *validator) between(o, a, b, p orb.Point) bool {
	ab, ap, pb := orient(o, a, b), orient(o, a, p), orient(o, p, b)
	if ab > 0 {
		return ap > 0 && pb > 0
	}
	if ab < 0 {
		return ap > 0 || pb > 0
	}
	return ap > 0 // straight on: the left half
}

// fault names the rule that two edges break which meet where they must not.
func (v *validator) fault(rd, re ringRef, d uint32, at orb.Point, overlap bool) *fault {
	poly, ring := v.from[rd.poly], v.ringIndex(rd)
	vertex := int(d - rd.first)
	if v.cut[rd.poly] != notCut || !v.sameCount(rd) {
		vertex = -1 // points were added or left out: the number would be wrong
	}
	verb := "crosses"
	if overlap {
		verb = "overlaps"
	}
	switch {
	case rd == re && overlap:
		return faultAt(poly, ring, vertex, at, "self_intersection", "%s runs over itself", v.name(rd))
	case rd == re:
		return faultAt(poly, ring, vertex, at, "self_intersection", "%s crosses or touches itself", v.name(rd))
	case v.from[rd.poly] != v.from[re.poly]:
		return faultAt(v.from[re.poly], -1, -1, at, "polygons_overlap", "polygon %d %s polygon %d",
			v.from[re.poly]+1, verb, v.from[rd.poly]+1)
	case rd.ring == 0 || re.ring == 0:
		hole := re
		if re.ring == 0 {
			hole = rd
		}
		return faultAt(poly, v.ringIndex(hole), -1, at, "hole_outside_shell", "%s %s the outer ring", v.name(hole), verb)
	}
	return faultAt(poly, v.ringIndex(re), -1, at, "holes_overlap", "%s %s %s", v.name(re), verb, v.name(rd))
}

func (v *validator) sameCount(r ringRef) bool {
	return int(r.last-r.first)+1 == len(v.mp[r.poly][r.ring])
}

// joined refuses polygons whose inside is parted by rings that touch: rings and the places where they touch must
// not form a circle.
func (v *validator) joined() *fault {
	if len(v.meets) == 0 {
		return nil
	}
	parent := make([]uint32, len(v.rings))
	for i := range parent {
		parent[i] = uint32(i)
	}
	find := func(i uint32) uint32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	places := make([]orb.Point, 0, len(v.meets))
	for p := range v.meets {
		places = append(places, p)
	}
	slices.SortFunc(places, order) // the same fault every time
	for _, p := range places {
		// Several polygons may touch here, each a matter of its own.
		for i, r := range v.meets[p] {
			for _, o := range v.meets[p][:i] {
				if v.rings[r].poly != v.rings[o].poly {
					continue
				}
				if find(r) == find(o) {
					ref := v.rings[r]
					return faultAt(v.from[ref.poly], v.ringIndex(ref), -1, p, "interior_disconnected",
						"%s parts the inside of its polygon", v.name(ref))
				}
				parent[find(r)] = find(o)
				break // it is joined to one, and so to all that touch here
			}
		}
	}
	return nil
}

// nested looks at rings that don't cross: holes must lie within the outer ring and not within each other, polygons
// not within each other.
func (v *validator) nested() *fault {
	var shells rtree.RTreeG[int]
	prepared := make([]*Area, len(v.mp)) // outer rings
	for i, poly := range v.mp {
		b := boundOf(poly[0])
		shells.Insert(b.Min, b.Max, i)
	}
	shell := func(i int) *Area {
		if prepared[i] == nil {
			prepared[i] = NewArea(orb.MultiPolygon{{v.mp[i][0]}})
		}
		return prepared[i]
	}
	for i, poly := range v.mp {
		if len(poly) > 1 && v.cut[i] != cutChecked {
			if f := v.holes(i, shell(i)); f != nil {
				return f
			}
		}
	}
	for i, poly := range v.mp {
		b := boundOf(poly[0])
		var f *fault
		shells.Search(b.Min, b.Max, func(lo, hi [2]float64, j int) bool {
			if i == j || v.from[i] == v.from[j] || !holdsBox(lo, hi, b) || !within(poly[0], shell(j)) {
				return true
			}
			for _, hole := range v.mp[j][1:] {
				if hb := boundOf(hole); holdsBox(hb.Min, hb.Max, b) && within(poly[0], NewArea(orb.MultiPolygon{{hole}})) {
					return true
				}
			}
			f = faultAt(v.from[i], -1, -1, poly[0][0], "polygons_overlap", "polygon %d lies within polygon %d",
				v.from[i]+1, v.from[j]+1)
			return false
		})
		if f != nil {
			return f
		}
	}
	return nil
}

// holdsBox reports whether the box lo, hi holds b, edges included.
func holdsBox(lo, hi [2]float64, b orb.Bound) bool {
	return lo[0] <= b.Min[0] && lo[1] <= b.Min[1] && hi[0] >= b.Max[0] && hi[1] >= b.Max[1]
}

// holes looks at the holes of polygon i.
func (v *validator) holes(i int, shell *Area) *fault {
	poly := v.mp[i]
	var tree rtree.RTreeG[int]
	prepared := make([]*Area, len(poly))
	for j, hole := range poly[1:] {
		j++
		ref := ringRef{poly: i, ring: j}
		if !within(hole, shell) {
			return faultAt(v.from[i], v.ringIndex(ref), -1, hole[0], "hole_outside_shell", "%s lies outside the outer ring",
				v.name(ref))
		}
		b := boundOf(hole)
		tree.Insert(b.Min, b.Max, j)
	}
	for j, hole := range poly[1:] {
		j++
		b := boundOf(hole)
		var f *fault
		tree.Search(b.Min, b.Max, func(lo, hi [2]float64, k int) bool {
			if j == k || !holdsBox(lo, hi, b) {
				return true
			}
			if prepared[k] == nil {
				prepared[k] = NewArea(orb.MultiPolygon{{poly[k]}})
			}
			if within(hole, prepared[k]) {
				in, out := ringRef{poly: i, ring: j}, ringRef{poly: i, ring: k}
				f = faultAt(v.from[i], v.ringIndex(in), -1, hole[0], "holes_overlap", "%s lies within %s", v.name(in), v.name(out))
			}
			return f == nil
		})
		if f != nil {
			return f
		}
	}
	return nil
}
