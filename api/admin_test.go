package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"aman/api/auth"
	"aman/geo/tracker"
)

// TestAdmin: the loopback listener tells whether the service runs, is ready, and
// how it does, with labels that can't grow without bound.
func TestAdmin(t *testing.T) {
	h := newHarness(t)
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
	// None of it is on the public listener.
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/debug/pprof/"} {
		c.want(404, "GET", path, nil)
	}
	h.server.Shutdown()
	if r := get("/readyz"); r.Code != http.StatusServiceUnavailable {
		t.Errorf("ready while stopping: %d", r.Code)
	}
}
