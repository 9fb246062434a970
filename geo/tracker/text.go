package tracker

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// entry is what search and lists show of a person: unsealed, in memory only.
type entry struct {
	name, latin, phone, tour string
	// key holds the folded spellings that search looks in, separated by \n: the first
	// own bytes are the record's, the rest those of records merged into it.
	key string
	own int
}

// with is the entry as it is found once others count with it.
func (e *entry) with(others []*entry) *entry {
	next := *e
	next.key = e.key[:e.own]
	for _, o := range others {
		if o != nil {
			next.key += o.key[:o.own]
		}
	}
	return &next
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
	e.own = len(e.key)
	return e
}

// cyrillic maps Kazakh and Russian small letters to one Latin spelling, so that a
// name is found whichever alphabet either side used. It follows the spellings of
// Kazakh passports where those differ from scholarly ones. Index: letter - 0x400.
var cyrillic = func() (t [256]string) {
	for r, s := range map[rune]string{
		'а': "a", 'ә': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z",
		'и': "i", 'й': "i", 'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "n", 'о': "o", 'ө': "o", 'п': "p",
		'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ұ': "u", 'ү': "u", 'ф': "f", 'х': "h", 'һ': "h", 'ц': "c", 'ч': "ch",
		'ш': "sh", 'щ': "sh", 'ы': "y", 'і': "i", 'э': "e", 'ю': "iu", 'я': "ia",
	} {
		t[r-0x400] = s
	}
	return t
}()

// respelt evens out Latin spellings of the same sound; of those that begin with
// one letter the longest stands first.
var respelt = func() (t ['z' + 1][][2]string) {
	for _, p := range [][2]string{
		{"shch", "s"},
		{"sch", "s"},
		{"sh", "s"},
		{"ch", "s"},
		{"zh", "z"},
		{"dzh", "z"},
		{"dj", "z"},
		{"kh", "h"},
		{"gh", "g"},
		{"ph", "f"},
		{"yu", "u"},
		{"iu", "u"},
		{"ya", "a"},
		{"ia", "a"},
		{"ye", "e"},
		{"yo", "e"},
		{"ts", "c"},
		{"ng", "n"},
		{"ck", "k"},
		{"j", "z"},
		{"q", "k"},
		{"w", "u"},
		{"x", "ks"},
		{"y", "i"},
	} {
		t[p[0][0]] = append(t[p[0][0]], p)
	}
	return t
}()

// foldText reduces a name to a form in which its usual spellings meet: lower
// case, Latin, without marks, doubled letters once.
func foldText(s string) string {
	var room [128]byte
	b := room[:0]
	for _, r := range s {
		r = unicode.ToLower(r)
		switch {
		case r < 0x80:
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				b = append(b, byte(r))
			} else {
				b = append(b, ' ')
			}
		case r == 'ъ', r == 'ь':
		case r >= 0x400 && r < 0x500 && cyrillic[r-0x400] != "":
			b = append(b, cyrillic[r-0x400]...)
		case r == 'ı':
			b = append(b, 'i')
		case unicode.Is(unicode.Mn, r): // й may come as и and a mark
		default:
			b = appendPlain(b, r)
		}
	}
	out := make([]byte, 0, len(b))
	put := func(c byte) {
		if n := len(out); n == 0 || out[n-1] != c || c >= '0' && c <= '9' || c >= 0x80 {
			out = append(out, c)
		}
	}
next:
	for i := 0; i < len(b); {
		if b[i] <= 'z' {
			for _, p := range respelt[b[i]] {
				if len(b)-i >= len(p[0]) && string(b[i:i+len(p[0])]) == p[0] {
					for j := range len(p[1]) {
						put(p[1][j])
					}
					i += len(p[0])
					continue next
				}
			}
		}
		put(b[i])
		i++
	}
	return strings.TrimSpace(string(out))
}

// appendPlain appends a letter without its marks, anything else as a space.
func appendPlain(b []byte, r rune) []byte {
	for _, q := range norm.NFD.String(string(r)) {
		switch {
		case unicode.Is(unicode.Mn, q):
		case unicode.IsLetter(q), unicode.IsDigit(q):
			b = utf8.AppendRune(b, q)
		default:
			b = append(b, ' ')
		}
	}
	return b
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
