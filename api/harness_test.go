package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"aman/api"
	"aman/api/auth"
	"aman/api/openapi"
	"aman/data"
	"aman/data/seed"
	"aman/geo/tracker"
)

var world = sync.OnceValues(seed.World)

var spec = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromFile("openapi.yaml") })

// harness is a real server over SQLite in a temporary directory, with a crisis,
// two missions and a key for every role. Every answer is held against the
// contract.
type harness struct {
	t       testing.TB
	db      *data.DB
	tracker *tracker.Tracker
	server  *api.Server
	http    *httptest.Server
	crisis  tracker.ID
	// abuDhabi answers for AE, doha for QA.
	abuDhabi, doha tracker.ID
	accounts       *auth.Accounts

	mu sync.Mutex
	// seen counts answers by operationId and status; guarded by mu.
	seen map[string]map[int]int
}

// dist stands for the built front end.
var dist = fstest.MapFS{
	"index.html":         {Data: []byte("<!doctype html><title>Aman</title>")},
	"assets/app-1.js":    {Data: []byte("export {}")},
	"docs/index.html":    {Data: []byte("<!doctype html><title>API</title>")},
	"placeholder.txt":    {Data: []byte("not served")},
	"citizen/page.js":    {Data: []byte("0")},
	"assets/long-2.json": {Data: bytes.Repeat([]byte("[1]"), 2000)},
}

