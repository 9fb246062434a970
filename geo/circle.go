package geo

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"
)

// Circle returns the polygon whose n corners (at least 8) lie radiusM metres from center, for drawing: it
// is nearly the disc. Where the circle crosses the antimeridian it is cut, and where it holds a pole it reaches up to
// it. Without a radius that is positive, and less than half the way to the far side of the earth, it is empty.
func Circle(center orb.Point, radiusM float64, n int) orb.MultiPolygon {
	if !(radiusM > 0) || radiusM > halfwayRoundM/2 || checkPoint(center) != nil {
		return nil
	}
	n = max(n, 8)
	ring := make(orb.Ring, n+1)
	for i := range n {
		azimuth := -float64(i) * 360 / float64(n) // counter-clockwise
		geodesic.WGS84.Direct(center[1], center[0], azimuth, radiusM, &ring[i][1], &ring[i][0], nil)
		ring[i][0] = math.Max(-180, math.Min(180, ring[i][0]))
	}
	ring[n] = ring[0]
	mp, err := Normalize(orb.MultiPolygon{{ring}})
	if err != nil {
		return nil // too small for doubles to tell its corners apart
	}
	return mp
}
