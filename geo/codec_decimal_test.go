package geo

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
)

// sameAsStrconv fails when ParseDecimal takes text for another double than strconv.ParseFloat does. Oracle: it, bit by bit.
func sameAsStrconv(t *testing.T, text string) (taken bool) {
	t.Helper()
	v, ok := ParseDecimal([]byte(text))
	if !ok {
		return false
	}
	want, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Float64bits(v) != math.Float64bits(want) {
		t.Fatalf("ParseDecimal(%q) = %v (%x), strconv gives %v (%x), %v", text, v, math.Float64bits(v), want, math.Float64bits(want), err)
	}
	return true
}

func TestParseDecimal(t *testing.T) {
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
			t.Errorf("ParseDecimal(%q): taken %v, want %v", c.text, taken, c.taken)
		}
	}
}

// Numbers of all forms and lengths, and such as lie half-way between two doubles, where a rounding too many shows.
func TestParseDecimalAgainstStrconv(t *testing.T) {
	r := newRand(t)
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

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"55.270500", "-0", ".", "+.5", "9007199254740993", "1e5", "0.1234567890123456"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { sameAsStrconv(t, text) })
}
