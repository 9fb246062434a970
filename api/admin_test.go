package api_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"aman/api"
	"aman/api/auth"
	"aman/geo/tracker"
)

// TestAdmin: the loopback listener tells whether the service runs, is ready, and
// how it does, with labels that can't grow without bound.
func TestAdmin(t *testing.T) {
	h := newHarness(t, func(o *api.Options) {
		o.StoreStats = func() api.StoreStats {
			return api.StoreStats{Queued: 1, QueueLimit: 2, Groups: 3, Writes: 4, Refused: 5, Retries: 6, CachedRows: 7, Connections: 8}
		}
	})
	get := func(path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		h.server.Admin().ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		return rec
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if r := get(path); r.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, r.Code, r.Body)
		}
	}
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	person := tracker.NewID().String()
	c.do("GET", "/api/v1/people/"+person, nil)
	c.do("GET", "/no/such/"+person, nil)
	c.do("WEIRD", "/api/v1/me", nil)
	text := get("/metrics").Body.String()
	for _, want := range []string{`route="/api/v1/people/:id"`, `route="other"`, `class="4xx"`, "aman_picture_seq"} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	for _, secret := range []string{person, "WEIRD", c.token} {
		if strings.Contains(text, secret) {
			t.Errorf("metrics hold %s", secret)
		}
	}
	sample := func(name string) float64 {
		t.Helper()
		for line := range strings.Lines(get("/metrics").Body.String()) {
			if text, ok := strings.CutPrefix(line, name+" "); ok {
				x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
				must(t, err)
				return x
			}
		}
		t.Errorf("metrics lack %s", name)
		return -1
	}
	// A family of three, a person alone, and what was refused.
	seq := sample("aman_picture_seq")
	c.file(object{"person": object{"name": "A", "persons": 3}, "wellbeing": "safe"})
	c.file(object{"person": object{"name": "B"}, "wellbeing": "safe"})
	c.want(422, "POST", "/api/v1/people", object{"iin": "1"}, key())
	c.want(428, "PATCH", "/api/v1/people/"+person, object{"note": "x"})
	caller{h: h}.want(401, "GET", "/api/v1/me", nil)
	s := c.stream("")
	s.next("picture")
	for name, want := range map[string]float64{
		"aman_picture_records": 2, "aman_picture_persons": 4, "aman_event_streams": 1,
		`aman_http_requests_total{class="2xx",method="POST",route="/api/v1/reports"}`:        2,
		`aman_http_request_seconds_count{class="2xx",method="POST",route="/api/v1/reports"}`: 2,
		`aman_http_requests_total{class="4xx",method="POST",route="/api/v1/people"}`:         1,
		`aman_http_refusals_total{why="invalid"}`:                                            1,
		`aman_http_refusals_total{why="version"}`:                                            1,
		`aman_http_refusals_total{why="unauthorized"}`:                                       1,
		`aman_http_refusals_total{why="not_found"}`:                                          3, // the three before
		"aman_store_queued_writes":                                                           1, "aman_store_queue_limit": 2, "aman_store_transactions_total": 3, "aman_store_writes_total": 4,
		"aman_store_refused_writes_total": 5, "aman_store_retries_total": 6, "aman_store_cached_rows": 7, "aman_store_connections": 8,
	} {
		if got := sample(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if now := sample("aman_picture_seq"); now <= seq {
		t.Errorf("the picture's seq went from %v to %v", seq, now)
	}
	if age := sample("aman_picture_age_seconds"); age < 0 || age > 600 {
		t.Errorf("the picture's age is %v s", age)
	}
	s.close()
	h.eventually("the stream's end", func() bool { return sample("aman_event_streams") == 0 })
	// None of it is on the public listener.
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/debug/pprof/"} {
		c.want(404, "GET", path, nil)
	}
	h.server.Shutdown()
	if r := get("/readyz"); r.Code != http.StatusServiceUnavailable {
		t.Errorf("ready while stopping: %d", r.Code)
	}
}
