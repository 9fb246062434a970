package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"
)

// share returns which part of the disc of radiusM lies inside, given the chords that pass through it. odd is the
// parity just beside the origin.
//
// The disc is swept by an angle around a hub within it. In the plane, scaled to be equal-area and to radius 1, the
// parity changes at each chord along a ray from the hub, so the even-odd rule holds for every shape, whatever the
// winding of its rings.
func (g *gatherer) share(a *Area, odd bool, radiusM float64) float64 {
	chords := g.chords()
	closest := math.Inf(1)
	for i := range chords {
		dist, _ := chords[i].nearest()
		closest = min(closest, dist)
	}
	var hubX, hubY float64
	if closest < 1e-6*radiusM+chordSlackM {
		// On an edge the parity of the origin depends on the direction, and so near to one the chord may pass on the
		// other side of it: take the hub elsewhere.
		hubX, hubY = g.freePlace(radiusM)
		var q orb.Point
		geodesic.WGS84.Direct(g.plane.origin[1], g.plane.origin[0], math.Atan2(hubX, hubY)/radian, math.Hypot(hubX, hubY), &q[1], &q[0], nil)
		_, odd = a.around(q)
		hubX, hubY = g.plane.project(q)
	}
	unit := equalArea(radiusM)
	sw := sweep{odd: odd}
	sw.cx, sw.cy = equalize(hubX, hubY, unit)
	sw.cx, sw.cy = -sw.cx, -sw.cy
	for i, c := range chords {
		c.ax, c.ay = equalize(c.ax, c.ay, unit)
		c.bx, c.by = equalize(c.bx, c.by, unit)
		chords[i] = chord{c.ax + sw.cx, c.ay + sw.cy, c.bx + sw.cx, c.by + sw.cy}
	}
	sw.chords = chords
	if len(sw.chords) <= exactChords {
		return sw.exact() / math.Pi
	}
	return sw.sampled() / math.Pi
}

// chordSlackM is more than how far a chord near the origin is from its edge, metres: straighten allows for less than
// half of it.
const chordSlackM = 0.005

// freePlace returns, of some places in the middle of the disc, the one farthest from all chords.
func (g *gatherer) freePlace(radiusM float64) (x, y float64) {
	best := -1.0
	for k := range 8 {
		sin, cos := math.Sincos(0.3 + float64(k)*math.Pi/4)
		px, py := 0.4*radiusM*cos, 0.4*radiusM*sin
		closest := math.Inf(1)
		for _, c := range g.chords() {
			moved := chord{c.ax - px, c.ay - py, c.bx - px, c.by - py}
			dist, _ := moved.nearest()
			closest = min(closest, dist)
		}
		if closest > best {
			best, x, y = closest, px, py
		}
	}
	return x, y
}

// equalArea returns the radius, in Lambert's equal-area map, of what is distM away.
func equalArea(distM float64) float64 {
	return 2 * meanRadiusM * math.Sin(min(distM/(2*meanRadiusM), math.Pi/2))
}

// equalize moves a mapped place to the equal-area map, in units of unit metres.
func equalize(x, y, unit float64) (ex, ey float64) {
	dist := math.Hypot(x, y)
	if dist > 1e4 {
		unit *= dist / equalArea(dist)
	}
	return x / unit, y / unit
}

// sweep measures the area inside the circle of radius 1 around (cx, cy), turning around the origin, where parity
// is odd.
type sweep struct {
	chords []chord
	cx, cy float64
	odd    bool
}

// exit returns how far the circle is in the direction (cos, sin).
func (sw *sweep) exit(cos, sin float64) float64 {
	along := sw.cx*cos + sw.cy*sin
	return along + math.Sqrt(max(0, 1-sq(sw.cx*sin-sw.cy*cos)))
}

