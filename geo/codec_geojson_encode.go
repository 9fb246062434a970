package geo

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// EncodeGeometry writes mp as an RFC 7946 geometry: a Polygon when it is one, else a MultiPolygon; outer rings
// counter-clockwise, holes clockwise; numbers as short as they can be without loss. Coordinates that are not finite
// have no JSON and are written as null.
func EncodeGeometry(mp orb.MultiPolygon) []byte {
	b := []byte(`{"type":"MultiPolygon","coordinates":[`)
	if len(mp) == 1 {
		b = []byte(`{"type":"Polygon","coordinates":`)
	}
	for i, poly := range mp {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j, ring := range wind(poly) {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(b, '[')
			for k, p := range ring {
				if k > 0 {
					b = append(b, ',')
				}
				b = append(b, '[')
				b = appendNumber(b, p[0])
				b = append(b, ',')
				b = appendNumber(b, p[1])
				b = append(b, ']')
			}
			b = append(b, ']')
		}
		b = append(b, ']')
	}
	if len(mp) != 1 {
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendNumber(b []byte, x float64) []byte {
	switch abs := math.Abs(x); {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return append(b, "null"...)
	case abs != 0 && (abs < 1e-6 || abs >= 1e21):
		return strconv.AppendFloat(b, x, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, x, 'f', -1, 64)
}
