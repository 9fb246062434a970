package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// orientBound is the relative error of the floating-point determinant in orient: Shewchuk's ccwerrboundA
// ("Adaptive Precision Floating-Point Arithmetic", 1997, section 4), with u = 2^-53.
const orientBound = (3 + 16*0x1p-53) * 0x1p-53

// underflowFloor is the smallest sum of products for which that bound holds: below it products may have lost bits
// to underflow, which the bound does not count.
const underflowFloor = 0x1p-900

// orient returns +1 when a, b, c turn counter-clockwise (c lies left of the line a→b), -1 when they turn clockwise
// and 0 when they lie on one line. The answer is exact for all finite coordinates.
func orient(a, b, c orb.Point) int {
	// The explicit conversions forbid fusing into FMA, which would break the bound on some processors.
	l := float64((a[0] - c[0]) * (b[1] - c[1]))
	r := float64((a[1] - c[1]) * (b[0] - c[0]))
	det := float64(l - r)
	sum := math.Abs(l) + math.Abs(r)
	if sum > underflowFloor {
		if bound := orientBound * sum; det > bound {
			return 1
		} else if det < -bound {
			return -1
		}
	}
	return orientExact(a, b, c)
}
