package geo

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// visit is a place where a ring touches another: it comes from prev and goes on to next.
type visit struct {
	at, prev, next orb.Point
	ring           uint32
}

// touch looks at a single place where edges d and e meet. Within a ring only neighbours may; what other rings do
// there is looked at when all that come there are known.
func (v *validator) touch(rd, re ringRef, d, e uint32, at orb.Point) *fault {
	if rd != re {
		v.note(d, at)
		v.note(e, at)
		return nil
	}
	if e == d+1 && at == v.st.pts[e] || d == rd.first && e == rd.last-1 && at == v.st.pts[d] {
		return nil
	}
	return v.fault(rd, re, d, at, false)
}

// note keeps that the ring of edge e touches another in at.
func (v *validator) note(e uint32, at orb.Point) {
	pts, id := v.st.pts, v.owner[e]
	r := v.rings[id]
	corner := e
	switch at {
	case pts[e]:
	case pts[e+1]:
		if corner = e + 1; corner == r.last {
			corner = r.first
		}
	default: // within the edge: another ring has a corner there
		v.visits = append(v.visits, visit{at, pts[e], pts[e+1], id})
		return
	}
	if v.noted[corner] {
		return
	}
	v.noted[corner] = true
	prev := corner - 1
	if corner == r.first {
		prev = r.last - 1
	}
	v.visits = append(v.visits, visit{at, pts[prev], pts[corner+1], id})
}

// touches refuses rings that pass from one side of each other to the other where they touch, and polygons whose
// inside is parted by rings that touch: rings and the places where they touch must not form a circle.
func (v *validator) touches() *fault {
	slices.SortFunc(v.visits, func(a, b visit) int { return cmp.Or(order(a.at, b.at), cmp.Compare(a.ring, b.ring)) })
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
	for rest := v.visits; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].at == rest[0].at {
			n++
		}
		// An edge that is touched within may have been found in several strips.
		here := slices.CompactFunc(rest[:n:n], func(a, b visit) bool { return a.ring == b.ring })
		rest = rest[n:]
		if f := v.passing(here); f != nil {
			return f
		}
		// Rings are in order, so those of a polygon stand together.
		for i := 1; i < len(here); i++ {
			r, o := here[i].ring, here[i-1].ring
			ref := v.rings[r]
			if ref.poly != v.rings[o].poly {
				continue
			}
			if find(r) == find(o) {
				return faultAt(v.from[ref.poly], v.ringIndex(ref), -1, here[i].at, "interior_disconnected",
					"%s parts the inside of its polygon", v.name(ref))
			}
			parent[find(r)] = find(o)
		}
	}
	return nil
}

// passing refuses rings that pass each other in one place. Around it, the two arms of each ring must nest like
// brackets.
func (v *validator) passing(here []visit) *fault {
	type arm struct {
		to   orb.Point
		ring uint32
	}
	arms := make([]arm, 0, 2*len(here))
	for _, w := range here {
		arms = append(arms, arm{w.prev, w.ring}, arm{w.next, w.ring})
	}
	at := here[0].at
	slices.SortFunc(arms, func(a, b arm) int { return turn(at, a.to, b.to) })
	open := make([]uint32, 0, len(here))
	seen := make(map[uint32]bool, len(here))
	for _, a := range arms {
		switch {
		case !seen[a.ring]:
			seen[a.ring] = true
			open = append(open, a.ring)
		case open[len(open)-1] == a.ring:
			open = open[:len(open)-1]
		default:
			r, o := min(a.ring, open[len(open)-1]), max(a.ring, open[len(open)-1])
			return v.fault(v.rings[r], v.rings[o], v.rings[r].first, at, false)
		}
	}
	return nil
}

// turn compares the directions from o to a and to b by angle, counter-clockwise from east.
func turn(o, a, b orb.Point) int {
	if c := cmp.Compare(half(o, a), half(o, b)); c != 0 {
		return c
	}
	return -orient(o, a, b)
}

// half returns 0 for directions from east up to, but not, west, and 1 for the others.
func half(o, p orb.Point) int {
	if p[1] > o[1] || p[1] == o[1] && p[0] > o[0] {
		return 0
	}
	return 1
}
