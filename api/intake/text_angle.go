package intake

import (
	"math"
	"strconv"
	"unicode"

	"github.com/paulmach/orb"
)

// angle is one coordinate as it was written.
type angle struct {
	degrees float64
	axis    axis // noAxis: the order has to tell
	// unit is what its last digit stands for, degrees.
	unit float64
	// digits is how many stand after the point of an angle in degrees alone.
	digits int
	// parts is how many of degrees, minutes and seconds there are.
	parts int
	// marked: a degree sign stands there. hemi and label: what told the axis.
	marked, hemi, label bool
	comma               bool // the point is a comma
}

// foundPoint is a pair of coordinates in a text.
type foundPoint struct {
	point orb.Point // lon, lat
	// quantumM is half the diagonal of what the last digits stand for, metres.
	quantumM   float64
	start, end int // bytes of the text
}

// findPoint finds the first pair of coordinates in a text: degrees, with minutes and
// seconds or without, hemispheres before or after or none. Latitude comes first as
// people write it, unless the letters say otherwise or the first can't be one.
// Numbers that may as well be something else are left alone.
func findPoint(text string) (foundPoint, bool) {
	xs := lex(text)
	for i := range xs {
		if f, ok := pairAt(xs, i); ok {
			return f, true
		}
	}
	return foundPoint{}, false
}

// pairAt reads a pair that begins with lexeme i.
func pairAt(xs []lexeme, i int) (foundPoint, bool) {
	switch xs[i].kind {
	case lexNumber, lexHemi, lexLabel:
	default:
		return foundPoint{}, false
	}
	a, j, ok := angleAt(xs, i)
	if !ok {
		return foundPoint{}, false
	}
	k, sep, ok := separator(xs, j)
	if !ok {
		return foundPoint{}, false
	}
	b, end, ok := angleAt(xs, k)
	if !ok {
		return foundPoint{}, false
	}
	if !sure(&a, &b, sep, xs, i, end) {
		return foundPoint{}, false
	}
	lat, lon := a, b
	switch {
	case a.axis == lonAxis || b.axis == latAxis, a.axis == noAxis && b.axis == noAxis && math.Abs(a.degrees) > 90:
		lat, lon = b, a
	}
	if math.Abs(lat.degrees) > 90 || math.Abs(lon.degrees) > 180 || lat.degrees == 0 && lon.degrees == 0 {
		return foundPoint{}, false
	}
	// Trailing zeros are often lost, so the finer of the two speaks for both.
	unit := math.Min(lat.unit, lon.unit)
	return foundPoint{
		point: orb.Point{lon.degrees + 0, lat.degrees + 0}, quantumM: quantumOf(unit),
		start: xs[i].start, end: xs[end-1].end,
	}, true
}

// quantumOf is how far off a place may be, metres, whose coordinates were rounded to
// units of so many degrees: half the diagonal of a cell at the equator.
func quantumOf(unit float64) float64 {
	const degreeM = 111_320
	return unit / 2 * degreeM * math.Sqrt2
}

// separator skips what may stand between two coordinates; sep is the mark there, or
// 0 for blanks alone.
func separator(xs []lexeme, i int) (next int, sep byte, ok bool) {
	breaks := 0
	from := i
	for ; i < len(xs); i++ {
		switch x := xs[i]; {
		case x.kind == lexBlank:
		case x.kind == lexBreak:
			breaks++
		case x.kind == lexComma && sep == 0:
			sep = x.text[0]
		case x.kind == lexOther && x.text == "&": // lat=1&lon=2
		case x.kind == lexWord && (x.text == "and" || x.text == "и" || x.text == "және"):
		default:
			return i, sep, i > from && breaks < 3 || glued(xs, i)
		}
	}
	return i, sep, false
}

// glued tells whether lexeme i may follow the one before with nothing between: the
// second coordinate after a hemisphere or a mark.
func glued(xs []lexeme, i int) bool {
	switch xs[i-1].kind {
	case lexHemi, lexSecond, lexMinute, lexDegree:
		return true
	default:
		return xs[i].kind == lexHemi
	}
}

func skipBlanks(xs []lexeme, i int) int {
	for i < len(xs) && xs[i].kind == lexBlank {
		i++
	}
	return i
}

