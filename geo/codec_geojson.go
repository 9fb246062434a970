package geo

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// DecodeFeatures reads all areas of a GeoJSON document: a FeatureCollection, a Feature, or a bare Polygon or
// MultiPolygon. See EachFeature for what it refuses.
func DecodeFeatures(r io.Reader, lim Limits) ([]Feature, error) {
	var fs []Feature
	err := EachFeature(r, lim, func(f Feature) error {
		fs = append(fs, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return fs, nil
}

// EachFeature reads a GeoJSON document (RFC 7946) and calls fn with each area, in order, while the rest, but for the
// next few, is still unread; an error of fn ends it and is returned as it is. Whether the document ends well is known only when
// EachFeature has returned.
//
// It is strict. Only Polygon and MultiPolygon are areas. Refused with a *ShapeError that names path and rule are:
// what is not JSON (bad_json, invalid_utf8, trailing_data, duplicate_key, too_deep), types that don't exist or are no
// areas (unknown_type, wrong_type), names in the wrong case (wrong_case), what is missing, null or of the wrong kind
// (missing_member, null, wrong_type), members that RFC 7946 forbids where they stand (forbidden_member), positions of
// one number or of more than three (bad_arity), numbers that are not finite or out of range (not_finite,
// out_of_range), what is no ring (empty, too_few_points, ring_not_closed, flat_ring), what is not valid
// (self_intersection, hole_outside_shell, holes_overlap, interior_disconnected, polygons_overlap), coordinate
// systems other than WGS84 lon/lat (crs_not_supported), and what exceeds lim (too_large, too_many_vertices,
// too_many_rings).
//
// Altitudes are dropped. Foreign members are skipped. Shapes are cut at the antimeridian (Normalize).
func EachFeature(r io.Reader, lim Limits, fn func(Feature) error) (err error) {
	defer rescue(&err)
	d := decoder{jsonReader: newJSONReader(r, lim.MaxBytes), lim: lim}
	d.begin()
	d.document(fn)
	return nil
}

// DecodeGeometry reads a Polygon or MultiPolygon object, as strictly as EachFeature.
func DecodeGeometry(b []byte, lim Limits) (mp orb.MultiPolygon, err error) {
	defer rescue(&err)
	d := decoder{jsonReader: newJSONReader(bytes.NewReader(b), lim.MaxBytes), lim: lim}
	d.begin()
	c := d.geometry()
	d.end()
	return c.shape, nil
}

type decoder struct {
	*jsonReader
	lim   Limits
	ahead *lookAhead // nil: everything is checked at once
}

// geometryTypes are all that RFC 7946 defines; only two are areas.
var geometryTypes = []string{
	"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
}

var (
	documentNames = []string{"type", "features", "geometry", "coordinates", "properties", "id", "bbox", "crs"}
	featureNames  = []string{"type", "geometry", "properties", "id", "bbox", "crs"}
	geometryNames = []string{"type", "coordinates", "bbox", "crs"}
)

// document reads the outermost object. Its members come in any order, so what depends on a type that is yet to come
// is kept and read afterwards.
func (d *decoder) document(fn func(Feature) error) {
	if d.token() != '{' {
		d.refuse("wrong_type", "the document is not an object")
	}
	kind := ""
	raws := map[string][]byte{}
	features := false
	var foreign []string // members that one type or the other forbids
	d.object(documentNames, func(name string) {
		switch name {
		case "type":
			kind = d.kind("FeatureCollection", "Feature", "Polygon", "MultiPolygon")
		case "features":
			if kind != "" && kind != "FeatureCollection" {
				d.refuse("forbidden_member", "a %s has no features", kind)
			}
			features = true
			d.features(fn)
		case "geometry", "coordinates", "properties", "id":
			if kind == "FeatureCollection" {
				foreign = append(foreign, name)
				d.skip(0)
				return
			}
			raws[name] = d.raw()
		case "geometries":
			foreign = append(foreign, name)
			d.skip(0)
		default:
			d.member(name)
		}
	})
	d.end()
	for name := range raws {
		foreign = append(foreign, name)
	}
	slices.Sort(foreign)
	forbid := func(names ...string) {
		for _, name := range foreign {
			if slices.Contains(names, name) {
				d.path = []pathStep{{name: name}}
				d.refuse("forbidden_member", "a %s has no %s", kind, name)
			}
		}
	}
	switch kind {
	case "":
		d.refuse("missing_member", "the document has no type")
	case "FeatureCollection":
		forbid("coordinates", "geometries", "geometry", "properties")
		if !features {
			d.refuse("missing_member", "the collection has no features")
		}
		return
	}
	if features {
		d.path = []pathStep{{name: "features"}}
		d.refuse("forbidden_member", "a %s has no features", kind)
	}
	f := featureParts{}
	if kind == "Feature" {
		forbid("coordinates", "geometries")
		if raw, ok := raws["geometry"]; ok {
			sub := d.within("geometry", raw)
			f.area = sub.geometry()
		}
		if raw, ok := raws["properties"]; ok {
			sub := d.within("properties", raw)
			f.properties, f.propertiesID = sub.properties()
		}
		if raw, ok := raws["id"]; ok {
			sub := d.within("id", raw)
			f.id = sub.id()
		}
	} else {
		forbid("geometry", "geometries", "properties")
		raw, ok := raws["coordinates"]
		if !ok {
			d.refuse("missing_member", "the geometry has no coordinates")
		}
		sub := d.within("coordinates", raw)
		f.area = sub.coordinates(kind)
	}
	if f.area == nil {
		d.refuse("missing_member", "feature 0 has no geometry")
	}
	c, whole := f.area, d.whole(0, f)
	whole.Shape, whole.RepairNote = c.shape, c.note
	if err := fn(*whole); err != nil {
		panic(refusal{err})
	}
}

// within returns a decoder of a value that was kept, at its place in the document.
func (d *decoder) within(name string, raw []byte) *decoder {
	return &decoder{
		jsonReader: &jsonReader{
			buf: raw, mark: -1, eof: true,
			path: append(slices.Clone(d.path), pathStep{name: name}),
		},
		lim: d.lim, ahead: d.ahead,
	}
}

// features reads the features of a collection.
func (d *decoder) features(fn func(Feature) error) {
	if d.token() != '[' {
		d.refuseKind("features must be an array")
	}
	d.ahead = &lookAhead{fn: fn}
	d.ahead.over(func() { d.array(d.feature) })
}

// featureParts is what a feature is made of.
type featureParts struct {
	area         *checking
	properties   []byte
	propertiesID *string
	id           *string
}

func (d *decoder) feature(index int) {
	if d.token() != '{' {
		d.refuseKind("a feature must be an object")
	}
	var f featureParts
	typed := false
	d.object(featureNames, func(name string) {
		switch name {
		case "type":
			d.kind("Feature")
			typed = true
		case "geometry":
			f.area = d.geometry()
		case "properties":
			f.properties, f.propertiesID = d.properties()
		case "id":
			f.id = d.id()
		case "coordinates", "geometries", "features":
			d.refuse("forbidden_member", "a Feature has no %s", name)
		default:
			d.member(name)
		}
	})
	if !typed {
		d.refuse("missing_member", "feature %d has no type", index)
	}
	if f.area == nil {
		d.refuse("missing_member", "feature %d has no geometry", index)
	}
	f.area.feature = d.whole(index, f)
	d.ahead.advance()
}

// whole puts a feature together, but for its shape.
func (d *decoder) whole(index int, f featureParts) *Feature {
	id := strconv.Itoa(index)
	if f.id != nil {
		id = *f.id
	} else if f.propertiesID != nil {
		id = *f.propertiesID
	}
	return &Feature{Index: index, ID: id, Properties: f.properties}
}

// refuseKind refuses a value of the wrong kind.
func (d *decoder) refuseKind(what string) {
	if d.token() == 'n' {
		d.word("null")
		d.refuse("null", "%s, not null", what)
	}
	if d.at == len(d.buf) {
		d.malformed("unexpected end")
	}
	d.refuse("wrong_type", "%s", what)
}

// kind reads the type of an object, which must be one of those given.
func (d *decoder) kind(want ...string) string {
	if d.token() != '"' {
		d.refuseKind("a type must be a string")
	}
	got := d.text()
	if slices.Contains(want, got) {
		return got
	}
	wanted := strings.Join(want, " or ")
	if slices.Contains(geometryTypes, got) || got == "Feature" || got == "FeatureCollection" {
		d.refuse("wrong_type", "the type is %s, want %s", got, wanted)
	}
	d.refuse("unknown_type", "the type %q does not exist, want %s", got, wanted)
	return ""
}

// member reads a member that has no part in the shape.
func (d *decoder) member(name string) {
	switch name {
	case "bbox":
		d.bbox()
	case "crs":
		d.crs()
	default:
		d.skip(0)
	}
}

func (d *decoder) bbox() {
	if d.token() != '[' {
		d.refuseKind("a bbox must be an array")
	}
	n := 0
	d.array(func(int) {
		d.coordinate()
		n++
	})
	if n != 4 && n != 6 {
		d.refuse("bad_arity", "a bbox has 4 or 6 numbers, not %d", n)
	}
}

// crs accepts what older documents (GeoJSON 2008) say to mean the only system there is today.
func (d *decoder) crs() {
	if d.token() == 'n' {
		d.word("null")
		return
	}
	if d.token() != '{' {
		d.refuseKind("a crs must be an object")
	}
	wgs84 := false
	d.object(nil, func(name string) {
		if name != "properties" || d.token() != '{' {
			d.skip(0)
			return
		}
		d.object(nil, func(name string) {
			if name != "name" || d.token() != '"' {
				d.skip(0)
				return
			}
			switch strings.ToUpper(d.text()) {
			case "URN:OGC:DEF:CRS:OGC:1.3:CRS84", "URN:OGC:DEF:CRS:OGC::CRS84", "OGC:CRS84",
				"EPSG:4326", "URN:OGC:DEF:CRS:EPSG::4326":
				wgs84 = true
			}
		})
	})
	if !wgs84 {
		d.refuse("crs_not_supported", "the only coordinate system is WGS84 longitude and latitude (CRS84)")
	}
}

// id reads a feature's id.
func (d *decoder) id() *string {
	switch c := d.token(); {
	case c == '"':
		s := d.text()
		return &s
	case c == '-' || c >= '0' && c <= '9':
		s := string(d.number())
		return &s
	}
	d.refuseKind("an id must be a string or a number")
	return nil
}

// properties reads an object or null, and its id if that is a string or a number.
func (d *decoder) properties() (raw []byte, id *string) {
	if d.token() == 'n' {
		d.word("null")
		return nil, nil
	}
	if d.token() != '{' {
		d.refuse("wrong_type", "properties must be an object or null")
	}
	raw = d.raw()
	sub := d.within("", raw)
	sub.path = sub.path[:len(sub.path)-1]
	sub.object(nil, func(name string) {
		c := sub.token()
		if name == "id" && (c == '"' || c == '-' || c >= '0' && c <= '9') {
			id = sub.id()
			return
		}
		sub.skip(1)
	})
	return raw, id
}

// geometry reads a geometry object.
func (d *decoder) geometry() *checking {
	if d.token() != '{' {
		d.refuseKind("a geometry must be an object")
	}
	kind := ""
	var area *checking
	var later []byte
	d.object(geometryNames, func(name string) {
		switch name {
		case "type":
			kind = d.kind("Polygon", "MultiPolygon")
		case "coordinates":
			if kind == "" {
				later = d.raw()
				return
			}
			area = d.coordinates(kind)
		case "geometry", "properties", "features":
			d.refuse("forbidden_member", "a geometry has no %s", name)
		default:
			d.member(name)
		}
	})
	switch {
	case kind == "":
		d.refuse("missing_member", "the geometry has no type")
	case later != nil:
		sub := d.within("coordinates", later)
		return sub.coordinates(kind)
	case area == nil:
		d.refuse("missing_member", "the geometry has no coordinates")
	}
	return area
}
