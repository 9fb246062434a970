package geo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/paulmach/orb"
)

const square = `[[0,0],[1,0],[1,1],[0,1],[0,0]]`

func polygon(rings string) string { return `{"type":"Polygon","coordinates":[` + rings + `]}` }

func multi(polys string) string { return `{"type":"MultiPolygon","coordinates":[` + polys + `]}` }

// wantRule fails unless err is a ShapeError of this path and rule.
func wantRule(t *testing.T, err error, path, rule string) {
	t.Helper()
	var se *ShapeError
	if !errors.As(err, &se) {
		t.Errorf("got %v, want rule %s at %q", err, rule, path)
		return
	}
	if se.Rule != rule || se.Path != path {
		t.Errorf("got rule %s at %q (%v), want %s at %q", se.Rule, se.Path, err, rule, path)
	}
}

func TestDecodeGeometryRefuses(t *testing.T) {
	const c = "coordinates"
	for _, tc := range []struct{ name, doc, path, rule string }{
		{"empty", ``, "", "bad_json"},
		{"null", `null`, "", "null"},
		{"array", `[]`, "", "wrong_type"},
		{"no type", `{"coordinates":[]}`, "", "missing_member"},
		{"no coordinates", `{"type":"Polygon"}`, "", "missing_member"},
		{"type null", `{"type":null}`, "type", "null"},
		{"type number", `{"type":3}`, "type", "wrong_type"},
		{"type in lower case", `{"type":"polygon","coordinates":[` + square + `]}`, "type", "unknown_type"},
		{"type padded", `{"type":"Polygon ","coordinates":[` + square + `]}`, "type", "unknown_type"},
		{"point", `{"type":"Point","coordinates":[0,0]}`, "type", "wrong_type"},
		{"collection", `{"type":"GeometryCollection","geometries":[]}`, "type", "wrong_type"},
		{"feature", `{"type":"Feature"}`, "type", "wrong_type"},
		{"name in the wrong case", `{"type":"Polygon","Coordinates":[` + square + `]}`, "Coordinates", "wrong_case"},
		{"name with a long s", `{"type":"Polygon","coordinateſ":[` + square + `]}`, "coordinateſ", "wrong_case"},
		{"coordinates twice", `{"type":"Polygon","coordinates":[` + square + `],"coordinates":[` + square + `]}`, c, "duplicate_key"},
		{"twice by escape", `{"type":"Polygon","coordinates":[` + square + `],"c\u006fordinates":[` + square + `]}`, c, "duplicate_key"},
		{"foreign twice", `{"type":"Polygon","a":{"b":1,"b":2},"coordinates":[` + square + `]}`, "a.b", "duplicate_key"},
		{"properties", `{"type":"Polygon","properties":{},"coordinates":[` + square + `]}`, "properties", "forbidden_member"},
		{"coordinates null", `{"type":"Polygon","coordinates":null}`, c, "null"},
		{"coordinates before type", `{"coordinates":null,"type":"Polygon"}`, c, "null"},
		{"coordinates text", `{"type":"Polygon","coordinates":"[]"}`, c, "wrong_type"},
		{"coordinates object", `{"type":"Polygon","coordinates":{}}`, c, "wrong_type"},
		{"no ring", `{"type":"Polygon","coordinates":[]}`, c, "empty"},
		{"no polygon", `{"type":"MultiPolygon","coordinates":[]}`, c, "empty"},
		{"polygon without a ring", multi(`[` + square + `],[]`), c + "[1]", "empty"},
		{"ring null", polygon(`null`), c + "[0]", "null"},
		{"ring empty", polygon(`[]`), c + "[0]", "too_few_points"},
		{"position null", polygon(`[[0,0],null,[1,1],[0,0]]`), c + "[0][1]", "null"},
		{"position too deep", polygon(`[[0,0],[[1,0]],[1,1],[0,0]]`), c + "[0][1][0]", "wrong_type"},
		{"position too shallow", `{"type":"Polygon","coordinates":[[0,0],[1,0],[1,1],[0,0]]}`, c + "[0][0]", "wrong_type"},
		{"polygon as multipolygon", `{"type":"MultiPolygon","coordinates":[` + square + `]}`, c + "[0][0][0]", "wrong_type"},
		{"multipolygon as polygon", `{"type":"Polygon","coordinates":[[` + square + `]]}`, c + "[0][0][0]", "wrong_type"},
		{"position of one", polygon(`[[0,0],[1],[1,1],[0,0]]`), c + "[0][1]", "bad_arity"},
		{"position of none", polygon(`[[0,0],[],[1,1],[0,0]]`), c + "[0][1]", "bad_arity"},
		{"position of four", polygon(`[[0,0],[1,0,0,0],[1,1],[0,0]]`), c + "[0][1]", "bad_arity"},
		{"number null", polygon(`[[0,0],[1,null],[1,1],[0,0]]`), c + "[0][1][1]", "null"},
		{"number text", polygon(`[[0,0],["1",0],[1,1],[0,0]]`), c + "[0][1][0]", "wrong_type"},
		{"number true", polygon(`[[0,0],[true,0],[1,1],[0,0]]`), c + "[0][1][0]", "wrong_type"},
		{"NaN", polygon(`[[0,0],[NaN,0],[1,1],[0,0]]`), c + "[0][1][0]", "not_finite"},
		{"NaN in quotes", polygon(`[[0,0],["NaN",0],[1,1],[0,0]]`), c + "[0][1][0]", "wrong_type"},
		{"Infinity", polygon(`[[0,0],[Infinity,0],[1,1],[0,0]]`), c + "[0][1][0]", "not_finite"},
		{"1e400", polygon(`[[0,0],[1e400,0],[1,1],[0,0]]`), c + "[0][1][0]", "not_finite"},
		{"altitude 1e400", polygon(`[[0,0,1e400],[1,0],[1,1],[0,0]]`), c + "[0][0][2]", "not_finite"},
		{"leading zero", polygon(`[[0,0],[01,0],[1,1],[0,0]]`), c + "[0][1][0]", "bad_json"},
		{"plus", polygon(`[[0,0],[+1,0],[1,1],[0,0]]`), c + "[0][1][0]", "wrong_type"},
		{"bare point", polygon(`[[0,0],[1.,0],[1,1],[0,0]]`), c + "[0][1][0]", "bad_json"},
		{"hexadecimal", polygon(`[[0,0],[0x1,0],[1,1],[0,0]]`), c + "[0][1][0]", "bad_json"},
		{"trailing comma", polygon(`[[0,0],[1,0],[1,1],[0,0],]`), c + "[0][4]", "wrong_type"},
		{"lon", polygon(`[[0,0],[180.00000001,0],[1,1],[0,0]]`), c + "[0][1]", "out_of_range"},
		{"lat", polygon(`[[0,0],[1,-91],[1,1],[0,0]]`), c + "[0][1]", "out_of_range"},
		{"metres", polygon(`[[5777000,4200000],[1,1],[1,0],[0,0]]`), c + "[0][0]", "out_of_range"},
		{"open", polygon(`[[0,0],[1,0],[1,1],[0,1]]`), c + "[0]", "ring_not_closed"},
		{"hole open", polygon(square + `,[[0.1,0.1],[0.2,0.1],[0.2,0.2],[0.1,0.2]]`), c + "[1]", "ring_not_closed"},
		{"open by a hair", polygon(`[[0,0],[1,0],[1,1],[0,1e-300]]`), c + "[0]", "ring_not_closed"},
		{"three points", polygon(`[[0,0],[1,1],[0,0]]`), c + "[0]", "too_few_points"},
		{"flat", polygon(`[[0,0],[1,1],[2,2],[0,0]]`), c + "[0]", "flat_ring"},
		{"flat at one place", polygon(`[[1,1],[1,1],[1,1],[1,1]]`), c + "[0]", "flat_ring"},
		{"flat hole", polygon(square + `,[[0.1,0.1],[0.2,0.1],[0.3,0.1],[0.1,0.1]]`), c + "[1]", "flat_ring"},
		{"bow tie", polygon(`[[0,0],[1,1],[1,0],[0,1],[0,0]]`), c + "[0][0]", "self_intersection"},
		{"spike", polygon(`[[0,0],[2,0],[2,2],[2,3],[2,2],[0,2],[0,0]]`), c + "[0][1]", "self_intersection"},
		{"spike along an edge", polygon(`[[0,0],[3,0],[2,0],[2,2],[0,2],[0,0]]`), c + "[0][0]", "self_intersection"},
		{"touches itself", polygon(`[[0,0],[2,2],[4,0],[4,4],[2,2],[0,4],[0,0]]`), c + "[0][0]", "self_intersection"},
		{"touches its edge", polygon(`[[0,0],[4,0],[4,4],[2,0],[0,4],[0,0]]`), c + "[0][0]", "self_intersection"},
		{"hole outside", polygon(square + `,[[5,5],[6,5],[6,6],[5,5]]`), c + "[1]", "hole_outside_shell"},
		{"hole across", polygon(square + `,[[0.5,0.5],[1.5,0.5],[1.5,0.7],[0.5,0.5]]`), c + "[1]", "hole_outside_shell"},
		{"hole around", polygon(square + `,[[-1,-1],[3,-1],[3,3],[-1,3],[-1,-1]]`), c + "[1]", "hole_outside_shell"},
		{"hole is the shell", polygon(square + `,` + square), c + "[1]", "hole_outside_shell"},
		{"holes cross", polygon(`[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[4,1],[4,4],[1,1]],[[2,1.5],[5,1.5],[5,5],[2,1.5]]`), c + "[2]", "holes_overlap"},
		{"hole in a hole", polygon(`[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[8,1],[8,8],[1,8],[1,1]],[[2,2],[3,2],[3,3],[2,2]]`), c + "[2]", "holes_overlap"},
		{"hole cuts through", polygon(`[[0,0],[4,0],[4,4],[0,4],[0,0]],[[2,0],[3,2],[2,4],[1,2],[2,0]]`), c + "[1]", "interior_disconnected"},
		{"holes in a circle", polygon(`[[0,0],[9,0],[9,9],[0,9],[0,0]],[[2,2],[6,2],[4,3],[2,2]],[[6,2],[6,6],[5,4],[6,2]],[[2,2],[4,4],[6,6],[2,6],[2,2]]`), c + "[3]", "interior_disconnected"},
		{"polygons overlap", multi(`[` + square + `],[[[0.5,0.5],[2,0.5],[2,2],[0.5,0.5]]]`), c + "[1]", "polygons_overlap"},
		{"polygons share an edge", multi(`[` + square + `],[[[1,0],[2,0],[2,1],[1,1],[1,0]]]`), c + "[1]", "polygons_overlap"},
		{"polygons are the same", multi(`[` + square + `],[` + square + `]`), c + "[1]", "polygons_overlap"},
		{"polygon within", multi(`[` + square + `],[[[0.2,0.2],[0.4,0.2],[0.4,0.4],[0.2,0.2]]]`), c + "[1]", "polygons_overlap"},
		{"bow tie in the second", multi(`[` + square + `],[[[5,0],[6,1],[6,0],[5,1],[5,0]]]`), c + "[1][0][0]", "self_intersection"},
		{"bow tie across the antimeridian", polygon(`[[170,0],[-170,10],[-170,0],[170,10],[170,0]]`), c + "[0][0]", "self_intersection"},
		{"trailing", polygon(square) + ` x`, "", "trailing_data"},
		{"trailing object", polygon(square) + polygon(square), "", "trailing_data"},
		{"cut short", polygon(square)[:44], c + "[0][1]", "bad_json"},
		{"control character", "{\"ty\x01pe\":1}", "", "bad_json"},
		{"not UTF-8", "{\"ty\xffpe\":1}", "", "invalid_utf8"},
		{"half a character", `{"a":"\ud800"}`, "a", "invalid_utf8"},
		{"bad escape", `{"a":"\x"}`, "a", "bad_json"},
		{"single quotes", `{'type':'Polygon'}`, "", "bad_json"},
		{"comment", `/* */` + polygon(square), "", "wrong_type"},
		{"crs", `{"type":"Polygon","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"coordinates":[` + square + `]}`, "crs", "crs_not_supported"},
		{"bbox of 3", `{"type":"Polygon","bbox":[1,2,3],"coordinates":[` + square + `]}`, "bbox", "bad_arity"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := DecodeGeometry([]byte(tc.doc), Limits{})
			wantRule(t, err, tc.path, tc.rule)
		})
	}
	t.Run("deep", func(t *testing.T) {
		_, err := DecodeGeometry([]byte(`{"a":`+strings.Repeat("[", 1_000_000)), Limits{})
		var se *ShapeError
		if !errors.As(err, &se) || se.Rule != "too_deep" {
			t.Errorf("got %.200v", err)
		}
		_, err = DecodeGeometry([]byte(polygon(strings.Repeat("[", 1_000_000))), Limits{})
		wantRule(t, err, "coordinates[0][0][0]", "wrong_type")
	})
}

