package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/paulmach/orb"

	"aman/geo"
)

const matchZones = `{"type":"FeatureCollection","features":[
 {"type":"Feature","id":"zeta","properties":{"id":"no"},"geometry":{"type":"Polygon","coordinates":[[[50,30],[52,30],[52,32],[50,32],[50,30]],[[50.9,30.9],[50.9,31.1],[51.1,31.1],[51.1,30.9],[50.9,30.9]]]}},
 {"type":"Feature","properties":{"id":"alpha, \"the\" first"},"geometry":{"type":"MultiPolygon","coordinates":[[[[51,31],[53,31],[53,33],[51,33],[51,31]]],[[[60,40],[61,40],[60.5,41],[60,40]]]]}},
 {"type":"Feature","properties":null,"geometry":{"type":"Polygon","coordinates":[[[179,-10],[-179,-10],[-179,10],[179,10],[179,-10]]]}},
 {"type":"Feature","id":17,"properties":{},"geometry":{"type":"Polygon","coordinates":[[[50,30],[52,30],[52,32],[50,32],[50,30]]]}}
]}`

// run matches and returns what was written and the exit code.
func run(t *testing.T, zones, points string) (out, errs string, code int, err error) {
	t.Helper()
	var o, e bytes.Buffer
	err = match(context.Background(), strings.NewReader(zones), strings.NewReader(points), &o, &e)
	var ex exitError
	switch {
	case errors.As(err, &ex):
		code = ex.code
	case err != nil:
		t.Fatalf("an error without an exit code: %v", err)
	}
	return o.String(), e.String(), code, err
}

