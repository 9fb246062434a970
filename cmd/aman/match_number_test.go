package main

import (
	"slices"
	"strings"
	"testing"
)

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
