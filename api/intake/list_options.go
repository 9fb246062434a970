package intake

import (
	"strings"
	"time"
	"unicode"

	"aman/geo/tracker"
)

// ListField is what a column says.
type ListField string

const (
	FieldName         ListField = "name"
	FieldSurname      ListField = "surname"
	FieldGiven        ListField = "given"
	FieldPatronymic   ListField = "patronymic"
	FieldLatin        ListField = "latin"
	FieldLatinSurname ListField = "latin_surname"
	FieldLatinGiven   ListField = "latin_given"
	FieldBirthDate    ListField = "birth_date"
	FieldSex          ListField = "sex"
	FieldCitizenship  ListField = "citizenship"
	FieldIIN          ListField = "iin"
	FieldPassport     ListField = "passport"
	FieldExpiry       ListField = "passport_expiry"
	FieldPhone        ListField = "phone"
	FieldEmail        ListField = "email"
	FieldTour         ListField = "tour_code"
	FieldParty        ListField = "party"
	FieldCountry      ListField = "country"
	FieldCity         ListField = "city"
	FieldAirport      ListField = "airport"
	FieldAddress      ListField = "address"
	FieldLat          ListField = "lat"
	FieldLon          ListField = "lon"
	FieldLatLon       ListField = "lat_lon" // both in one cell
	FieldArrival      ListField = "arrival"
	FieldDeparture    ListField = "departure"
	FieldStatus       ListField = "status"
	FieldPersons      ListField = "persons"
	FieldNote         ListField = "note"
	FieldStated       ListField = "stated_at"
)

// ListFields are all fields, in the order in which people choose among them.
var ListFields = []ListField{
	FieldName, FieldSurname, FieldGiven, FieldPatronymic, FieldLatin, FieldLatinSurname, FieldLatinGiven,
	FieldBirthDate, FieldSex, FieldCitizenship, FieldIIN, FieldPassport, FieldExpiry, FieldPhone, FieldEmail,
	FieldTour, FieldParty, FieldCountry, FieldCity, FieldAirport, FieldAddress, FieldLat, FieldLon, FieldLatLon,
	FieldArrival, FieldDeparture, FieldStatus, FieldPersons, FieldNote, FieldStated,
}

// fieldNumber is a field's place in ListFields.
var fieldNumber = func() map[ListField]int {
	m := make(map[ListField]int, len(ListFields))
	for i, f := range ListFields {
		m[f] = i
	}
	return m
}()

// many are the fields that more than one column may give.
var many = map[ListField]bool{FieldPhone: true, FieldNote: true, FieldEmail: true}

// ListOptions say how a list is to be read. The zero value reads one that opens,
// by its headings alone.
type ListOptions struct {
	// Closes: the list says who has left; otherwise who is there.
	Closes bool
	// Left is what a closing row without a status says: Left (also for zero) or Home.
	Left tracker.Intention
	// Source is whose list it is, as staff call them.
	Source string
	Sheet  string // empty: the first
	// Columns overrides what the headings say: heading, folded, to field, or to ""
	// for a column that isn't taken.
	Columns map[string]ListField
	// MonthFirst reads 3/4/2026 as the fourth of March.
	MonthFirst bool
	// Country is where people are whose row doesn't say, ISO 3166-1 alpha-2.
	Country string
	// AsOf is the day that the list speaks of (midnight UTC); zero: now.
	AsOf time.Time

	// SkipBad takes the good rows of a list that has bad ones.
	SkipBad bool
	// Mapping names a saved mapping that the options are laid over; zero: none.
	Mapping tracker.ID
}

var (
	listMembers = []string{
		"kind", "left", "source", "sheet", "columns", "date_order", "country", "as_of", "skip_bad", "mapping",
	}
	// A saved mapping has nothing that is one file's own: sheet, day, rows to skip.
	mappingMembers = []string{"kind", "left", "source", "columns", "date_order", "country"}
)

// ReadListOptions lays the JSON object b over o; what it doesn't name stays.
// Errors: *SyntaxError, *tracker.FieldError.
func ReadListOptions(b []byte, o ListOptions, w *tracker.World) (ListOptions, error) {
	return listOptions(b, listMembers, o, w)
}

// ReadListMapping reads a saved mapping: options without what is one file's own.
// Errors: *SyntaxError, *tracker.FieldError.
func ReadListMapping(b []byte, w *tracker.World) (ListOptions, error) {
	return listOptions(b, mappingMembers, ListOptions{}, w)
}

func listOptions(b []byte, members []string, o ListOptions, w *tracker.World) (ListOptions, error) {
	err := whole(b, func(s *scanner) error {
		_, err := s.object(members, func(i int) error { return listOption(s, members[i], &o, w) })
		return err
	})
	return o, err
}

func listOption(s *scanner, member string, o *ListOptions, w *tracker.World) (err error) {
	switch member {
	case "kind":
		o.Closes, err = choice(s, "open", "close")
	case "left":
		var home bool
		home, err = choice(s, "left", "home")
		if o.Left = tracker.Left; home {
			o.Left = tracker.Home
		}
	case "source":
		o.Source, err = line(s, 1, 100)
	case "sheet":
		o.Sheet, err = line(s, 0, 100)
	case "columns":
		o.Columns, err = listColumns(s)
	case "date_order":
		o.MonthFirst, err = choice(s, "dmy", "mdy")
	case "country":
		o.Country, err = country(s, w)
	case "as_of":
		var t string
		if t, err = s.text(); err == nil {
			if o.AsOf, err = time.Parse(time.DateOnly, t); err != nil || o.AsOf.Year() < 1970 || o.AsOf.Year() > 2200 {
				err = broken("wrong_form", "is not a date like 2026-03-01")
			}
		}
	case "skip_bad":
		o.SkipBad, err = s.boolean()
	case "mapping":
		o.Mapping, err = id(s)
	}
	return err
}

// choice reads one of two words and tells whether it is the second.
func choice(s *scanner, first, second string) (bool, error) {
	t, err := s.text()
	if err == nil && t != first && t != second {
		err = broken("not_one_of", "is not one of "+first+", "+second)
	}
	return t == second, err
}

// listColumns reads headings and their fields. The object's names are people's
// own words: two that differ in form alone are one.
func listColumns(s *scanner) (map[string]ListField, error) {
	out := map[string]ListField{}
	err := s.members(func(member []byte) error {
		name := string(member)
		if len(out) >= MaxListColumns {
			return broken("too_many", "names more than 200 columns")
		}
		if err := atMost(name, 300); err != nil {
			return err
		}
		t, err := s.text()
		if err != nil {
			return err
		}
		f := ListField(t)
		if _, known := fieldNumber[f]; !known && f != "" {
			return broken("not_one_of", "is not a field of a list")
		}
		key := foldHeading(name)
		if key == "" {
			return broken("too_short", "names a column without a heading")
		}
		if _, twice := out[key]; twice {
			return broken("duplicate_key", "is given twice")
		}
		out[key] = f
		return nil
	})
	return out, err
}

// foldHeading reduces a heading to what it is known by: lower case, letters and
// digits, words parted by one space. "Ф.И.О." is "фио", "Passport No:" is "passport no".
func foldHeading(s string) string {
	var b strings.Builder
	space := false
	for _, r := range strings.ToLower(s) {
		switch {
		case r == 'ё':
			r = 'е'
		case r == '.' || r == '\'' || r == '’' || r == 'ʼ' || r == '\u00ad':
			continue // "д.р.", "Ф.И.О.": letters of one word
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
