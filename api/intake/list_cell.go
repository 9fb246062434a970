package intake

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"aman/geo/tracker"
)

// plainNumber undoes what spreadsheets make of a number that stands for text:
// "77012345678.0" and "7.7012345678E+10" are 77012345678. lost is true where the
// digits that were written are fewer than the number has: the rest is gone.
func plainNumber(s string) (digits string, lost bool) {
	mantissa, exponent, scientific := strings.Cut(strings.ToUpper(s), "E")
	whole, fraction, pointed := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	if whole == "" || strings.Trim(whole+fraction, "0123456789") != "" || !pointed && !scientific {
		return s, false
	}
	e := 0
	if scientific {
		var err error
		if e, err = strconv.Atoi(exponent); err != nil || e < 0 || e > 20 || len(whole) != 1 {
			return s, false
		}
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > e {
		return s, false // a true fraction
	}
	if scientific && len(fraction) < e && e >= 7 {
		lost = true
	}
	return whole + fraction + strings.Repeat("0", e-len(fraction)), lost
}

// listIIN reads an IIN as lists write it: with blanks, as a number, without the
// zeros that it begins with. The checksum then decides. Errors: FieldError without a path.
func listIIN(s string) (string, error) {
	s, lost := plainNumber(s)
	if lost {
		return "", broken("digits_lost", "lost its last digits when the file was saved as numbers")
	}
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\'' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
	if len(s) >= 9 && len(s) < 12 && strings.Trim(s, "0123456789") == "" {
		s = strings.Repeat("0", 12-len(s)) + s
		// One mistyped number in eleven has a right check digit: what was made longer
		// must also begin with a day.
		if _, _, ok := bornByIIN(s); !ok && iin(s) == nil {
			return s, broken("wrong_checksum", "is not twelve digits, nor what is left of them without the zeros before")
		}
	}
	return s, iin(s)
}

// bornByIIN is what an IIN says about its holder: the first six digits are the day
// of birth, the seventh the century and the sex (1, 2: 1800s; 3, 4: 1900s; 5, 6:
// 2000s; odd: male). ok is false for the numbers of foreigners that say neither.
func bornByIIN(iin string) (day string, sex tracker.Sex, ok bool) {
	c := iin[6] - '0'
	if c < 3 || c > 6 {
		return "", 0, false
	}
	century := "19"
	if c >= 5 {
		century = "20"
	}
	day = century + iin[:2] + "-" + iin[2:4] + "-" + iin[4:6]
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", 0, false
	}
	if sex = tracker.Female; c%2 == 1 {
		sex = tracker.Male
	}
	return day, sex, true
}

// lookalike are Cyrillic capitals that look like one Latin letter and sound like
// it too, or have no other reading. Н, Р, С, В, У, Х look like one and sound like
// another: whoever typed them may have meant either.
var lookalike = map[rune]rune{'А': 'A', 'Е': 'E', 'К': 'K', 'М': 'M', 'О': 'O', 'Т': 'T'}

func listPassport(s string) (string, error) {
	s, lost := plainNumber(s)
	if lost {
		return "", broken("digits_lost", "lost its last digits when the file was saved as numbers")
	}
	cyrillic := false
	s = strings.Map(func(r rune) rune {
		switch r = unicode.ToUpper(r); {
		case r == ' ' || r == '-' || r == '№' || r == '.' || r == '/' || r == '\'':
			return -1
		case lookalike[r] != 0:
			return lookalike[r]
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic = true
		}
		return r
	}, s)
	if cyrillic {
		return "", broken("cyrillic_letter", "has a Cyrillic letter that could stand for two Latin ones")
	}
	return s, passport(s)
}

// listPhones reads the numbers of a cell. rest is what is none: words beside a
// number, a number that can't exist, one whose digits were lost.
func listPhones(s string) (phones []string, rest string) {
	var kept []string
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;/|", r) })
	if n, lost := plainNumber(s); n != s {
		if lost {
			return nil, s
		}
		parts = []string{n}
	}
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if part == "" || isBlank(part) {
			continue
		}
		if p, ok := listPhone(part); ok {
			phones = append(phones, p)
		} else {
			kept = append(kept, part)
		}
	}
	return phones, strings.Join(kept, ", ")
}

func listPhone(s string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, s)
	letters := strings.ContainsFunc(s, unicode.IsLetter)
	tries := []string{s}
	switch {
	case letters:
		// "тел. 8 701 234 56 78": as long as it can only be one number.
		tries = []string{digits}
	case strings.HasPrefix(digits, "00"):
		tries = []string{"+" + digits[2:]}
	case !strings.HasPrefix(digits, "+") && len(digits) == 11 && digits[0] == '7':
		tries = []string{"+" + digits}
	case !strings.HasPrefix(digits, "+") && len(digits) > 11:
		tries = []string{"+" + digits, s}
	}
	if len(digits) < 7 || len(digits) > 16 {
		return "", false
	}
	for _, t := range tries {
		if p, err := Phone(t); err == nil {
			return p, true
		}
	}
	return "", false
}

// A list's date may carry a time of day.
type listDate struct {
	day    time.Time // with the time of day, if one was written
	timed  bool
	serial bool
}

// serialBounds are the serial dates that are taken for one: below, a number is as
// likely a year, or a price; the last is the end of 2099.
const serialFrom, serialTo = 2_200, 73_051

