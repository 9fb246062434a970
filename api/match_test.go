package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/paulmach/orb"

	"aman/api"
	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo"
	"aman/geo/tracker"
)

func init() {
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.FileBodyDecoder)
}

var ndjson = header{"Content-Type", "application/x-ndjson"}

// match sends points and returns the answer's lines, each held against the contract.
func (c caller) match(body string, hs ...header) []openapi.MatchedPoint {
	c.h.t.Helper()
	a := c.want(200, "POST", "/api/v1/match", body, append(hs, ndjson)...)
	return c.h.matched(a.body)
}

func (h *harness) matched(body []byte) []openapi.MatchedPoint {
	h.t.Helper()
	doc, err := spec()
	must(h.t, err)
	schema := doc.Components.Schemas["MatchedPoint"].Value
	var all []openapi.MatchedPoint
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var any any
		var p openapi.MatchedPoint
		must(h.t, json.Unmarshal(lines.Bytes(), &any))
		must(h.t, schema.VisitJSON(any))
		must(h.t, json.Unmarshal(lines.Bytes(), &p))
		all = append(all, p)
	}
	must(h.t, lines.Err())
	return all
}

// zonesAround publishes zones of all levels, some of which meet, and returns the areas of those that match people.
func (c caller) zonesAround(r *rand.Rand, n int) map[tracker.ID]*geo.Area {
	c.h.t.Helper()
	areas := map[tracker.ID]*geo.Area{}
	for i := range n {
		in := zoneInput(1+i%4, 52+4*r.Float64(), 23+3*r.Float64(), 0.05+r.Float64())
		mp, err := geo.DecodeGeometry(in["geometry"].(json.RawMessage), geo.APILimits)
		must(c.h.t, err)
		areas[c.activeZone(in).Id] = geo.NewArea(mp)
	}
	return areas
}

// Oracle: every zone in force, asked by itself.
func TestMatch(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	areas := analyst.zonesAround(r, 12)
	// None of these counts: a draft, one that is over, one in the air, one of another crisis.
	analyst.want(201, "POST", "/api/v1/zones", zoneInput(4, 54, 24.5, 5))
	analyst.activeZone(zoneInput(2, 54, 24.5, 5, object{"kind": "airspace", "floor_m": 0, "ceiling_m": 5000}))
	other := tracker.NewID()
	_, err := h.db.Commit(t.Context(), &tracker.Write{
		Rows:  tracker.Rows{Crises: []tracker.Crisis{{ID: other, Slug: "other", Names: tracker.Names{EN: "Other"}, Region: "Gulf", Starts: time.Now()}}},
		Audit: tracker.Audit{Role: "system", Action: "test"},
	})
	must(t, err)
	h.eventually("the other crisis", func() bool { _, ok := h.tracker.Snapshot().Crisis("other"); return ok })
	a := analyst.want(201, "POST", "/api/v1/zones?crisis=other", zoneInput(1, 54, 24.5, 5))
	analyst.want(200, "POST", a.Header.Get("Location")+"/publish", nil, header{"If-Match", a.Header.Get("ETag")})

	type point struct {
		at     orb.Point
		radius float64
	}
	points := make([]point, 3000)
	var body strings.Builder
	for i := range points {
		p := &points[i]
		p.at = orb.Point{51 + 6*r.Float64(), 22 + 5*r.Float64()}
		fmt.Fprintf(&body, `{"lat":%v,"id":"p\u0030%d \"x\"","lon":%v`, p.at[1], i, p.at[0])
		if i%2 == 0 {
			p.radius = math.Exp(r.Float64() * math.Log(1e6))
			fmt.Fprintf(&body, `,"radius_m":%v`, p.radius)
		}
		body.WriteString("}\n")
	}
	got := analyst.match(body.String())
	if len(got) != len(points) {
		t.Fatalf("%d answers for %d points", len(got), len(points))
	}
	for i, p := range points {
		if want := fmt.Sprintf(`p0%d "x"`, i); got[i].Id != want {
			t.Fatalf("answer %d is about %q, want %q", i, got[i].Id, want)
		}
		n := 0
		for id, area := range areas {
			v, share := area.Disc(p.at, p.radius)
			k := slices.IndexFunc(got[i].Zones, func(z openapi.MatchedZone) bool { return z.Id == id })
			if (k >= 0) != (v != geo.Outside) {
				t.Fatalf("%v: zone %s, listed %v, want %v", p, id, k >= 0, v)
			}
			if k < 0 {
				continue
			}
			n++
			if z := got[i].Zones[k]; string(z.Verdict) != v.String() || math.Abs(z.Share-share) > 1e-6 {
				t.Fatalf("%v: %+v, want %v %v", p, z, v, share)
			}
		}
		if len(got[i].Zones) != n {
			t.Fatalf("%v is in %d zones, want %d: %+v", p, len(got[i].Zones), n, got[i].Zones)
		}
		if !slices.IsSortedFunc(got[i].Zones, func(a, b openapi.MatchedZone) int {
			if a.Level != b.Level {
				return b.Level - a.Level
			}
			return strings.Compare(string(a.Verdict), string(b.Verdict)) // inside, possible
		}) {
			t.Fatalf("order: %+v", got[i].Zones)
		}
	}
	// The same for everybody who sees the picture, and the other crisis has its own zone alone.
	first, _, _ := strings.Cut(body.String(), "\n")
	for _, c := range []caller{h.key(auth.RoleEmbassy, h.doha), h.key(auth.RoleLocalStaff, h.abuDhabi), h.key(auth.RoleCasualty, tracker.ID{})} {
		if own := c.match(first); len(own) != 1 || !slices.Equal(own[0].Zones, got[0].Zones) {
			t.Errorf("another role gets %+v, want %+v", own, got[0])
		}
	}
	a = analyst.want(200, "POST", "/api/v1/match?crisis=other", `{"id":"x","lon":54,"lat":24.5}`, ndjson)
	if own := h.matched(a.body); len(own[0].Zones) != 1 || own[0].Zones[0].Level != 1 {
		t.Errorf("the other crisis: %s", a.body)
	}
	if a.Header.Get("As-Of-Epoch") == "" || a.Header.Get("As-Of-Seq") == "" {
		t.Errorf("headers: %v", a.Header)
	}
	analyst.want(404, "POST", "/api/v1/match?crisis=no-such", first, ndjson)
}

