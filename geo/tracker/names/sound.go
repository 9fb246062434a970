package names

import "unicode/utf8"

// sound is how a word sounds, up to eight codes of four bits, the first one
// lowest: its consonants by kind, after vowelStart if a vowel begins it. Zero:
// nothing to hear, as of a number.
type sound uint32

// The kinds of consonants. Those that one alphabet or another doesn't tell apart,
// or that Russian, Kazakh, German and Turkish hands write for each other, are one.
const (
	vowelStart = iota + 1 // any vowel or glide
	soundP                // b p f
	soundT                // t d
	soundK                // k q g h kh gh
	soundS                // s z sh zh ch ts j
	soundV                // v w, u after a vowel
	soundM
	soundN
	soundL
	soundR
)

// soundLetters write a sound where it is to be read or searched for. They are
// upper case, which no fold has.
const soundLetters = "?APTKSVMNLR"

const mostCodes = 8

func (s sound) len() int {
	n := 0
	for ; s != 0; s >>= 4 {
		n++
	}
	return n
}

// kinds is the set of consonants heard, but for those that distance may take
// for something else: v is near u.
func (s sound) kinds() uint16 {
	set := uint16(0)
	for ; s != 0; s >>= 4 {
		set |= 1 << (s & 15)
	}
	return set &^ (1<<vowelStart | 1<<soundV)
}

// append adds a code; what is beyond the eighth is not kept.
func (s sound) append(n int, code byte) sound {
	if n >= mostCodes {
		return s
	}
	return s | sound(code)<<(4*n)
}

// appendText appends the sound's letters.
func (s sound) appendText(b []byte) []byte {
	for ; s != 0; s >>= 4 {
		b = append(b, soundLetters[s&15])
	}
	return b
}

var soundOf = func() (t [256]byte) {
	for code, letters := range []string{
		vowelStart: "aeiou", soundP: "bpf", soundT: "td", soundK: "kgh", soundS: "szc",
		soundV: "v", soundM: "m", soundN: "n", soundL: "l", soundR: "r",
	} {
		for _, c := range []byte(letters) {
			t[c] = byte(code)
		}
	}
	return t
}()

// soundOfArabic has the consonants of Arabic and Persian, which write no short
// vowels: those that stand for a long one count at the start only.
func soundOfArabic(r rune) byte {
	switch r {
	case 'ا', 'ی', 'ع', 'ء':
		return vowelStart
	case 'ب', 'پ', 'ف':
		return soundP
	case 'ت', 'د', 'ط':
		return soundT
	case 'ک', 'گ', 'ق', 'ه', 'ح', 'خ', 'غ':
		return soundK
	case 'س', 'ص', 'ث', 'ز', 'ذ', 'ض', 'ظ', 'ش', 'ژ', 'ج', 'چ':
		return soundS
	case 'و':
		return soundV
	case 'م':
		return soundM
	case 'ن':
		return soundN
	case 'ل':
		return soundL
	case 'ر':
		return soundR
	}
	return 0
}

// soundsOf hears a folded word.
func soundsOf(word string) sound {
	var out sound
	var last byte // the code heard just before, 0 after a vowel
	n := 0
	for i := 0; i < len(word); i++ {
		c := word[i]
		code := soundOf[c]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(word[i:])
			code = soundOfArabic(r)
			i += size - 1
		}
		switch {
		case code == 0:
			last = 0
			continue
		case c == 'u' && i > 0 && isVowel(word[i-1]) && word[i-1] != 'i':
			code = soundV // Daulet, Davlet
		case code == vowelStart:
			if i == 0 {
				out, n = out.append(n, code), n+1
			}
			last = 0
			continue
		case c == 'h' && i == len(word)-1 && i > 2 && word[i-1] == 'a':
			continue // Fatimah
		case c == 'f' && i == len(word)-1 && i > 1 && (word[i-1] == 'o' || word[i-1] == 'e'):
			code = soundV // Ivanoff
		case code == soundS && last == soundT && n > 0:
			n-- // Tsoi
			out &= 1<<(4*n) - 1
			last = 0
			if n > 0 {
				last = byte(out >> (4 * (n - 1)) & 15)
			}
		case code == soundP && last == soundN && n > 0 && n <= mostCodes:
			out = out&^(15<<(4*(n-1))) | soundM<<(4*(n-1)) // Janbolat, Zhambolat
		}
		if code == last {
			continue
		}
		if n < mostCodes {
			out, n = out.append(n, code), n+1
		}
		last = code
	}
	return out
}
