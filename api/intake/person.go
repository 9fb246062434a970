package intake

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"aman/geo/tracker"
)

// Defaults are what a channel knows about everything that comes through it.
type Defaults struct {
	Crisis tracker.ID
	// Channel is used when a report names none; Allowed are those that it may
	// name besides.
	Channel tracker.Channel
	Allowed []tracker.Channel
	// Source names the account, key or link.
	Source tracker.ID
	Now    time.Time
	World  *tracker.World
}

// Names of PersonInput's members; PersonPatch has the first patchMembers of them.
var personMembers = []string{
	"name", "latin", "birth_date", "sex", "iin", "passport", "passport_expiry", "phones", "handles",
	"category", "stay", "persons", "needs", "country", "tour_code", "note", "party", "guardian",
}

const patchMembers = 16

// Person reads a PersonInput of the contract. A person without a name is
// unidentified; what isn't said is unknown, and one person. Errors: *SyntaxError,
// *tracker.FieldError.
func Person(b []byte, d Defaults) (tracker.Person, error) {
	var p tracker.Person
	err := whole(b, func(s *scanner) (err error) {
		p, err = person(s, d)
		return err
	})
	return p, err
}

func person(s *scanner, d Defaults) (tracker.Person, error) {
	p := tracker.Person{Crisis: d.Crisis, Category: tracker.CategoryUnknown, Stay: tracker.StayUnknown, Persons: 1}
	_, err := s.object(personMembers, func(i int) error { return personMember(s, i, &p, d, 1) })
	return p, err
}

// Patch reads a PersonPatch of the contract onto p: only what is sent changes.
func Patch(b []byte, p *tracker.Person, d Defaults) error {
	return whole(b, func(s *scanner) error {
		seen, err := s.object(personMembers[:patchMembers], func(i int) error { return personMember(s, i, p, d, 0) })
		if err == nil && seen == 0 {
			return broken("too_few", "has no member")
		}
		return err
	})
}

// personMember reads one member; minText is the least length of texts that a
// patch may also clear.
func personMember(s *scanner, i int, p *tracker.Person, d Defaults, minText int) (err error) {
	t := &p.Details
	switch personMembers[i] {
	case "name":
		t.Name, err = line(s, minText, 200)
	case "latin":
		t.Latin, err = line(s, minText, 200)
	case "birth_date":
		t.BirthDate, err = checked(s, func(v string) error {
			return date(v, time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), d.Now.AddDate(0, 0, 1))
		})
	case "sex":
		t.Sex, err = word(s, tracker.ParseSex)
	case "iin":
		t.IIN, err = checked(s, iin)
	case "passport":
		t.Passport, err = checked(s, passport)
	case "passport_expiry":
		t.PassportExpiry, err = checked(s, func(v string) error {
			return date(v, time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), d.Now.AddDate(60, 0, 0))
		})
	case "phones":
		t.Phones, err = list(s, 10, func() (string, error) { return phone(s) })
	case "handles":
		t.Handles, err = list(s, 10, func() (string, error) { return line(s, 1, 100) })
	case "category":
		p.Category, err = word(s, tracker.ParseCategory)
	case "stay":
		p.Stay, err = word(s, tracker.ParseStay)
	case "persons":
		p.Persons, err = persons(s)
	case "needs":
		p.Needs, err = needs(s)
	case "country":
		p.Country, err = country(s, d.World)
	case "tour_code":
		t.TourCode, err = line(s, minText, 60)
	case "note":
		t.Note, err = textOf(s, 2000)
	case "party":
		p.Party, err = id(s)
	case "guardian":
		p.Guardian, err = id(s)
	}
	return err
}

// line reads a text of minLen to maxLen characters that is shown in one line.
func line(s *scanner, minLen, maxLen int) (string, error) {
	t, err := textOf(s, maxLen)
	if err != nil {
		return "", err
	}
	if utf8.RuneCountInString(t) < minLen {
		return "", broken("too_short", "is empty")
	}
	return t, oneLine(t)
}

// textOf reads a text of at most maxLen characters.
func textOf(s *scanner, maxLen int) (string, error) {
	t, err := short(s, maxLen)
	if err != nil {
		return "", err
	}
	return t, readable(t)
}

// short reads a string of at most maxLen characters.
func short(s *scanner, maxLen int) (string, error) {
	t, err := s.text()
	if err != nil {
		return "", err
	}
	return t, atMost(t, maxLen)
}

// checked reads a string that has a form of its own.
func checked(s *scanner, check func(string) error) (string, error) {
	t, err := s.text()
	if err != nil {
		return "", err
	}
	return t, check(t)
}

// word reads one of a type's words.
func word[T any](s *scanner, parse func(string) (T, error)) (T, error) {
	var zero T
	t, err := s.text()
	if err != nil {
		return zero, err
	}
	v, err := parse(t)
	if err != nil {
		return zero, broken("not_one_of", "is not a known word")
	}
	return v, nil
}

func list(s *scanner, limit int, item func() (string, error)) ([]string, error) {
	var all []string
	err := s.array(func(n int) error {
		if n >= limit {
			return broken("too_many", fmt.Sprintf("there are more than %d", limit))
		}
		t, err := item()
		all = append(all, t)
		return err
	})
	return all, err
}

func phone(s *scanner) (string, error) {
	t, err := short(s, 40)
	if err != nil {
		return "", err
	}
	// Address books copy a number with marks of direction around it that nobody sees.
	return Phone(strings.Map(func(r rune) rune {
		if turns(r) {
			return -1
		}
		return r
	}, t))
}

func needs(s *scanner) (tracker.Needs, error) {
	words, err := list(s, 12, s.text)
	if err != nil {
		return 0, err
	}
	n, err := tracker.ParseNeeds(words)
	if err != nil {
		return 0, broken("not_one_of", "holds a word that is not known")
	}
	return n, nil
}

func persons(s *scanner) (int, error) {
	n, err := s.integer()
	if err != nil {
		return 0, err
	}
	if n < 1 || n > 999 {
		return 0, broken("out_of_range", "is not in 1 to 999")
	}
	return int(n), nil
}

func id(s *scanner) (tracker.ID, error) {
	t, err := s.text()
	if err != nil {
		return tracker.ID{}, err
	}
	v, err := tracker.ParseID(t)
	if err != nil {
		return v, broken("wrong_form", "is not a UUID")
	}
	return v, nil
}

func country(s *scanner, w *tracker.World) (string, error) {
	code, err := checked(s, countryCode)
	if err != nil {
		return "", err
	}
	if _, ok := w.Country(code); !ok {
		return "", broken("unknown_country", "is not the code of a country")
	}
	return code, nil
}

func instant(s *scanner) (time.Time, error) {
	t, err := s.text()
	if err != nil {
		return time.Time{}, err
	}
	return Time(t)
}
