package geo

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// fault is what is wrong with a multipolygon, and where: indexes are -1 where they say nothing.
type fault struct {
	poly, ring, vertex int
	rule, detail       string
	near               *orb.Point
}

// error makes a *ShapeError of f. base is the path of the coordinates; single says that they are those of a
// Polygon, which have no index for it.
func (f *fault) error(base string, single bool) *ShapeError {
	path := base
	for i, index := range [3]int{f.poly, f.ring, f.vertex} {
		if index < 0 {
			break
		}
		if i == 0 && single {
			continue
		}
		path += fmt.Sprintf("[%d]", index)
	}
	return &ShapeError{Path: path, Rule: f.rule, Detail: f.detail, Near: f.near}
}

// faultAt is a fault near p, with lon brought back to the map if p was unwrapped.
func faultAt(poly, ring, vertex int, p orb.Point, rule, format string, args ...any) *fault {
	if p[0] > 180 {
		p[0] -= 360
	} else if p[0] < -180 {
		p[0] += 360
	}
	return &fault{poly, ring, vertex, rule, fmt.Sprintf(format, args...), &p}
}

// ringName says which ring in words, counted from 1.
func ringName(mp orb.MultiPolygon, poly, ring int) string {
	if len(mp) == 1 {
		return fmt.Sprintf("ring %d", ring+1)
	}
	return fmt.Sprintf("ring %d of polygon %d", ring+1, poly+1)
}

// checkRings refuses what is no ring: too few points, not closed, not a place, flat.
func checkRings(mp orb.MultiPolygon) *fault {
	for i, poly := range mp {
		if len(poly) == 0 {
			return &fault{i, -1, -1, "empty", fmt.Sprintf("polygon %d has no ring", i+1), nil}
		}
		for j, ring := range poly {
			for k, p := range ring {
				if e := checkPoint(p); e != nil {
					f := &fault{i, j, k, e.Rule, e.Detail, nil}
					if e.Rule == "out_of_range" {
						f.near = &p
					}
					return f
				}
			}
			name := ringName(mp, i, j)
			if len(ring) == 0 {
				return &fault{i, j, -1, "too_few_points", name + " is empty", nil}
			}
			if first, last := ring[0], ring[len(ring)-1]; len(ring) > 1 && first != last {
				return faultAt(i, j, -1, last, "ring_not_closed", "%s is not closed", name)
			}
			if len(ring) < 4 {
				return faultAt(i, j, -1, ring[0], "too_few_points", "%s has %d points, fewer than 4", name, len(ring))
			}
		}
	}
	return nil
}

// isFlat reports whether all points of the ring lie on one line.
func isFlat(ring []orb.Point) bool {
	a := ring[0]
	i := slices.IndexFunc(ring, func(p orb.Point) bool { return p != a })
	if i < 0 {
		return true
	}
	for _, p := range ring[i+1:] {
		if orient(a, ring[i], p) != 0 {
			return false
		}
	}
	return true
}

// turns returns +1 for a ring that runs counter-clockwise, -1 for clockwise, 0 for one that cannot be told. It is
// exact for every ring that does not cross itself.
func turns(ring []orb.Point) int {
	n := len(ring)
	if n > 1 && ring[0] == ring[n-1] {
		n--
	}
	// The ring turns its own way at its southernmost corner (of those, the westernmost).
	low := 0
	for i := 1; i < n; i++ {
		if ring[i][1] < ring[low][1] || ring[i][1] == ring[low][1] && ring[i][0] < ring[low][0] {
			low = i
		}
	}
	prev, next := low, low
	for k := 1; k < n && ring[prev] == ring[low]; k++ {
		prev = (low - k + n) % n
	}
	for k := 1; k < n && ring[next] == ring[low]; k++ {
		next = (low + k) % n
	}
	if o := orient(ring[prev], ring[low], ring[next]); o != 0 {
		return o
	}
	area := 0.0
	for i := range n {
		a, b := ring[i], ring[(i+1)%n]
		area += (a[0]-ring[low][0])*(b[1]-ring[low][1]) - (b[0]-ring[low][0])*(a[1]-ring[low][1])
	}
	if area == 0 || math.IsNaN(area) {
		return 0
	}
	return int(math.Copysign(1, area))
}

// wind returns the polygon with its outer ring counter-clockwise and its holes clockwise. Rings that run the other
// way are copied.
func wind(poly orb.Polygon) orb.Polygon {
	out := slices.Clone(poly)
	for i, ring := range out {
		want := 1
		if i > 0 {
			want = -1
		}
		if turns(ring) == -want {
			out[i] = slices.Clone(ring)
			slices.Reverse(out[i])
		}
	}
	return out
}
