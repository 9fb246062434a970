package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// strips sorts edges into horizontal strips of equal height, so that a horizontal ray or a place meets only the
// few edges of its strip. Edge i runs from pts[i] to pts[i+1].
type strips struct {
	pts    []orb.Point // all rings, one behind the other, each closed
	lo     float64     // lat where strip 0 begins
	scale  float64     // strips per degree of lat
	starts []uint32    // strip s holds edges[starts[s]:starts[s+1]]
	edges  []uint32
}

// newStrips sorts the edges that start at the given vertices. crowding bounds how many strip entries there are per
// edge: long edges in many strips would otherwise cost quadratic memory.
func newStrips(pts []orb.Point, edges []uint32, crowding int) strips {
	st := strips{pts: pts}
	if len(edges) == 0 {
		return st
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, e := range edges {
		lo = min(lo, pts[e][1], pts[e+1][1])
		hi = max(hi, pts[e][1], pts[e+1][1])
	}
	st.lo = lo
	n := len(edges)/2 + 1
	for {
		st.scale = float64(n) / (hi - lo)
		if n == 1 || math.IsInf(st.scale, 0) || math.IsNaN(st.scale) {
			n, st.scale = 1, 0
		}
		st.starts = make([]uint32, n+1)
		total := 0
		for _, e := range edges {
			a, b := st.span(e)
			total += b - a + 1
		}
		if n == 1 || total <= crowding*len(edges)+64 {
			st.edges = make([]uint32, total)
			break
		}
		n = max(1, n/2)
	}
	for _, e := range edges {
		a, b := st.span(e)
		for s := a; s <= b; s++ {
			st.starts[s+1]++
		}
	}
	for s := range n {
		st.starts[s+1] += st.starts[s]
	}
	next := append([]uint32(nil), st.starts[:n]...)
	for _, e := range edges {
		a, b := st.span(e)
		for s := a; s <= b; s++ {
			st.edges[next[s]] = e
			next[s]++
		}
	}
	return st
}

// strip returns the strip of a lat. It is monotone in y even after rounding, which is all that exactness needs: an
// edge is in every strip from that of its lower end to that of its upper end, so in the strip of any lat between.
func (st *strips) strip(y float64) int {
	s := (y - st.lo) * st.scale
	if !(s > 0) { // NaN too
		return 0
	}
	if last := len(st.starts) - 2; s < float64(last) {
		return int(s)
	} else {
		return last
	}
}

// span returns the first and last strip that edge e reaches.
func (st *strips) span(e uint32) (first, last int) {
	a, b := st.strip(st.pts[e][1]), st.strip(st.pts[e+1][1])
	return min(a, b), max(a, b)
}

// locate says exactly where p lies to the rings: on says that it lies on an edge; odd is the parity of the edges
// that a ray from p to the east crosses. For a p on an edge, odd holds just east of it (and, where that is an
// edge again, just north of that).
func (st *strips) locate(p orb.Point) (on, odd bool) {
	if len(st.edges) == 0 {
		return false, false
	}
	x, y := p[0], p[1]
	s := st.strip(y)
	for _, e := range st.edges[st.starts[s]:st.starts[s+1]] {
		a, b := st.pts[e], st.pts[e+1]
		if a[1] > b[1] {
			a, b = b, a
		}
		if y < a[1] || y > b[1] {
			continue
		}
		if x > a[0] && x > b[0] {
			continue
		}
		if x < a[0] && x < b[0] {
			if y < b[1] {
				odd = !odd
			}
			continue
		}
		if a[1] == b[1] {
			on = true // level with p, and p's lon is within it
			continue
		}
		// a is the lower end, so p is west of the edge when it is on its left.
		switch orient(a, b, p) {
		case 0:
			on = true
		case 1:
			if y < b[1] {
				odd = !odd
			}
		}
	}
	return on, odd
}
