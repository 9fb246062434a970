package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Distance returns the length in metres of the geodesic on WGS84 from p to the nearest place of the area, 0 when p
// lies in it or on its edge, and +Inf when the area is empty or p is no place on earth. Edges that aren't on the map
// are no edges, as with Disc.
func (a *Area) Distance(p orb.Point) float64 {
	return a.distance(p, math.Inf(1))
}

// DistanceWithin is Distance where that is at most withinM metres. A farther area may be answered by +Inf, at less
// cost.
func (a *Area) DistanceWithin(p orb.Point, withinM float64) float64 {
	return a.distance(p, withinM)
}

// distance is Distance where that is at most withinM; farther areas may be answered by +Inf.
func (a *Area) distance(p orb.Point, withinM float64) float64 {
	if !onEarth(p) {
		return math.Inf(1)
	}
	if a.Contains(p) {
		return 0
	}
	n := nearest{plane: newPlane(p), bd: &a.boundary, bestM: withinM*1.001 + 0.02}
	if _, odd := a.around(p); odd {
		return 0 // at a pole, or beside a seam
	}
	if top := len(a.boundary.levels) - 1; top >= 0 {
		n.descend(top, 0)
	}
	if !n.found {
		return math.Inf(1)
	}
	return Distance(p, n.at)
}

// nearest looks for the place of a boundary that is nearest to a place, nearest boxes first.
type nearest struct {
	plane plane
	bd    *boundary
	bestM float64
	at    orb.Point
	found bool
}

func (n *nearest) descend(level, i int) {
	if level == 0 {
		for _, e := range n.bd.edges[i*fan : min((i+1)*fan, len(n.bd.edges))] {
			n.edge(n.bd.ends(e))
		}
		return
	}
	first, last := i*fan, min((i+1)*fan, len(n.bd.levels[level-1]))
	var apart [fan]float64
	var order [fan]int
	k := 0
	for j := first; j < last; j++ {
		m := n.plane.apart(n.bd.levels[level-1][j], n.bestM)
		at := k
		for ; at > 0 && apart[at-1] > m; at-- {
			apart[at], order[at] = apart[at-1], order[at-1]
		}
		apart[at], order[at] = m, j
		k++
	}
	for j := range k {
		if apart[j] > n.bestM {
			return
		}
		n.descend(level-1, order[j])
	}
}

// edge looks along a→b, which is chartable: nine halvings make it short enough.
func (n *nearest) edge(a, b orb.Point) {
	if n.plane.apart(edgeBox(a, b), n.bestM) > n.bestM {
		return
	}
	m := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	if math.Abs(a[0]-b[0]) > maxChordDeg || math.Abs(a[1]-b[1]) > maxChordDeg {
		n.halves(a, m, b)
		return
	}
	var c chord
	c.ax, c.ay = n.plane.project(a)
	c.bx, c.by = n.plane.project(b)
	n.straighten(a, b, c, 0)
}

// halves looks along both halves of an edge, the nearer first.
func (n *nearest) halves(a, m, b orb.Point) {
	if n.plane.apart(edgeBox(a, m), n.bestM) <= n.plane.apart(edgeBox(m, b), n.bestM) {
		n.edge(a, m)
		n.edge(m, b)
	} else {
		n.edge(m, b)
		n.edge(a, m)
	}
}

// straighten looks along c, the chord of a→b, or along its halves when the edge bends too much.
func (n *nearest) straighten(a, b orb.Point, c chord, depth int) {
	dist, t := c.nearest()
	m := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	mx, my := n.plane.project(m)
	off := math.Hypot(mx-(c.ax+c.bx)/2, my-(c.ay+c.by)/2)
	if off <= 1e-4*dist+0.002 || depth == maxHalvings {
		if depth == maxHalvings {
			t, dist = 0, math.Hypot(c.ax, c.ay)
		}
		if dist < n.bestM {
			n.bestM, n.found = dist, true
			n.at = orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
		}
		return
	}
	if n.plane.apart(edgeBox(a, m), n.bestM) <= n.bestM {
		n.straighten(a, m, chord{c.ax, c.ay, mx, my}, depth+1)
	}
	if n.plane.apart(edgeBox(m, b), n.bestM) <= n.bestM {
		n.straighten(m, b, chord{mx, my, c.bx, c.by}, depth+1)
	}
}
