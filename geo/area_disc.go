package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Disc says how the disc of radiusM metres around p lies to the area, and which share of the disc lies inside:
// Inside (1) when all of it does, Outside (0) when none does, else Possible with a share strictly between. A radius
// below a millimetre, or NaN, is a point, and the answer that of Contains. A p that is no place on earth is outside. The verdict is that of a geodesic disc on
// WGS84 whose radius differs by at most 0.1 % and 1 cm; the share is within about 0.01.
//
// For the same p, the distance to the nearest edge does not depend on the radius, so enlarging it never turns
// Possible into one of the others.
//
// Edges with an end that isn't on the map (a coordinate that isn't finite, a lon beyond ±360, a lat beyond ±90) are no
// edges here: beside them, a disc is answered by its centre.
func (a *Area) Disc(p orb.Point, radiusM float64) (Verdict, float64) {
	if !(radiusM >= leastRadiusM) {
		if a.Contains(p) {
			return Inside, 1
		}
		return Outside, 0
	}
	if !onEarth(p) {
		return Outside, 0
	}
	on, odd := a.around(p)
	pl := newPlane(p)
	radiusM = min(radiusM, 1.01*halfwayRoundM)
	reach := radiusM
	if on {
		reach = max(reach, 0.01) // an edge through p is met whatever rounding says
	}
	d := disc{plane: pl, bd: &a.boundary, reachM: reach}
	d.boxes, d.nBoxes = boundsAround(p, discReach(reach), pl.axisM)
	if d.meetsAny() {
		if share, met := d.measure(a, odd, radiusM); met {
			return Possible, min(max(share, 1e-9), 1-1e-9)
		}
	}
	if odd {
		return Inside, 1
	}
	return Outside, 0
}

// leastRadiusM is the radius from which on a disc is more than a point: far less than Disc's tolerance, far more than
// what squares of lengths would round away.
const leastRadiusM = 1e-3

// discReach is a little more than how far the edges are that a disc may meet, as the plane measures it.
func discReach(radiusM float64) float64 { return max(radiusM, 0.01)*1.001 + 0.02 }

// measure returns the share of the disc inside, if any edge comes within reach.
func (d *disc) measure(a *Area, odd bool, radiusM float64) (share float64, met bool) {
	g := gatherer{disc: *d}
	g.descend(len(g.bd.levels)-1, 0)
	if g.n == 0 {
		return 0, false
	}
	return g.share(a, odd, radiusM), true
}

// meetsAny reports whether the boxes of the disc meet that of any edge. It settles most questions.
func (d *disc) meetsAny() bool {
	return len(d.bd.levels) > 0 && d.meetsBelow(len(d.bd.levels)-1, 0)
}

func (d *disc) meetsBelow(level, i int) bool {
	if !d.near(&d.bd.levels[level][i]) {
		return false
	}
	if level > 0 {
		for j := i * fan; j < min((i+1)*fan, len(d.bd.levels[level-1])); j++ {
			if d.meetsBelow(level-1, j) {
				return true
			}
		}
		return false
	}
	for _, e := range d.bd.edges[i*fan : min((i+1)*fan, len(d.bd.edges))] {
		if d.passes(d.bd.ends(e)) {
			return true
		}
	}
	return false
}

// around says whether p lies on an edge, and whether the places just beside it, off the edges, lie inside.
func (a *Area) around(p orb.Point) (on, odd bool) {
	on, odd = a.strips.locate(p)
	if p[0] == 180 || p[0] == -180 {
		on2, _ := a.strips.locate(orb.Point{-p[0], p[1]})
		on = on || on2
		// locate tells what is to the east, which at 180 is beyond the map.
		_, odd = a.strips.locate(orb.Point{-180, p[1]})
	}
	if p[1] == 90 {
		// And what is to the north, which here is nothing.
		_, odd = a.strips.locate(orb.Point{p[0], math.Nextafter(90, 0)})
	}
	return on, odd
}

// disc is one question: which parts of a boundary come within reachM of a place.
type disc struct {
	plane  plane
	bd     *boundary
	reachM float64
	boxes  [2]orb.Bound // hold the disc
	nBoxes int
}

// gatherer gathers these parts. The first of them are kept in place: most discs meet few.
type gatherer struct {
	disc
	n    int
	few  [exactChords]chord
	many []chord // all of them, if they are more
}

func (g *gatherer) add(c chord) {
	if g.n < len(g.few) {
		g.few[g.n] = c
	} else {
		if g.many == nil {
			g.many = append(g.many, g.few[:]...)
		}
		g.many = append(g.many, c)
	}
	g.n++
}

func (g *gatherer) chords() []chord {
	if g.many != nil {
		return g.many
	}
	return g.few[:g.n]
}

// chord is a part of the boundary in the plane, in metres.
type chord struct{ ax, ay, bx, by float64 }

func (d *disc) near(b *orb.Bound) bool {
	return meets(b, &d.boxes[0]) || d.nBoxes == 2 && meets(b, &d.boxes[1])
}