// sector returns the area between the origin and the circle from angle from to angle to (Simpson's rule).
func (sw *sweep) sector(from, to float64) float64 {
	if sw.cx == 0 && sw.cy == 0 {
		return (to - from) / 2
	}
	sum := 0.0
	for i, w := range [3]float64{1, 4, 1} {
		sin, cos := math.Sincos(from + float64(i)*(to-from)/2)
		sum += w * sq(sw.exit(cos, sin))
	}
	return sum / 6 * (to - from) / 2
}

// hit is where a ray meets a chord.
type hit struct {
	chord int
	dist  float64
	area  float64 // of the wedge of the ray's sector up to the chord
}

// meet returns how far c is in the direction (cos, sin); ok tells whether it is met there at all.
func (c *chord) meet(cos, sin float64) (dist float64, ok bool) {
	sa, sb := cos*c.ay-sin*c.ax, cos*c.by-sin*c.bx // on which side the ends are
	if (sa > 0) == (sb > 0) {
		return 0, false
	}
	t := sa / (sa - sb)
	dist = (c.ax+t*(c.bx-c.ax))*cos + (c.ay+t*(c.by-c.ay))*sin
	return dist, dist > 0
}

// far returns how far the line through c is in the direction (cos, sin), or the given distance if it is parallel.
func (c *chord) far(cos, sin, otherwise float64) float64 {
	dx, dy := c.bx-c.ax, c.by-c.ay
	if den := cos*dy - sin*dx; den != 0 {
		if s := (c.ax*dy - c.ay*dx) / den; s >= 0 && s < 4 {
			return s
		}
	}
	return otherwise
}

// exactChords is up to how many chords the sweep stops at every end and every crossing of the circle.
const exactChords = 32

// direction is an angle with its cosine and sine.
type direction struct{ angle, cos, sin float64 }

func towards(x, y float64) direction {
	h := math.Hypot(x, y)
	if h == 0 {
		return direction{0, 1, 0}
	}
	return direction{math.Atan2(y, x), x / h, y / h}
}

// exact sums sectors between all angles where something begins, ends or crosses the circle: in between, what a ray
// meets is triangles.
func (sw *sweep) exact() float64 {
	const steps = 12 // keeps sectors narrow, for Simpson's rule
	var buf [4*exactChords + steps + 2]direction
	dirs := append(buf[:0], direction{-math.Pi, -1, 0}, direction{math.Pi, -1, 0})
	if sw.cx != 0 || sw.cy != 0 {
		for i := 1; i < steps; i++ {
			angle := -math.Pi + float64(i)*2*math.Pi/steps
			sin, cos := math.Sincos(angle)
			dirs = append(dirs, direction{angle, cos, sin})
		}
	}
	for i := range sw.chords {
		c := &sw.chords[i]
		dx, dy, fx, fy := c.bx-c.ax, c.by-c.ay, c.ax-sw.cx, c.ay-sw.cy
		qa, qb, qc := dx*dx+dy*dy, fx*dx+fy*dy, fx*fx+fy*fy-1
		if qc < 0 {
			dirs = append(dirs, towards(c.ax, c.ay))
		}
		if sq(fx+dx)+sq(fy+dy) < 1 {
			dirs = append(dirs, towards(c.bx, c.by))
		}
		if disc := qb*qb - qa*qc; qa > 0 && disc > 0 {
			root := math.Sqrt(disc)
			for _, t := range [2]float64{(-qb - root) / qa, (-qb + root) / qa} {
				if t > 0 && t < 1 {
					dirs = append(dirs, towards(c.ax+t*dx, c.ay+t*dy))
				}
			}
		}
	}
	slices.SortFunc(dirs, func(a, b direction) int { return cmp.Compare(a.angle, b.angle) })
	area := 0.0
	var hits [exactChords]hit
	for i := range len(dirs) - 1 {
		from, to := &dirs[i], &dirs[i+1]
		width := to.angle - from.angle
		if width < 1e-12 {
			continue
		}
		mid := direction{cos: from.cos + to.cos, sin: from.sin + to.sin}
		if h := math.Hypot(mid.cos, mid.sin); width < 3 && h > 0 {
			mid.cos, mid.sin = mid.cos/h, mid.sin/h
		} else {
			mid.sin, mid.cos = math.Sincos((from.angle + to.angle) / 2)
		}
		exit := sw.exit(mid.cos, mid.sin)
		n := 0
		for j := range sw.chords {
			if s, ok := sw.chords[j].meet(mid.cos, mid.sin); ok && s < exit {
				hits[n] = hit{chord: j, dist: s}
				n++
			}
		}
		// The sine of the angle between; a chord that is met spans less than half a turn.
		sine := max(0, from.cos*to.sin-from.sin*to.cos)
		for j := range n {
			c, h := &sw.chords[hits[j].chord], &hits[j]
			h.area = c.far(from.cos, from.sin, h.dist) * c.far(to.cos, to.sin, h.dist) * sine / 2
		}
		area += sw.wedge(hits[:n], from.angle, to.angle)
	}
	return area
}