// Bodies as different programs write them.
func TestMatchBodies(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	zone := analyst.activeZone(zoneInput(3, 55, 25, 1))
	const in = `{"id":"a","lon":55,"lat":25}`
	for _, c := range []struct {
		name, body string
		lines      int
	}{
		{"one line", in + "\n", 1},
		{"no end of line", in, 1},
		{"carriage returns", in + "\r\n" + in + "\r\n", 2},
		{"blank lines", "\n\r\n \t\n" + in + "\n\n" + in + "\n \n", 2},
		{"blanks within", " { \"id\" : \"a\" ,\t\"lon\":55.0,\"lat\":2.5e1,\"radius_m\":0 } \n", 1},
		{"on the edge", `{"id":"a","lon":54,"lat":24.5}`, 1},
		{"disc inside", `{"id":"a","lon":55,"lat":25,"radius_m":1000}`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := analyst.match(c.body)
			if len(got) != c.lines {
				t.Fatalf("%d lines, want %d", len(got), c.lines)
			}
			for _, p := range got {
				if len(p.Zones) != 1 || p.Zones[0] != (openapi.MatchedZone{Id: zone.Id, Level: 3, Verdict: "inside", Share: 1}) || p.Id != "a" {
					t.Errorf("%+v", p)
				}
			}
		})
	}
	if got := analyst.match(`{"id":"far","lon":0,"lat":0}`); len(got) != 1 || got[0].Zones == nil || len(got[0].Zones) != 0 {
		t.Errorf("a point in no zone: %+v", got)
	}
	if got := analyst.match(`{"id":"edge","lon":54,"lat":25,"radius_m":1000}`); got[0].Zones[0].Verdict != "possible" || math.Abs(got[0].Zones[0].Share-0.5) > 0.01 {
		t.Errorf("a disc on the edge: %+v", got)
	}
}

