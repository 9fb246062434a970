package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Compile makes a Compiled of the areas that x holds now. It only reads x, and takes about half a microsecond a
// vertex: a writer that may not wait compiles a Copy elsewhere and has x Adopt the result. Areas that aren't on the
// map, and ids of 2^26 and more, are left out; the R-tree goes on answering for them. Errors: *LimitError.
func (x *Index) Compile() (*Compiled, error) {
	var ids []uint32
	var areas []*Area
	x.areas.each(func(id uint32, in *indexed) {
		if id <= maxPartID && onMap(in.area.Bound()) {
			ids, areas = append(ids, id), append(areas, in.area)
		}
	})
	return compile(ids, areas)
}

// onMap reports whether all of b lies within the rim of the map of units.
func onMap(b orb.Bound) bool {
	const rim = 0.5
	return placed(b) && b.Min[0] >= -180-rim && b.Max[0] <= 180+rim && b.Min[1] >= -90-rim && b.Max[1] <= 90+rim
}

// Adopt puts c in the place of what was compiled before. c may be of any earlier moment: what was set or deleted
// since is made up for, in time that grows with the number of areas. It is a write to x.
func (x *Index) Adopt(c *Compiled) {
	x.base, x.gone, x.fresh = c, nil, new(rtree.RTreeG[*indexed])
	for i, id := range c.ids {
		if in, ok := x.areas.get(id); !ok || in.area != c.areas[i] {
			x.gone = append(x.gone, id)
		}
	}
	x.areas.each(func(_ uint32, in *indexed) {
		if b := in.area.Bound(); placed(b) && !x.compiled(in) {
			x.fresh.Insert(b.Min, b.Max, in)
		}
	})
}

// Behind returns how many areas were set, replaced or deleted since what was compiled last.
func (x *Index) Behind() int { return len(x.gone) + x.fresh.Len() }

// compiled reports whether what was compiled last answers for in.
func (x *Index) compiled(in *indexed) bool {
	if x.base == nil {
		return false
	}
	i, ok := slices.BinarySearch(x.base.ids, in.id)
	return ok && x.base.areas[i] == in.area && !x.isGone(in.id)
}

func (x *Index) isGone(id uint32) bool {
	_, ok := slices.BinarySearch(x.gone, id)
	return ok
}

// with returns a new ascending list of ids and id.
func with(ids []uint32, id uint32) []uint32 {
	i, ok := slices.BinarySearch(ids, id)
	if ok {
		return ids
	}
	out := make([]uint32, 0, len(ids)+1)
	return append(append(append(out, ids[:i]...), id), ids[i:]...)
}

// Containing appends to dst the ids of the areas that contain p, ascending, and returns it: exactly those whose
// Contains says so. It allocates only where dst is too short.
func (x *Index) Containing(dst []uint32, p orb.Point) []uint32 {
	if x.base != nil && x.Behind() == 0 && !onSeam(p) {
		return x.base.appendAt(dst, p[0], p[1])
	}
	return x.containingBehind(dst, p)
}

// ContainingEach is Containing for many places, and quicker: it appends the ids of the areas that contain pts[i],
// ascending, to dst, and the length that dst has then to ends.
func (x *Index) ContainingEach(dst, ends []uint32, pts []orb.Point) (_, _ []uint32) {
	if x.base != nil && x.Behind() == 0 {
		return x.base.ContainingEach(dst, ends, pts)
	}
	for _, p := range pts {
		dst = x.Containing(dst, p)
		ends = append(ends, uint32(len(dst)))
	}
	return dst, ends
}

// containingBehind is Containing while not everything is compiled.
func (x *Index) containingBehind(dst []uint32, p orb.Point) []uint32 {
	start := len(dst)
	if x.base != nil {
		dst = x.present(x.base.Containing(dst, p), start)
	}
	var few [16]Hit
	for _, h := range x.containingFresh(few[:0], p) {
		dst = append(dst, h.ID)
	}
	return sorted(dst, start)
}

