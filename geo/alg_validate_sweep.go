package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// reach is where an edge passes within a strip, a little more rather than less.
type reach struct {
	lo, hi   float64 // of lon
	edge     uint32
	through  bool    // whether it passes from the strip's south to its north
	foot, to float64 // if so, its lon there
	slack    float64 // and how far both may be off
}

// reach returns where edge e passes between two lats.
func (v *validator) reach(e uint32, south, north float64) reach {
	a, b := v.st.pts[e], v.st.pts[e+1]
	if a[1] > b[1] {
		a, b = b, a
	}
	r := reach{lo: min(a[0], b[0]), hi: max(a[0], b[0]), edge: e}
	if a[1] == b[1] || south < a[1] && north > b[1] { // all of it
		return r
	}
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

// lats returns between which lats strip s lies, a little more rather than less.
func (v *validator) lats(s int) (south, north float64) {
	if v.st.scale == 0 || v.st.scale > 1e9 { // strips near the resolution of doubles: no saving
		return math.Inf(-1), math.Inf(1)
	}
	return v.st.lo + (float64(s)-1e-3)/v.st.scale, v.st.lo + (float64(s)+1+1e-3)/v.st.scale
}

// sweep looks at all pairs of edges that may meet in a strip: for a fault, and for places where rings touch.
func (v *validator) sweep() *fault {
	var in, through, passing, ending []reach
	for s := range len(v.st.starts) - 1 {
		in, through = in[:0], through[:0]
		ends := 0
		south, north := v.lats(s)
		for _, e := range v.st.edges[v.st.starts[s]:v.st.starts[s+1]] {
			r := v.reach(e, south, north)
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
		sortByLo(in)
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

// sortByLo sorts by where edges begin. Strips hold few edges, for which moving them along is quickest.
func sortByLo(in []reach) {
	if len(in) > 24 {
		slices.SortFunc(in, func(a, b reach) int { return cmp.Compare(a.lo, b.lo) })
		return
	}
	for i := 1; i < len(in); i++ {
		r := in[i]
		k := i
		for ; k > 0 && in[k-1].lo > r.lo; k-- {
			in[k] = in[k-1]
		}
		in[k] = r
	}
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
	oq := orient(a, b, q)
	if e == d+1 && v.owner[d] == v.owner[e] && oq != 0 {
		return nil // neighbours, which meet where one goes over into the other
	}
	op := orient(a, b, p)
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
