package geo

import "fmt"

// Verdict says how a position with an error radius stands to an area. Verdicts are ordered by certainty.
type Verdict uint8

const (
	Outside  Verdict = iota // no part of the error disc lies in the area
	Possible                // some part of it does
	Inside                  // all of it does
)

// String returns "outside", "possible" or "inside".
func (v Verdict) String() string {
	switch v {
	case Outside:
		return "outside"
	case Possible:
		return "possible"
	case Inside:
		return "inside"
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// ParseVerdict is the inverse of String. It accepts the three words in lower case only.
func ParseVerdict(s string) (Verdict, error) {
	switch s {
	case "outside":
		return Outside, nil
	case "possible":
		return Possible, nil
	case "inside":
		return Inside, nil
	}
	return Outside, fmt.Errorf("parse verdict %q: want outside, possible or inside", s)
}
