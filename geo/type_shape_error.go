package geo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// Limits bound what a decoder accepts. Zero means no limit.
type Limits struct {
	MaxBytes    int // of the whole input
	MaxVertices int // positions of one feature, closing ones included
	MaxRings    int // rings of one feature
}

// APILimits are the limits of everything that arrives over the network.
var APILimits = Limits{MaxBytes: 2 << 20, MaxVertices: 10_000, MaxRings: 100}

// ShapeError says why a shape was refused: where in the document, by which rule and, when the rule is about
// geometry, near which place.
type ShapeError struct {
	Path   string     // such as "features[3].geometry.coordinates[0][2]"; empty for the document itself
	Rule   string     // a stable code, such as "ring_not_closed"
	Detail string     // what is wrong, in words
	Near   *orb.Point // lon, lat; nil when the rule has no place
}

// Error names the path, what is wrong and the place: "coordinates[1]: ring 2 is not closed near (52.3, 4.9)".
func (e *ShapeError) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path)
		b.WriteString(": ")
	}
	b.WriteString(e.Detail)
	if e.Near != nil {
		fmt.Fprintf(&b, " near (%s, %s)", degrees(e.Near[0]), degrees(e.Near[1]))
	}
	return b.String()
}

// degrees writes a coordinate with at most seven decimals (a centimetre), and no trailing zeros.
func degrees(x float64) string {
	s := strconv.FormatFloat(x, 'f', 7, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