func newHarness(t testing.TB, options ...func(*api.Options)) *harness {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	db, err := data.Open(ctx, data.Options{URL: "sqlite:" + filepath.Join(dir, "aman.db"), KeyFile: filepath.Join(dir, "key")})
	must(t, err)
	w, err := world()
	must(t, err)
	h := &harness{t: t, db: db, crisis: tracker.NewID(), abuDhabi: tracker.NewID(), doha: tracker.NewID(), seen: map[string]map[int]int{}}
	now := time.Now().UTC().Truncate(time.Microsecond)
	names := tracker.Names{KK: "Дағдарыс", RU: "Кризис", EN: "Crisis"}
	_, err = db.Commit(ctx, &tracker.Write{
		Rows: tracker.Rows{
			Crises: []tracker.Crisis{{ID: h.crisis, Slug: "test", Names: names, Region: "Gulf", Default: true, Starts: now}},
			Missions: []tracker.Mission{
				{ID: h.abuDhabi, Code: "AE-AUH", Names: tracker.Names{EN: "Abu Dhabi"}, Countries: []string{"AE"}, DutyPhone: "+97100000001", Version: 1},
				{ID: h.doha, Code: "QA-DOH", Names: tracker.Names{EN: "Doha"}, Countries: []string{"QA"}, DutyPhone: "+97400000002", Version: 1},
			},
		},
		Audit: tracker.Audit{Role: "system", Action: "test"},
	})
	must(t, err)
	h.tracker = tracker.New(db, w, tracker.Options{Poll: 50 * time.Millisecond})
	must(t, h.tracker.Start(ctx))
	run, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.tracker.Run(run) }()
	o := api.Options{Tracker: h.tracker, Store: db, PublicURL: "http://127.0.0.1", Logger: testLog(t), Dist: dist, Basemap: []byte(`{"type":"Topology"}`)}
	o.StoreStats = func() api.StoreStats { return api.StoreStats(db.Stats()) }
	for _, change := range options {
		change(&o)
	}
	h.server, err = api.New(o)
	must(t, err)
	h.http = httptest.NewServer(h.server.Handler())
	h.accounts, err = auth.NewAccounts(db, time.Now, testLog(t))
	must(t, err)
	t.Cleanup(func() {
		h.server.Shutdown()
		h.http.Close()
		stop()
		if err := <-done; err != nil {
			t.Errorf("run tracker: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// key makes an API key for a role; embassy and local staff get a mission.
func (h *harness) key(r auth.Role, mission tracker.ID) caller {
	h.t.Helper()
	if r != auth.RoleEmbassy && r != auth.RoleLocalStaff {
		mission = tracker.ID{}
	}
	secret, k, err := h.accounts.CreateKey(h.t.Context(), auth.NewKey{Name: r.String(), Role: r, Mission: mission}, tracker.Audit{Role: "system"})
	must(h.t, err)
	return caller{h: h, token: secret, id: k.ID}
}

// caller sends requests as somebody.
type caller struct {
	h     *harness
	token string
	id    tracker.ID
}

type answer struct {
	*http.Response
	body []byte
}

// into decodes the body.
func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("decode %s: %v", a.body, err)
	}
}

func (a answer) code(t testing.TB) string {
	t.Helper()
	var p openapi.Problem
	a.into(t, &p)
	return p.Code
}

// header is a request header.
type header struct{ name, value string }

// do sends a request. body may be nil, a string of raw bytes, or anything that is
// encoded as JSON.
func (c caller) do(method, path string, body any, hs ...header) answer {
	c.h.t.Helper()
	var r io.Reader
	media := "application/json"
	switch b := body.(type) {
	case nil:
		media = ""
	case string:
		r = strings.NewReader(b)
	default:
		enc, err := json.Marshal(b)
		must(c.h.t, err)
		r = bytes.NewReader(enc)
	}
	req, err := http.NewRequestWithContext(c.h.t.Context(), method, c.h.http.URL+path, r)
	must(c.h.t, err)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, x := range hs {
		req.Header.Set(x.name, x.value)
	}
	res, err := c.h.http.Client().Do(req)
	must(c.h.t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	must(c.h.t, err)
	a := answer{res, got}
	c.h.hold(req, a)
	return a
}

// want is do, and fails unless the answer has the status.
func (c caller) want(status int, method, path string, body any, hs ...header) answer {
	c.h.t.Helper()
	a := c.do(method, path, body, hs...)
	if a.StatusCode != status {
		c.h.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.StatusCode, status, a.body)
	}
	return a
}

// operationOf finds the operation of a path by the contract's templates; literal
// segments win over parameters.
func operationOf(t testing.TB, method, path string) (*routers.Route, map[string]string) {
	t.Helper()
	doc, err := spec()
	must(t, err)
	var best *routers.Route
	var params map[string]string
	literals := -1
	segments := strings.Split(strings.Split(path, "?")[0], "/")
next:
	for template, item := range doc.Paths.Map() {
		op := item.GetOperation(method)
		parts := strings.Split(template, "/")
		if op == nil || len(parts) != len(segments) {
			continue
		}
		found, n := map[string]string{}, 0
		for i, p := range parts {
			switch {
			case strings.HasPrefix(p, "{"):
				found[strings.Trim(p, "{}")] = segments[i]
			case p == segments[i]:
				n++
			default:
				continue next
			}
		}
		if n > literals {
			best = &routers.Route{Spec: doc, Path: template, PathItem: item, Method: method, Operation: op}
			params, literals = found, n
		}
	}
	return best, params
}

// hold checks an answer against the contract.
func (h *harness) hold(req *http.Request, a answer) {
	h.t.Helper()
	route, params := operationOf(h.t, req.Method, req.URL.Path)
	if route == nil {
		return
	}
	h.mu.Lock()
	if h.seen[route.Operation.OperationID] == nil {
		h.seen[route.Operation.OperationID] = map[int]int{}
	}
	h.seen[route.Operation.OperationID][a.StatusCode]++
	h.mu.Unlock()
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 a.StatusCode, Header: a.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	media := strings.Split(a.Header.Get("Content-Type"), ";")[0]
	if media == "text/csv" || media == "application/geo+json" || media == "text/html" {
		return // not JSON: the export tests read them
	}
	in.SetBodyBytes(a.body)
	if err := openapi3filter.ValidateResponse(h.t.Context(), in); err != nil {
		h.t.Errorf("%s %s: the answer %d breaks the contract: %v\n%s", req.Method, req.URL.Path, a.StatusCode, err, a.body)
	}
}

func init() {
	openapi3filter.RegisterBodyDecoder("text/event-stream", openapi3filter.FileBodyDecoder)
}

// key is a new Idempotency-Key.
func key() header { return header{"Idempotency-Key", tracker.NewID().String()} }

// square is a closed ring around a point, as GeoJSON.
func square(lon, lat, half float64) json.RawMessage {
	return fmt.Appendf(nil, `{"type":"Polygon","coordinates":[[[%[1]v,%[2]v],[%[3]v,%[2]v],[%[3]v,%[4]v],[%[1]v,%[4]v],[%[1]v,%[2]v]]]}`,
		lon-half, lat-half, lon+half, lat+half)
}

type object = map[string]any

// rawJSON is JSON as it stands.
type rawJSON string

// MarshalJSON implements json.Marshaler.
func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// zoneInput is a valid ZoneInput around a point.
func zoneInput(level int, lon, lat, half float64, change ...object) object {
	z := object{
		"level": level, "kind": "ground", "action": "shelter", "names": object{"kk": "Аймақ", "ru": "Зона", "en": "Zone"},
		"valid_from": time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "source": "test", "reason": "test",
		"geometry": square(lon, lat, half),
	}
	for _, c := range change {
		maps.Copy(z, c)
	}
	return z
}

// activeZone creates and publishes a zone.
func (c caller) activeZone(in object) openapi.Zone {
	c.h.t.Helper()
	var z openapi.Zone
	a := c.want(http.StatusCreated, "POST", "/api/v1/zones", in)
	a.into(c.h.t, &z)
	a = c.want(http.StatusOK, "POST", "/api/v1/zones/"+z.Id.String()+"/publish", nil, header{"If-Match", a.Header.Get("ETag")})
	a.into(c.h.t, &z)
	return z
}

// at is a report about a new person at a place.
func at(name string, lon, lat float64) object {
	return object{
		"person":   object{"name": name},
		"position": object{"lon": lon, "lat": lat, "radius_m": 50, "method": "gnss"},
	}
}

// file stores a report and returns its receipt.
func (c caller) file(report object) openapi.Receipt {
	c.h.t.Helper()
	var r openapi.Receipt
	c.want(http.StatusCreated, "POST", "/api/v1/reports", report, key()).into(c.h.t, &r)
	return r
}
