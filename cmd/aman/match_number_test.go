package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sameAsStrconv fails when decimal takes text for another double than strconv.ParseFloat does. Oracle: it, bit by bit.
func sameAsStrconv(t *testing.T, text string) (taken bool) {
	t.Helper()
	v, ok := decimal([]byte(text))
	if !ok {
		return false
	}
	want, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Float64bits(v) != math.Float64bits(want) {
		t.Fatalf("decimal(%q) = %v (%x), strconv gives %v (%x), %v", text, v, math.Float64bits(v), want, math.Float64bits(want), err)
	}
	return true
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		text  string
		taken bool
	}{
		{"0", true},
		{"-0", true},
		{"+0.0", true},
		{"-0.000", true},
		{"5.", true},
		{".5", true},
		{"-.5", true},
		{"00051.5", true},
		{"9007199254740992", true},   // 2^53
		{"9007199254740993", false},  // lies between two doubles
		{"900719925474099.3", false}, // the same digits
		{"0.00000000000000001", true},
		{"0.000000000000000001", false}, // one byte more than is looked at
		{"1234567890.123456789", false},
		{"", false},
		{"+", false},
		{"-", false},
		{".", false},
		{"-.", false},
		{"1.2.3", false},
		{"--1", false},
		{"1-", false},
		{"1e3", false},
		{"1_0", false},
		{"0x1", false},
		{" 1", false},
		{"nan", false},
		{"Inf", false},
		{"٣", false},
	} {
		if taken := sameAsStrconv(t, c.text); taken != c.taken {
			t.Errorf("decimal(%q): taken %v, want %v", c.text, taken, c.taken)
		}
	}
}

// Numbers of all forms and lengths, and such as lie half-way between two doubles, where a rounding too many shows.
func TestDecimalAgainstStrconv(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	taken := 0
	for range 400_000 {
		var text string
		switch r.IntN(4) {
		case 0:
			text = strconv.FormatFloat(360*r.Float64()-180, 'f', r.IntN(17), 64)
		case 1:
			text = fmt.Sprint(360*r.Float64() - 180)
		case 2: // digits with a point anywhere
			digits := []byte(strconv.FormatUint(r.Uint64()>>r.IntN(64), 10))
			if i := r.IntN(len(digits) + 2); i <= len(digits) {
				digits = slices.Insert(digits, i, '.')
			}
			text = []string{"", "-", "+"}[r.IntN(3)] + string(digits)
		default: // half-way
			x := math.Ldexp(1+r.Float64(), r.IntN(53))
			text = strconv.FormatFloat(x+math.Ldexp(math.Nextafter(x, math.Inf(1))-x, -1), 'f', r.IntN(4), 64)
		}
		if sameAsStrconv(t, text) {
			taken++
		}
	}
	t.Logf("took %d of 400000 the short way", taken)
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"55.270500", "-0", ".", "+.5", "9007199254740993", "1e5", "0.1234567890123456"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { sameAsStrconv(t, text) })
}

// Rows without quotes are the same rows, with the same fields, however they are split. Oracle: splitRow.
func FuzzPlainRow(f *testing.F) {
	for _, s := range []string{"a,1,2\nb", "a,,\r\n", "\n", "\r", "a\r,1\r\r\n", ",", "\"a\",1\n", "a,\"\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := plainRow([]byte(text))
		if text == "" || n == 0 {
			if line, _, _ := strings.Cut(text, "\n"); text != "" && !strings.Contains(line, `"`) && len(line) < maxRowBytes {
				t.Fatalf("%q is not taken for a plain row", text)
			}
			return
		}
		fields := splitPlain(nil, []byte(text)[:n])
		want, length, problem := splitRow(nil, []byte(text))
		if problem != "" || n != length || !slices.EqualFunc(fields, want, func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Fatalf("%q: %q of %d bytes, want %q of %d (%s)", text, fields, n, want, length, problem)
		}
	})
}

// Oracle: encoding/csv reads back what was written (FuzzMatchPoints); here, that quotes are put only where needed.
func TestAppendField(t *testing.T) {
	for _, c := range [][2]string{
		{"p1", "p1"},
		{"", `""`},
		{"a b", "a b"},
		{" a", `" a"`},
		{"a\u00a0", "\"a\u00a0\""},
		{"a,b", `"a,b"`},
		{`a"b`, `"a""b"`},
		{"a\nb", "\"a\nb\""},
		{"a\rb", "\"a\rb\""},
		{"Әсел", "Әсел"},
	} {
		if got := string(appendField(nil, []byte(c[0]))); got != c[1] {
			t.Errorf("%q is written %s, want %s", c[0], got, c[1])
		}
	}
}

func BenchmarkNumber(b *testing.B) {
	for _, text := range []string{"55.27", "55.270500", "55.27050012345678", "-179.99999999999997", "5.5e1"} {
		b.Run(text, func(b *testing.B) {
			field := []byte(text)
			b.ReportAllocs()
			for b.Loop() {
				if _, problem := number(field, -180, 180); problem != "" {
					b.Fatal(problem)
				}
			}
		})
	}
}
