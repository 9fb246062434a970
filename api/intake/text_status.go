package intake

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// statusWords are what people write for the four buttons, in small letters; Latin letters
// too where a phone has no others.
var statusWords = map[string][]string{
	"help": {
		"help", "help me", "help us", "sos", "need help", "i need help", "we need help", "mayday", "save us", "injured", "wounded",
		"помощь", "нужна помощь", "нам нужна помощь", "мне нужна помощь", "помогите", "помогите нам", "помоги", "спасите", "сос", "ранен", "ранена", "раненые", "pomogite", "pomosh", "pomosch", "pomoshch",
		"көмек", "көмек керек", "маған көмек керек", "бізге көмек керек", "көмектесіңіз", "көмектесіңіздер", "құтқарыңыз", "құтқарыңыздар", "жараландым", "komek", "komek kerek",
	},
	"safe": {
		"ok", "okay", "safe", "i am safe", "i'm safe", "im safe", "we are safe", "i am ok", "we are ok", "i'm ok", "all ok", "all good", "fine", "we are fine", "i am fine", "alive",
		"ок", "окей", "в безопасности", "я в безопасности", "мы в безопасности", "безопасно", "жив", "жива", "живы", "цел", "цела", "целы", "живы здоровы", "все хорошо", "всё хорошо", "в порядке", "я в порядке", "мы в порядке", "все в порядке", "всё в порядке", "zhiv", "zhivy", "normalno",
		"аман", "аманмын", "аманбыз", "амансың", "аман-есен", "аман есен", "аман-есенбіз", "аман-есенмін", "жақсы", "жақсымын", "жақсымыз", "бәрі жақсы", "қауіпсіз", "қауіпсізбін", "қауіпсізбіз", "aman", "amanmyn", "amanbyz",
	},
	"leaving": {
		"leaving", "on my way", "on my way out", "on our way", "on the way", "on the way out", "i am leaving", "we are leaving", "evacuating",
		"еду", "едем", "выезжаю", "выезжаем", "уезжаю", "уезжаем", "в пути", "я в пути", "мы в пути", "выехал", "выехала", "выехали", "edem", "vyezzhaem",
		"жолдамын", "жолдамыз", "жолда", "кетіп барамын", "кетіп барамыз", "шығып барамын", "шығып барамыз", "joldamyn", "zholdamyn",
	},
	"away": {
		"away", "left", "i left", "we left", "not here", "i am not here", "not in this country", "i am not in this country", "abroad", "not there",
		"уехал", "уехала", "уехали", "вылетел", "вылетела", "вылетели", "не здесь", "меня там нет", "нас там нет", "не в стране", "меня нет в стране", "не в этой стране", "uehal", "uehali",
		"кеттім", "кеттік", "мұнда емеспін", "мұнда емеспіз", "бұл елде емеспін", "бұл елде емеспіз", "ол жақта емеспін", "kettim", "kettik",
	},
}

// statusIn finds the longest beginning of a text that says a status; rest is what
// follows. A digit is the number of a button. "Help is not needed" says none.
func statusIn(text string) (status, rest string) {
	if m := statusDigit.FindStringSubmatch(text); m != nil {
		return statusButton(m[1]), strings.TrimSpace(text[len(m[0]):])
	}
	lower, ends := foldWords(text)
	for n := min(len(lower), 6); n > 0; n-- {
		phrase := strings.Join(lower[:n], " ")
		for s, words := range statusWords {
			for _, w := range words {
				if w == phrase {
					if s == "help" && notNeeded(lower[n-1:]) {
						return "", text
					}
					return s, strings.TrimSpace(strings.TrimLeft(text[ends[n-1]:], " .,:;!-–—\t"))
				}
			}
		}
	}
	return "", text
}

// A button's number at the beginning, or at the end.
var (
	statusDigit     = regexp.MustCompile(`^\s*([1-4])[.,:;)!]?(?:\s+|$)`)
	statusDigitLast = regexp.MustCompile(`[\s,;]+([1-4])[.!]?$`)
)

// statusButton is the status of a button by its number, 1 to 4.
func statusButton(digit string) string {
	return []string{"safe", "help", "leaving", "away"}[digit[0]-'1']
}

// foldWords are the words of a text in small letters, and where each ends.
func foldWords(text string) (words []string, ends []int) {
	from := -1
	flush := func(i int) {
		if from >= 0 {
			words, ends = append(words, strings.ReplaceAll(strings.ToLower(text[from:i]), "’", "'")), append(ends, i)
			from = -1
		}
	}
	for i, r := range text {
		inner := r == '\'' || r == '’' || r == '-'
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || inner && from >= 0:
			if from < 0 {
				from = i
			}
		default:
			flush(i)
			if !unicode.IsSpace(r) && !strings.ContainsRune(".,:;!-–—", r) {
				return words, ends
			}
		}
		if len(words) > 8 {
			return words, ends
		}
	}
	flush(len(text))
	return words, ends
}

// needless are two words in a row that take back the help that stood before them;
// "не могу" and "not safe" don't.
var needless = map[string]string{
	"не": "нужна нужно нужен нужны надо требуется", "not": "needed required necessary", "longer": "needed required necessary", "isn't": "needed required necessary",
	"ne": "nuzhna nuzhno nado", "керек": "емес", "қажет": "емес", "kerek": "emes", "көмектің": "керегі қажеті",
}

// notNeeded tells whether the words from the last one of a cry for help on take it back
// at once.
func notNeeded(words []string) bool {
	for i := range min(len(words)-1, 4) {
		if slices.Contains(strings.Fields(needless[words[i]]), words[i+1]) {
			return true
		}
	}
	return false
}

// criesOut tells whether a text has a cry for help anywhere, also one that statusIn
// isn't sure of: somebody should read it soon.
func criesOut(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	said := " " + strings.Join(words, " ") + " "
	return slices.ContainsFunc(statusWords["help"], func(w string) bool { return strings.Contains(said, " "+w+" ") })
}
