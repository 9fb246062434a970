package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"aman/api/intake"
	"aman/geo"
	"aman/geo/tracker"
)

// zoneLimits bound one zone as they do in the API; a file may hold many.
var zoneLimits = geo.Limits{MaxVertices: geo.APILimits.MaxVertices, MaxRings: geo.APILimits.MaxRings}

// maxZoneFile is how large a file of zones may be.
const maxZoneFile = 512 << 20

// zones imports zones from GeoJSON, as drafts unless a feature says active.
func (im *importing) zones(ctx context.Context, r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxZoneFile+1))
	if err == nil && len(text) > maxZoneFile {
		err = fmt.Errorf("the file is larger than %d MB", maxZoneFile>>20)
	}
	if err != nil {
		return "", exitError{2, fmt.Errorf("read zones: %w", err)}
	}
	n := 0
	err = im.store(ctx, "zones", func(yield func(*tracker.Rows) error) error {
		rows := &tracker.Rows{}
		seen := map[string]int{}
		var set tracker.ZoneSet
		take := func(f geo.Feature) error {
			z, err := im.zone(f, seen)
			if err == nil {
				err = set.AddZone(&z)
			}
			if err != nil {
				im.errs.addError(featureAt(f.Index), err)
				return nil
			}
			n++
			rows.Zones = append(rows.Zones, z)
			return nil
		}
		err := geo.EachFeature(bytes.NewReader(text), zoneLimits, take)
		if bad, ok := errors.AsType[*geo.ShapeError](err); ok {
			// The decoder stops at the first; the others have a right to be named too.
			n, rows, seen, set, im.errs.n = 0, &tracker.Rows{}, map[string]int{}, tracker.ZoneSet{}, 0
			err = im.eachAlone(text, bad, take)
		}
		if err != nil {
			return err
		}
		return yield(rows)
	})
	if err != nil {
		return "", fileError("zones", err)
	}
	return counted(n, "zone", "zones"), nil
}

func featureAt(i int) string { return "features[" + strconv.Itoa(i) + "]" }

// eachAlone decodes every feature by itself, for a collection in which first is
// wrong with one of them.
func (im *importing) eachAlone(text []byte, first *geo.ShapeError, take func(geo.Feature) error) error {
	var c struct {
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(text, &c); err != nil || len(c.Features) == 0 {
		return exitError{2, fmt.Errorf("read zones: %w", first)}
	}
	for i, raw := range c.Features {
		fs, err := geo.DecodeFeatures(bytes.NewReader(raw), zoneLimits)
		if bad, ok := errors.AsType[*geo.ShapeError](err); ok {
			im.errs.add(featureAt(i), bad.Path, bad.Error()+" (rule "+bad.Rule+")")
			continue
		}
		if err != nil {
			return err
		}
		for _, f := range fs {
			if f.ID == strconv.Itoa(f.Index) {
				f.ID = strconv.Itoa(i)
			}
			f.Index = i
			if err := take(f); err != nil {
				return err
			}
		}
	}
	if im.errs.n == 0 { // what is wrong is around the features, not in them
		return exitError{2, fmt.Errorf("read zones: %w", first)}
	}
	return nil
}

// zoneProperties are what a feature says of its zone. Others may be there: files
// come from elsewhere.
type zoneProperties struct {
	Level     *int          `json:"level"`
	Kind      string        `json:"kind"`
	Action    string        `json:"action"`
	State     string        `json:"state"`
	ValidFrom string        `json:"valid_from"`
	ValidTo   string        `json:"valid_to"`
	Name      string        `json:"name"`
	Names     tracker.Names `json:"names"`
	Advice    tracker.Names `json:"advice"`
	Source    string        `json:"source"`
	Reason    string        `json:"reason"`
	Country   string        `json:"country"`
	FloorM    float64       `json:"floor_m"`
	CeilingM  float64       `json:"ceiling_m"`
}

func (im *importing) zone(f geo.Feature, seen map[string]int) (tracker.Zone, error) {
	refuse := func(field, detail string) (tracker.Zone, error) {
		return tracker.Zone{}, &tracker.FieldError{Field: field, Code: "invalid", Detail: detail}
	}
	p := zoneProperties{Kind: "ground", Action: "none", State: "draft", Source: "import"}
	if len(f.Properties) > 0 {
		if err := json.Unmarshal(f.Properties, &p); err != nil {
			if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
				return refuse(bad.Field, "is a "+bad.Value+", not a "+bad.Type.String())
			}
			return refuse("properties", "can't be read")
		}
	}
	if p.Level == nil {
		return refuse("level", "is missing")
	}
	z := tracker.Zone{
		ID: tracker.NewID(), Crisis: im.crisis.ID, Version: 1, Level: *p.Level, Names: p.Names, Advice: p.Advice,
		Source: p.Source, Reason: p.Reason, ValidFrom: im.now, FloorM: p.FloorM, CeilingM: p.CeilingM, Shape: f.Shape, RecordedAt: im.now,
	}
	if z.Names == (tracker.Names{}) {
		z.Names.EN = p.Name
	}
	if p.Country != "" { // by reference; the shape in the file is a drawing of it
		z.Country, z.Shape = p.Country, nil
	}
	// An id that is the feature's place only says nothing: it isn't kept.
	if f.ID != strconv.Itoa(f.Index) {
		if first, ok := seen[f.ID]; ok {
			return refuse("id", "is that of "+featureAt(first))
		}
		if im.ref.zoneRefs[im.crisis.ID][f.ID] {
			return refuse("id", "a zone with this id was imported before")
		}
		seen[f.ID] = f.Index
		z.Ref = f.ID
	}
	var err error
	if z.Kind, err = tracker.ParseZoneKind(p.Kind); err != nil {
		return refuse("kind", "is not ground, maritime or airspace")
	}
	if z.Action, err = tracker.ParseAction(p.Action); err != nil {
		return refuse("action", "is not none, shelter, evacuate, prepare, avoid or monitor")
	}
	if z.State, err = tracker.ParseZoneState(p.State); err != nil || z.State != tracker.Draft && z.State != tracker.Active {
		return refuse("state", "is not draft or active")
	}
	for _, x := range []struct {
		field, text string
		to          *time.Time
	}{{"valid_from", p.ValidFrom, &z.ValidFrom}, {"valid_to", p.ValidTo, &z.ValidTo}} {
		if x.text == "" {
			continue
		}
		if *x.to, err = intake.Time(x.text); err != nil {
			return refuse(x.field, "is not a time like 2026-03-01T12:00:00Z")
		}
	}
	if z.State == tracker.Active && !z.ValidTo.IsZero() && !z.ValidTo.After(im.now) {
		return refuse("valid_to", "is past: it can't be active")
	}
	return z, im.checker().CheckZone(&z)
}

// checker holds zones to the core's rules, which need the world and no store.
func (im *importing) checker() *tracker.Tracker {
	return tracker.New(im.db, im.world, tracker.Options{})
}