// wedge adds up one sector: hits become sorted by distance.
func (sw *sweep) wedge(hits []hit, from, to float64) float64 {
	if len(hits) > 1 {
		slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(a.dist, b.dist) })
	}
	area, odd := 0.0, sw.odd
	for _, h := range hits {
		if odd {
			area += h.area
		} else {
			area -= h.area
		}
		odd = !odd
	}
	if odd {
		area += sw.sector(from, to)
	}
	return area
}

// sampled takes one ray for the whole of each narrow sector.
func (sw *sweep) sampled() float64 {
	const bins, rays = 256, 384
	const width = 2 * math.Pi / bins
	bin := func(x, y float64) int {
		return min(int((math.Atan2(y, x)+math.Pi)/width), bins-1)
	}
	// Which bins each chord passes: the shorter way around from the one of its start to that of its end.
	spans := make([][2]int32, len(sw.chords)) // first bin, last; bins-1 is followed by bins, which is 0 again
	var starts [bins + 1]int32
	for i := range sw.chords {
		c := &sw.chords[i]
		from, to := bin(c.ax, c.ay), bin(c.bx, c.by)
		if from > to {
			from, to = to, from
		}
		if to-from > bins/2 {
			from, to = to, from+bins
		}
		spans[i] = [2]int32{int32(from), int32(to)}
		for b := from; b <= to; b++ {
			starts[b%bins+1]++
		}
	}
	busy := 0
	for b := range bins {
		if starts[b+1] > 0 {
			busy++
		}
		starts[b+1] += starts[b]
	}
	in := make([]int32, starts[bins]) // the chords of each bin
	next := starts
	for i, s := range spans {
		for b := s[0]; b <= s[1]; b++ {
			in[next[b%bins]] = int32(i)
			next[b%bins]++
		}
	}
	// Where chords are few directions are many: a small zone far from the hub is seen by more than one ray.
	parts := max(1, rays/max(busy, 1))
	step := width / float64(parts)
	turnSin, turnCos := math.Sincos(step)
	area := 0.0
	var buf [64]hit
	for b := range bins {
		from := -math.Pi + float64(b)*width
		chords := in[starts[b]:starts[b+1]]
		if len(chords) == 0 {
			area += sw.wedge(nil, from, from+width)
			continue
		}
		sin, cos := math.Sincos(from + step/2)
		for range parts {
			exit := sw.exit(cos, sin)
			hits := buf[:0]
			for _, i := range chords {
				if s, ok := sw.chords[i].meet(cos, sin); ok && s < exit {
					hits = append(hits, hit{dist: s, area: s * s * step / 2})
				}
			}
			area += sw.wedge(hits, from, from+step)
			from += step
			sin, cos = sin*turnCos+cos*turnSin, cos*turnCos-sin*turnSin
		}
	}
	return area
}