func TestDecodeGeometryAccepts(t *testing.T) {
	for name, doc := range map[string]string{
		"plain":                    polygon(square),
		"clockwise":                polygon(`[[0,0],[0,1],[1,1],[1,0],[0,0]]`),
		"altitudes":                polygon(`[[0,0,5],[1,0,6.5],[1,1],[0,0,-2e3]]`),
		"coordinates first":        `{"coordinates":[` + square + `],"type":"Polygon"}`,
		"byte order mark":          "\uFEFF" + polygon(square),
		"white space":              " \r\n\t{ \"type\" : \"Polygon\" , \"coordinates\" : [ [ [ 0 , 0 ] , [ 1 , 0 ] , [ 1 , 1 ] , [ 0 , 0 ] ] ] } \n",
		"escaped name":             `{"typ\u0065":"Polygon","coordinates":[` + square + `]}`,
		"foreign members":          `{"type":"Polygon","name":{"type":"x","a":[1,{"b":null}]},"coordinates":[` + square + `]}`,
		"bbox":                     `{"type":"Polygon","bbox":[0,0,1,1],"coordinates":[` + square + `]}`,
		"crs of today":             `{"type":"Polygon","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"coordinates":[` + square + `]}`,
		"repeated points":          polygon(`[[0,0],[0,0],[1,0],[1,0],[1,1],[0,1],[0,0],[0,0]]`),
		"hole touches":             polygon(`[[0,0],[4,0],[4,4],[0,4],[0,0]],[[2,0],[3,2],[1,2],[2,0]]`),
		"hole touches a corner":    polygon(`[[0,0],[4,0],[4,4],[0,4],[0,0]],[[0,0],[2,1],[1,2],[0,0]]`),
		"holes touch":              polygon(`[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[3,1],[3,3],[1,1]],[[3,3],[5,3],[5,5],[3,3]]`),
		"three holes at one place": polygon(`[[0,0],[9,0],[9,9],[0,9],[0,0]],[[4,4],[5,6],[4,6],[4,4]],[[4,4],[6,5],[6,4],[4,4]],[[4,4],[2,3],[3,2],[4,4]]`),
		"polygons touch":           multi(`[` + square + `],[[[1,1],[2,1],[2,2],[1,1]]]`),
		"polygons touch twice":     multi(`[[[0,0],[4,0],[2,2],[4,4],[0,4],[0,0]]],[[[4,0],[5,2],[4,4],[3,2],[4,0]]]`),
		"island in a hole":         multi(`[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[8,1],[8,8],[1,8],[1,1]]],[[[3,3],[5,3],[5,5],[3,3]]]`),
		"island first":             multi(`[[[3,3],[5,3],[5,5],[3,3]]],[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[8,1],[8,8],[1,8],[1,1]]]`),
		"minus zero":               polygon(`[[-0,0],[1,-0.0],[1,1],[0,0]]`),
		"denormal":                 polygon(`[[0,0],[5e-324,0],[5e-324,5e-324],[0,0]]`),
		"underflow":                polygon(`[[1e-999,0],[1,0],[1,1],[0,0]]`),
		"many digits":              polygon(`[[0.` + strings.Repeat("3", 1000) + `,0],[1,0],[1,1],[0.` + strings.Repeat("3", 1000) + `,0]]`),
		"whole world":              polygon(`[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]`),
		"across the antimeridian":  polygon(`[[170,0],[-170,0],[-170,10],[170,10],[170,0]],[[175,2],[-175,2],[-175,4],[175,4],[175,2]],[[-174,6],[-172,6],[-172,7],[-174,6]]`),
		"around the pole":          polygon(`[[0,70],[90,60],[180,70],[-90,60],[0,70]]`),
	} {
		t.Run(name, func(t *testing.T) {
			mp, err := DecodeGeometry([]byte(doc), APILimits)
			if err != nil {
				t.Fatal(err)
			}
			again, err := DecodeGeometry(EncodeGeometry(mp), APILimits)
			if err != nil || !equalShapes(mp, again) {
				t.Errorf("%s\ndecodes to %v\nand its encoding to %v, %v", doc, mp, again, err)
			}
		})
	}
}

