package names

import (
	"strings"
	"unicode/utf8"
)

// word is one word of a folded name.
type word struct {
	// start and end are where it stands in the text; stem is where an ending
	// that comes and goes with sex, language or fashion begins: -ov, -ova,
	// -ovich, -uly.
	start, end, stem uint8
	kind             wordKind
	// sound is the stem's, and kinds the set of its consonants'.
	kinds uint16
	sound sound
}

type wordKind uint8

const (
	plain      wordKind = iota
	patronymic          // Болатұлы, Болатович, bin Bolat
	initial             // one letter
	// opens is set beside the kind on the first word of a spelling.
	opens wordKind = 1 << 7
)

func (w *word) is(k wordKind) bool { return w.kind&^opens == k }

const (
	// mostWords of a spelling are looked at, and mostLetters of a word.
	mostWords   = 6
	mostLetters = 24
)

// endings are folded from what people write, so that they always fit.
var endings = func() (all []ending) {
	for _, e := range []struct {
		kind  wordKind
		words string
	}{
		{patronymic, "ович евич овна евна ична ұлы қызы гызы қысы оғлы углы"},
		{plain, "ова ева ов ев off eff ская ский"},
	} {
		for w := range strings.FieldsSeq(e.words) {
			all = append(all, ending{Fold(w), e.kind})
		}
	}
	return all
}()

type ending struct {
	end  string
	kind wordKind
}

// particle tells words that belong to a name beside them: "Болат ұлы", "bin".
// after: to the one before.
func particle(fold string) (is, after bool) {
	switch fold {
	case "uli", "kizi", "gizi", "kisi", "ogli", "ugli", "oglu":
		return true, true
	case "bin", "ibn", "bint", "binti":
		return true, false
	}
	return false, false
}

// stemOf cuts the ending off a folded word, if at least three letters stay.
func stemOf(fold string) (stem int, kind wordKind) {
	for _, e := range endings {
		if len(fold) >= len(e.end)+3 && strings.HasSuffix(fold, e.end) {
			if e.end == "uli" && strings.HasSuffix(fold, "guli") {
				continue // Айгүли: gul, a flower
			}
			return len(fold) - len(e.end), e.kind
		}
	}
	return len(fold), plain
}

// spell appends a spelling's words to p, unless p has the same spelling already.
func (p *Prepared) spell(text []byte, name string, as reading) []byte {
	from, had := len(text), len(p.words)
	var room [96]byte
	folded := string(appendFold(room[:0], name, as))
	father := false
	for fold := range strings.FieldsSeq(folded) {
		if is, after := particle(fold); is {
			if n := len(p.words); after && n > had {
				p.words[n-1].kind = p.words[n-1].kind&opens | patronymic
			}
			father = !after
			continue
		}
		if len(fold) > mostLetters {
			fold = fold[:mostLetters]
			for !utf8.ValidString(fold) {
				fold = fold[:len(fold)-1]
			}
		}
		if len(p.words)-had == mostWords || len(text)+1+len(fold) > 255 {
			break
		}
		text = append(text, ' ')
		stem, kind := stemOf(fold)
		switch {
		case len(fold) == 1, fold == "iu", fold == "ia":
			kind = initial
		case father:
			kind = patronymic
		}
		father = false
		sound := soundsOf(fold[:stem])
		p.words = append(p.words, word{
			start: uint8(len(text)), end: uint8(len(text) + len(fold)), stem: uint8(len(text) + stem),
			kind: kind, sound: sound, kinds: sound.kinds(),
		})
		text = append(text, fold...)
	}
	if len(p.words) == had {
		return text[:from]
	}
	p.words[had].kind |= opens
	text[from] = '\n'
	if spelt := string(text[from:]); strings.Contains(string(text[:from])+"\n", spelt+"\n") {
		p.words = p.words[:had]
		return text[:from]
	}
	return text
}
