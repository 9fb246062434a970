package geo

import (
	"slices"

	"github.com/paulmach/orb"
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
