package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

// Shape is the area of a zone.
type Shape = orb.MultiPolygon

// feature is one GeoJSON feature (RFC 7946 §3.2).
type feature struct {
	Type       string          `json:"type"`
	ID         string          `json:"id"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties any             `json:"properties"`
}

// featureWriter writes a FeatureCollection one feature at a time.
type featureWriter struct {
	w io.Writer
	n tally
}

func newFeatureWriter(w io.Writer) (*featureWriter, error) {
	_, err := io.WriteString(w, `{"type":"FeatureCollection","features":[`)
	return &featureWriter{w: w}, err
}

func (f *featureWriter) add(x feature) error {
	var line bytes.Buffer
	if f.n > 0 {
		line.WriteByte(',')
	}
	line.WriteByte('\n')
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(x); err != nil {
		return err
	}
	line.Truncate(line.Len() - 1) // Encode ends with a newline
	f.n++
	_, err := f.w.Write(line.Bytes())
	return err
}

func (f *featureWriter) close() error {
	_, err := io.WriteString(f.w, "\n]}\n")
	return err
}

// personProperties has no name that GIS software would draw on a map by itself:
// the file is for places and numbers; the CSV has the names.
type personProperties struct {
	Persons     int      `json:"persons"`
	Level       int      `json:"level"`
	Verdict     string   `json:"verdict"`
	Zone        string   `json:"zone,omitempty"`
	Freshness   string   `json:"freshness"`
	HeardAt     string   `json:"heard_at,omitempty"`
	Wellbeing   string   `json:"wellbeing"`
	Intention   string   `json:"intention"`
	Contact     string   `json:"contact"`
	Needs       []string `json:"needs"`
	Stay        string   `json:"stay"`
	Category    string   `json:"category"`
	Countries   []string `json:"countries"`
	CountryNear bool     `json:"country_near"`
	Airport     string   `json:"airport,omitempty"`
	Stranded    bool     `json:"stranded"`
	Mission     string   `json:"mission,omitempty"`
	// RadiusM is that of the coarse point: the error radius and what rounding adds.
	RadiusM float64 `json:"radius_m,omitempty"`
}

// cellM is how far a point moves when its degrees are rounded to 0.01: half the
// diagonal of a cell at the equator, metres.
const cellM = 790

type peopleGeoJSON struct {
	f *featureWriter
	v tracker.View
}

func newPeopleGeoJSON(w io.Writer, v tracker.View) (PeopleWriter, error) {
	f, err := newFeatureWriter(w)
	if err != nil {
		return nil, fmt.Errorf("write people: %w", err)
	}
	return &peopleGeoJSON{f: f, v: v}, nil
}

func (p *peopleGeoJSON) Row(r *tracker.Row) error {
	props := personProperties{
		Persons: r.Persons, Level: r.Level, Verdict: r.Verdict.String(), Freshness: freshness(r.Stale), HeardAt: instant(r.HeardAt),
		Wellbeing: wellbeing(r.Wellbeing), Intention: r.Intention.String(), Contact: r.Contact.String(), Needs: r.Needs.Words(),
		Stay: r.Stay.String(), Category: r.Category.String(), Countries: append([]string{}, r.Countries...), CountryNear: r.CountryNear,
		Airport: r.Airport, Stranded: r.Stranded, Mission: missionCode(p.v, r),
	}
	if r.Verdict != geo.Outside {
		props.Zone = r.Zone.String()
	}
	x := feature{Type: "Feature", ID: r.ID.String(), Geometry: json.RawMessage("null"), Properties: &props}
	if r.Position != nil {
		x.Geometry = fmt.Appendf(nil, `{"type":"Point","coordinates":[%v,%v]}`, coarse(r.Position.Point[0]), coarse(r.Position.Point[1]))
		props.RadiusM = math.Ceil(r.Position.RadiusM + cellM)
	}
	if err := p.f.add(x); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	return nil
}

func (p *peopleGeoJSON) Close(n tracker.Count) error {
	if err := p.f.close(); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	return p.f.n.check(n)
}

// zoneProperties can be read back by the import of zones.
type zoneProperties struct {
	ID        string        `json:"id"`
	Version   int           `json:"version"`
	State     string        `json:"state"`
	InForce   bool          `json:"in_force"`
	Level     int           `json:"level"`
	Kind      string        `json:"kind"`
	Action    string        `json:"action"`
	FloorM    *float64      `json:"floor_m,omitempty"`
	CeilingM  *float64      `json:"ceiling_m,omitempty"`
	ValidFrom string        `json:"valid_from"`
	ValidTo   string        `json:"valid_to,omitempty"`
	Names     tracker.Names `json:"names"`
	Advice    tracker.Names `json:"advice"`
	Source    string        `json:"source"`
	Reason    string        `json:"reason"`
	Country   string        `json:"country,omitempty"`
}

func zonesGeoJSON(w io.Writer, zs []tracker.ZoneView, shape func(z *tracker.Zone) Shape) error {
	f, err := newFeatureWriter(w)
	if err != nil {
		return fmt.Errorf("write zones: %w", err)
	}
	for i := range zs {
		z := &zs[i].Latest
		props := zoneProperties{
			ID: z.ID.String(), Version: z.Version, State: z.State.String(), InForce: zs[i].InForce, Level: z.Level,
			Kind: z.Kind.String(), Action: z.Action.String(), ValidFrom: z.ValidFrom.UTC().Format(time.RFC3339Nano),
			Names: z.Names, Advice: z.Advice, Source: z.Source, Reason: z.Reason, Country: z.Country,
		}
		if !z.ValidTo.IsZero() {
			props.ValidTo = z.ValidTo.UTC().Format(time.RFC3339Nano)
		}
		if z.Kind == tracker.Airspace {
			props.FloorM, props.CeilingM = &z.FloorM, &z.CeilingM
		}
		x := feature{Type: "Feature", ID: z.ID.String(), Geometry: json.RawMessage("null"), Properties: props}
		if s := shape(z); len(s) > 0 {
			x.Geometry = geo.EncodeGeometry(s)
		}
		if err := f.add(x); err != nil {
			return fmt.Errorf("write zones: %w", err)
		}
	}
	if err := f.close(); err != nil {
		return fmt.Errorf("write zones: %w", err)
	}
	return nil
}
