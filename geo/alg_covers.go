package geo

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// coverTolerance is the area, in square degrees, that overlay rounding may
// leave over between shapes that share edges: about a square metre.
const coverTolerance = 1e-10

// Covers tells whether outer holds every part of inner, but for slivers below
// about a square metre. Both must be valid. An error means that the overlay
// could not be worked out.
func Covers(outer, inner orb.MultiPolygon) (bool, error) {
	if outer.Equal(inner) || len(inner) == 0 {
		return true, nil
	}
	if len(outer) == 0 {
		return false, nil
	}
	a, err := geom.UnmarshalWKB(EncodeWKB(inner), geom.NoValidate{})
	if err != nil {
		return false, fmt.Errorf("read inner shape: %w", err)
	}
	b, err := geom.UnmarshalWKB(EncodeWKB(outer), geom.NoValidate{})
	if err != nil {
		return false, fmt.Errorf("read outer shape: %w", err)
	}
	rest, err := geom.Difference(a, b)
	if err != nil {
		return false, fmt.Errorf("subtract shapes: %w", err)
	}
	return rest.Area() <= coverTolerance, nil
}
