package geo

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/paulmach/orb"
)

type Feature struct {
	Index      int
	ID         string
	Properties json.RawMessage
	Shape      orb.MultiPolygon
	RepairNote string
}

func DecodeFeatures(r io.Reader, lim Limits) ([]Feature, error) {
	var fs []Feature
	err := EachFeature(r, lim, func(f Feature) error { fs = append(fs, f); return nil })
	return fs, err
}

func EachFeature(r io.Reader, lim Limits, fn func(Feature) error) error {
	var fc struct {
		Features []struct {
			ID         any
			Properties json.RawMessage
			Geometry   json.RawMessage
		}
	}
	if err := json.NewDecoder(r).Decode(&fc); err != nil {
		return err
	}
	for i, f := range fc.Features {
		mp, err := DecodeGeometry(f.Geometry, lim)
		if err != nil {
			return err
		}
		id := fmt.Sprint(i)
		if f.ID != nil {
			id = fmt.Sprint(f.ID)
		}
		if err := fn(Feature{Index: i, ID: id, Properties: f.Properties, Shape: mp}); err != nil {
			return err
		}
	}
	return nil
}

func DecodeGeometry(b []byte, lim Limits) (orb.MultiPolygon, error) {
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal(b, &g); err != nil {
		return nil, err
	}
	if g.Type == "Polygon" {
		var p orb.Polygon
		err := json.Unmarshal(g.Coordinates, &p)
		return orb.MultiPolygon{p}, err
	}
	var mp orb.MultiPolygon
	err := json.Unmarshal(g.Coordinates, &mp)
	return mp, err
}

func EncodeGeometry(mp orb.MultiPolygon) []byte {
	var v any = map[string]any{"type": "MultiPolygon", "coordinates": mp}
	if len(mp) == 1 {
		v = map[string]any{"type": "Polygon", "coordinates": mp[0]}
	}
	b, _ := json.Marshal(v)
	return b
}
