package api

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"aman/api/openapi"
	"aman/geo/tracker"
)

// The oracle is encoding/json and the contract's generated types.
func TestAppendBatchIsJSON(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		lines := make([]answerLine, r.IntN(5))
		want := openapi.BatchResult{Results: make([]openapi.BatchLine, len(lines))}
		for i := range lines {
			x := &lines[i]
			x.line = 1 + r.IntN(50_000)
			if r.IntN(3) == 0 {
				x.refused = []error{
					&tracker.FieldError{Field: "a<b", Code: "bad", Detail: "says \"so\""}, tracker.ErrNotFound, errors.New("no"),
				}[r.IntN(3)]
				want.Results[i] = refusedLine(x.line, x.refused)
				want.Refused++
				continue
			}
			x.receipt = tracker.Receipt{
				Person: tracker.NewID(), Code: "8ZQ0", ReceivedAt: time.UnixMicro(r.Int64N(1 << 52)).In(time.FixedZone("", r.IntN(9)*1800)),
			}
			receipt := openapi.Receipt{PersonId: x.receipt.Person, Code: x.receipt.Code, ReceivedAt: x.receipt.ReceivedAt.UTC()}
			if r.IntN(2) == 0 {
				x.receipt.Report = tracker.NewID()
				receipt.ReportId = &x.receipt.Report
			}
			want.Results[i] = openapi.BatchLine{Line: x.line, Status: openapi.BatchLineStatusStored, Receipt: &receipt}
			want.Stored++
		}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(appendBatch(nil, lines)); got != string(text)+"\n" {
			t.Fatalf("got  %swant %s", got, text)
		}
	}
}
