package geo

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"
)

// WGS84.
const (
	semiMajorM = 6378137.0
	flattening = 1 / 298.257223563
	eccentric2 = flattening * (2 - flattening)

	radian = math.Pi / 180

	meanRadiusM   = 6371008.8
	metresPerDegM = 110574.27  // of latitude at the equator, where it is least
	halfwayRoundM = 20003931.5 // pole to pole: no two places are farther apart
	seriesReach   = 0.01       // radians: how far the local series of plane is used
	chordReachM   = 2.5e6      // how far distances are taken from the chord
)

// Distance returns the length in metres of the geodesic on WGS84 between two places.
func Distance(a, b orb.Point) float64 {
	var s float64
	geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0], &s, nil, nil)
	return s
}

// onEarth reports whether p is finite and in range.
func onEarth(p orb.Point) bool {
	return p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90
}

// plane is the azimuthal equidistant map around a place: x metres to the east, y to the north; the distance of a
// mapped place from the origin is its geodesic distance within 1 part in 10,000 (in 100,000 below 1,000 km).
// Nothing is special at the antimeridian or at the poles.
type plane struct {
	origin         orb.Point
	sinLat, cosLat float64
	centre         [3]float64 // earth-centred, metres
	axisM          float64    // distance from the earth's axis, metres
	reach          float64    // radians within which the series below serves
	x0, x1         float64    // the series: metres per radian of lon, and its change with lat
	y0, y1, y2     float64    // metres per radian of lat, its change with lat, and the rise of parallels
}

func newPlane(p orb.Point) plane {
	pl := plane{origin: p}
	pl.sinLat, pl.cosLat = math.Sincos(p[1] * radian)
	if pl.cosLat < 0 || p[1] == 90 || p[1] == -90 {
		pl.cosLat = 0
	}
	w2 := 1 - eccentric2*pl.sinLat*pl.sinLat
	n := semiMajorM / math.Sqrt(w2) // radius of curvature in the prime vertical
	m := n * (1 - eccentric2) / w2  // and in the meridian
	pl.axisM = n * pl.cosLat
	pl.centre = [3]float64{pl.axisM, 0, n * (1 - eccentric2) * pl.sinLat} // in the frame of p's own meridian
	if pl.cosLat > 0.05 {
		pl.reach = seriesReach * min(1, pl.cosLat/math.Abs(pl.sinLat))
	}
	pl.x0, pl.x1 = pl.axisM, -m*pl.sinLat
	pl.y0, pl.y1 = m, 1.5*m*eccentric2*pl.sinLat*pl.cosLat/w2
	pl.y2 = n * pl.sinLat * pl.cosLat / 2
	return pl
}

// project maps q.
func (pl *plane) project(q orb.Point) (x, y float64) {
	dLon := q[0] - pl.origin[0]
	if dLon > 180 {
		dLon -= 360
	} else if dLon < -180 {
		dLon += 360
	}
	u, v := dLon*radian, (q[1]-pl.origin[1])*radian
	if math.Abs(v) < pl.reach && math.Abs(u)*pl.cosLat < pl.reach {
		return u * (pl.x0 + v*pl.x1), v*(pl.y0+v*pl.y1) + u*u*pl.y2
	}
	return pl.projectFar(q, u)
}

// projectFar maps q, which lies u radians of lon to the east, through the chord from the origin to it.
func (pl *plane) projectFar(q orb.Point, u float64) (x, y float64) {
	sinLat, cosLat := math.Sincos(q[1] * radian)
	sinLon, cosLon := math.Sincos(u)
	n := semiMajorM / math.Sqrt(1-eccentric2*sinLat*sinLat)
	dx := n*cosLat*cosLon - pl.centre[0]
	dy := n * cosLat * sinLon
	dz := n*(1-eccentric2)*sinLat - pl.centre[2]
	east, north := dy, dz*pl.cosLat-dx*pl.sinLat
	across := math.Hypot(east, north)
	chord := math.Sqrt(dx*dx + dy*dy + dz*dz)
	var dist float64
	if chord < chordReachM {
		dist = 2 * meanRadiusM * math.Asin(chord/(2*meanRadiusM))
	} else {
		dist = Distance(pl.origin, q)
	}
	if across == 0 {
		return 0, dist // the origin itself, or its antipode, whose direction is any
	}
	return dist * east / across, dist * north / across
}

