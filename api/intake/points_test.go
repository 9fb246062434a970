package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"aman/geo/tracker"
)

// What is taken is JSON that the contract allows, says the same as encoding/json reads, and is as many points as
// there are lines; what is refused says where and why.
func FuzzMatchPoints(f *testing.F) {
	for _, s := range []string{
		`{"id":"a","lon":1,"lat":2}`, "{\"id\":\"a\",\"lon\":1,\"lat\":2}\r\n\n{\"radius_m\":5e2,\"lat\":-0,\"lon\":-180,\"id\":\"\\u00e9\\ud83d\\ude00\"}",
		`{"id":"a","lon":1e999,"lat":2}`, `{"id":"a","lon":1,"lat":2,"lat":3}`, `{"Id":"a"}`, "\uFEFF{}", "", "{", `{"id":"\u0000","lon":1,"lat":2}`, "\xff",
	} {
		f.Add([]byte(s))
	}
	schema := contractSchema(f, "MatchPoint")
	f.Fuzz(func(t *testing.T, b []byte) {
		var lines [][]byte
		for _, line := range bytes.Split(b, []byte("\n")) {
			if len(bytes.TrimRight(line, "\r \t")) > 0 {
				lines = append(lines, line)
			}
		}
		points, err := MatchPoints(b)
		if err != nil {
			var ln *LineError
			var sy *SyntaxError
			var fe *tracker.FieldError
			if errors.As(err, &ln) && (ln.Line < 1 || ln.Line > bytes.Count(b, []byte("\n"))+1) {
				t.Fatalf("%q: line %d", b, ln.Line)
			}
			if !errors.As(err, &sy) && (!errors.As(err, &fe) || fe.Code == "" || fe.Detail == "") || !errors.Is(err, tracker.ErrInvalid) {
				t.Fatalf("%q: an error that says neither where nor why: %#v", b, err)
			}
			return
		}
		if len(points) != len(lines) {
			t.Fatalf("%q: %d points of %d lines", b, len(points), len(lines))
		}
		for i, p := range points {
			if err := schema.Check(lines[i]); err != nil {
				t.Fatalf("%q: taken, but the contract refuses it: %v", lines[i], err)
			}
			var want struct {
				ID       string `json:"id"`
				Lon, Lat float64
				RadiusM  float64 `json:"radius_m"`
			}
			if err := json.Unmarshal(lines[i], &want); err != nil {
				t.Fatalf("%q: taken, but is not JSON: %v", lines[i], err)
			}
			var id string
			if err := json.Unmarshal([]byte(`"`+string(p.ID)+`"`), &id); err != nil || id != want.ID {
				t.Fatalf("%q: id %s (%v), want %q", lines[i], p.ID, err, want.ID)
			}
			if p.Point[0] != want.Lon || p.Point[1] != want.Lat || p.RadiusM != want.RadiusM || !(p.RadiusM >= 0) || math.Abs(p.Point[0]) > 180 || math.Abs(p.Point[1]) > 90 {
				t.Fatalf("%q: %+v, want %+v", lines[i], p, want)
			}
		}
	})
}

func TestMatchPointsAreCounted(t *testing.T) {
	const line = "{\"id\":\"a\",\"lon\":1,\"lat\":2}\n"
	if points, err := MatchPoints([]byte(strings.Repeat(line, MaxPoints))); err != nil || len(points) != MaxPoints {
		t.Errorf("%d points: %v", len(points), err)
	}
	if _, err := MatchPoints([]byte(strings.Repeat(line, MaxPoints+1))); !errors.Is(err, ErrTooManyLines) {
		t.Errorf("one more: %v", err)
	}
}

func BenchmarkMatchPoints(b *testing.B) {
	const n = 1000
	body := []byte(strings.Repeat(`{"id":"somebody 12","lon":55.270512,"lat":25.204893,"radius_m":150}`+"\n", n))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if points, err := MatchPoints(body); err != nil || len(points) != n {
			b.Fatal(err)
		}
	}
}
