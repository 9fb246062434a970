// Package export writes rows of the live picture as files, one file per format.
// No format has an IIN, a passport or an exact place in it.
package export

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"aman/geo/tracker"
)

// PeopleWriter takes a list row by row, so that a file can be longer than memory.
type PeopleWriter interface {
	// Row writes one person; rows come in the order of the list.
	Row(r *tracker.Row) error
	// Close ends the file. n is what the list counts; it must have as many
	// records as rows were written.
	Close(n tracker.Count) error
}

// peopleFormats is the table of formats: a new one is a file and a line here.
var peopleFormats = map[string]func(w io.Writer, v tracker.View) (PeopleWriter, error){
	"csv":     newPeopleCSV,
	"geojson": newPeopleGeoJSON,
}

// People starts a file of people in a format ("csv", "geojson"). v is the view
// that the rows come from. An unknown format is a FieldError for "format".
func People(w io.Writer, format string, v tracker.View) (PeopleWriter, error) {
	start, ok := peopleFormats[format]
	if !ok {
		return nil, &tracker.FieldError{Field: "format", Code: "not_one_of", Detail: "is not csv or geojson"}
	}
	return start(w, v)
}

// Zones writes a file of zones in a format. shape gives a zone's area, which for
// a zone by reference is its country's.
func Zones(w io.Writer, format string, zs []tracker.ZoneView, shape func(z *tracker.Zone) Shape) error {
	switch format {
	case "csv":
		return zonesCSV(w, zs)
	case "geojson":
		return zonesGeoJSON(w, zs, shape)
	default:
		return &tracker.FieldError{Field: "format", Code: "not_one_of", Detail: "is not csv or geojson"}
	}
}

// tally checks that a file holds what its list counts.
type tally int64

func (t tally) check(n tracker.Count) error {
	if int64(t) != n.Records {
		return fmt.Errorf("write people: %d rows for %d records", int64(t), n.Records)
	}
	return nil
}

// instant writes a time in UTC, or nothing for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// coarse rounds degrees to 0.01, about a kilometre.
func coarse(x float64) float64 {
	return math.Round(x*100)/100 + 0
}

func wellbeing(w tracker.Wellbeing) string {
	if w == tracker.WellbeingClosed {
		return "closed"
	}
	return w.String()
}

func freshness(stale bool) string {
	if stale {
		return "stale"
	}
	return "fresh"
}

// defused keeps a spreadsheet from running a cell: a leading = + - @, tab or CR
// starts a formula (OWASP, CSV Injection), so an apostrophe goes before it.
func defused(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
