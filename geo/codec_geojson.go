package geo

import (
	"bytes"
	"errors"
	"io"
	"math"
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

// EachFeature reads a GeoJSON document (RFC 7946) and calls fn with each area, in order, while the rest is still
// unread; an error of fn ends it and is returned as it is. Whether the document ends well is known only when
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
	mp, _ = d.geometry()
	d.end()
	return mp, nil
}

type decoder struct {
	*jsonReader
	lim Limits
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
			f.shape, f.note = sub.geometry()
			f.located = true
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
		f.shape, f.note = sub.coordinates(kind)
		f.located = true
	}
	d.emit(0, f, fn)
}

// within returns a decoder of a value that was kept, at its place in the document.
func (d *decoder) within(name string, raw []byte) *decoder {
	return &decoder{
		jsonReader: &jsonReader{
			buf: raw, mark: -1, eof: true,
			path: append(slices.Clone(d.path), pathStep{name: name}),
		},
		lim: d.lim,
	}
}

// features reads the features of a collection.
func (d *decoder) features(fn func(Feature) error) {
	if d.token() != '[' {
		d.refuseKind("features must be an array")
	}
	d.array(func(i int) { d.feature(i, fn) })
}

// featureParts is what a feature is made of.
type featureParts struct {
	shape        orb.MultiPolygon
	note         string
	located      bool
	properties   []byte
	propertiesID *string
	id           *string
}

func (d *decoder) feature(index int, fn func(Feature) error) {
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
			f.shape, f.note = d.geometry()
			f.located = true
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
	d.emit(index, f, fn)
}

// emit hands a feature over.
func (d *decoder) emit(index int, f featureParts, fn func(Feature) error) {
	if !f.located {
		d.refuse("missing_member", "feature %d has no geometry", index)
	}
	id := strconv.Itoa(index)
	if f.id != nil {
		id = *f.id
	} else if f.propertiesID != nil {
		id = *f.propertiesID
	}
	err := fn(Feature{Index: index, ID: id, Properties: f.properties, Shape: f.shape, RepairNote: f.note})
	if err != nil {
		panic(refusal{err})
	}
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
func (d *decoder) geometry() (orb.MultiPolygon, string) {
	if d.token() != '{' {
		d.refuseKind("a geometry must be an object")
	}
	kind := ""
	var mp orb.MultiPolygon
	var note string
	var later []byte
	read := false
	d.object(geometryNames, func(name string) {
		switch name {
		case "type":
			kind = d.kind("Polygon", "MultiPolygon")
		case "coordinates":
			if kind == "" {
				later = d.raw()
				return
			}
			mp, note = d.coordinates(kind)
			read = true
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
	case !read:
		d.refuse("missing_member", "the geometry has no coordinates")
	}
	return mp, note
}

// coordinates reads the coordinates of a Polygon or MultiPolygon and makes an area of them.
func (d *decoder) coordinates(kind string) (orb.MultiPolygon, string) {
	n := counts{lim: d.lim}
	var mp orb.MultiPolygon
	if kind == "Polygon" {
		mp = orb.MultiPolygon{d.polygon(&n)}
	} else {
		d.open("a multipolygon must be an array of polygons")
		d.array(func(int) { mp = append(mp, d.polygon(&n)) })
		if len(mp) == 0 {
			d.refuse("empty", "the multipolygon has no polygon")
		}
	}
	if f := validate(mp); f != nil {
		panic(refusal{f.error(d.where(), kind == "Polygon")})
	}
	norm, note := normalize(mp), ""
	if slices.ContainsFunc(mp, crosses) {
		note = "cut at the antimeridian"
	}
	return norm, note
}

// counts holds a feature to its limits.
type counts struct {
	lim             Limits
	rings, vertices int
}

// open looks for the [ of an array.
func (d *decoder) open(want string) {
	if d.token() != '[' {
		d.refuseKind(want)
	}
}

func (d *decoder) polygon(n *counts) orb.Polygon {
	d.open("a polygon must be an array of rings")
	var poly orb.Polygon
	d.array(func(int) {
		if n.rings++; n.lim.MaxRings > 0 && n.rings > n.lim.MaxRings {
			d.refuse("too_many_rings", "more than %d rings", n.lim.MaxRings)
		}
		poly = append(poly, d.ring(n))
	})
	if len(poly) == 0 {
		d.refuse("empty", "the polygon has no ring")
	}
	return poly
}

func (d *decoder) ring(n *counts) orb.Ring {
	d.open("a ring must be an array of positions")
	var ring orb.Ring
	d.array(func(int) {
		if n.vertices++; n.lim.MaxVertices > 0 && n.vertices > n.lim.MaxVertices {
			d.refuse("too_many_vertices", "more than %d positions", n.lim.MaxVertices)
		}
		ring = append(ring, d.position())
	})
	return slices.Clip(ring)
}

// position reads two or three numbers, and drops the third.
func (d *decoder) position() orb.Point {
	d.open("a position must be an array of numbers")
	var p [3]float64
	n := 0
	d.array(func(i int) {
		v := d.coordinate()
		if i < len(p) {
			p[i] = v
		}
		n++
	})
	if n < 2 || n > 3 {
		d.refuse("bad_arity", "a position has 2 or 3 numbers, not %d", n)
	}
	q := orb.Point{p[0], p[1]}
	if e := checkPoint(q); e != nil {
		panic(refusal{&ShapeError{Path: d.where(), Rule: e.Rule, Detail: e.Detail, Near: &q}})
	}
	return q
}

// coordinate reads a finite number.
func (d *decoder) coordinate() float64 {
	switch c := d.token(); {
	case c == 'N' || c == 'I':
		d.refuse("not_finite", "a coordinate is not a finite number")
	case c != '-' && (c < '0' || c > '9'):
		d.refuseKind("a coordinate must be a number")
	}
	v, err := strconv.ParseFloat(string(d.number()), 64)
	if errors.Is(err, strconv.ErrRange) && math.IsInf(v, 0) {
		d.refuse("not_finite", "a coordinate is too large for a number")
	} else if err != nil && !errors.Is(err, strconv.ErrRange) {
		d.refuse("bad_json", "a coordinate is no number")
	}
	return v
}

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