func (g *gatherer) descend(level, i int) {
	if !g.near(&g.bd.levels[level][i]) {
		return
	}
	if level > 0 {
		for j := i * fan; j < min((i+1)*fan, len(g.bd.levels[level-1])); j++ {
			g.descend(level-1, j)
		}
		return
	}
	for _, e := range g.bd.edges[i*fan : min((i+1)*fan, len(g.bd.edges))] {
		if a, b := g.bd.ends(e); g.passes(a, b) {
			g.flatten(a, b)
		}
	}
}

// passes reports whether a→b passes through a box of the disc, or comes close.
func (d *disc) passes(a, b orb.Point) bool {
	box := edgeBox(a, b)
	if !d.near(&box) {
		return false
	}
	// Of an edge that is small beside the disc, the box says it all.
	if box.Max[1]-box.Min[1] < d.boxes[0].Max[1]-d.boxes[0].Min[1] {
		return true
	}
	return alongside(a, b, &d.boxes[0]) || d.nBoxes == 2 && alongside(a, b, &d.boxes[1])
}

// alongside reports whether the line through a and b meets box: some corners are on either side of it. Rounding
// moves the line by far less than boxes are wider than their discs.
func alongside(a, b orb.Point, box *orb.Bound) bool {
	dx, dy := b[0]-a[0], b[1]-a[1]
	x, y := (box.Min[0]+box.Max[0])/2-a[0], (box.Min[1]+box.Max[1])/2-a[1]
	w, h := (box.Max[0]-box.Min[0])/2, (box.Max[1]-box.Min[1])/2
	const least = 1e-300 // below, products lose their digits
	return math.Abs(dx*y-dy*x) <= math.Abs(dx)*h+math.Abs(dy)*w+least
}

// flatten takes the parts of the edge a→b that come within reach. How an edge is cut into chords depends on the
// edge and the place only, not on the reach.
func (g *gatherer) flatten(a, b orb.Point) {
	if math.Abs(a[0]-b[0]) > maxChordDeg || math.Abs(a[1]-b[1]) > maxChordDeg {
		g.halve(a, b)
		return
	}
	var c chord
	c.ax, c.ay = g.plane.project(a)
	c.bx, c.by = g.plane.project(b)
	g.straighten(a, b, c, 0)
}

// maxChordDeg is the longest span of lon or lat that may be tried as one chord.
const maxChordDeg = 2

// maxHalvings cuts a chord of maxChordDeg down to less than a metre.
const maxHalvings = 20

// halve flattens the halves of a→b that may come within reach. As edges are chartable, nine halvings make
// them short enough.
func (g *gatherer) halve(a, b orb.Point) {
	m := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	for _, h := range [2][2]orb.Point{{a, m}, {m, b}} {
		if g.passes(h[0], h[1]) {
			g.flatten(h[0], h[1])
		}
	}
}

// straighten takes c, the chord of a→b, when the edge is as good as straight there, and its halves otherwise.
func (g *gatherer) straighten(a, b orb.Point, c chord, depth int) {
	dist, _ := c.nearest()
	slack := 1e-4*dist + 0.002
	dx, dy := c.bx-c.ax, c.by-c.ay
	// Parallels bend by tan(lat)/R, and the map bends geodesics by less than dist/R²: a chord of length l is off by
	// at most a quarter of what this allows for.
	if l2 := dx*dx + dy*dy; g.plane.reach > 0 && l2*(math.Abs(g.plane.sinLat/g.plane.cosLat)+0.02) < slack*meanRadiusM && l2 < 1e8 && dist < 5e4 {
		g.take(c, dist)
		return
	}
	m := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	mx, my := g.plane.project(m)
	first, second := chord{c.ax, c.ay, mx, my}, chord{mx, my, c.bx, c.by}
	if depth == maxHalvings { // only around the far side of the earth, where the plane is torn: no chord, its end
		first, second = chord{c.ax, c.ay, c.ax, c.ay}, chord{mx, my, mx, my}
	}
	if off := math.Hypot(mx-(c.ax+c.bx)/2, my-(c.ay+c.by)/2); off <= 2*slack || depth == maxHalvings {
		d1, _ := first.nearest()
		g.take(first, d1)
		d2, _ := second.nearest()
		g.take(second, d2)
		return
	}
	if g.passes(a, m) {
		g.straighten(a, m, first, depth+1)
	}
	if g.passes(m, b) {
		g.straighten(m, b, second, depth+1)
	}
}

func (g *gatherer) take(c chord, dist float64) {
	if dist < g.reachM {
		g.add(c)
	}
}

// nearest returns the distance of the chord from the origin, and where on it (0 at a, 1 at b) that is reached.
func (c *chord) nearest() (dist, t float64) {
	dx, dy := c.bx-c.ax, c.by-c.ay
	if l2 := dx*dx + dy*dy; l2 > 0 {
		t = min(max(-(c.ax*dx+c.ay*dy)/l2, 0), 1)
	}
	return math.Sqrt(sq(c.ax+t*dx) + sq(c.ay+t*dy)), t
}

func sq(x float64) float64 { return x * x }