func TestMatch(t *testing.T) {
	const head = "point_id,zone_id,verdict\n"
	const a, z, s = `"alpha, ""the"" first"`, "zeta", "17"
	for _, c := range []struct {
		name, points, want, errs string
		code                     int
	}{
		{
			name: "inside, in order of zones", points: "id,lon,lat\np1,51.5,31.5\np2,50.5,30.5\n",
			want: "p1,zeta,inside\np1," + a + ",inside\np1,17,inside\np2,zeta,inside\np2,17,inside\n",
		},
		{name: "outside", points: "id,lon,lat\np1,0,0\n"},
		{name: "in the hole", points: "id,lon,lat\np1,50.95,30.95\n", want: "p1,17,inside\n"},
		{
			name: "on edges and corners", points: "id,lon,lat\ncorner,50,30\nedge,52,30.5\nhole,50.9,31\n",
			want: "corner,zeta,inside\ncorner,17,inside\nedge,zeta,inside\nedge,17,inside\nhole,zeta,inside\nhole,17,inside\n",
		},
		{
			name: "antimeridian", points: "id,lon,lat\na,180,0\nb,-180,0\nc,179.5,5\nd,-179.5,5\ne,178.9,0\n",
			want: "a,2,inside\nb,2,inside\nc,2,inside\nd,2,inside\n",
		},
		{
			name: "radius", points: "id,lon,lat,radius_m\nedge,50,30.5,1000\nwell,50.5,30.5,1000\nnear,49.99,30.5,1000\nfar,49,30.5,1000\n",
			want: "edge,zeta,possible\nedge,17,possible\nwell,zeta,inside\nwell,17,inside\nnear,zeta,possible\nnear,17,possible\n",
		},
		{
			name: "no radius", points: "id,lon,lat,radius_m\nempty,50,30.5,\nzero,50,30.5,0\nspace,50,30.5, \n",
			want: "empty,zeta,inside\nempty,17,inside\nzero,zeta,inside\nzero,17,inside\nspace,zeta,inside\nspace,17,inside\n",
		},
		{
			name: "columns in any order, others ignored", points: "note,lat,radius_m,id,lon\n\"x, y\",30.5,0,p,50.5\n",
			want: "p,zeta,inside\np,17,inside\n",
		},
		{
			name: "byte order mark, CRLF, no end of line", points: "\uFEFFid,lon,lat\r\np,50.5,30.5\r\nq,50.5,30.5",
			want: "p,zeta,inside\np,17,inside\nq,zeta,inside\nq,17,inside\n",
		},
		{
			name: "quoted", points: "\"id\",\"lon\",\"lat\"\n\"a \"\"b\"\", c\",\"50.5\",\"30.5\"\n\"two\nlines\",50.5,30.5\nbad,x,1\n",
			want: "\"a \"\"b\"\", c\",zeta,inside\n\"a \"\"b\"\", c\",17,inside\n\"two\nlines\",zeta,inside\n\"two\nlines\",17,inside\n",
			errs: "points line 5: lon: \"x\" is not a number\n", code: 1,
		},
		{
			name: "spaces and empty lines", points: "id, lon ,lat\n\np, 50.5 ,30.5\n\r\n",
			want: "p,zeta,inside\np,17,inside\n",
		},
		{name: "header only", points: "id,lon,lat\n"},
		{name: "same id twice", points: "id,lon,lat\np,60.5,40.5\np,60.5,40.5\n", want: "p," + a + ",inside\np," + a + ",inside\n"},
		{name: "exponents", points: "id,lon,lat\np,5.05e1,+3050E-2\n", want: "p,zeta,inside\np,17,inside\n"},
		{
			name: "bad rows",
			points: "id,lon,lat,radius_m\n" +
				"nan,NaN,30,0\ninf,50,-Inf,0\nlon,180.1,30,0\nlat,50,-90.5,0\nneg,50,30,-1\nrinf,50,30,inf\nword,50,north,0\n" +
				"short,50,30\nlong,50,30,0,1\n,50,30,0\nempty,,30,0\nhex,0x32,30,0\nbig,1e999,30,0\n\"open,50,30,0\nok,50.5,30.5,0\n" +
				"str\"ay,50,30,0\n\"x\"y,50,30,0\nunder,5_0,30,0\n",
			want: "ok,zeta,inside\nok,17,inside\n",
			errs: `points line 2: lon: "NaN" is not finite
points line 3: lat: "-Inf" is not finite
points line 4: lon: "180.1" is not within -180 and 180
points line 5: lat: "-90.5" is not within -90 and 90
points line 6: radius_m: "-1" is negative
points line 7: radius_m: "inf" is not finite
points line 8: lat: "north" is not a number
points line 9: the row has 3 fields, the header 4
points line 10: the row has 5 fields, the header 4
points line 11: id: is empty
points line 12: lon: is empty
points line 13: lon: "0x32" is not a number
points line 14: lon: "1e999" is not finite
points line 15: field 1 goes on after its closing quote
points line 17: field 1 has a quote within
points line 18: field 1 goes on after its closing quote
points line 19: lon: "5_0" is not a number
`,
			code: 1,
		},
		{
			name: "a quote that is never closed", points: "id,lon,lat\n\"p,50.5,30.5\nq,50.5,30.5\n",
			want: "q,zeta,inside\nq,17,inside\n", errs: "points line 2: a quote is not closed\n", code: 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code, err := run(t, matchZones, c.points)
			if want := head + c.want; out != want || errs != c.errs || code != c.code {
				t.Errorf("exit %d (%v)\nout\n%s\nwant\n%s\nerrs\n%s\nwant\n%s", code, err, out, want, errs, c.errs)
			}
		})
	}
}