// angleAt reads one coordinate from lexeme i on; next is the lexeme after it.
func angleAt(xs []lexeme, i int) (a angle, next int, ok bool) {
	negative := false
	if i < len(xs) && xs[i].kind == lexLabel {
		a.axis, a.label = xs[i].axis, true
		i = skipBlanks(xs, i+1)
		if i < len(xs) && xs[i].kind == lexOther && (xs[i].text == ":" || xs[i].text == "=") {
			i = skipBlanks(xs, i+1)
		}
	}
	prefix := i < len(xs) && xs[i].kind == lexHemi
	if prefix {
		h := xs[i]
		if a.axis != noAxis && a.axis != h.axis || h.cyrillic && !h.cyrillicUp {
			return a, i, false
		}
		a.axis, a.hemi, negative = h.axis, true, h.negative
		i = skipBlanks(xs, i+1)
		if i < len(xs) && xs[i].kind == lexOther && (xs[i].text == ":" || xs[i].text == "." || xs[i].text == "=") {
			i = skipBlanks(xs, i+1)
		}
	}
	i, sign, ok := a.numbers(xs, i)
	if !ok {
		return a, i, false
	}
	if j := skipBlanks(xs, i); !prefix && j < len(xs) && xs[j].kind == lexHemi && (a.axis == noAxis || a.axis == xs[j].axis) {
		h := xs[j]
		if !h.cyrillic || h.cyrillicUp || a.marked {
			a.axis, a.hemi, negative = h.axis, true, h.negative
			i = j + 1
		}
	}
	// "25.25 северной широты"
	if j := skipBlanks(xs, i); a.hemi && !a.label && j < len(xs) && xs[j].kind == lexLabel && xs[j].axis == a.axis {
		i = j + 1
	}
	switch {
	case a.hemi && sign != 0:
		return a, i, false // "-25.25 S": which of the two?
	case sign == '-' || negative:
		a.degrees = -a.degrees
	}
	return a, i, true
}

// numbers reads the degrees, minutes and seconds of an angle from lexeme i on.
func (a *angle) numbers(xs []lexeme, i int) (next int, sign byte, ok bool) {
	if i >= len(xs) || xs[i].kind != lexNumber || xs[i].bad || len(xs[i].whole) > 3 {
		return i, 0, false
	}
	sign = xs[i].sign
	part := func(x *lexeme, of float64) float64 {
		v, err := strconv.ParseFloat(x.whole+"."+x.fraction+"0", 64)
		if err != nil {
			return math.NaN()
		}
		a.unit = math.Pow(10, -float64(len(x.fraction))) / of
		a.comma = a.comma || x.comma
		a.parts++
		return v / of
	}
	a.degrees = part(&xs[i], 1)
	a.digits = len(xs[i].fraction)
	last := xs[i].fraction != ""
	i++
	if j := skipBlanks(xs, i); j < len(xs) && xs[j].kind == lexDegree {
		a.marked = true
		i = j + 1
	}
	// Minutes and seconds: with their marks, or told by a hemisphere at the end.
	for k, mark := range []lexKind{lexMinute, lexSecond} {
		of := []float64{60, 3600}[k]
		j := skipBlanks(xs, i)
		if last || j >= len(xs) || xs[j].kind != lexNumber || xs[j].bad || xs[j].sign != 0 || len(xs[j].whole) > 2 {
			break
		}
		m := skipBlanks(xs, j+1)
		marked := m < len(xs) && xs[m].kind == mark
		if !marked && !a.bare(xs, m) {
			break
		}
		v := part(&xs[j], of)
		if v*of >= 60 {
			return i, 0, false
		}
		a.degrees += v
		last = xs[j].fraction != ""
		i = j + 1
		if marked {
			i = m + 1
		}
	}
	return i, sign, a.degrees <= 180
}

// bare tells whether a number without a mark, after which lexeme m stands, is
// minutes or seconds: a hemisphere follows, at once or after one more number, or the
// angle began with one.
func (a *angle) bare(xs []lexeme, m int) bool {
	if m < len(xs) && xs[m].kind == lexDegree {
		return false
	}
	if a.hemi {
		return true
	}
	if m < len(xs) && xs[m].kind == lexHemi {
		return true
	}
	if m >= len(xs) || xs[m].kind != lexNumber || xs[m].bad || a.parts > 1 {
		return false
	}
	n := skipBlanks(xs, m+1)
	if n < len(xs) && xs[n].kind == lexSecond {
		n = skipBlanks(xs, n+1)
	}
	return n < len(xs) && xs[n].kind == lexHemi
}

