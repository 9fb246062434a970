package geo

import (
	"github.com/paulmach/orb"
)

// Area is a shape prepared for questions. It is immutable and safe for concurrent use.
type Area struct {
	shape    orb.MultiPolygon
	bound    orb.Bound
	vertices int
	rings    []uint32 // where each ring ends in strips.pts
	strips   strips
	boundary boundary
}

// NewArea prepares a multipolygon with finite coordinates. Any such multipolygon is an area by the even-odd rule:
// an empty one contains nothing, an open ring is closed, an invalid one is taken as it is. The shape is kept and
// must not be changed afterwards. An area that crosses the antimeridian must have been cut there (Normalize). Edges
// that aren't on the map count for Contains, but not for discs and distances (Disc).
func NewArea(mp orb.MultiPolygon) *Area {
	a := &Area{shape: mp}
	n := 0
	for _, poly := range mp {
		for _, ring := range poly {
			n += len(ring) + 1
		}
	}
	pts := make([]orb.Point, 0, n)
	for _, poly := range mp {
		for _, ring := range poly {
			a.vertices += len(ring)
			if len(ring) == 0 {
				continue
			}
			start := len(pts)
			pts = append(pts, ring...)
			if ring[0] != ring[len(ring)-1] {
				pts = append(pts, ring[0])
			}
			if len(pts)-start == 1 { // a ring of one point is an edge without length: that point
				pts = append(pts, ring[0])
			}
			a.rings = append(a.rings, uint32(len(pts)))
		}
	}
	edges := a.edges()
	a.bound = boundOf(pts)
	a.strips = newStrips(pts, edges, 4)
	a.boundary = newBoundary(pts, edges)
	return a
}

// edges returns where the edges begin in strips.pts, in the order of the rings.
func (a *Area) edges() []uint32 {
	if len(a.rings) == 0 {
		return nil
	}
	edges := make([]uint32, 0, a.rings[len(a.rings)-1])
	begin := uint32(0)
	for _, end := range a.rings {
		for e := begin; e+1 < end; e++ {
			edges = append(edges, e)
		}
		begin = end
	}
	return edges
}

// boundOf returns the box of pts; without any, a box that meets nothing.
func boundOf(pts []orb.Point) orb.Bound {
	if len(pts) == 0 {
		return orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}
	}
	b := orb.Bound{Min: pts[0], Max: pts[0]}
	for _, p := range pts[1:] {
		b.Min[0], b.Min[1] = min(b.Min[0], p[0]), min(b.Min[1], p[1])
		b.Max[0], b.Max[1] = max(b.Max[0], p[0]), max(b.Max[1], p[1])
	}
	return b
}

// Shape returns the multipolygon the area was made of. It must not be changed.
func (a *Area) Shape() orb.MultiPolygon { return a.shape }

// Bound returns the smallest box in lon/lat that holds the area. For an empty area Min is greater than Max, and
// the box meets nothing. An area that was cut at the antimeridian reaches from -180 to 180.
func (a *Area) Bound() orb.Bound { return a.bound }

// Vertices returns the number of positions in the shape, closing ones included.
func (a *Area) Vertices() int { return a.vertices }

// Contains reports whether p lies in the area or on one of its edges, exactly: the answer is that of rational
// arithmetic for every pair of doubles. Longitudes -180 and 180 are the same meridian. A p with a coordinate that
// is NaN lies nowhere. At a pole, lon counts as written.
func (a *Area) Contains(p orb.Point) bool {
	if a.holds(p) {
		return true
	}
	if p[0] == 180 || p[0] == -180 {
		return a.holds(orb.Point{-p[0], p[1]})
	}
	return false
}

func (a *Area) holds(p orb.Point) bool {
	// Written so that NaN fails.
	if !(p[0] >= a.bound.Min[0] && p[0] <= a.bound.Max[0] && p[1] >= a.bound.Min[1] && p[1] <= a.bound.Max[1]) {
		return false
	}
	on, odd := a.strips.locate(p)
	return on || odd
}