func TestMatchRefuses(t *testing.T) {
	const points = "id,lon,lat\np,50,30\n"
	feature := func(geometry string) string {
		return `{"type":"FeatureCollection","features":[
			{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},
			{"type":"Feature","properties":{},"geometry":` + geometry + `}]}`
	}
	for _, c := range []struct{ name, zones, points, want string }{
		{
			"bow tie", feature(`{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}`), points,
			"features[1].geometry.coordinates[0][0]: ring 1 crosses or touches itself near (1, 1) (rule self_intersection)",
		},
		{"open ring", feature(`{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2]]]}`), points, "rule ring_not_closed"},
		{"point", feature(`{"type":"Point","coordinates":[0,0]}`), points, "features[1].geometry.type: the type is Point, want Polygon or MultiPolygon (rule wrong_type)"},
		{"null", feature(`null`), points, "features[1].geometry: a geometry must be an object, not null (rule null)"},
		{"range", feature(`{"type":"Polygon","coordinates":[[[0,0],[500,0],[1,1],[0,0]]]}`), points, "features[1].geometry.coordinates[0][1]: longitude 500"},
		{
			"same id", `{"type":"FeatureCollection","features":[
			{"type":"Feature","id":"a","properties":{},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},
			{"type":"Feature","properties":{"id":"a"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}]}`,
			points, `features[1]: the id "a" is that of features[0] (rule duplicate_zone_id)`,
		},
		{"not JSON", `{"type":`, points, "rule bad_json"},
		{"nothing", "", points, "rule"},
		{"no header", matchZones, "", "the file is empty"},
		{"no lat", matchZones, "id,lon\n", `no column "lat"`},
		{"lon twice", matchZones, "id,lon,lat,lon\n", `"lon" occurs twice`},
		{"open header", matchZones, "\"id,lon,lat\n", "a quote is not closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code, err := run(t, c.zones, c.points)
			if code != 2 || out != "" || errs != "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("exit %d, out %q, errs %q, error %v; want %q", code, out, errs, err, c.want)
			}
		})
	}
}