func equalShapes(a, b orb.MultiPolygon) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

func TestDecodeFeatures(t *testing.T) {
	const geometry = `"geometry":{"type":"Polygon","coordinates":[` + square + `]}`
	fc := func(fs ...string) string {
		return `{"type":"FeatureCollection","features":[` + strings.Join(fs, ",") + `]}`
	}
	t.Run("accepts", func(t *testing.T) {
		for name, tc := range map[string]struct {
			doc string
			ids []string
		}{
			"none": {fc(), nil},
			"ids": {fc(
				`{"type":"Feature","id":"a","properties":{"id":"x"},`+geometry+`}`,
				`{"type":"Feature","id":1.50e1,"properties":{"id":"x"},`+geometry+`}`,
				`{"type":"Feature","properties":{"id":"x","name":"Ә"},`+geometry+`}`,
				`{"type":"Feature","properties":{"id":-7},`+geometry+`}`,
				`{"type":"Feature","properties":{"id":null},`+geometry+`}`,
				`{"type":"Feature","properties":null,`+geometry+`}`,
				`{"type":"Feature",`+geometry+`}`,
			), []string{"a", "1.50e1", "x", "-7", "4", "5", "6"}},
			"members in any order": {`{"bbox":[0,0,1,1],"features":[{` + geometry + `,"bbox":[0,0,1,1],"title":"x","properties":{"a":[]},"id":"q","type":"Feature"}],"type":"FeatureCollection","name":"n"}`, []string{"q"}},
			"feature":              {`{"id":"q",` + geometry + `,"properties":{"a":1},"type":"Feature"}`, []string{"q"}},
			"geometry":             {polygon(square), []string{"0"}},
			"multipolygon":         {multi(`[` + square + `]`), []string{"0"}},
		} {
			fs, err := DecodeFeatures(strings.NewReader(tc.doc), APILimits)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var ids []string
			for i, f := range fs {
				ids = append(ids, f.ID)
				if f.Index != i || len(f.Shape) != 1 || f.Properties != nil && !json.Valid(f.Properties) {
					t.Errorf("%s: %+v", name, f)
				}
			}
			if fmt.Sprint(ids) != fmt.Sprint(tc.ids) {
				t.Errorf("%s: ids %q, want %q", name, ids, tc.ids)
			}
		}
	})
	good := `{"type":"Feature","properties":{},` + geometry + `}`
	for _, tc := range []struct{ name, doc, path, rule string }{
		{"no type", `{"features":[]}`, "", "missing_member"},
		{"no features", `{"type":"FeatureCollection"}`, "", "missing_member"},
		{"features null", `{"type":"FeatureCollection","features":null}`, "features", "null"},
		{"features object", `{"type":"FeatureCollection","features":{}}`, "features", "wrong_type"},
		{"feature null", fc(good, `null`), "features[1]", "null"},
		{"feature text", fc(`"a"`), "features[0]", "wrong_type"},
		{"feature is a geometry", fc(polygon(square)), "features[0].type", "wrong_type"},
		{"feature without a type", fc(`{"properties":{},` + geometry + `}`), "features[0]", "missing_member"},
		{"feature without a geometry", fc(good, `{"type":"Feature","properties":{}}`), "features[1]", "missing_member"},
		{"geometry null", fc(good, good, `{"type":"Feature","properties":{},"geometry":null}`), "features[2].geometry", "null"},
		{"geometry in the wrong case", fc(`{"type":"Feature","properties":{},"Geometry":{}}`), "features[0].Geometry", "wrong_case"},
		{"id null", fc(`{"type":"Feature","id":null,` + geometry + `}`), "features[0].id", "null"},
		{"id object", fc(`{"type":"Feature","id":{},` + geometry + `}`), "features[0].id", "wrong_type"},
		{"properties text", fc(`{"type":"Feature","properties":"x",` + geometry + `}`), "features[0].properties", "wrong_type"},
		{"same property twice", fc(`{"type":"Feature","properties":{"a":1,"a":2},` + geometry + `}`), "features[0].properties.a", "duplicate_key"},
		{"features twice", `{"type":"FeatureCollection","features":[],"features":[]}`, "features", "duplicate_key"},
		{"bow tie", fc(good, `{"type":"Feature","properties":{},"geometry":`+polygon(`[[0,0],[1,1],[1,0],[0,1],[0,0]]`)+`}`), "features[1].geometry.coordinates[0][0]", "self_intersection"},
		{"coordinates in a feature", fc(`{"type":"Feature","coordinates":[],` + geometry + `}`), "features[0].coordinates", "forbidden_member"},
		{"geometry in a collection", `{"type":"FeatureCollection","features":[],` + geometry + `}`, "geometry", "forbidden_member"},
		{"features in a feature", `{"type":"Feature","features":[],` + geometry + `}`, "features", "forbidden_member"},
		{"features before the type", `{"features":[],"type":"Feature",` + geometry + `}`, "features", "forbidden_member"},
		{"topology", `{"type":"Topology","objects":{}}`, "type", "unknown_type"},
		{"crs", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features":[]}`, "crs", "crs_not_supported"},
		{"two documents", fc() + "\n" + fc(), "", "trailing_data"},
		{"not closed", `{"type":"FeatureCollection","features":[` + good, "features", "bad_json"},
		{"array of features", `[` + good + `]`, "", "wrong_type"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := DecodeFeatures(strings.NewReader(tc.doc), APILimits)
			wantRule(t, err, tc.path, tc.rule)
			_, slow := DecodeFeatures(iotest.OneByteReader(strings.NewReader(tc.doc)), APILimits)
			if fmt.Sprint(slow) != fmt.Sprint(err) {
				t.Errorf("byte by byte: %v, want %v", slow, err)
			}
		})
	}
}

