package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// axis is what a number of a place is about.
type axis uint8

const (
	noAxis axis = iota
	latAxis
	lonAxis
)

type lexKind uint8

const (
	lexBlank lexKind = iota + 1
	lexBreak         // a line end
	lexNumber
	lexDegree // °
	lexMinute // ′
	lexSecond // ″
	lexHemi   // N, S, E, W in any of the languages
	lexLabel  // "lat", "долгота"
	lexComma  // , ; / |
	lexWord
	lexOther // one character of anything else
)

// lexeme is a piece of a text as whoever looks for coordinates sees it.
type lexeme struct {
	kind       lexKind
	start, end int // bytes of the original text
	// text is the piece with digits, signs and points as a machine writes them; a
	// word is in lower case.
	text string

	// Of a number: digits before and after its point, whether that was a comma, its
	// sign, and whether it can't be a part of a coordinate at all (a date, a time,
	// an amount with thousands, a number that is glued to letters).
	whole, fraction string
	comma           bool
	sign            byte
	bad             bool

	// Of a hemisphere or a label. Negative is S and W; single is a lone letter,
	// cyrillic one that is also a common Russian word, cyrillicUp that in upper case.
	axis                         axis
	negative                     bool
	single, cyrillic, cyrillicUp bool
}

// plainRune is a character as a machine writes it: digits of any script that
// people here type, the many commas, points, minuses and primes.
func plainRune(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case r >= '٠' && r <= '٩':
		return '0' + r - '٠'
	case r >= '۰' && r <= '۹':
		return '0' + r - '۰'
	case r >= '０' && r <= '９':
		return '0' + r - '０'
	}
	switch r {
	case '٫', '．', '·':
		return '.'
	case '،', '，', '、', '‚':
		return ','
	case '；', '؛':
		return ';'
	case '−', '–', '‒', '﹣', '－', '‐', '‑':
		return '-'
	case '＋':
		return '+'
	case '°', 'º', '˚', '⁰', '∘':
		return '°'
	case '′', '’', '‘', '´', 'ʹ', 'ʼ', '＇', '‵':
		return '\''
	case '″', '”', '“', '„', 'ʺ', '＂', '〃', '˝':
		return '"'
	case '\u00a0', '\u2007', '\u2008', '\u2009', '\u200a', '\u202f', '\u3000':
		return ' '
	case '\u2028', '\u2029', '\u0085':
		return '\n'
	}
	return r
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// hemiWords are hemispheres as a word, hemiShort as two letters that may have
// points: "с.ш.", "В. Д.", Kazakh "с.е." (солтүстік ендік) and "ш.б.".
var (
	hemiWords = map[string]lexeme{
		"n": {axis: latAxis, single: true}, "s": {axis: latAxis, negative: true, single: true},
		"e": {axis: lonAxis, single: true}, "w": {axis: lonAxis, negative: true, single: true},
		"с": {axis: latAxis, single: true, cyrillic: true}, "ю": {axis: latAxis, negative: true, single: true, cyrillic: true},
		"в": {axis: lonAxis, single: true, cyrillic: true}, "з": {axis: lonAxis, negative: true, single: true, cyrillic: true},
		"north": {axis: latAxis}, "south": {axis: latAxis, negative: true}, "east": {axis: lonAxis}, "west": {axis: lonAxis, negative: true},
		"северной": {axis: latAxis}, "южной": {axis: latAxis, negative: true}, "восточной": {axis: lonAxis}, "западной": {axis: lonAxis, negative: true},
		"солтүстік": {axis: latAxis}, "оңтүстік": {axis: latAxis, negative: true}, "шығыс": {axis: lonAxis}, "батыс": {axis: lonAxis, negative: true},
		"شمال": {axis: latAxis}, "شمالا": {axis: latAxis}, "جنوب": {axis: latAxis, negative: true}, "شرق": {axis: lonAxis}, "شرقا": {axis: lonAxis}, "غرب": {axis: lonAxis, negative: true},
	}
	hemiShort = map[string]lexeme{
		"сш": {axis: latAxis}, "юш": {axis: latAxis, negative: true}, "вд": {axis: lonAxis}, "зд": {axis: lonAxis, negative: true},
		"се": {axis: latAxis}, "ое": {axis: latAxis, negative: true}, "шб": {axis: lonAxis}, "бб": {axis: lonAxis, negative: true},
	}
	axisLabels = map[string]axis{
		"lat": latAxis, "latitude": latAxis, "широта": latAxis, "широты": latAxis, "шир": latAxis, "ендік": latAxis,
		"lon": lonAxis, "lng": lonAxis, "long": lonAxis, "longitude": lonAxis, "долгота": lonAxis, "долготы": lonAxis, "долг": lonAxis, "бойлық": lonAxis,
	}
	degreeWords = map[string]lexKind{
		"deg": lexDegree, "degrees": lexDegree, "град": lexDegree, "градус": lexDegree, "градуса": lexDegree, "градусов": lexDegree,
		"min": lexMinute, "мин": lexMinute, "минут": lexMinute, "минуты": lexMinute,
		"sec": lexSecond, "сек": lexSecond, "секунд": lexSecond, "секунды": lexSecond,
	}
)