// A bad line refuses all, and the problem names it.
func TestMatchRefuses(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	const good = `{"id":"a","lon":55,"lat":25}` + "\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(good))
	must(t, err)
	must(t, z.Close())
	for _, c := range []struct {
		name, body  string
		status      int
		code, field string
		line        int
	}{
		{"nothing", "", 400, "empty_body", "", 0},
		{"blank", "\n \r\n", 400, "empty_body", "", 0},
		{"not JSON", good + "lon=1", 400, "malformed_json", "", 2},
		{"array", "[" + strings.TrimSpace(good) + "]", 422, "wrong_type", "", 1},
		{"two values", good + "\n" + strings.TrimSpace(good) + good, 400, "trailing_data", "", 3},
		{"pretty JSON", "{\n\"id\":\"a\",\"lon\":1,\"lat\":2}\n", 400, "malformed_json", "", 1},
		{"byte order mark", "\uFEFF" + good, 400, "malformed_json", "", 1},
		{"gzip", packed.String(), 400, "invalid_utf8", "", 1},
		{"UTF-16", "{\x00\"\x00", 400, "malformed_json", "", 1},
		{"null", `{"id":"a","lon":null,"lat":2}`, 422, "null", "lon", 1},
		{"text for a number", `{"id":"a","lon":"1","lat":2}`, 422, "wrong_type", "lon", 1},
		{"number for a text", `{"id":7,"lon":1,"lat":2}`, 422, "wrong_type", "id", 1},
		{"no id", good + `{"lon":1,"lat":2}`, 422, "required", "id", 2},
		{"no lat", `{"id":"a","lon":1}`, 422, "required", "lat", 1},
		{"empty id", `{"id":"","lon":1,"lat":2}`, 422, "too_short", "id", 1},
		{"long id", `{"id":"` + strings.Repeat("ә", 201) + `","lon":1,"lat":2}`, 422, "too_long", "id", 1},
		{"control character", `{"id":"a\u0000","lon":1,"lat":2}`, 422, "control_character", "id", 1},
		{"half a surrogate", `{"id":"\ud800","lon":1,"lat":2}`, 400, "invalid_utf8", "", 1},
		{"unknown member", `{"id":"a","lon":1,"lat":2,"alt":3}`, 422, "unknown_member", "alt", 1},
		{"wrong case", `{"id":"a","Lon":1,"lat":2}`, 422, "wrong_case", "Lon", 1},
		{"twice", `{"id":"a","lon":1,"lat":2,"lat":2}`, 422, "duplicate_key", "lat", 1},
		{"lon 181", `{"id":"a","lon":181,"lat":2}`, 422, "out_of_range", "lon", 1},
		{"lat -90.1", good + good + good + `{"id":"a","lon":1,"lat":-90.1}`, 422, "out_of_range", "lat", 4},
		{"infinite", `{"id":"a","lon":1e999,"lat":2}`, 422, "out_of_range", "lon", 1},
		{"NaN", `{"id":"a","lon":NaN,"lat":2}`, 400, "malformed_json", "", 1},
		{"negative radius", `{"id":"a","lon":1,"lat":2,"radius_m":-1}`, 422, "out_of_range", "radius_m", 1},
		{"wide radius", `{"id":"a","lon":1,"lat":2,"radius_m":1000001}`, 422, "out_of_range", "radius_m", 1},
		{"a megabyte in a line", good + `{"id":"` + strings.Repeat("x", 1<<20) + `","lon":1,"lat":2}`, 400, "line_too_long", "", 2},
		{"blanks of a megabyte", good + strings.Repeat(" ", 1<<20) + good, 400, "line_too_long", "", 2},
		{"too many", strings.Repeat(good, intake.MaxPoints+1), 413, "too_many_lines", "", 0},
		{"too much", strings.Repeat("\n", 4<<20+1), 413, "body_too_large", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := analyst.want(c.status, "POST", "/api/v1/match", c.body, ndjson)
			var p openapi.Problem
			a.into(t, &p)
			field, line := "", 0
			if p.Field != nil {
				field = *p.Field
			}
			if p.Line != nil {
				line = *p.Line
			}
			if p.Code != c.code || field != c.field || line != c.line || p.Detail == nil {
				t.Errorf("got %s at %q of line %d, want %s at %q of line %d: %s", p.Code, field, line, c.code, c.field, c.line, a.body)
			}
			if a.Header.Get("As-Of-Seq") != "" {
				t.Error("a refusal that says of when it is")
			}
		})
	}
	for _, media := range []string{"application/json", "text/plain", "", "application/x-ndjson; charset=utf-16"} {
		if a := analyst.do("POST", "/api/v1/match", good, header{"Content-Type", media}); a.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%q: status %d", media, a.StatusCode)
		}
	}
	analyst.want(400, "POST", "/api/v1/match?zone=x", good, ndjson)
}