func TestShapeErrorIsReadable(t *testing.T) {
	doc := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":` +
		polygon(`[[52,4],[53,4],[53,5],[52,5],[52,4]],[[52.1,4.1],[52.2,4.1],[52.2,4.2],[52.3,4.9]]`) + `}]}`
	_, err := DecodeFeatures(strings.NewReader(doc), APILimits)
	const want = "features[0].geometry.coordinates[1]: ring 2 is not closed near (52.3, 4.9)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestDecodeLimits(t *testing.T) {
	for _, tc := range []struct {
		lim  Limits
		rule string
	}{
		{Limits{MaxBytes: 60}, "too_large"},
		{Limits{MaxVertices: 4}, "too_many_vertices"},
		{Limits{MaxRings: 1}, "too_many_rings"},
		{Limits{MaxBytes: 1000, MaxVertices: 10, MaxRings: 2}, ""},
	} {
		doc := polygon(`[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]`)
		_, err := DecodeGeometry([]byte(doc), tc.lim)
		var se *ShapeError
		if errors.As(err, &se); tc.rule == "" && err != nil || tc.rule != "" && (se == nil || se.Rule != tc.rule) {
			t.Errorf("%+v: %v, want %s", tc.lim, err, tc.rule)
		}
	}
}

func TestEachFeatureStreams(t *testing.T) {
	// The reader fails after the second feature, which has been handed over by then.
	one := `{"type":"Feature","properties":{},"geometry":` + polygon(square) + `}`
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader(`{"type":"FeatureCollection","features":[`+one+`,`+one+`,`), iotest.ErrReader(broken))
	n := 0
	err := EachFeature(r, Limits{}, func(Feature) error { n++; return nil })
	if n != 2 || !errors.Is(err, broken) {
		t.Errorf("%d features, %v", n, err)
	}
	err = EachFeature(strings.NewReader(one), Limits{}, func(Feature) error { return broken })
	if err != broken {
		t.Errorf("got %v", err)
	}
}