// readDate reads a date as lists write it. Two figures of a year are of the last
// hundred years when past is true, else of this century. Errors: FieldError
// without a path.
func readDate(s string, monthFirst, date1904, past bool, now time.Time) (listDate, error) {
	if x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil && x >= serialFrom && x < serialTo {
		return serialDate(x, date1904), nil
	}
	text, clock := splitClock(s)
	y, m, d, ok := dateParts(text, monthFirst, past, now)
	if !ok {
		return listDate{}, broken("bad_date", "is not a date like 31.12.1990")
	}
	day := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y < 1900 || y > 2200 || day.Day() != d || int(day.Month()) != m {
		return listDate{}, broken("bad_date", "is not a day of the calendar")
	}
	return listDate{day: day.Add(clock), timed: clock > 0}, nil
}

// serialDate is a spreadsheet's number of a day: days since 1899-12-30 (which
// makes up for the 29 February 1900 that spreadsheets believe in), or since
// 1904-01-01; the fraction is the time of day, to the second.
func serialDate(x float64, date1904 bool) listDate {
	zero := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if date1904 {
		zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	day, fraction := math.Modf(x)
	clock := time.Duration(math.Round(fraction*86_400)) * time.Second
	return listDate{day: zero.AddDate(0, 0, int(day)).Add(clock), timed: clock > 0, serial: true}
}

// splitClock takes a time of day off the end of a date.
func splitClock(s string) (date string, clock time.Duration) {
	i := strings.LastIndexAny(s, " T")
	if i < 0 {
		return s, 0
	}
	tail := strings.TrimSuffix(s[i+1:], "Z")
	for _, form := range []string{"15:04:05", "15:04", "15:04:05.000"} {
		if t, err := time.Parse(form, tail); err == nil {
			return strings.TrimRight(strings.TrimSpace(s[:i]), ","), time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
		}
	}
	return s, 0
}

// dateParts takes a date apart: figures with anything between, or a month's name.
func dateParts(s string, monthFirst, past bool, now time.Time) (y, m, d int, ok bool) {
	var parts []string
	for i := 0; i < len(s); {
		j := i
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			for j < len(s) && s[j] >= '0' && s[j] <= '9' {
				j++
			}
		case c >= 0x80 || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			for j < len(s) && (s[j] >= 0x80 || s[j] >= 'A' && s[j] <= 'Z' || s[j] >= 'a' && s[j] <= 'z') {
				j++
			}
		default:
			i++
			continue
		}
		parts = append(parts, s[i:j])
		i = j
	}
	// "12 марта 1990 г.", "1990 ж."
	if n := len(parts); n == 4 && (parts[3] == "г" || parts[3] == "года" || parts[3] == "ж" || parts[3] == "жыл") {
		parts = parts[:3]
	}
	if len(parts) == 1 && len(parts[0]) == 8 && parts[0] > "19000000" && parts[0] < "22000000" {
		parts = []string{parts[0][:4], parts[0][4:6], parts[0][6:]}
	}
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	figures := func(t string, most int) (int, bool) {
		n, err := strconv.Atoi(t)
		return n, err == nil && len(t) <= most
	}
	year, month, day := parts[2], parts[1], parts[0]
	switch _, named := monthOf(parts[0]); {
	case len(parts[0]) == 4 && strings.Trim(parts[0], "0123456789") == "":
		year, month, day = parts[0], parts[1], parts[2]
	case named: // March 12, 1990
		month, day = parts[0], parts[1]
	case monthFirst:
		if _, named := monthOf(parts[1]); !named {
			month, day = parts[0], parts[1]
		}
	}
	var okY, okM, okD bool
	if m, okM = monthOf(month); !okM {
		m, okM = figures(month, 2)
	}
	d, okD = figures(day, 2)
	y, okY = figures(year, 4)
	switch len(year) {
	case 4:
	case 2:
		if y += 2000; past && y > now.Year() {
			y -= 100
		}
	default:
		okY = false
	}
	return y, m, d, okY && okM && okD
}

// months are what names of months begin with: English, Russian, Kazakh.
var months = [...][]string{
	{"jan", "янв", "қаң"},
	{"feb", "фев", "ақп"},
	{"mar", "мар", "нау"},
	{"apr", "апр", "сәу"},
	{"may", "мая", "май", "мам"},
	{"jun", "июн", "мау"},
	{"jul", "июл", "шіл"},
	{"aug", "авг", "там"},
	{"sep", "сен", "қыр"},
	{"oct", "окт", "қаз"},
	{"nov", "ноя", "қар"},
	{"dec", "дек", "жел"},
}

func monthOf(s string) (int, bool) {
	s = strings.ToLower(s)
	for i, names := range months {
		for _, n := range names {
			if strings.HasPrefix(s, n) {
				return i + 1, true
			}
		}
	}
	return 0, false
}

// listDegrees reads one coordinate: decimal degrees, a comma for a point, N, S, E
// or W before or after.
func listDegrees(s string, limit float64, minus, plus byte) (x float64, literal string, err error) {
	t := strings.ToUpper(strings.TrimSpace(strings.NewReplacer("°", "", "º", "", ",", ".").Replace(s)))
	sign := 1.0
	for _, c := range []byte{minus, plus} {
		if cut := strings.Trim(t, string(c)); cut != t {
			t = strings.TrimSpace(cut)
			if c == minus {
				sign = -1
			}
		}
	}
	x, perr := strconv.ParseFloat(t, 64)
	if perr != nil || strings.Trim(t, "+-0123456789.") != "" || sign < 0 && x < 0 {
		return 0, "", broken("bad_coordinate", "is not in degrees, like 55.2708")
	}
	if x *= sign; math.Abs(x) > limit {
		return 0, "", broken("out_of_range", "is not in -"+strconv.Itoa(int(limit))+" to "+strconv.Itoa(int(limit)))
	}
	return x, t, nil
}
