package api_test

import (
	"bytes"
	"sync"
	"testing"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// TestRetries: a retry stores nothing twice and gets the first answer byte for byte.
func TestRetries(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	ndjson := header{"Content-Type", "application/x-ndjson"}
	for _, x := range []struct {
		name, path, body, other string
		status                  int
		hs                      []header
	}{
		{"report", "/api/v1/reports", `{"person":{"name":"A"},"wellbeing":"safe"}`, `{"person":{"name":"A"},"wellbeing":"injured"}`, 201, nil},
		{"report with a passport", "/api/v1/reports", `{"person":{"name":"B","passport":"N1111111"},"airport":"DXB"}`, `{"note":"x"}`, 201, nil},
		{"person", "/api/v1/people", `{"name":"C"}`, `{"name":"D"}`, 201, nil},
		{"person with an IIN", "/api/v1/people", `{"name":"E","iin":"900101300017"}`, `{"name":"D"}`, 201, nil},
		{"batch", "/api/v1/reports/batch", "{\"wellbeing\":\"safe\"}\nbad\n{\"note\":\"x\"}\n", "{\"wellbeing\":\"safe\"}\n", 200, []header{ndjson}},
		{"batch of bad lines", "/api/v1/reports/batch", "bad\n{\"wellbeing\":\"well\"}\n", "{\"wellbeing\":\"safe\"}\n", 200, []header{ndjson}},
		{"batch about nobody", "/api/v1/reports/batch", `{"person_id":"` + tracker.NewID().String() + `","note":"x"}`, "{\"wellbeing\":\"safe\"}\n", 200, []header{ndjson}},
		{"batch of bad lines, twice", "/api/v1/reports/batch", "bad\n", "worse\n", 200, []header{ndjson}},
		{"batch with a passport", "/api/v1/reports/batch", "{\"person\":{\"name\":\"F\",\"passport\":\"N2222222\"},\"wellbeing\":\"safe\"}\n", "{\"note\":\"y\"}\n", 200, []header{ndjson}},
	} {
		t.Run(x.name, func(t *testing.T) {
			k := key()
			hs := append([]header{k}, x.hs...)
			first := c.want(x.status, "POST", x.path, x.body, hs...)
			if first.Header.Get("Idempotency-Replayed") != "" {
				t.Error("the first answer says that it is a replay")
			}
			before := h.records(c)
			again := c.want(x.status, "POST", x.path, x.body, hs...)
			if !bytes.Equal(first.body, again.body) || again.Header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("the retry got %q (replayed %q), the first %q", again.body, again.Header.Get("Idempotency-Replayed"), first.body)
			}
			if first.Header.Get("Location") != again.Header.Get("Location") {
				t.Errorf("the retry's Location is %q, the first's %q", again.Header.Get("Location"), first.Header.Get("Location"))
			}
			if after := h.records(c); after != before {
				t.Errorf("the retry changed %d people to %d", before, after)
			}
			reused := c.want(422, "POST", x.path, x.other, hs...)
			if reused.code(t) != "idempotency_key_reused" {
				t.Errorf("the key with another body: %s", reused.body)
			}
			// Somebody else's same key is another key.
			if other := h.key(auth.RoleAnalyst, tracker.ID{}).do("POST", x.path, x.other, hs...); other.StatusCode != x.status {
				t.Errorf("another caller's same key: %d %s", other.StatusCode, other.body)
			}
		})
	}
	c.want(400, "POST", "/api/v1/reports", `{"wellbeing":"safe"}`)
	c.want(400, "POST", "/api/v1/reports", `{"wellbeing":"safe"}`, header{"Idempotency-Key", "1"})
}

func (h *harness) records(c caller) int64 {
	h.t.Helper()
	var list openapi.PersonList
	c.want(200, "GET", "/api/v1/people?limit=1", nil).into(h.t, &list)
	return list.Total.Records
}

// TestConcurrentRetries: of many at once with one key, one stores and all get its answer.
func TestConcurrentRetries(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	k := key()
	bodies := make([][]byte, 16)
	var wg sync.WaitGroup
	for i := range bodies {
		wg.Go(func() {
			if a := c.do("POST", "/api/v1/reports", `{"person":{"name":"One"},"wellbeing":"safe"}`, k); a.StatusCode == 201 {
				bodies[i] = a.body
			} else {
				t.Errorf("status %d: %s", a.StatusCode, a.body)
			}
		})
	}
	wg.Wait()
	for _, b := range bodies {
		if !bytes.Equal(b, bodies[0]) {
			t.Errorf("answers differ: %s and %s", b, bodies[0])
		}
	}
	if n := h.records(c); n != 1 {
		t.Errorf("%d people", n)
	}
}
