package geo

import (
	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// nested looks at rings that don't cross: holes must lie within the outer ring and not within each other, polygons
// not within each other.
func (v *validator) nested() *fault {
	var shells rtree.RTreeG[int]
	whole := make([]*Area, len(v.mp))
	for i, poly := range v.mp {
		b := boundOf(poly[0])
		shells.Insert(b.Min, b.Max, i)
	}
	for i, poly := range v.mp {
		if len(poly) > 1 && v.cut[i] != cutChecked {
			if f := v.holes(i, NewArea(orb.MultiPolygon{{poly[0]}})); f != nil {
				return f
			}
		}
	}
	for i, poly := range v.mp {
		b := boundOf(poly[0])
		var f *fault
		shells.Search(b.Min, b.Max, func(lo, hi [2]float64, j int) bool {
			if i == j || v.from[i] == v.from[j] || !holdsBox(lo, hi, b) {
				return true
			}
			if whole[j] == nil {
				whole[j] = NewArea(v.mp[j : j+1])
			}
			if !within(poly[0], whole[j]) {
				return true
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
