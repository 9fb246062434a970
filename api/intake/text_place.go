package intake

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"aman/geo/tracker"
)

// PlaceIn finds a place in what somebody wrote: a link of a map, a full plus code,
// coordinates in any usual form, the code of an airport, or a city (see namedPlace;
// near are the countries where a name without its country is looked for). ok is
// false where there is none that is sure. rest is what else the text says.
//
// A place that was written is a pin: its radius is a kilometre at least, and never
// finer than its digits.
func PlaceIn(text string, near []string, w *tracker.World) (p *tracker.Position, rest string, ok bool) {
	if f, found := findLink(text); found {
		return pinAt(f), without(text, f.start, f.end), true
	}
	// What stands in a link that isn't read is no place: nobody knows what it means.
	masked := anyLink.ReplaceAllStringFunc(text, func(l string) string { return strings.Repeat("x", len(l)) })
	if f, found := findPlusCode(masked); found {
		return pinAt(f), without(text, f.start, f.end), true
	}
	if f, found := findPoint(masked); found {
		return pinAt(f), without(text, f.start, f.end), true
	}
	if p, start, end := nameIn(masked, near, w); p != nil {
		return p, without(text, start, end), true
	}
	return nil, text, false
}

// longestCry is the most words in a row that a place's name is looked for in beside a
// cry for help.
const longestCry = 3

// placeInCry is PlaceIn for what follows a cry for help, where commas are rare: the
// first words of a piece, or its last ones, may name a city near.
func placeInCry(text string, near []string, w *tracker.World) (*tracker.Position, bool) {
	if p, _, ok := PlaceIn(text, near, w); ok {
		return p, true
	}
	const pieces = 4
	for _, piece := range firstFew(strings.FieldsFunc(text, endsPiece), pieces) {
		words := strings.Fields(piece)
		for n := min(longestCry, len(words)); n > 0; n-- {
			for _, part := range [][]string{words[:n], words[len(words)-n:]} {
				name := strings.TrimFunc(strings.Join(part, " "), edgeOfName)
				// Short words, and codes in small letters, are words.
				if p := named(name, near, w); p != nil && p.Airport == "" && len([]rune(name)) > 3 && nearby(p, near, w) {
					return p, true
				}
			}
		}
	}
	return nil, false
}

func firstFew(list []string, most int) []string { return list[:min(len(list), most)] }

// anyLink finds links of all kinds.
var anyLink = regexp.MustCompile(`(?i)\b(?:https?://|www\.|geo:)\S+`)

// pinAt is the position of coordinates that were written.
func pinAt(f foundPoint) *tracker.Position {
	return &tracker.Position{Point: f.point, RadiusM: math.Min(math.Max(pinRadiusM, f.quantumM), maxRadiusM), Method: tracker.Pin}
}

// without is text without the bytes from start to end, and without the signs that
// stood about them.
func without(text string, start, end int) string {
	edge := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:|/()[]<>–-", r) }
	before := strings.TrimRightFunc(text[:start], edge)
	after := strings.TrimLeftFunc(text[end:], edge)
	return strings.TrimFunc(strings.TrimSpace(before+" "+after), edge)
}

// longestName is the most characters that a place's name is looked for in.
const longestName = 60

// nameIn finds an airport or a city that a text names: as a whole, as one of the
// pieces that commas and line ends part, or an airport's code in capitals among
// other words. Of pieces, and of words, only what lies in the countries near is
// taken: "mama" and "yes" are places too, somewhere.
func nameIn(text string, near []string, w *tracker.World) (p *tracker.Position, start, end int) {
	if p := named(strings.TrimFunc(text, edgeOfName), near, w); p != nil {
		return p, 0, len(text)
	}
	for _, piece := range strings.FieldsFunc(text, endsPiece) {
		name := strings.TrimFunc(piece, edgeOfName)
		if p := named(name, near, w); p != nil && nearby(p, near, w) {
			at := strings.Index(text, name)
			return p, at, at + len(name)
		}
	}
	if strings.ToUpper(text) == text {
		return nil, 0, 0 // all in capitals: a code doesn't stand out
	}
	from := -1
	for i, r := range text + " " {
		if unicode.IsLetter(r) || isDigit(r) {
			if from < 0 {
				from = i
			}
			continue
		}
		if from >= 0 {
			if word := text[from:i]; len(word) == 3 && airportCode(word) == nil {
				if p, err := AirportPosition(word, w); err == nil && nearby(p, near, w) {
					return p, from, i
				}
			}
		}
		from = -1
	}
	return nil, 0, 0
}

// endsPiece tells the signs that part what somebody wrote into pieces.
func endsPiece(r rune) bool { return strings.ContainsRune(",;\n\r.!?()", r) }

func edgeOfName(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsPunct(r)
}

// beforeNames are what people put before the name of a place.
var beforeNames = []string{
	"i am in ", "i'm in ", "we are in ", "in ", "at ", "near ", "city of ", "airport ", "я в ", "мы в ", "в ", "город ", "г. ", "аэропорт ", "қала ", "әуежай ", "мен ", "біз ",
}

// afterNames are what they put after it.
var afterNames = []string{" airport", " аэропорт", " әуежайы", " қаласы", " city"}