// Whatever the bytes: no panic; what is accepted is valid, JSON by encoding/json's reading, and survives encoding.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(polygon(square)))
	f.Add([]byte(multi(`[` + square + `],[[[5,5],[6,5],[6,6],[5,5]]]`)))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"properties":{"a":"\u00e9\ud83d\ude00"},"geometry":` + polygon(square) + `}]}`))
	f.Add([]byte(polygon(`[[170,0],[-170,0],[-170,10],[170,10],[170,0]],[[175,2],[-175,2],[-175,4],[175,4],[175,2]]`)))
	f.Add([]byte(polygon(`[[0,70],[90,60],[180,70],[-90,60],[0,70]]`)))
	f.Add([]byte(`{"features":[],"type":"Feature"}`))
	f.Add([]byte(`{"coordinates":[[[1e-320,-0.0],[1E2,0],[1,1],[0,0]]],"type":"Polygon"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		fs, err := DecodeFeatures(bytes.NewReader(b), Limits{MaxBytes: 1 << 16, MaxVertices: 500})
		slow, slowErr := DecodeFeatures(iotest.HalfReader(bytes.NewReader(b)), Limits{MaxBytes: 1 << 16, MaxVertices: 500})
		if fmt.Sprint(err) != fmt.Sprint(slowErr) || len(fs) != len(slow) {
			t.Fatalf("read in parts: %v, else %v", slowErr, err)
		}
		if err != nil {
			var se *ShapeError
			if !errors.As(err, &se) || se.Rule == "" || se.Detail == "" {
				t.Fatalf("an error without a rule: %#v", err)
			}
			return
		}
		if !json.Valid(bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))) {
			t.Fatalf("accepted, but not JSON: %q", b)
		}
		for _, f := range fs {
			for _, poly := range f.Shape {
				if crosses(poly) {
					t.Fatalf("%v crosses the antimeridian", poly)
				}
			}
			if f.RepairNote != "" {
				continue // cuts may touch, which cannot be told from a fault afterwards
			}
			mp, err := DecodeGeometry(EncodeGeometry(f.Shape), Limits{})
			if err != nil || !equalShapes(mp, f.Shape) {
				t.Fatalf("%v decodes to %v, %v after encoding", f.Shape, mp, err)
			}
		}
	})
}

