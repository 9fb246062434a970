package geo

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// Features are checked while others are read, but what is handed over and what is refused is what the order of the
// document says. Oracle: that order, walked one by one.
func TestEachFeatureKeepsTheOrder(t *testing.T) {
	r := newRand(t)
	stop := errors.New("stop")
	for range 300 {
		const n = 40
		crossed, broken, stopped := r.IntN(2*n), r.IntN(2*n), r.IntN(2*n) // from n on: nowhere
		if r.IntN(3) == 0 {
			broken = crossed + r.IntN(3)
		}
		if r.IntN(3) == 0 {
			stopped = crossed + r.IntN(3) - 1
		}
		var doc strings.Builder
		doc.WriteString(`{"type":"FeatureCollection","features":[`)
		for i := range n {
			if i > 0 {
				doc.WriteByte(',')
			}
			ring := "[0,0],[2,0],[2,2],[0,2],[0,0]"
			if i == crossed {
				ring = "[0,0],[2,2],[2,0],[0,2],[0,0]"
			}
			fmt.Fprintf(&doc, `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[%s]]},"properties":{}`, ring)
			if i == broken {
				doc.WriteString("!")
			}
			doc.WriteByte('}')
		}
		doc.WriteString("]}")
		want, wantErr := 0, ""
		for k := 0; k < n && wantErr == ""; k++ {
			switch {
			case k == crossed:
				wantErr = fmt.Sprintf("features[%d].geometry.coordinates[0][0]: ring 1 crosses or touches itself near (1, 1)", k)
			case k == broken:
				wantErr = fmt.Sprintf("features[%d]: unexpected '!'", k)
			case k == stopped:
				want++
				wantErr = "stop"
			default:
				want++
			}
		}
		got := 0
		err := EachFeature(iotest.HalfReader(strings.NewReader(doc.String())), Limits{}, func(f Feature) error {
			if f.Index != got || f.ID != strconv.Itoa(got) || len(f.Shape) != 1 {
				t.Fatalf("feature %d comes as number %d", f.Index, got)
			}
			got++
			if f.Index == stopped {
				return stop
			}
			return nil
		})
		if got != want || (err == nil) != (wantErr == "") || err != nil && !strings.HasPrefix(err.Error(), wantErr) {
			t.Fatalf("crossed %d, broken %d, stopped %d: %d features and %v, want %d and %q", crossed, broken, stopped, got, err, want, wantErr)
		}
	}
}

// What is taken the short way is two numbers of JSON, and those that encoding/json reads.
func FuzzPlainPosition(f *testing.F) {
	for _, s := range []string{"[1,2]", "[-0,0.5],[", "[180,-90]", "[180.1,0]", "[01,2]", "[1.,2]", "[.5,2]", "[1,2,3]", "[1e2,2]", "[1 ,2]", "[1,", "[--1,2]", "[+1,2]", "[-,1]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, n := plainPosition(b)
		if n == 0 {
			return
		}
		var want []float64
		if err := json.Unmarshal(b[:n], &want); err != nil || len(want) != 2 {
			t.Fatalf("%q is taken: %v", b[:n], err)
		}
		for i := range want {
			if math.Float64bits(p[i]) != math.Float64bits(want[i]) || math.Abs(p[i]) > float64(180-90*i) {
				t.Fatalf("%q is read as %v", b[:n], p)
			}
		}
	})
}
