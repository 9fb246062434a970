package tracker

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// gazetteer finds cities by name: one entry for every word that a name's rest
// begins with, sorted by text, so that a prefix is a range.
type gazetteer struct {
	cities  []City
	entries []gazetteerEntry
}

type gazetteerEntry struct {
	text string // the folded name from one of its words on
	city int32
	full bool // text is the whole name
}

func newGazetteer(cities []City) *gazetteer {
	g := &gazetteer{cities: cities, entries: make([]gazetteerEntry, 0, len(cities)*8/5)}
	for i := range cities {
		text := foldPlace(cities[i].Name)
		for full := true; text != ""; full = false {
			g.entries = append(g.entries, gazetteerEntry{text, int32(i), full})
			_, text, _ = strings.Cut(text, " ")
		}
	}
	slices.SortFunc(g.entries, func(a, b gazetteerEntry) int {
		return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(a.city, b.city))
	})
	return g
}

// from returns the entries from the first that is not before text.
func (g *gazetteer) from(text string) []gazetteerEntry {
	i, _ := slices.BinarySearchFunc(g.entries, text, func(e gazetteerEntry, t string) int {
		return strings.Compare(e.text, t)
	})
	return g.entries[i:]
}

// FindCity returns the city of that name in a country (a code; "" is any
// country). Case, diacritics and punctuation don't matter, and Cyrillic is
// read as Latin letters. Of several, it is the one with the most people.
func (w *World) FindCity(name, country string) (c City, ok bool) {
	text := foldPlace(name)
	if text == "" {
		return City{}, false
	}
	g := w.gazetteer()
	for _, e := range g.from(text) {
		if e.text != text {
			break
		}
		found := g.cities[e.city]
		if e.full && (country == "" || found.Country == country) && (!ok || found.Population > c.Population) {
			c, ok = found, true
		}
	}
	return c, ok
}

// SearchPlaces returns at most n cities with a word that begins like q, folded as
// in FindCity: names that are q, names that begin with q, then the rest, each
// by population.
func (w *World) SearchPlaces(q string, n int) []City {
	text := foldPlace(q)
	if text == "" || n <= 0 {
		return nil
	}
	g := w.gazetteer()
	type match struct {
		city int32
		rank int
	}
	order := func(a, b match) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank),
			cmp.Compare(g.cities[b.city].Population, g.cities[a.city].Population), cmp.Compare(a.city, b.city))
	}
	var best []match // at most n, in order
	for _, e := range g.from(text) {
		if !strings.HasPrefix(e.text, text) {
			break
		}
		m := match{city: e.city, rank: 2}
		if e.full {
			m.rank = 1
			if e.text == text {
				m.rank = 0
			}
		}
		if k := slices.IndexFunc(best, func(b match) bool { return b.city == m.city }); k >= 0 {
			if best[k].rank <= m.rank {
				continue
			}
			best = slices.Delete(best, k, k+1)
		}
		k, _ := slices.BinarySearchFunc(best, m, order)
		if k < n {
			best = slices.Insert(best, k, m)
			best = best[:min(n, len(best))]
		}
	}
	places := make([]City, len(best))
	for i, m := range best {
		places[i] = g.cities[m.city]
	}
	return places
}

// foldPlace reduces a name to what people type: lower-case letters and digits
// without diacritics, words parted by one space, Cyrillic written in Latin
// letters. "Sharm el-Sheikh" is "sharm el sheikh", "Алматы" is "almaty".
func foldPlace(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFC.String(s) {
		r = unicode.ToLower(r)
		latin, known := latinOf[r]
		if !known {
			switch {
			case r == '\'' || r == '’' || r == '‘' || r == 'ʻ' || r == 'ʼ' || r == '`' || unicode.Is(unicode.Mn, r):
				continue // Ra's, Sana'a: typed with or without
			case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
				latin = string(r)
			case unicode.IsLetter(r) || unicode.IsDigit(r):
				latin = stripMarks(r)
			default:
				space = b.Len() > 0
				continue
			}
		}
		if space && latin != "" {
			b.WriteByte(' ')
			space = false
		}
		b.WriteString(latin)
	}
	return b.String()
}

// stripMarks returns a letter without its diacritics.
func stripMarks(r rune) string {
	var out []rune
	for _, d := range norm.NFKD.String(string(r)) {
		if !unicode.Is(unicode.Mn, d) {
			out = append(out, unicode.ToLower(d))
		}
	}
	return string(out)
}

// latinOf holds letters that don't decompose, and Cyrillic (Russian and Kazakh)
// in the way place names are commonly romanised.
var latinOf = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ə': "a",
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "i",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f",
	'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'ә': "a", 'ғ': "gh", 'қ': "q", 'ң': "ng", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h", 'і': "i",
}
