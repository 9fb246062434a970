package names

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold reduces a text to a form in which the usual spellings of a name meet:
// lower-case Latin without marks, Cyrillic spelt out, sounds that spellings
// disagree on written one way, doubled letters once. Digits are kept, letters of
// other scripts too, apostrophes vanish, and anything else parts words: one
// space between them, none at the ends. Folding twice changes nothing.
func Fold(s string) string {
	var room [96]byte
	return string(appendFold(room[:0], s, first))
}

// reading says which of two sounds stands for the Latin letters j, x and c,
// which English and Kazakh, Turkish, German or Uzbek hands mean differently.
type reading bool

const (
	first  reading = false // j as in Janat, x as in Alex, c as in Turkish Canat, ch as in Chingiz
	second reading = true  // j as in Jusuf, x as in Xasan, c as in Victor, ch as in Koch
)

// ambiguous tells whether the second reading of s may differ from the first.
func ambiguous(s string) bool { return strings.ContainsAny(s, "jxcJXC") }

// cyrillic maps small Cyrillic letters to Latin ones that write then evens out.
// It follows the spellings of Kazakh passports. Index: letter - 0x400.
var cyrillic = func() (t [256]string) {
	for r, s := range map[rune]string{
		'а': "a", 'ә': "a", 'ӓ': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'ґ': "g", 'д': "d", 'е': "e", 'ё': "e", 'є': "ie",
		'ж': "zh", 'җ': "zh", 'з': "z", 'и': "i", 'й': "i", 'ї': "i", 'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "n",
		'о': "o", 'ө': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ұ': "u", 'ү': "u", 'ў': "u", 'ф': "f", 'х': "h",
		'һ': "h", 'ҳ': "h", 'ц': "ts", 'ч': "ch", 'ҷ': "zh", 'ш': "sh", 'щ': "sh", 'ы': "i", 'і': "i", 'э': "e", 'ю': "iu", 'я': "ia",
	} {
		t[r-0x400] = s
	}
	return t
}()

// latin maps Latin letters beyond ASCII whose plain letter would lose a sound,
// or that have none.
func latin(r rune) string {
	switch r {
	case 'ı':
		return "i"
	case 'ə':
		return "a"
	case 'ç', 'č', 'ć':
		return "ch"
	case 'ş', 'š', 'ș', 'ś':
		return "sh"
	case 'ž', 'ż', 'ź':
		return "zh"
	case 'ø', 'œ':
		return "o"
	case 'æ':
		return "a"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "t"
	case 'ß':
		return "s"
	case 'ŋ':
		return "n"
	}
	return ""
}

// appendFold appends the fold of s to b. What is in b already is not touched
// and ends the word before.
func appendFold(b []byte, s string, as reading) []byte {
	f := folder{out: b, start: len(b)}
	for i, size := 0, 0; i < len(s); i += size {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		size = n
		switch {
		case r < utf8.RuneSelf:
			c := byte(r)
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			next := byte(0)
			if i+1 < len(s) {
				next = s[i+1] | 0x20
			}
			switch {
			case c == 'y' && next == 'o' && (i+2 == len(s) || s[i+2]|0x20 != 'u'): // but Yousouf
				f.put('e')
				size = 2
				continue
			case c == 'c' && next == 'h' && as == second && !bytes.HasSuffix(f.out, []byte("vi")): // but -ovich
				f.put('h')
				size = 2
				continue
			}
			f.ascii(c, next, as)
		case isApostrophe(r):
		case r >= 0x400 && r < 0x500:
			f.cyrillic(r)
		default:
			f.other(r)
		}
	}
	if n := len(f.out); n > f.start && f.out[n-1] == ' ' {
		f.out = f.out[:n-1]
	}
	return f.out
}

// folder writes letters so that no two neighbours are left that another
// spelling would write otherwise: each letter is weighed against the last one
// written, and what they make is weighed again. That is why folding twice
// changes nothing.
type folder struct {
	out   []byte
	start int
	// swallowed: the last letter was a g after n; an h after it belongs to it.
	swallowed bool
}

func (f *folder) ascii(c, next byte, as reading) {
	switch c {
	case 'q':
		c = 'k'
	case 'w':
		c = 'v'
	case 'y':
		c = 'i'
	case 'j':
		if as == second {
			c = 'i'
			break
		}
		c = 'z'
	case 'x':
		if as == second {
			c = 'h'
			break
		}
		f.put('k')
		c = 's'
	case 'c':
		if as == second && next != 'h' && next != 'z' {
			c = 'k'
		}
	case '\'', '`', '"':
		return
	}
	switch {
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		f.put(c)
	default:
		f.space()
	}
}