// lex takes a text apart. Every byte of it is in exactly one lexeme.
func lex(text string) []lexeme {
	l := lexer{runes: make([]rune, 0, len(text)), at: make([]int, 0, len(text)+1)}
	for i, r := range text {
		l.runes = append(l.runes, plainRune(r))
		l.at = append(l.at, i)
	}
	l.at = append(l.at, len(text))
	for l.i < len(l.runes) {
		l.next()
	}
	return l.out
}

type lexer struct {
	runes []rune // as a machine writes them
	at    []int  // where each begins in the original; one more for the end
	i     int
	out   []lexeme
}

func (l *lexer) peek(k int) rune {
	if j := l.i + k; j >= 0 && j < len(l.runes) {
		return l.runes[j]
	}
	return utf8.RuneError
}

// take makes the next n characters a lexeme.
func (l *lexer) take(n int, x lexeme) {
	x.start, x.end = l.at[l.i], l.at[l.i+n]
	if x.text == "" {
		x.text = string(l.runes[l.i : l.i+n])
	}
	l.out = append(l.out, x)
	l.i += n
}

func (l *lexer) next() {
	switch r := l.peek(0); {
	case r == '\n' || r == '\r':
		l.take(1, lexeme{kind: lexBreak})
	case r == ' ' || r == '\t':
		l.take(1, lexeme{kind: lexBlank})
	case isDigit(r) || (r == '-' || r == '+') && isDigit(l.peek(1)) && l.signHere():
		l.number()
	case r == '°':
		l.take(1, lexeme{kind: lexDegree})
	case r == '"' || (r == '\'' || r == '`') && (l.peek(1) == '\'' || l.peek(1) == '`'):
		n := 1
		if r != '"' {
			n = 2
		}
		l.take(n, lexeme{kind: lexSecond})
	case r == '\'' || r == '`':
		l.take(1, lexeme{kind: lexMinute})
	case r == ',' || r == ';' || r == '/' || r == '|':
		l.take(1, lexeme{kind: lexComma})
	case unicode.IsLetter(r):
		l.word()
	default:
		l.take(1, lexeme{kind: lexOther})
	}
}

// signHere tells whether a minus or plus can be a number's sign: not after a
// letter, a digit or a closing bracket, where it joins.
func (l *lexer) signHere() bool {
	before := l.peek(-1)
	return l.i == 0 || !unicode.IsLetter(before) && !isDigit(before) && before != ')' && before != '-' && before != '+'
}

// number reads digits with points and commas between them. "25.25,55.36" and
// "25,25,55,36" are two numbers; two points are a date or an address of a network.
func (l *lexer) number() {
	n := 0
	var sign byte
	if r := l.peek(0); !isDigit(r) {
		sign, n = byte(r), 1
	}
	glued := l.i > 0 && n == 0 && l.gluedBefore()
	from := l.i + n
	var seps []int // places of points and commas
	for isDigit(l.peek(n)) || (l.peek(n) == '.' || l.peek(n) == ',') && isDigit(l.peek(n+1)) {
		if !isDigit(l.peek(n)) {
			seps = append(seps, l.i+n)
		}
		n++
	}
	to := l.i + n
	pattern := ""
	for _, s := range seps {
		pattern += string(l.runes[s])
	}
	part := func(a, b, point int, sign byte) lexeme {
		x := lexeme{kind: lexNumber, sign: sign, whole: string(l.runes[a:b])}
		if point >= 0 {
			x.whole, x.fraction, x.comma = string(l.runes[a:point]), string(l.runes[point+1:b]), l.runes[point] == ','
		}
		return x
	}
	bad := glued || l.gluedAfter(n)
	split := l.commasBetween(pattern)
	if split == nil {
		l.take(n, lexeme{kind: lexNumber, bad: true})
		return
	}
	for k, begin := 0, from; ; k++ {
		end, point := to, -1
		if k < len(split) {
			end = seps[split[k]]
		}
		for _, s := range seps {
			if s > begin && s < end {
				point = s
			}
		}
		x := part(begin, end, point, sign)
		// "10,000,20,000" are amounts.
		x.bad = bad || pattern == ",,," && seps[1]-seps[0] == 4 && to-seps[2] == 4
		l.take(end-l.i, x)
		if k == len(split) {
			return
		}
		l.take(1, lexeme{kind: lexComma})
		begin, sign = end+1, 0
	}
}