// sure tells whether two angles are a place and not a pair of other numbers. i and
// end are the lexemes that they begin with and that follows them.
func sure(a, b *angle, sep byte, xs []lexeme, i, end int) bool {
	if a.axis != noAxis && a.axis == b.axis || (a.axis == noAxis) != (b.axis == noAxis) || (a.hemi != b.hemi) {
		return false // two latitudes; one that is told and one that isn't
	}
	if a.label && b.label {
		return a.fine() && b.fine()
	}
	if a.hemi {
		// Whole numbers with letters may be seats or gates, unless they are all there is.
		whole := !a.marked && a.parts == 1 && a.digits == 0 || !b.marked && b.parts == 1 && b.digits == 0
		// "С 10.30 В 11.45" are times as well.
		letters := (xs[i].kind == lexHemi && xs[i].cyrillic) && !a.marked && a.parts == 1 && a.digits < 3
		return !whole && !letters || alone(xs, i, end)
	}
	if a.marked && b.marked {
		return (a.parts > 1 || a.digits > 0) && (b.parts > 1 || b.digits > 0)
	}
	if a.marked != b.marked || a.parts > 1 || b.parts > 1 {
		return false
	}
	least := min(a.digits, b.digits)
	most := max(a.digits, b.digits)
	switch {
	case sep == '/' || sep == '|', least < 2:
		// A coordinate loses its zeros, but not a fine one all of them.
		return (sep == ',' || sep == ';') && least >= 1 && most >= 4 && !among(xs, i, end)
	case least < 3:
		return alone(xs, i, end) && !clocks(a, b)
	case least == 3:
		return !among(xs, i, end)
	default:
		// A third number may be a height, but only as a program writes it.
		return !numberBeside(xs, i-1, -1) && !amount(xs, end) && (sep == ',' || !numberBeside(xs, end, 1))
	}
}

// fine tells whether a labelled angle can be one: a number with digits after the
// point, or with a sign of degrees.
func (a *angle) fine() bool { return a.digits > 0 || a.marked }

// clocks tells whether both may as well be days of months or times of day, with two
// digits after the point: "22.11, 23.11", "14.30 15.45".
func clocks(a, b *angle) bool {
	day := func(x *angle) bool {
		n := math.Round(math.Abs(x.degrees) * 100)
		whole, rest := math.Floor(n/100), math.Mod(n, 100)
		return x.digits == 2 && (whole <= 31 && rest >= 1 && rest <= 12 || whole <= 23 && rest <= 59)
	}
	return day(a) && day(b)
}

// placeWords may stand beside coordinates that are all there is.
var placeWords = map[string]bool{
	"location": true, "loc": true, "coordinates": true, "coords": true, "gps": true, "my": true, "position": true, "place": true, "i": true, "am": true, "at": true,
	"координаты": true, "координаттар": true, "координата": true, "место": true, "я": true, "мы": true, "тут": true, "здесь": true, "геолокация": true, "точка": true,
	"мен": true, "біз": true, "орын": true, "орным": true, "осында": true,
}

// alone tells whether nothing else stands in the line of lexemes i to end but signs
// and words that say that a place follows.
func alone(xs []lexeme, i, end int) bool {
	plain := func(x *lexeme) bool {
		switch x.kind {
		case lexBlank, lexComma, lexMinute, lexSecond:
			return true
		case lexOther:
			r := []rune(x.text)[0]
			return unicode.IsPunct(r) && r != '%' && r != '#'
		case lexWord:
			return placeWords[x.text]
		default:
			return false
		}
	}
	for k := i - 1; k >= 0 && xs[k].kind != lexBreak; k-- {
		if !plain(&xs[k]) {
			return false
		}
	}
	for k := end; k < len(xs) && xs[k].kind != lexBreak; k++ {
		if !plain(&xs[k]) {
			return false
		}
	}
	return true
}

// among tells whether another number stands right beside a pair, or a unit of money
// or measure after it: then it is one of several.
func among(xs []lexeme, i, end int) bool {
	return numberBeside(xs, i-1, -1) || numberBeside(xs, end, 1) || amount(xs, end)
}

// numberBeside tells whether a number stands next from lexeme k on, step by step.
func numberBeside(xs []lexeme, k, step int) bool {
	for ; k >= 0 && k < len(xs); k += step {
		switch xs[k].kind {
		case lexBlank, lexComma:
		case lexNumber:
			return true
		default:
			return false
		}
	}
	return false
}

// units are what follows numbers that are no coordinates.
var units = map[string]bool{
	"usd": true, "eur": true, "aed": true, "kzt": true, "rub": true, "sar": true, "qar": true, "kwd": true, "bhd": true, "omr": true, "irr": true, "jod": true, "ils": true,
	"dollars": true, "dollar": true, "euro": true, "dirham": true, "dirhams": true, "tenge": true, "riyal": true,
	"тг": true, "тенге": true, "теңге": true, "руб": true, "рублей": true, "долл": true, "долларов": true, "дирхам": true, "дирхамов": true, "евро": true,
	"kg": true, "км": true, "km": true, "m": true, "м": true, "кг": true, "mg": true, "мг": true, "ml": true, "мл": true, "l": true, "л": true, "g": true, "г": true,
}

// amount tells whether a unit of money or measure follows lexeme end-1.
func amount(xs []lexeme, end int) bool {
	k := skipBlanks(xs, end)
	if k >= len(xs) {
		return false
	}
	switch x := &xs[k]; x.kind {
	case lexWord:
		return units[x.text]
	case lexOther:
		r := []rune(x.text)[0]
		return unicode.Is(unicode.Sc, r) || r == '%'
	}
	return false
}
