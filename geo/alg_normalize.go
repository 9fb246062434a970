package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Normalize returns mp ready to be prepared: outer rings counter-clockwise, holes clockwise, and cut where it
// crosses the antimeridian, so that no edge does (RFC 7946, section 3.1.9). An edge crosses it when it spans more
// than 180 degrees of lon; an edge along a parallel from -180 to 180 is the whole parallel and does not. A ring that
// goes around the earth holds the pole on whose side of the equator it lies; one that lies on both sides, the pole
// to its left.
//
// It refuses coordinates that are not finite or out of range and rings that are empty, not closed or of fewer than
// four points, with a *ShapeError; whether rings cross is Validate's question. What it returns may share memory
// with mp, which is not changed.
func Normalize(mp orb.MultiPolygon) (orb.MultiPolygon, error) {
	if f := checkRings(mp); f != nil {
		return nil, f.error("coordinates", false)
	}
	return normalize(mp), nil
}

func normalize(mp orb.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, 0, len(mp))
	for _, poly := range mp {
		if !crosses(poly) {
			out = append(out, wind(poly))
			continue
		}
		for _, part := range cut(poly) {
			out = append(out, wind(part))
		}
	}
	return out
}

// jumps reports whether the edge a→b crosses the antimeridian.
func jumps(a, b orb.Point) bool {
	d := math.Abs(b[0] - a[0])
	return d > 180 && (d < 360 || a[1] != b[1])
}

func crosses(poly orb.Polygon) bool {
	for _, ring := range poly {
		for i := 1; i < len(ring); i++ {
			if jumps(ring[i-1], ring[i]) {
				return true
			}
		}
	}
	return false
}

// turnsOf returns, for each point of the ring, how many times 360 must be added to its lon to make the ring run on
// across the antimeridian. Unless the last is 0, the ring goes around the earth.
func turnsOf(ring orb.Ring) []int {
	ks := make([]int, len(ring))
	for i := 1; i < len(ring); i++ {
		ks[i] = ks[i-1]
		if jumps(ring[i-1], ring[i]) {
			if ring[i][0] > ring[i-1][0] {
				ks[i]--
			} else {
				ks[i]++
			}
		}
	}
	return ks
}

// unwrap returns the polygon as it runs on across the antimeridian, with lons beyond 180, its holes moved to where
// its outer ring is. ok is false if a ring goes around the earth.
func unwrap(poly orb.Polygon) (out orb.Polygon, ok bool) {
	out = make(orb.Polygon, len(poly))
	var shell orb.Bound
	for i, ring := range poly {
		ks := turnsOf(ring)
		if ks[len(ks)-1] != 0 {
			return nil, false
		}
		run := make(orb.Ring, len(ring))
		for j, p := range ring {
			run[j] = orb.Point{p[0] + 360*float64(ks[j]), p[1]}
		}
		b := boundOf(run)
		if i == 0 {
			shell = b
		} else if mid := (b.Min[0] + b.Max[0]) / 2; mid < shell.Min[0] || mid > shell.Max[0] {
			shift := 360.0
			if mid > shell.Max[0] {
				shift = -360
			}
			if mid += shift; mid >= shell.Min[0] && mid <= shell.Max[0] {
				for j := range run {
					run[j][0] += shift
				}
			}
		}
		out[i] = run
	}
	return out, true
}

// strand is a part of a ring between two places on the antimeridian: its first and last point have a lon of -180
// or 180, those between lie between.
type strand []orb.Point

// cut cuts a polygon along the antimeridian into polygons that don't cross it.
func cut(poly orb.Polygon) []orb.Polygon {
	var whole []orb.Ring
	var strands []strand
	for _, ring := range poly {
		if parts, uncut := split(ring); uncut != nil {
			whole = append(whole, uncut)
		} else {
			strands = append(strands, parts...)
		}
	}
	// The edge of the map is met by strands at their ends. In order of lat, it is inside between the first and the
	// second of them, between the third and the fourth, and so on; an odd one goes on to the pole.
	var sides [2][]int // ends at lon -180 and 180: 2*strand for its first point, 2*strand+1 for its last
	end := func(e int) orb.Point {
		if s := strands[e/2]; e%2 == 1 {
			return s[len(s)-1]
		} else {
			return s[0]
		}
	}
	collect := func() {
		sides[0], sides[1] = nil, nil
		for e := range 2 * len(strands) {
			side := 0
			if end(e)[0] > 0 {
				side = 1
			}
			sides[side] = append(sides[side], e)
		}
	}
	collect()
	if len(sides[0])%2 == 1 {
		pole := poleOf(poly[0])
		strands = append(strands, strand{{-180, pole}, {180, pole}})
		collect()
	}
	partner := make([]int, 2*len(strands))
	for _, side := range sides {
		slices.SortStableFunc(side, func(a, b int) int { return cmp.Compare(end(a)[1], end(b)[1]) })
		for i := 0; i+1 < len(side); i += 2 {
			partner[side[i]], partner[side[i+1]] = side[i+1], side[i]
		}
	}
	done := make([]bool, len(strands))
	for s := range strands {
		if done[s] {
			continue
		}
		var ring orb.Ring
		for e := 2 * s; !done[e/2]; { // enter at e, leave at the other end
			done[e/2] = true
			pts := slices.Clone(strands[e/2])
			if e%2 == 1 {
				slices.Reverse(pts)
			}
			if len(ring) > 0 && ring[len(ring)-1] == pts[0] {
				pts = pts[1:]
			}
			ring = append(ring, pts...)
			e = partner[e^1]
		}
		if ring[0] != ring[len(ring)-1] {
			ring = append(ring, ring[0])
		}
		if len(ring) >= 4 && !isFlat(ring) {
			whole = append(whole, ring)
		}
	}
	return nest(whole)
}

