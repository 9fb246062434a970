package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"aman/api/auth"
	"aman/geo/tracker"
)

// BenchmarkReports is one report a request, many at once, without a network: what
// the gate, the decoder and the group commit cost together.
func BenchmarkReports(b *testing.B) {
	h := newHarness(b)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	handler := h.server.Handler()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			body := fmt.Appendf(nil, `{"person":{"name":"Somebody"},"wellbeing":"safe","position":{"lon":54.%04d1,"lat":23.81231,"radius_m":35,"method":"gnss"}}`, i%1000)
			req := httptest.NewRequest("POST", "/api/v1/reports", bytes.NewReader(body))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+c.token)
			req.Header.Set("Idempotency-Key", tracker.NewID().String())
			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, req)
			if rec.Code != http.StatusCreated {
				b.Errorf("status %d: %s", rec.Code, rec.Body)
				return
			}
		}
	})
}