// commasBetween tells which of the points and commas of a run of digits stand
// between numbers, by their place in pattern: none of "." and ",", the middle one of
// ".,." and ",,,", every comma of ".,.,.". nil: the run is no number.
func (l *lexer) commasBetween(pattern string) []int {
	switch pattern {
	case "", ".", ",":
		return []int{}
	case ",,,":
		return []int{1}
	}
	var split []int
	for i, c := range pattern {
		if (c == ',') != (i%2 == 1) {
			return nil
		}
		if c == ',' {
			split = append(split, i)
		}
	}
	return split
}

// gluedBefore tells whether the character before a number makes it a part of
// something else: a flight, a time, an amount of money. A hemisphere may stand there.
func (l *lexer) gluedBefore() bool {
	before := l.peek(-1)
	if len(l.out) > 0 {
		switch last := l.out[len(l.out)-1]; {
		case last.kind == lexHemi || last.kind == lexLabel || last.kind == lexDegree || last.kind == lexMinute || last.kind == lexSecond:
			return false
		case last.kind == lexWord:
			return true
		}
	}
	return unicode.IsLetter(before) || unicode.Is(unicode.Sc, before) || strings.ContainsRune(":-+#№.", before)
}

// gluedAfter is the same for what follows the n characters of a number.
func (l *lexer) gluedAfter(n int) bool {
	after := l.peek(n)
	switch {
	case after == utf8.RuneError && l.i+n >= len(l.runes):
		return false
	case unicode.Is(unicode.Sc, after) || after == '%' || after == '‰':
		return true
	case (after == ':' || after == '-' || after == '/') && isDigit(l.peek(n+1)):
		return true
	case !unicode.IsLetter(after):
		return false
	}
	var b strings.Builder
	for k := n; unicode.IsLetter(l.peek(k)); k++ {
		b.WriteRune(unicode.ToLower(l.peek(k)))
	}
	word := b.String()
	_, hemi := hemiWords[word]
	_, short := hemiShort[word]
	_, mark := degreeWords[word]
	return !hemi && !short && !mark
}

// word reads letters, and the points of "с.ш.".
func (l *lexer) word() {
	n := 1
	for unicode.IsLetter(l.peek(n)) || unicode.IsMark(l.peek(n)) {
		n++
	}
	text := strings.ToLower(string(l.runes[l.i : l.i+n]))
	if m, x, ok := l.shortHemi(n); ok {
		x.kind = lexHemi
		l.take(m, x)
		return
	}
	if x, ok := hemiWords[text]; ok {
		x.kind, x.text = lexHemi, text
		x.cyrillicUp = x.cyrillic && unicode.IsUpper(l.peek(0))
		l.take(n, x)
		return
	}
	if a, ok := axisLabels[text]; ok {
		l.take(n, lexeme{kind: lexLabel, axis: a, text: text})
		return
	}
	if k, ok := degreeWords[text]; ok && l.i > 0 && (isDigit(l.peek(-1)) || l.peek(-1) == ' ' && isDigit(l.peek(-2))) {
		if l.peek(n) == '.' {
			n++
		}
		l.take(n, lexeme{kind: k, text: text})
		return
	}
	l.take(n, lexeme{kind: lexWord, text: text})
}

// shortHemi reads "сш", "с.ш.", "с. ш." where the letters so far are n.
func (l *lexer) shortHemi(n int) (length int, x lexeme, ok bool) {
	lower := func(k int) rune { return unicode.ToLower(l.peek(k)) }
	switch {
	case n == 2:
		x, ok = hemiShort[string([]rune{lower(0), lower(1)})]
		length = 2
	case n == 1 && l.peek(1) == '.':
		k := 2
		if l.peek(k) == ' ' {
			k++
		}
		if unicode.IsLetter(l.peek(k + 1)) {
			return 0, x, false
		}
		x, ok = hemiShort[string([]rune{lower(0), lower(k)})]
		length = k + 1
	}
	if ok && l.peek(length) == '.' && !isDigit(l.peek(length+1)) {
		length++
	}
	return length, x, ok
}