// hangUp is a client that stops reading after the first bytes.
type hangUp struct {
	*httptest.ResponseRecorder
	gone func()
}

func (w hangUp) Write(b []byte) (int, error) {
	defer w.gone()
	return w.ResponseRecorder.Write(b)
}

// An answer that can't be finished breaks off, so that nobody takes it for whole; before it has begun, there is a
// clear error.
func TestMatchBreaksOff(t *testing.T) {
	h := newHarness(t)
	key := h.key(auth.RoleAnalyst, tracker.ID{})
	body := strings.Repeat(`{"id":"somebody","lon":55,"lat":25,"radius_m":900000}`+"\n", 20_000)
	send := func(w http.ResponseWriter, ctx context.Context) (panicked any) {
		defer func() { panicked = recover() }()
		req := httptest.NewRequestWithContext(ctx, "POST", "/api/v1/match", strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+key.token)
		req.Header.Set("Content-Type", "application/x-ndjson")
		h.server.Handler().ServeHTTP(w, req)
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	begun := hangUp{httptest.NewRecorder(), cancel}
	if p, ok := send(begun, ctx).(error); !ok || !errors.Is(p, http.ErrAbortHandler) {
		t.Errorf("the handler ended with %v, want an aborted connection", p)
	}
	if n := bytes.Count(begun.Body.Bytes(), []byte("\n")); n == 0 || n >= 20_000 {
		t.Errorf("%d lines were sent", n)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 0)
	defer cancel()
	late := httptest.NewRecorder()
	if p := send(late, ctx); p != nil || late.Code != http.StatusServiceUnavailable || late.Header().Get("Retry-After") == "" {
		t.Errorf("without time: panic %v, status %d: %s", p, late.Code, late.Body)
	}
	// Nobody's turn was kept.
	if got := key.match(`{"id":"next","lon":55,"lat":25}`); len(got) != 1 {
		t.Errorf("the next request: %+v", got)
	}
}

// Nothing is stored, and no place gets into the log, neither of good requests nor of bad ones.
func TestMatchLeavesNoTrace(t *testing.T) {
	var log bytes.Buffer
	h := newHarness(t, func(o *api.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	before := h.tracker.Snapshot().Seq()
	analyst.match(`{"id":"canary-id","lon":55.4321,"lat":25.1234}`)
	a := analyst.want(422, "POST", "/api/v1/match", `{"id":"canary-id","lon":55.4321,"lat":91.1234}`, ndjson)
	h.http.Close()
	if seq := h.tracker.Snapshot().Seq(); seq != before {
		t.Errorf("something was stored: seq %d became %d", before, seq)
	}
	for _, canary := range []string{"canary-id", "55.4321", "25.1234", "91.1234"} {
		if strings.Contains(log.String(), canary) || bytes.Contains(a.body, []byte(canary)) {
			t.Errorf("%s is in the log or the problem:\n%s\n%s", canary, log.String(), a.body)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	h := newHarness(b)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	r := rand.New(rand.NewPCG(1, 1))
	analyst.zonesAround(r, 50)
	for _, radius := range []float64{0, 1000} {
		b.Run(fmt.Sprintf("points=20000/radius=%v", radius), func(b *testing.B) {
			var body strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&body, `{"id":"p%d","lon":%.6f,"lat":%.6f,"radius_m":%v}`+"\n", i, 51+6*r.Float64(), 22+5*r.Float64(), radius)
			}
			b.ReportAllocs()
			for b.Loop() {
				req := httptest.NewRequestWithContext(b.Context(), "POST", "/api/v1/match", strings.NewReader(body.String()))
				req.Header.Set("Authorization", "Bearer "+analyst.token)
				req.Header.Set("Content-Type", "application/x-ndjson")
				w := httptest.NewRecorder()
				if h.server.Handler().ServeHTTP(w, req); w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
			b.ReportMetric(float64(20_000*b.N)/b.Elapsed().Seconds(), "points/s")
		})
	}
}
