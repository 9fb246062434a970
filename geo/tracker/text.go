package tracker

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// entry is what search and lists show of a person: unsealed, in memory only.
type entry struct {
	name, latin, phone, tour string
	// key holds the folded spellings that search looks in, separated by \n.
	key string
}

func newEntry(d *Details) *entry {
	e := &entry{name: d.Name, latin: d.Latin, tour: d.TourCode}
	var b strings.Builder
	for _, s := range []string{d.Name, d.Latin, d.TourCode} {
		if s != "" {
			b.WriteByte('\n')
			b.WriteString(foldText(s))
		}
	}
	for i, p := range d.Phones {
		if i == 0 {
			e.phone = p
		}
		b.WriteByte('\n')
		b.WriteString(digits(p))
	}
	for _, h := range d.Handles {
		b.WriteByte('\n')
		b.WriteString(foldText(h))
	}
	e.key = b.String()
	return e
}

// cyrillic maps Kazakh and Russian letters to one Latin spelling, so that a
// name is found whichever alphabet either side used. It follows the spellings
// of Kazakh passports where those differ from scholarly ones.
var cyrillic = map[rune]string{
	'а': "a", 'ә': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z",
	'и': "i", 'й': "i", 'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "n", 'о': "o", 'ө': "o", 'п': "p",
	'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ұ': "u", 'ү': "u", 'ф': "f", 'х': "h", 'һ': "h", 'ц': "c", 'ч': "ch",
	'ш': "sh", 'щ': "sh", 'ъ': "", 'ы': "y", 'і': "i", 'ь': "", 'э': "e", 'ю': "iu", 'я': "ia",
}

// respell evens out Latin spellings of the same sound, longest first.
var respell = strings.NewReplacer(
	"shch", "s", "sch", "s", "sh", "s", "ch", "s", "zh", "z", "dj", "z", "dzh", "z", "kh", "h", "gh", "g", "ph", "f",
	"yu", "u", "iu", "u", "ya", "a", "ia", "a", "ye", "e", "yo", "e", "ts", "c", "ng", "n", "ck", "k",
	"j", "z", "q", "k", "w", "u", "x", "ks", "y", "i",
)

// foldText reduces a name to a form in which its usual spellings meet: lower
// case, Latin, without marks, doubled letters once.
func foldText(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFC.String(strings.ToLower(s)) {
		switch {
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case r < 0x80:
			b.WriteByte(' ')
		default:
			if t, ok := cyrillic[r]; ok {
				b.WriteString(t)
				continue
			}
			for _, q := range norm.NFD.String(string(r)) {
				switch {
				case q == 'ı':
					b.WriteByte('i')
				case unicode.Is(unicode.Mn, q):
				case q < 0x80 && unicode.IsLetter(q), q >= 0x80 && unicode.IsLetter(q):
					b.WriteRune(q)
				default:
					b.WriteByte(' ')
				}
			}
		}
	}
	t := respell.Replace(b.String())
	b.Reset()
	var last rune
	for _, r := range t {
		if r == last && (r == ' ' || unicode.IsLetter(r)) {
			continue
		}
		b.WriteRune(r)
		last = r
	}
	return strings.TrimSpace(b.String())
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// search is a prepared question: every word must occur in the entry.
type search []string

func newSearch(text string) search {
	if d := digits(text); len(d) >= 4 && !strings.ContainsFunc(text, unicode.IsLetter) {
		// "8 701…" is dialled inside Kazakhstan for +7 701…
		if len(d) == 11 && d[0] == '8' {
			d = d[1:]
		}
		return search{d}
	}
	return search(strings.Fields(foldText(text)))
}

func (q search) match(e *entry) bool {
	if e == nil {
		return false
	}
	for _, w := range q {
		if !strings.Contains(e.key, w) {
			return false
		}
	}
	return len(q) > 0
}
