package intake

import (
	"bytes"
	"fmt"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// Limits of a body of points to match.
const (
	// MaxPoints is how many lines there may be.
	MaxPoints = 100_000
	// MaxPointLine is how many bytes a line may have: the longest id, every character escaped, and the numbers.
	MaxPointLine = 4 << 10
	// maxPointID is how many characters an id may have.
	maxPointID = 200
)

// MatchPoint is a place that is to be matched with zones, and forgotten.
type MatchPoint struct {
	// ID is the caller's, as it stands between the quotes of a JSON string: checked, still escaped, and part of the
	// body that it was read from.
	ID    []byte
	Point orb.Point
	// RadiusM is the error radius in metres, up to 1,000,000; 0 is a point.
	RadiusM float64
}

// LineError says which line of an NDJSON body is wrong, from 1. It wraps what is wrong with it.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap implements errors.Unwrap.
func (e *LineError) Unwrap() error { return e.Err }

// ErrTooManyLines says that a body has more lines than are taken at once.
var ErrTooManyLines = fmt.Errorf("%w: too many lines", tracker.ErrInvalid)

// MatchPoints reads an NDJSON body of points, at most MaxPoints of them. Blank lines are skipped. All of it is read
// before anything is matched, so that a bad line, the first of which is named, refuses the whole. Errors:
// ErrTooManyLines, *SyntaxError where there is no line, else *LineError around a *SyntaxError or
// *tracker.FieldError. Points share memory with b.
func MatchPoints(b []byte) ([]MatchPoint, error) {
	points := make([]MatchPoint, 0, min(bytes.Count(b, []byte{'\n'})+1, MaxPoints))
	for n := 1; len(b) > 0; n++ {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte{'\n'})
		line = bytes.TrimRight(line, "\r \t")
		if len(line) == 0 {
			continue
		}
		if len(points) == MaxPoints {
			return nil, ErrTooManyLines
		}
		p, err := matchPoint(line)
		if err != nil {
			return nil, &LineError{n, err}
		}
		points = append(points, p)
	}
	if len(points) == 0 {
		return nil, &SyntaxError{Code: "empty_body", Detail: "there is no line"}
	}
	return points, nil
}

var matchPointMembers = []string{"id", "lon", "lat", "radius_m"}

func matchPoint(line []byte) (p MatchPoint, err error) {
	if len(line) > MaxPointLine {
		return p, &SyntaxError{Code: "line_too_long", Offset: MaxPointLine, Detail: fmt.Sprintf("the line has more than %d bytes", MaxPointLine)}
	}
	if bytes.HasPrefix(line, []byte("\uFEFF")) {
		return p, &SyntaxError{Code: "malformed_json", Detail: "there is a byte order mark"}
	}
	var seen uint64
	err = whole(line, func(s *scanner) error {
		seen, err = s.object(matchPointMembers, func(i int) (err error) {
			switch matchPointMembers[i] {
			case "id":
				p.ID, err = pointID(s)
			case "lon":
				p.Point[0], _, err = coordinate(s, 180)
			case "lat":
				p.Point[1], _, err = coordinate(s, 90)
			case "radius_m":
				p.RadiusM, _, err = s.float()
				if err == nil && !(p.RadiusM >= 0 && p.RadiusM <= maxRadiusM) {
					err = broken("out_of_range", "is not in 0 to 1000000")
				}
			}
			return err
		})
		return err
	})
	if err != nil {
		return MatchPoint{}, err
	}
	for i, name := range matchPointMembers[:3] {
		if seen&(1<<i) == 0 {
			return MatchPoint{}, under(name, broken("required", "is missing"))
		}
	}
	return p, nil
}

// pointID reads an id of 1 to maxPointID characters and returns it as it is written.
func pointID(s *scanner) ([]byte, error) {
	raw, escaped, err := s.raw()
	if err != nil {
		return nil, err
	}
	text := string(raw)
	if escaped {
		text = unescape(raw)
	}
	if text == "" {
		return nil, broken("too_short", "is empty")
	}
	if err := atMost(text, maxPointID); err != nil {
		return nil, err
	}
	if err := readable(text); err != nil {
		return nil, err
	}
	return raw, oneLine(text)
}
