package names_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aman/geo/tracker/names"
)

// human is somebody of the population of PAIRS.md.
type human struct {
	id                     uint32
	held                   bool
	of                     *community
	sex                    names.Sex
	surname, given, father string // father: the patronymic, may be empty
	birth, iin, passport   string
	phones                 []string
	party, tour, place     string
	spelling               int // how the record has it
	givenFirst, latin      bool
}

// population makes n humans, households together.
func population(n int, r *rand.Rand) []*human {
	var all []*human
	for house := 0; len(all) < n; house++ {
		all = append(all, household(house, uint32(len(all)), r)...)
	}
	return all[:n]
}

func household(house int, id uint32, r *rand.Rand) []*human {
	held := house%3 == 2
	c := drawCommunity(r)
	surname := draw(c.surname, held, r)
	head := draw(c.men, held, r)
	shared := phone(r)
	tour := ""
	if r.IntN(4) == 0 {
		tour = fmt.Sprintf("KZ%03d", r.IntN(150))
	}
	place := []string{"Almaty", "Dubai", "Antalya", "Doha", "Istanbul", "Jeddah", "Tehran", "Tel Aviv", "Cairo", "Amman"}[r.IntN(10)]
	spelling := drawSpelling(r)
	var all []*human
	taken := map[string]bool{}
	for i := range 1 + r.IntN(4) {
		h := &human{id: id + uint32(i), held: held, of: c, place: place, tour: tour, party: fmt.Sprint("house ", house), spelling: spelling}
		h.sex = names.Sex(1 + r.IntN(2))
		list, father := c.women, draw(c.men, held, r)
		if h.sex == names.Male {
			list = c.men
		}
		if i > 1 {
			father = head
		}
		h.given = draw(list, held, r)
		if taken[h.given] {
			break
		}
		taken[h.given] = true
		h.surname = surnameOf(surname, h.sex)
		h.father = patronymic(father, h.sex, c.kazakh && r.IntN(2) == 0)
		if r.IntN(7) == 0 {
			h.father = ""
		}
		h.papers(r)
		h.phones = append(h.phones, shared)
		if r.IntN(2) == 0 {
			h.phones = slices.Insert(h.phones, r.IntN(2), phone(r))
		}
		h.givenFirst, h.latin = r.IntN(5) == 0, r.IntN(5) < 2
		all = append(all, h)
	}
	return all
}

// papers draws what is a human's own.
func (h *human) papers(r *rand.Rand) {
	born := time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(82*365))
	h.birth = born.Format(time.DateOnly)
	h.passport = fmt.Sprintf("N%08d", r.IntN(1e8))
	century := 3
	if born.Year() >= 2000 {
		century = 5
	}
	if h.sex == names.Female {
		century++
	}
	for {
		h.iin = withCheck(fmt.Sprintf("%s%d%04d", born.Format("060102"), century, r.IntN(1e4)))
		if h.iin != "" {
			return
		}
	}
}

// withCheck appends the check digit to eleven digits; empty if they have none.
func withCheck(s string) string {
	for c := '0'; c <= '9'; c++ {
		if names.ValidIIN(s + string(c)) {
			return s + string(c)
		}
	}
	return ""
}

func phone(r *rand.Rand) string {
	return fmt.Sprintf("+77%02d%07d", []int{1, 2, 5, 7, 47, 71, 75, 78}[r.IntN(8)], r.IntN(1e7))
}

func drawCommunity(r *rand.Rand) *community {
	n := r.IntN(100)
	for i := range communities {
		if n -= communities[i].weight; n < 0 {
			return &communities[i]
		}
	}
	panic("the weights make a hundred")
}

// draw takes a stem of one part, the n-th with weight 1/(4+n).
func draw(list []string, held bool, r *rand.Rand) string {
	sum := 0.0
	for {
		sum = 0
		for i := range list {
			if (i%3 == 2) == held {
				sum += 1 / float64(4+i)
			}
		}
		at := r.Float64() * sum
		for i, s := range list {
			if (i%3 == 2) != held {
				continue
			}
			if at -= 1 / float64(4+i); at < 0 {
				return s
			}
		}
	}
}

func drawSpelling(r *rand.Rand) int {
	if r.IntN(2) == 0 {
		return 0
	}
	return r.IntN(len(spellings))
}

// surnameOf gives a woman's form to a name that has one.
func surnameOf(s string, sex names.Sex) string {
	if sex == names.Female {
		for _, end := range []string{"ов", "ев", "ёв", "ин"} {
			if strings.HasSuffix(s, end) && s != "Ин" {
				return s + "а"
			}
		}
	}
	return s
}

func patronymic(father string, sex names.Sex, kazakh bool) string {
	man := sex == names.Male
	switch last, size := utf8.DecodeLastRuneInString(father); {
	case kazakh && man:
		return father + "ұлы"
	case kazakh:
		return father + "қызы"
	case strings.ContainsRune("йь", last):
		father = father[:len(father)-size] + "ев"
	case strings.ContainsRune("аәеиіоуұүыэюя", last):
		father += "ев"
	default:
		father += "ов"
	}
	if man {
		return father + "ич"
	}
	return father + "на"
}

// written writes a name by a rule of spellings, each word with a capital.
func written(spelling int, r *rand.Rand, words ...string) string {
	var out []string
	for _, w := range words {
		if w == "" {
			continue
		}
		s := []rune(spellings[spelling].write(strings.ToLower(w), r))
		s[0] = unicode.ToUpper(s[0])
		out = append(out, string(s))
	}
	return strings.Join(out, " ")
}

// stored is what the record has: the same at every call.
func (h *human) stored() names.Identity {
	d := names.Identity{
		Name: h.name(h.spelling), BirthDate: h.birth, Sex: h.sex, Phones: h.phones,
		Party: h.party, Tour: h.tour, Place: h.place,
	}
	if h.latin {
		d.Latin = strings.ToUpper(written(2, nil, h.surname, h.given))
	}
	return d
}

func (h *human) name(spelling int) string {
	r := rand.New(rand.NewPCG(uint64(h.id), 7))
	if h.givenFirst {
		return written(spelling, r, h.given, h.father, h.surname)
	}
	return written(spelling, r, h.surname, h.given, h.father)
}

func (h *human) ids() names.IDs {
	return names.IDs{IIN: h.iin, Passport: h.passport, BirthDate: h.birth, Sex: h.sex}
}