// notNames are short answers that some airport's code or city's name equals.
var notNames = map[string]bool{
	"yes": true, "no": true, "ok": true, "help": true, "hlp": true, "sos": true, "mama": true, "papa": true, "mom": true, "dad": true, "and": true, "all": true,
	"now": true, "hi": true, "hello": true, "safe": true, "good": true, "fine": true, "stop": true, "home": true, "test": true, "hey": true, "bye": true, "thanks": true,
	"да": true, "нет": true, "ок": true, "мама": true, "папа": true, "дом": true, "дома": true, "привет": true, "спасибо": true, "тест": true, "рахмет": true,
	"сәлем": true, "иә": true, "ия": true, "жоқ": true, "алло": true, "хорошо": true, "жақсы": true, "үй": true, "апа": true, "бала": true, "ата": true, "мен": true, "я": true,
}

// exonyms are cities of the region whose Russian or Kazakh name is not their own in
// other letters; a blank is written as a hyphen.
var exonyms = map[string]struct{ name, country string }{
	"доха": {"Doha", "QA"}, "тегеран": {"Tehran", "IR"}, "тегран": {"Tehran", "IR"}, "мешхед": {"Mashhad", "IR"}, "исфахан": {"Isfahan", "IR"}, "шираз": {"Shiraz", "IR"},
	"тебриз": {"Tabriz", "IR"}, "бендер-аббас": {"Bandar Abbas", "IR"}, "абу-даби": {"Abu Dhabi", "AE"}, "әбу-даби": {"Abu Dhabi", "AE"}, "шарджа": {"Sharjah", "AE"},
	"фуджейра": {"Fujairah", "AE"}, "рас-эль-хайма": {"Ras Al Khaimah", "AE"}, "аджман": {"Ajman", "AE"}, "эль-айн": {"Al Ain City", "AE"},
	"эр-рияд": {"Riyadh", "SA"}, "рияд": {"Riyadh", "SA"}, "әр-рияд": {"Riyadh", "SA"}, "джидда": {"Jeddah", "SA"}, "жидда": {"Jeddah", "SA"}, "мекка": {"Makkah", "SA"}, "мекке": {"Makkah", "SA"},
	"медина": {"Madinah", "SA"}, "мәдине": {"Madinah", "SA"}, "мәдина": {"Madinah", "SA"}, "даммам": {"Dammam", "SA"}, "манама": {"Manama", "BH"},
	"эль-кувейт": {"Kuwait City", "KW"}, "маскат": {"Muscat", "OM"}, "салала": {"Salalah", "OM"}, "амман": {"Amman", "JO"}, "акаба": {"Aqaba", "JO"},
	"иерусалим": {"Jerusalem", "IL"}, "тель-авив": {"Tel Aviv", "IL"}, "хайфа": {"Haifa", "IL"}, "эйлат": {"Eilat", "IL"}, "бейрут": {"Beirut", "LB"}, "дамаск": {"Damascus", "SY"},
	"багдад": {"Baghdad", "IQ"}, "бағдат": {"Baghdad", "IQ"}, "басра": {"Basrah", "IQ"}, "эрбиль": {"Erbil", "IQ"}, "каир": {"Cairo", "EG"}, "шарм-эль-шейх": {"Sharm el-Sheikh", "EG"},
	"хургада": {"Hurghada", "EG"}, "стамбул": {"Istanbul", "TR"}, "ыстамбұл": {"Istanbul", "TR"}, "анталья": {"Antalya", "TR"}, "анталия": {"Antalya", "TR"}, "анкара": {"Ankara", "TR"},
	"баку": {"Baku", "AZ"}, "ереван": {"Yerevan", "AM"}, "ашхабад": {"Ashgabat", "TM"}, "ашғабат": {"Ashgabat", "TM"},
}

// named is the place that a name is of, or nil.
func named(name string, near []string, w *tracker.World) *tracker.Position {
	lower := strings.ToLower(name)
	if n := len([]rune(name)); n < 3 || n > longestName || notNames[lower] {
		return nil
	}
	try := []string{name}
	if len(lower) == len(name) { // cut by the same bytes
		for _, b := range beforeNames {
			if strings.HasPrefix(lower, b) {
				try = append(try, strings.TrimSpace(name[len(b):]))
				break
			}
		}
		last := try[len(try)-1]
		for _, a := range afterNames {
			if strings.HasSuffix(strings.ToLower(last), a) {
				try = append(try, strings.TrimSpace(last[:len(last)-len(a)]))
				break
			}
		}
	}
	for _, n := range try {
		if len([]rune(n)) < 3 || notNames[strings.ToLower(n)] {
			continue
		}
		p, _ := namedPlace(n, near, w)
		if known, ok := exonyms[strings.ToLower(strings.ReplaceAll(n, " ", "-"))]; ok && p == nil {
			p, _ = CityPosition(known.name, known.country, w) // nil where the gazetteer hasn't it
		}
		if p == nil {
			continue
		}
		// A word that happens to be the code of a small airport far away is a word.
		if p.Airport != "" && !strings.Contains(n, ",") && !nearby(p, near, w) && (n != strings.ToUpper(n) || !large(p, w)) {
			continue
		}
		return p
	}
	return nil
}

// nearby tells whether a place lies in one of the countries near.
func nearby(p *tracker.Position, near []string, w *tracker.World) bool {
	if i, ok := w.Airport(p.Airport); ok {
		a := w.Airports()[i]
		return slices.Contains(near, a.Country) && a.Size >= tracker.MediumAirport
	}
	for _, c := range w.Countries(p.Point, 0) {
		if slices.Contains(near, c.Code) {
			return true
		}
	}
	return false
}

func large(p *tracker.Position, w *tracker.World) bool {
	i, ok := w.Airport(p.Airport)
	return ok && w.Airports()[i].Size == tracker.LargeAirport
}
