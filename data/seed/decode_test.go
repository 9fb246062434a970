package seed

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Oracle: encoding/json. What it reads as integers and this reads, is the same; this may refuse more (spaces, huge numbers).
func FuzzRingDeltas(f *testing.F) {
	for _, s := range []string{"[]", "[1,2,3,4,5,6]", "[-18000000,9000000,0,-1,1,0]", "[1, 2]", "[1,,2]", "[--1]", "[1-]", "[2147483648]", "null", "\"x\"", "7", "[1.5]", "[1e3]", "[[1]]", "[-0]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got ringDeltas
		if err := json.Unmarshal([]byte(s), &got); err != nil {
			return
		}
		var want []int32
		if err := json.Unmarshal([]byte(s), &want); err != nil {
			t.Fatalf("%q is read as %v, encoding/json says %v", s, got, err)
		}
		if !slices.Equal(got, ringDeltas(want)) {
			t.Fatalf("%q is read as %v, encoding/json says %v", s, got, want)
		}
	})
}

func compress(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDamagedDataIsAnError(t *testing.T) {
	airport := "ALA\tUAAA\tKZ\tAlmaty\tAlmaty\t77\t43\tlarge\tAsia/Almaty\t3000\n"
	city := "KZ\tAlmaty\t76.9\t43.2\t2000900\n"
	countries := `{"scale":10,"countries":[{"code":"AA","kk":"а","ru":"а","en":"a","polygons":[[[0,0,10,0,0,10]]]}]}`
	decoders := map[string]func([]byte) (int, error){
		"airports":  func(b []byte) (int, error) { as, err := decodeAirports(b); return len(as), err },
		"cities":    func(b []byte) (int, error) { cs, err := decodeCities(b); return len(cs), err },
		"countries": func(b []byte) (int, error) { cs, err := decodeCountries(b); return len(cs), err },
	}
	for _, c := range []struct {
		name, decoder, text string
		good                bool
	}{
		{"an airport", "airports", airport, true},
		{"a field short", "airports", strings.TrimSuffix(airport, "\t3000\n"), false},
		{"a field too many", "airports", strings.TrimSuffix(airport, "\n") + "\tx\n", false},
		{"a bad number", "airports", strings.Replace(airport, "77", "east", 1), false},
		{"a bad size", "airports", strings.Replace(airport, "large", "vast", 1), false},
		{"a bad radius", "airports", strings.Replace(airport, "3000", "", 1), false},
		{"a city", "cities", city, true},
		{"a bad population", "cities", strings.Replace(city, "2000900", "many", 1), false},
		{"an empty line", "cities", city + "\n", false},
		{"a country", "countries", countries, true},
		{"two points", "countries", strings.Replace(countries, "[0,0,10,0,0,10]", "[0,0,10,0]", 1), false},
		{"half a point", "countries", strings.Replace(countries, "[0,0,10,0,0,10]", "[0,0,10,0,0,10,5]", 1), false},
		{"no JSON", "countries", countries[1:], false},
	} {
		n, err := decoders[c.decoder](compress(t, c.text))
		if c.good && (err != nil || n != 1) || !c.good && err == nil {
			t.Errorf("%s: %d, error %v", c.name, n, err)
		}
	}
	for name, decode := range decoders {
		whole := compress(t, strings.Repeat(city, 100))
		for _, b := range [][]byte{nil, []byte("plain"), whole[:len(whole)/2]} {
			if _, err := decode(b); err == nil {
				t.Errorf("%s: %d damaged bytes are read without an error", name, len(b))
			}
		}
	}
	if _, err := (ringDeltas{0, 0}).ring(1); err == nil {
		t.Errorf("a ring of one point: %v", err)
	}
}
