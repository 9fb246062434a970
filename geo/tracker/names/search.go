package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Searchable makes the compact string that a Query looks in: for each word of the
// texts (names, codes, handles, phones) a line of its sound, a dot and its fold.
// A text of four digits or more and no letter is one line of its digits. The same
// word twice is kept once. It goes on well with what others append, if that
// begins with a line break and a dot: "\n.text".
func Searchable(texts ...string) string {
	var room [160]byte
	b := room[:0]
	for _, s := range texts {
		if d, ok := number(s); ok {
			b = appendLine(b, 0, d)
			continue
		}
		b = appendWords(b, s, first)
		if ambiguous(s) {
			b = appendWords(b, s, second)
		}
	}
	return string(b)
}

func appendWords(b []byte, s string, as reading) []byte {
	var room [96]byte
	for fold := range strings.FieldsSeq(string(appendFold(room[:0], s, as))) {
		stem, _ := stemOf(fold)
		b = appendLine(b, soundsOf(fold[:stem]), fold)
	}
	return b
}

func appendLine(b []byte, s sound, fold string) []byte {
	from := len(b)
	b = append(b, '\n')
	b = s.appendText(b)
	b = append(b, '.')
	b = append(b, fold...)
	line := string(b[from:])
	if had := string(b[:from]); strings.Contains(had, line+"\n") || strings.HasSuffix(had, line) {
		return b[:from]
	}
	return b
}

// number makes digits of a text that is a number of four digits or more.
func number(s string) (string, bool) {
	n := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			n++
		case unicode.IsLetter(r):
			return "", false
		}
	}
	return digits(s), n >= 4
}

// Query is a question of the search box, ready to be asked of many.
// The zero Query matches nobody.
type Query struct {
	words [][]needle // every one must match, by any of its needles
}

// needle is one reading of a word.
type needle struct {
	fold, stem string
	// sound stands after a line break. A dot ends it if the word has its ending,
	// or only two codes; else it may go on, as it does while somebody types.
	// Empty: by letters only.
	sound string
}

// NewQuery prepares a question. A number of four digits or more is looked for
// as it is (with "8 701…" as dialled inside Kazakhstan for +7 701…), anything
// else word by word: as a part of a word, or by its sound.
func NewQuery(text string) Query {
	if d, ok := number(text); ok {
		if len(d) == 11 && d[0] == '8' {
			d = d[1:]
		}
		return Query{[][]needle{{{fold: d}}}}
	}
	var q Query
	for s := range strings.FieldsSeq(text) {
		words := strings.Fields(Fold(s))
		var other []string
		if ambiguous(s) {
			other = strings.Fields(string(appendFold(nil, s, second)))
		}
		for i, fold := range words {
			needles := []needle{newNeedle(fold)}
			if len(other) == len(words) && other[i] != fold {
				needles = append(needles, newNeedle(other[i]))
			}
			q.words = append(q.words, needles)
		}
	}
	return q
}

func newNeedle(fold string) needle {
	stem, _ := stemOf(fold)
	n := needle{fold: fold, stem: fold[:stem]}
	s := soundsOf(n.stem)
	if s == 0 {
		return n
	}
	n.sound = "\n" + string(s.appendText(nil))
	if s.len() < 3 || stem < len(fold) {
		n.sound += "."
	}
	return n
}

// Empty tells that there is no word to look for.
func (q *Query) Empty() bool { return len(q.words) == 0 }

// Match tells whether every word of the question is in what Searchable made.
func (q *Query) Match(searchable string) bool {
	for _, w := range q.words {
		if !slices.ContainsFunc(w, func(n needle) bool { return n.in(searchable) }) {
			return false
		}
	}
	return len(q.words) > 0
}

func (n *needle) in(s string) bool {
	if strings.Contains(s, n.fold) {
		return true
	}
	if n.sound == "" {
		return false
	}
	for {
		i := strings.Index(s, n.sound)
		if i < 0 {
			return false
		}
		s = s[i+len(n.sound)-1:]
		if n.sounds(s) {
			return true
		}
	}
}

// leastSounding is how alike two words of one sound must be to be found by it.
const leastSounding = 0.5

// sounds looks closer at a line that has the sound: s begins within its sound.
func (n *needle) sounds(s string) bool {
	line, _, _ := strings.Cut(s[strings.IndexByte(s, '.')+1:], "\n")
	stem, _ := stemOf(line)
	line = line[:stem]
	if line == "" || line[0] >= utf8.RuneSelf != (n.stem[0] >= utf8.RuneSelf) { // another script: there is nothing else to go by
		return line != ""
	}
	longest := max(len(line), len(n.stem))
	if len(line) > len(n.stem) { // what isn't typed yet doesn't count
		longest = len(n.stem)
		line = line[:min(len(line), len(n.stem)+1)]
	}
	return distance(line, n.stem, int((1-leastSounding)*100*float64(longest))+1) != unlike
}

// Like tells how close to the question what it found is, 0..100: 100 where every
// word is there as it was asked for, 80 where it begins a word, 60 where it is
// part of one, less where only the sound agrees. The least alike word counts.
func (q *Query) Like(searchable string) int {
	least := 100
	for _, w := range q.words {
		best := 0
		for i := range w {
			best = max(best, w[i].like(searchable))
		}
		least = min(least, best)
	}
	return least
}

func (n *needle) like(s string) int {
	const begins, within, sounds = 80, 60, 55
	best := 0
	for line := range strings.SplitSeq(s, "\n") {
		_, word, ok := strings.Cut(line, ".")
		switch {
		case !ok:
		case word == n.fold:
			return 100
		case strings.HasPrefix(word, n.fold):
			best = max(best, begins)
		case strings.Contains(word, n.fold):
			best = max(best, within)
		case best < sounds && word != "":
			most := 100 * max(len(word), len(n.fold))
			if d := distance(word, n.fold, most); d != unlike {
				best = max(best, sounds-sounds*d/most)
			}
		}
	}
	return best
}
