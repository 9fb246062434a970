package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// refusedAs fails unless an answer is a problem with this status and code, in
// words for people: without the core's kinds of error, ids and table names.
func (a answer) refusedAs(t testing.TB, status int, code, field string) {
	t.Helper()
	var p openapi.Problem
	a.into(t, &p)
	got := ""
	if p.Field != nil {
		got = *p.Field
	}
	if a.StatusCode != status || p.Code != code || got != field {
		t.Errorf("got %d %q at %q, want %d %q at %q: %s", a.StatusCode, p.Code, got, status, code, field, a.body)
	}
	if p.Detail == nil || strings.Contains(*p.Detail, "conflict") || strings.Contains(*p.Detail, "commit ") || strings.Contains(*p.Detail, " is taken") {
		t.Errorf("not for people: %s", a.body)
	}
}

func ifMatch(etag string) header { return header{"If-Match", etag} }

// TestVersions: an If-Match that isn't the latest version's, below it or above,
// is refused as such.
func TestVersions(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	z := c.activeZone(zoneInput(2, 55, 25, 0.1))
	zone := "/api/v1/zones/" + z.Id.String()
	person := "/api/v1/people/" + c.file(at("A", 55, 25)).PersonId.String()
	for _, etag := range []string{`"1"`, `"3"`, `"99"`} {
		c.do("PUT", zone, zoneInput(2, 55, 25, 0.2), ifMatch(etag)).refusedAs(t, 412, "version_conflict", "If-Match")
		c.do("POST", zone+"/withdraw", object{"reason": "r"}, ifMatch(etag)).refusedAs(t, 412, "version_conflict", "If-Match")
	}
	c.want(200, "PATCH", person, object{"note": "x"}, ifMatch(`"1"`))
	for _, etag := range []string{`"1"`, `"3"`} {
		c.do("PATCH", person, object{"note": "y"}, ifMatch(etag)).refusedAs(t, 412, "version_conflict", "If-Match")
	}
	// Of many at once on one version, one is taken and all others hear the same.
	answers := make([]answer, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			if i%2 == 0 {
				answers[i] = c.do("PATCH", person, object{"note": "race"}, ifMatch(`"2"`))
			} else {
				answers[i] = c.do("PUT", zone, zoneInput(2, 55, 25, 0.2), ifMatch(`"2"`))
			}
		})
	}
	wg.Wait()
	taken := 0
	for _, a := range answers {
		if a.StatusCode == http.StatusOK {
			taken++
		} else {
			a.refusedAs(t, 412, "version_conflict", "If-Match")
		}
	}
	if taken != 2 {
		t.Errorf("%d changes of one zone and one person were taken", taken)
	}
}

// TestZoneConflicts: each state that forbids a change has a code of its own.
func TestZoneConflicts(t *testing.T) {
	h := newHarness(t)
	first, second := h.key(auth.RoleAnalyst, tracker.ID{}), h.key(auth.RoleAnalyst, tracker.ID{})
	a := first.want(201, "POST", "/api/v1/zones", zoneInput(4, 55, 25, 0.2))
	path := a.Header.Get("Location")
	step := func(c caller, status int, method, what string, body any) {
		t.Helper()
		a = c.want(status, method, path+what, body, ifMatch(a.Header.Get("ETag")))
	}
	refused := func(c caller, method, what string, body any, code string) {
		t.Helper()
		c.do(method, path+what, body, ifMatch(a.Header.Get("ETag"))).refusedAs(t, 409, code, "")
	}
	reason := object{"reason": "r"}
	refused(first, "POST", "/discard", nil, "nothing_to_discard") // a draft of what was never in force
	step(first, 200, "POST", "/publish", nil)
	refused(first, "POST", "/publish", nil, "second_person")
	step(second, 200, "POST", "/publish", nil)
	refused(second, "POST", "/publish", nil, "already_in_force")
	refused(first, "POST", "/discard", nil, "nothing_to_discard")

	// A draft on top: it can be dropped, and the zone not withdrawn by mistake.
	step(first, 200, "PUT", "", zoneInput(4, 55, 25, 0.1))
	refused(first, "POST", "/withdraw", reason, "draft_open")
	step(first, 202, "POST", "/publish", nil)
	refused(first, "POST", "/publish", nil, "second_person")
	refused(second, "POST", "/withdraw", reason, "draft_open")
	step(first, 200, "POST", "/discard", nil)
	var z openapi.Zone
	a.into(t, &z)
	if z.State != "active" || !z.InForce || z.Level != 4 || a.Header.Get("ETag") != etag(z.Version) {
		t.Errorf("after dropping the draft: %s", a.body)
	}

	step(first, 202, "POST", "/withdraw", reason)
	refused(first, "POST", "/withdraw", reason, "second_person")
	refused(second, "POST", "/publish", nil, "withdrawal_proposed")
	step(second, 200, "POST", "/withdraw", reason)
	refused(second, "POST", "/withdraw", reason, "zone_withdrawn")
	refused(second, "POST", "/publish", nil, "zone_withdrawn")
}

func etag(version int) string {
	return `"` + string(rune('0'+version)) + `"`
}

// TestHeldNumbers: an edit to a number that somebody else has is refused with its
// field, as registering is.
func TestHeldNumbers(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	c.want(201, "POST", "/api/v1/people", object{"name": "A", "iin": "900101300017", "passport": "N1234567"}, key())
	c.do("POST", "/api/v1/people", object{"name": "B", "iin": "900101300017"}, key()).refusedAs(t, 409, "already_held", "iin")
	path := c.want(201, "POST", "/api/v1/people", object{"name": "B", "passport": "N7654321"}, key()).Header.Get("Location")
	c.do("PATCH", path, object{"iin": "900101300017"}, ifMatch(`"1"`)).refusedAs(t, 409, "already_held", "iin")
	c.do("PATCH", path, object{"passport": "N1234567"}, ifMatch(`"1"`)).refusedAs(t, 409, "already_held", "passport")
	c.want(200, "PATCH", path, object{"passport": "N7654321", "note": "own number"}, ifMatch(`"1"`))
}

// TestRetractedTwice: taking a report back twice says so.
func TestRetractedTwice(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	r := c.file(at("A", 55, 25))
	path, in := "/api/v1/reports/"+r.ReportId.String()+"/retract", object{"person_id": r.PersonId, "reason": "wrong"}
	c.want(204, "POST", path, in)
	c.do("POST", path, in).refusedAs(t, 409, "already_retracted", "")
}