// poleOf returns the lat of the pole that a ring around the earth holds.
func poleOf(ring orb.Ring) float64 {
	b := boundOf(ring)
	ks := turnsOf(ring)
	if b.Min[1] >= 0 || b.Max[1] > 0 && ks[len(ks)-1] > 0 {
		return 90
	}
	return -90
}

// split cuts a ring into strands. A ring that needs no cut is returned as uncut, with its points on one side of
// the map.
func split(ring orb.Ring) (parts []strand, uncut orb.Ring) {
	var run strand
	broken := false
	finish := func() {
		if len(run) > 1 {
			parts = append(parts, run)
		}
		run, broken = nil, true
	}
	// A run breaks off where the ring leaves the map, and where it follows the map's edge: such a stretch is found
	// again when strands are joined. A ring that only touches the edge goes on.
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		onA, onB := math.Abs(a[0]) == 180, math.Abs(b[0]) == 180
		crossed := jumps(a, b)
		switch {
		case onA && onB && (crossed || a[0] == b[0]):
			finish()
			continue
		case crossed && onA:
			a[0] = -a[0]
		case crossed && onB:
			b[0] = -b[0]
		}
		if len(run) > 0 && run[len(run)-1] != a { // it came to one edge of the map and goes on from the other
			finish()
		}
		if len(run) == 0 {
			run = append(run, a)
		}
		if crossed && !onA && !onB {
			lat, edge := crossing(a, b), math.Copysign(180, a[0])
			run = append(run, orb.Point{edge, lat})
			finish()
			run = append(run, orb.Point{-edge, lat})
		}
		run = append(run, b)
	}
	if !broken && len(run) > 0 && run[0] == run[len(run)-1] {
		return nil, orb.Ring(run)
	}
	if len(run) > 0 && len(parts) > 0 && run[len(run)-1] == parts[0][0] { // the ring began within a run
		parts[0] = append(run, parts[0][1:]...)
		return parts, nil
	}
	finish()
	return parts, nil
}

// crossing returns the lat at which the edge a→b crosses the antimeridian.
func crossing(a, b orb.Point) float64 {
	da, db := 180-math.Abs(a[0]), 180-math.Abs(b[0])
	lat := (a[1]*db + b[1]*da) / (da + db)
	return min(max(lat, min(a[1], b[1])), max(a[1], b[1]))
}

// nest makes polygons of rings that don't cross: a ring within an even number of others is an outer ring, and the
// others are holes of the smallest that holds them.
func nest(rings []orb.Ring) []orb.Polygon {
	type node struct {
		area  *Area
		depth int
		outer int // the deepest ring around it
	}
	nodes := make([]node, len(rings))
	for i, ring := range rings {
		nodes[i] = node{area: NewArea(orb.MultiPolygon{{ring}}), outer: -1}
	}
	around := make([][]int, len(rings))
	for i, ring := range rings {
		for j := range rings {
			if i != j && within(ring, nodes[j].area) {
				nodes[i].depth++
				around[i] = append(around[i], j)
			}
		}
	}
	for i := range rings {
		for _, j := range around[i] {
			if nodes[i].outer < 0 || nodes[j].depth > nodes[nodes[i].outer].depth {
				nodes[i].outer = j
			}
		}
	}
	var polys []orb.Polygon
	at := make([]int, len(rings))
	for i, n := range nodes {
		if n.depth%2 == 0 {
			at[i] = len(polys)
			polys = append(polys, orb.Polygon{rings[i]})
		}
	}
	for i, n := range nodes {
		if n.depth%2 == 1 {
			polys[at[n.outer]] = append(polys[at[n.outer]], rings[i])
		}
	}
	return polys
}

// within reports whether a ring, which doesn't cross the edges of a, lies in it: by its first point that is not on
// an edge.
func within(ring orb.Ring, a *Area) bool {
	b := boundOf(ring)
	if !meets(&b, &a.bound) {
		return false
	}
	for _, p := range ring {
		if on, odd := a.strips.locate(p); !on {
			return odd
		}
	}
	// All points on the edge: a place between two of them will do.
	for i := 1; i < len(ring); i++ {
		p, q := ring[i-1], ring[i]
		if on, odd := a.strips.locate(orb.Point{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2}); !on {
			return odd
		}
	}
	return false
}