func TestMatchFiles(t *testing.T) {
	dir := t.TempDir()
	zones, points := filepath.Join(dir, "z.geojson"), filepath.Join(dir, "p.csv")
	if err := os.WriteFile(zones, []byte(matchZones), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []matchCmd{{Zones: points, Points: zones}, {Zones: zones, Points: points}} {
		var ex exitError
		if err := c.Run(context.Background()); !errors.As(err, &ex) || ex.code != 2 {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// Oracle: encoding/csv and Area.Contains, row by row.
func TestMatchManyRows(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	fs, err := geo.DecodeFeatures(strings.NewReader(matchZones), geo.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	areas := make([]*geo.Area, len(fs))
	for i, f := range fs {
		areas[i] = geo.NewArea(f.Shape)
	}
	var in, want bytes.Buffer
	cw := csv.NewWriter(&want)
	_ = cw.Write([]string{"point_id", "zone_id", "verdict"})
	in.WriteString("id,lon,lat\n")
	bad := 0
	for i := range 60_000 {
		p := orb.Point{49.5 + 4*r.Float64(), 29.5 + 4*r.Float64()}
		id := strconv.Itoa(i)
		switch r.IntN(50) {
		case 0:
			id = "a\n\"b\", " + id
		case 1:
			bad++
			fmt.Fprintf(&in, "%s,%v\n", id, p[0])
			continue
		case 2:
			id = strings.Repeat("é", r.IntN(3000)) + id
		}
		fmt.Fprintf(&in, "\"%s\",%v,%v\n", strings.ReplaceAll(id, `"`, `""`), p[0], p[1])
		for k, a := range areas {
			if a.Contains(p) {
				_ = cw.Write([]string{id, fs[k].ID, "inside"})
			}
		}
	}
	cw.Flush()
	// From a file the number of rows is known, and the zones are compiled at once; else after some rows.
	path := filepath.Join(t.TempDir(), "points.csv")
	if err := os.WriteFile(path, in.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, reader := range map[string]io.Reader{
		"file":    file,
		"whole":   bytes.NewReader(in.Bytes()),
		"halves":  iotest.HalfReader(bytes.NewReader(in.Bytes())),
		"dataerr": iotest.DataErrReader(bytes.NewReader(in.Bytes())),
	} {
		var out, errs bytes.Buffer
		err := match(context.Background(), strings.NewReader(matchZones), reader, &out, &errs)
		var ex exitError
		if !errors.As(err, &ex) || ex.code != 1 || strings.Count(errs.String(), "\n") != bad {
			t.Fatalf("%s: %v, %d bad rows of %d", name, err, strings.Count(errs.String(), "\n"), bad)
		}
		if !bytes.Equal(out.Bytes(), want.Bytes()) {
			t.Fatalf("%s: the output differs", name)
		}
	}
}

// endless yields rows until n bytes have been read.
type endless struct {
	row  string
	left int
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(b) {
		m := copy(b[n:], e.row[e.at:])
		n += m
		e.at = (e.at + m) % len(e.row)
	}
	e.left -= n
	return n, nil
}

func TestMatchMemoryDoesNotGrowWithPoints(t *testing.T) {
	// What other tests left behind is not meant, nor garbage that waits for them
	// to double it.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	long := strings.Repeat("long ", 200)
	for name, row := range map[string]string{
		"rows":          long + ",50.5,30.5\n",
		"one long line": long,
		"open quotes":   "\"" + long + "\n",
		"open field":    "\"p,50.5,30.5\n" + long,
	} {
		var peak uint64
		sample := writerFunc(func(b []byte) (int, error) {
			var ms runtime.MemStats
			if runtime.ReadMemStats(&ms); ms.HeapAlloc > peak {
				peak = ms.HeapAlloc
			}
			return len(b), nil
		})
		points := io.MultiReader(strings.NewReader("id,lon,lat\n"), &endless{row: row, left: 64 << 20})
		_ = match(context.Background(), strings.NewReader(matchZones), points, sample, sample)
		if grown := int64(peak) - int64(before.HeapAlloc); grown > 48<<20 {
			t.Errorf("%s: the heap grew by %d MB", name, grown>>20)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestMatchStopsWhenOutputIsClosed(t *testing.T) {
	closed := errors.New("closed pipe")
	out := writerFunc(func(b []byte) (int, error) { return 0, closed })
	points := io.MultiReader(strings.NewReader("id,lon,lat\n"), &endless{row: "p,50.5,30.5\n", left: math.MaxInt})
	if err := match(context.Background(), strings.NewReader(matchZones), points, out, io.Discard); !errors.Is(err, closed) {
		t.Errorf("%v", err)
	}
}

func TestMatchStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	out := writerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil })
	points := io.MultiReader(strings.NewReader("id,lon,lat\n"), &endless{row: "p,50.5,30.5\n", left: math.MaxInt})
	if err := match(ctx, strings.NewReader(matchZones), points, out, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Whatever the bytes, rows are taken as they lie in the file, whole and once, however it is read.
func FuzzMatchPoints(f *testing.F) {
	f.Add("id,lon,lat\np,50.5,30.5\n")
	f.Add("id,lon,lat\r\n\"p\"\"q\",50.5,30.5\r\n\"open,1,2\n3,51,31")
	f.Add("\uFEFFlat,lon,id,radius_m\n30.5,50.5,\"x\ny\",1e3\n")
	f.Fuzz(func(t *testing.T, points string) {
		var out, errs [2]bytes.Buffer
		var err [2]error
		err[0] = match(context.Background(), strings.NewReader(matchZones), strings.NewReader(points), &out[0], &errs[0])
		err[1] = match(context.Background(), strings.NewReader(matchZones), iotest.OneByteReader(strings.NewReader(points)), &out[1], &errs[1])
		if fmt.Sprint(err[0]) != fmt.Sprint(err[1]) || out[0].String() != out[1].String() || errs[0].String() != errs[1].String() {
			t.Fatalf("%v %q %q\n%v %q %q", err[0], &out[0], &errs[0], err[1], &out[1], &errs[1])
		}
		if rows, e := csv.NewReader(&out[0]).ReadAll(); e != nil {
			t.Fatalf("the output is no CSV: %v", e)
		} else {
			for _, row := range rows {
				if len(row) != 3 {
					t.Fatalf("a row of %d fields", len(row))
				}
			}
		}
	})
}