// apart returns a lower bound, in metres, of the distance from the origin to any place in b. It takes less trouble
// to be close to it once it is more than enough.
func (pl *plane) apart(b orb.Bound, enough float64) float64 {
	p := pl.origin
	gap := max(b.Min[1]-p[1], p[1]-b.Max[1], 0) * metresPerDegM
	if gap > enough || p[0] >= b.Min[0] && p[0] <= b.Max[0] {
		return gap
	}
	west, east := b.Min[0]-p[0], p[0]-b.Max[0]
	if west < 0 {
		west += 360
	}
	if east < 0 {
		east += 360
	}
	dLon := min(west, east)
	// A place on another meridian is at least as far as that meridian's half-plane, straight through the earth.
	sinLon, cosLon := math.Sincos(dLon * radian)
	side := pl.axisM
	if dLon < 90 {
		side *= sinLon
	}
	if gap = max(gap, side); gap < 2e5 || gap > enough {
		return gap
	}
	// Far off, take the sphere: on the meridian of b that is nearer, the cosine of the distance is that of the
	// difference in lat to foot, times long. The ellipsoid's distances are up to 0.56 % shorter.
	u, v := pl.cosLat*cosLon, pl.sinLat
	foot, long := math.Atan2(v, u), math.Hypot(u, v)
	lo, hi := b.Min[1]*radian, b.Max[1]*radian
	cos := long
	if foot < lo || foot > hi {
		cos *= max(math.Cos(lo-foot), math.Cos(hi-foot))
	}
	return max(gap, 0.994*meanRadiusM*math.Acos(min(max(cos, -1), 1)))
}

// DiscBounds returns the boxes that together hold every place within radiusM metres of p: one box, or two when the
// disc crosses the antimeridian. A disc that reaches a pole spans all longitudes. A radius that is negative or NaN
// counts as 0. The boxes may be slightly larger than needed, never smaller.
func DiscBounds(p orb.Point, radiusM float64) []orb.Bound {
	b, n := discBounds(p, radiusM)
	return b[:n:n]
}

func discBounds(p orb.Point, radiusM float64) (bs [2]orb.Bound, n int) {
	sin, cos := math.Sincos(p[1] * radian)
	axis := semiMajorM * max(cos, 0) / math.Sqrt(1-eccentric2*sin*sin)
	return boundsAround(p, radiusM, axis)
}

// boundsAround is discBounds for a p that is axisM metres from the earth's axis.
func boundsAround(p orb.Point, radiusM, axisM float64) (bs [2]orb.Bound, n int) {
	if !(radiusM > 0) {
		bs[0] = orb.Bound{Min: p, Max: p}
		if p[0] == 180 || p[0] == -180 {
			bs[1] = orb.Bound{Min: orb.Point{-p[0], p[1]}, Max: orb.Point{-p[0], p[1]}}
			return bs, 2
		}
		return bs, 1
	}
	const rim = 1e-9 // degrees, a tenth of a millimetre: above all rounding
	dLat := radiusM/metresPerDegM + rim
	south, north := max(p[1]-dLat, -90), min(p[1]+dLat, 90)
	bs[0] = orb.Bound{Min: orb.Point{-180, south}, Max: orb.Point{180, north}}
	// As in apart: a meridian's half-plane that is farther than radiusM bounds the disc; the pole is axisM away.
	s := radiusM / axisM
	if !(s < 1) || south == -90 || north == 90 {
		return bs, 1
	}
	dLon := math.Asin(s)/radian*(1+1e-9) + rim
	west, east := p[0]-dLon, p[0]+dLon
	switch {
	case west <= -180:
		bs[0].Max[0] = min(east, 180)
		bs[1] = orb.Bound{Min: orb.Point{west + 360, south}, Max: orb.Point{180, north}}
		return bs, 2
	case east >= 180:
		bs[0].Min[0] = max(west, -180)
		bs[1] = orb.Bound{Min: orb.Point{-180, south}, Max: orb.Point{east - 360, north}}
		return bs, 2
	}
	bs[0].Min[0], bs[0].Max[0] = west, east
	return bs, 1
}
