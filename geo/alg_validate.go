package geo

import (
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
	names  orb.MultiPolygon // what is named in faults
	mp     orb.MultiPolygon // what is checked
	from   []int            // which of names each polygon is, or is a part of
	cut    []cutKind        // of each polygon
	rings  []ringRef        // all rings, in order
	owner  []uint32         // ring of each point
	st     strips
	visits []visit // where rings touch others
	noted  []bool  // points that are in visits
}

type ringRef struct {
	poly, ring  int
	first, last uint32 // its first point, and the last (equal) one
}

func (v *validator) check() *fault {
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
	v.noted = make([]bool, len(pts))
	v.st = newStrips(pts, edges, 32)
	if f := v.sweep(); f != nil {
		return f
	}
	if f := v.touches(); f != nil {
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
