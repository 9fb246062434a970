package names_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"aman/geo/tracker/names"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"spaces", "  Ерлан \t Серік ", "erlan serik"},
		{"kazakh", "ҮСЕНОВ Шыңғыс", "usenov sinis"},
		{"passport", "USSENOV SHYNGYS", "usenov sinis"},
		{"й in two pieces", "Қайрат", "kairat"},
		{"ç in two pieces", "c\u0327ingiz", "siniz"},
		{"turkish i", "İbrahim Işık", "ibrahim isik"},
		{"apostrophes", "Gul'nora O‘tkir Ne’mat", "gulnora otkir nemat"},
		{"hyphen", "Ким-Югай", "kim iugai"},
		{"digits doubled stay", "KZ-0011", "kz 0011"},
		{"persian", "محمّد علي", "محمد علی"},
		{"arabic yeh and kaf", "كريم", "کریم"},
		{"wide letters", "Ｅｒｌａｎ", "erlan"},
		{"cascade", "Eskhan", "esan"},
		{"cascade, as Cyrillic", "Есхан", "esan"},
		{"ng with h", "Shynghys", "sinis"},
		{"yo", "Fyodor Yousouf", "fedor iusuf"},
		{"broken UTF-8", "a\xffb", "a b"},
		{"only signs", "—–!?", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := names.Fold(c.in); got != c.want {
				t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// FuzzFold: what Fold promises of every text.
func FuzzFold(f *testing.F) {
	for _, s := range append(families, "", "a\xffb", "ǆ ǅ ſ ẞ ﬁ Å", "한국 名前", "Иоаннъ", "schtsch tsch dsch nghh ouou", "c\u0327 c\u030c", "محمد") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := names.Fold(s)
		if again := names.Fold(got); again != got {
			t.Errorf("Fold(%q) = %q, folded again %q", s, got, again)
		}
		if !utf8.ValidString(got) || strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Errorf("Fold(%q) = %q", s, got)
		}
		for _, r := range got {
			if r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) || r != unicode.ToLower(r) || strings.ContainsRune("jqwxy", r) {
				t.Errorf("Fold(%q) = %q: %q", s, got, r)
			}
		}
	})
}