// Whatever the bytes: no panic; what is accepted is encoded to the same shape.
func FuzzWKB(f *testing.F) {
	mp := orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}, {{0.1, 0.1}, {0.2, 0.2}, {0.2, 0.1}, {0.1, 0.1}}}, {{{5, 5}, {6, 5}, {6, 6}, {5, 5}}}}
	f.Add(EncodeWKB(mp))
	f.Add(EncodeWKB(nil))
	f.Add(EncodeWKB(mp)[9:])
	f.Add([]byte{0, 0, 0, 0, 3, 0, 0, 0, 0})
	f.Add([]byte{1, 6, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		mp, err := DecodeWKB(b)
		if err != nil {
			var se *ShapeError
			if !errors.As(err, &se) {
				t.Fatalf("%#v", err)
			}
			return
		}
		again, err := DecodeWKB(EncodeWKB(mp))
		if err != nil || !equalShapes(mp, again) {
			t.Fatalf("%v, then %v, %v", mp, again, err)
		}
		NewArea(mp).Contains(orb.Point{})
	})
}

func TestWKBRefuses(t *testing.T) {
	nan := EncodeWKB(orb.MultiPolygon{{{{math.NaN(), 0}}}})
	far := EncodeWKB(orb.MultiPolygon{{{{0, 91}}}})
	good := EncodeWKB(orb.MultiPolygon{{{{0, 0}}}})
	for name, tc := range map[string]struct {
		b    []byte
		rule string
	}{
		"empty": {nil, "bad_wkb"}, "cut": {good[:len(good)-1], "bad_wkb"}, "longer": {append(good, 0), "bad_wkb"},
		"point": {[]byte{1, 1, 0, 0, 0}, "bad_wkb"}, "order": {[]byte{7, 6, 0, 0, 0}, "bad_wkb"},
		"NaN": {nan, "not_finite"}, "range": {far, "out_of_range"},
	} {
		_, err := DecodeWKB(tc.b)
		var se *ShapeError
		if !errors.As(err, &se) || se.Rule != tc.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
}
