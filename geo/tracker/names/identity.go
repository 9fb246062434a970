package names

import (
	"slices"
	"strings"
)

// Sex as papers state it; the zero value is unknown.
type Sex uint8

const (
	Female Sex = iota + 1
	Male
)

// Identity is what may tell one human from another. Every field may be empty.
type Identity struct {
	Name  string // as given, in any script, surname first or last
	Latin string // as in the passport
	// BirthDate is YYYY-MM-DD; what isn't a date is taken as unknown.
	BirthDate string
	Sex       Sex
	// Phones hint only: families and tour leaders share them. The last ten
	// digits count, and numbers of fewer than seven don't.
	Phones []string
	// Party, Tour and Place are compared as they are, but for case and spaces
	// around them: a household's id, a tour code, a city or an airport.
	Party, Tour, Place string
}

// Prepared is an Identity made ready for comparing, immutable; about 180 bytes.
// Of phones, party, tour and place it keeps 32-bit hashes: that two differ is
// certain, that they agree nearly so, which is enough for a hint.
type Prepared struct {
	text               string // every spelling: "\n" and its words
	words              []word
	phones             [mostPhones]uint32
	party, tour, place uint32
	birth              uint32 // year, month, day as yyyymmdd; 0: unknown
	sex                Sex
}

const mostPhones = 3

// Prepare folds an identity once.
func Prepare(d *Identity) *Prepared {
	p := &Prepared{birth: parseDate(d.BirthDate), sex: d.Sex}
	words := make([]word, 0, 8)
	p.words = words
	text := make([]byte, 0, 64)
	for _, s := range [...]string{d.Name, d.Latin} {
		if s == "" {
			continue
		}
		text = p.spell(text, s, first)
		if ambiguous(s) {
			text = p.spell(text, s, second)
		}
	}
	p.text = string(text)
	p.words = slices.Clip(slices.Clone(p.words))
	n := 0
	for _, phone := range d.Phones {
		if d := digits(phone); len(d) >= 7 && n < mostPhones {
			p.phones[n] = hash("phone", d[max(0, len(d)-10):])
			n++
		}
	}
	p.party, p.tour, p.place = hashWord("party", d.Party), hashWord("tour", d.Tour), hashWord("place", d.Place)
	return p
}

// hash is FNV-1a of the kind and the text, folded to 32 bits; never 0.
func hash(kind, s string) uint32 {
	h := uint64(14695981039346656037)
	for _, t := range [...]string{kind, "\x00", s} {
		for i := range len(t) {
			h = (h ^ uint64(t[i])) * 1099511628211
		}
	}
	return max(uint32(h^h>>32), 1)
}

// hashWord is 0 for nothing.
func hashWord(kind, s string) uint32 {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0
	}
	return hash(kind, strings.ToLower(s))
}

// parseDate makes yyyymmdd of YYYY-MM-DD, 0 of anything else.
func parseDate(s string) uint32 {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0
	}
	n := uint32(0)
	for i := range len(s) {
		switch c := s[i]; {
		case i == 4 || i == 7:
		case c < '0' || c > '9':
			return 0
		default:
			n = n*10 + uint32(c-'0')
		}
	}
	if m, d := n/100%100, n%100; n < 1000_00_00 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0
	}
	return n
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