// containingFresh appends the areas that contain p and aren't compiled, in no order.
func (x *Index) containingFresh(dst []Hit, p orb.Point) []Hit {
	boxes, n := discBounds(p, 0)
	for _, b := range boxes[:n] {
		if placed(b) {
			x.fresh.Search(b.Min, b.Max, func(_, _ [2]float64, in *indexed) bool {
				if in.area.Contains(p) {
					dst = append(dst, Hit{ID: in.id, Verdict: Inside, Share: 1})
				}
				return true
			})
		}
	}
	return dst
}

// present takes those that are gone out of dst[start:].
func (x *Index) present(dst []uint32, start int) []uint32 {
	n := start
	for _, id := range dst[start:] {
		if !x.isGone(id) {
			dst[n] = id
			n++
		}
	}
	return dst[:n]
}

// Match appends to dst the areas that the disc of radiusM metres around p is in or may be in, by ascending id, and
// returns it. A radius below a millimetre, or NaN, is a point. A p that is no place on earth is in none.
func (x *Index) Match(dst []Hit, p orb.Point, radiusM float64) []Hit {
	start := len(dst)
	if !(radiusM >= leastRadiusM) {
		if x.base != nil {
			var few [32]uint32
			for _, id := range x.base.Containing(few[:0], p) {
				if !x.isGone(id) {
					dst = append(dst, Hit{ID: id, Verdict: Inside, Share: 1})
				}
			}
		}
		if x.fresh.Len() > 0 {
			dst = byID(x.containingFresh(dst, p), start)
		}
		return dst
	}
	if !onEarth(p) {
		return dst
	}
	boxes, n := discBounds(p, discReach(radiusM))
	tree := x.tree
	if x.base != nil {
		var f found
		if x.base.near(&f, boxes[:n]) {
			dst, tree = x.matchFound(dst, &f, p, radiusM), x.fresh
		}
	}
	if tree.Len() > 0 {
		dst = appendDiscs(dst, tree, boxes[:n], p, radiusM)
	}
	return byID(dst, start)
}

// byID puts dst[start:], which may hold doubles, in order.
func byID(dst []Hit, start int) []Hit {
	hits := dst[start:]
	if len(hits) > 1 {
		slices.SortFunc(hits, func(a, b Hit) int { return cmp.Compare(a.ID, b.ID) })
		hits = slices.CompactFunc(hits, func(a, b Hit) bool { return a.ID == b.ID })
	}
	return dst[:start+len(hits)]
}

func appendDiscs(dst []Hit, tree *rtree.RTreeG[*indexed], boxes []orb.Bound, p orb.Point, radiusM float64) []Hit {
	for _, b := range boxes {
		tree.Search(b.Min, b.Max, func(_, _ [2]float64, in *indexed) bool {
			dst = appendDisc(dst, in.id, in.area, p, radiusM)
			return true
		})
	}
	return dst
}

func appendDisc(dst []Hit, id uint32, a *Area, p orb.Point, radiusM float64) []Hit {
	if v, share := a.Disc(p, radiusM); v != Outside {
		dst = append(dst, Hit{ID: id, Verdict: v, Share: max(float32(share), math.SmallestNonzeroFloat32)})
	}
	return dst
}

// matchFound appends what f says of a disc. An area that covers one of the leaves around the disc and whose edges
// touch none of them covers them all: the disc is inside.
func (x *Index) matchFound(dst []Hit, f *found, p orb.Point, radiusM float64) []Hit {
	parts := sorted(f.part[:f.nPart], 0)
	for _, id := range parts {
		if !x.isGone(id) {
			dst = appendDisc(dst, id, x.base.area(id), p, radiusM)
		}
	}
	for _, id := range sorted(f.whole[:f.nWhole], 0) {
		if _, ok := slices.BinarySearch(parts, id); !ok && !x.isGone(id) {
			dst = append(dst, Hit{ID: id, Verdict: Inside, Share: 1})
		}
	}
	return dst
}