func (f *folder) cyrillic(r rune) {
	switch {
	case r < 0x410:
		r += 0x50
	case r < 0x430:
		r += 0x20
	case r >= 0x460:
		r = unicode.ToLower(r)
	}
	switch s := cyrillic[r-0x400]; {
	case s != "":
		for i := range len(s) {
			f.put(s[i])
		}
	case r == 'ъ', r == 'ь', unicode.Is(unicode.Mn, r):
	default:
		f.other(r)
	}
}

// other writes a letter without its marks, anything else as a space.
func (f *folder) other(r rune) {
	r = unicode.ToLower(r)
	if r < utf8.RuneSelf { // the Kelvin sign and its like
		f.ascii(byte(r), 0, first)
		return
	}
	if s := latin(r); s != "" {
		for i := range len(s) {
			f.put(s[i])
		}
		return
	}
	if n := len(f.out); (r == '\u0327' || r == '\u030c') && n > f.start && f.out[n-1] == 'c' { // ç, č in two pieces
		f.put('h')
		return
	}
	if unicode.Is(unicode.Mn, r) || r == '\u200c' || r == '\u200d' || r == '\u0640' { // joiners and the Arabic stretch
		return
	}
	var room [utf8.UTFMax]byte
	plain := norm.NFKD.AppendString(nil, string(room[:utf8.EncodeRune(room[:], r)]))
	if len(plain) == 0 {
		f.space()
		return
	}
	for _, q := range string(plain) {
		q = arabic(unicode.ToLower(q))
		switch {
		case unicode.Is(unicode.Mn, q), isApostrophe(q):
		case q < utf8.RuneSelf:
			f.ascii(byte(q), 0, first)
		case q != r && q >= 0x400 && q < 0x500:
			f.cyrillic(q)
		case q != r && latin(q) != "":
			f.other(q)
		case unicode.IsLetter(q), unicode.IsDigit(q):
			f.out = utf8.AppendRune(f.out, q)
			f.swallowed = false
		default:
			f.space()
		}
	}
}

// isApostrophe tells signs that stand for a soft or hard sign or a sound of the
// throat, beyond ASCII.
func isApostrophe(r rune) bool {
	switch r {
	case 'ʻ', 'ʼ', '’', '‘', 'ʹ', 'ʺ', '”', '´', '′':
		return true
	}
	return false
}

// arabic writes the letters that Arabic and Persian keyboards type apart as one.
func arabic(r rune) rune {
	switch r {
	case 'ي', 'ى':
		return 'ی'
	case 'ك':
		return 'ک'
	case 'ة':
		return 'ه'
	}
	return r
}

func (f *folder) space() {
	f.swallowed = false
	if n := len(f.out); n > f.start && f.out[n-1] != ' ' {
		f.out = append(f.out, ' ')
	}
}

// put writes one of a-z (but j, q, w, x and y) or a digit.
func (f *folder) put(c byte) {
	swallowed := f.swallowed
	f.swallowed = false
	n := len(f.out)
	last := byte(' ')
	if n > f.start {
		last = f.out[n-1]
	}
	if last == c && c >= 'a' {
		if c == 'o' { // Noor, Aigool
			f.out[n-1] = 'u'
			f.again()
		}
		return
	}
	// again: last and c together sound as instead does.
	instead := byte(0)
	switch c {
	case 'h':
		if swallowed {
			return
		}
		switch last {
		case 's', 'z', 'g', 't', 'd':
			return
		case 'c':
			instead = 's'
		case 'k':
			instead = 'h'
		case 'p':
			instead = 'f'
		}
	case 's':
		switch last {
		case 't':
			instead = 'c'
		case 'd': // dsch
			instead = 'z'
		case 'z':
			return
		}
	case 'c':
		if last == 't' {
			instead = 'c'
		}
	case 'z':
		switch last {
		case 'd':
			instead = 'z'
		case 't':
			instead = 'c'
		case 'c':
			return
		}
	case 'k':
		if last == 'c' {
			instead = 'k'
		}
	case 'g':
		if last == 'n' {
			f.swallowed = true
			return
		}
	case 'e':
		if last == 'i' && (n-1 == f.start || isVowel(f.out[n-2]) || f.out[n-2] == ' ') {
			instead = 'e'
		}
	case 'u':
		if last == 'o' {
			instead = 'u'
		}
	}
	if instead == 0 {
		f.out = append(f.out, c)
		return
	}
	f.out = f.out[:n-1]
	f.put(instead)
}

// again weighs the last letter against the one before it.
func (f *folder) again() {
	n := len(f.out)
	c := f.out[n-1]
	f.out = f.out[:n-1]
	f.put(c)
}

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}
