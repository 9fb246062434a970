package intake

import (
	"fmt"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"aman/geo/tracker"
)

// home is the region of numbers that are written without a country code: "8 701
// 234 56 78" is +7 701 234 56 78.
const home = "KZ"

// Phone reads a phone number as people write it and returns it in E.164. A
// number that can't exist is a FieldError without a path.
func Phone(s string) (string, error) {
	if isHome(s) {
		return s, nil
	}
	n, err := phonenumbers.Parse(s, home)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", broken("not_a_phone", "is not a phone number; write it with its country code, e.g. +7 701 234 56 78")
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// isHome tells whether s is an E.164 number of the plan that Kazakhstan is in:
// +7 and ten digits, all of which can exist. The library says the same, in a
// fifth of the time that importing a person takes.
func isHome(s string) bool {
	return len(s) == 12 && s[:2] == "+7" && strings.Trim(s[2:], "0123456789") == ""
}

// Time reads an RFC 3339 time between 1970 and 2200 and returns it in UTC, in
// microseconds.
func Time(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, broken("wrong_form", "is not a time like 2026-03-01T12:00:00Z")
	}
	t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < 1970 || t.Year() > 2200 {
		return t, broken("out_of_range", "is not between 1970 and 2200")
	}
	return t, nil
}

// date reads a day and checks that it lies in [from, to].
func date(s string, from, to time.Time) error {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return broken("wrong_form", "is not a date like 2026-03-01")
	}
	if t.Before(from) || t.After(to) {
		return broken("out_of_range", fmt.Sprintf("is not between %s and %s", from.Format(time.DateOnly), to.Format(time.DateOnly)))
	}
	return nil
}

// iin checks an individual identification number: twelve digits, the last of
// which is a check digit.
func iin(s string) error {
	if len(s) != 12 || strings.Trim(s, "0123456789") != "" {
		return broken("wrong_form", "is not twelve digits")
	}
	if !tracker.ValidIIN(s) {
		return broken("wrong_checksum", "is mistyped: its last digit does not fit")
	}
	return nil
}

func passport(s string) error {
	if len(s) < 5 || len(s) > 20 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return broken("wrong_form", "is not 5 to 20 capital Latin letters and digits")
	}
	return nil
}

func countryCode(s string) error {
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return broken("wrong_form", "is not a country code of two capital letters")
	}
	return nil
}

func airportCode(s string) error {
	if len(s) != 3 && len(s) != 4 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return broken("wrong_form", "is not an IATA or ICAO code in capital letters")
	}
	return nil
}
