package intake

import (
	"strings"
	"testing"
	"time"

	"aman/geo/tracker"
)

// TestListDates: dates as lists write them. The oracle is the calendar, by hand.
func TestListDates(t *testing.T) {
	for _, c := range []struct {
		text       string
		monthFirst bool
		date1904   bool
		want       string // empty: refused
	}{
		{text: "31.12.1990", want: "1990-12-31"},
		{text: "1/2/1990", want: "1990-02-01"},
		{text: "1/2/1990", monthFirst: true, want: "1990-01-02"},
		{text: "03/15/2026"}, // no such month: the order is wrong, and guessing would hide it
		{text: "03/15/2026", monthFirst: true, want: "2026-03-15"},
		{text: "1990-12-31", want: "1990-12-31"},
		{text: "1990-12-31", monthFirst: true, want: "1990-12-31"},
		{text: "1990-12-31T08:30:00Z", want: "1990-12-31 08:30"},
		{text: "31.12.1990 23:59", want: "1990-12-31 23:59"},
		{text: "19901231", want: "1990-12-31"},
		{text: "12MAR85", want: "1985-03-12"},
		{text: "12-Mar-25", want: "2025-03-12"},
		{text: "March 12, 1985", want: "1985-03-12"},
		{text: "12 марта 1985 г.", want: "1985-03-12"},
		{text: "12 наурыз 1985 ж.", want: "1985-03-12"},
		{text: "12 тамыз 1985", want: "1985-08-12"},
		{text: "12 шілде 1985", want: "1985-07-12"},
		{text: "31048", want: "1985-01-01"},
		{text: "31048.5", want: "1985-01-01 12:00"},
		{text: "29586", date1904: true, want: "1985-01-01"},
		{text: "29.02.2024", want: "2024-02-29"},
		{text: "29.02.2023"},
		{text: "31.04.2023"},
		{text: "1985"}, // a year is no day
		{text: "12.1985"},
		{text: "0.0.0"},
		{text: "12.13.1985"},
		{text: "12.12.12345"},
		{text: "завтра"},
		{text: "1.1.1899"},
	} {
		got, err := readDate(c.text, c.monthFirst, c.date1904, true, listNow)
		text := ""
		if err == nil {
			text = strings.TrimSuffix(got.day.Format("2006-01-02 15:04"), " 00:00")
		}
		if text != c.want {
			t.Errorf("readDate(%q, month first %v) = %q %v, want %q", c.text, c.monthFirst, text, err, c.want)
		}
	}
}

// TestSerialDates: a serial date is the day that its number is away from a known one,
// in both systems; the oracle counts days with the calendar.
func TestSerialDates(t *testing.T) {
	first := time.Date(1985, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := range 40_000 {
		want := first.AddDate(0, 0, day).Format(time.DateOnly)
		if got := serialDate(float64(31048+day), false).day.Format(time.DateOnly); got != want {
			t.Fatalf("1900: %d is %s, want %s", 31048+day, got, want)
		}
		if got := serialDate(float64(31048-1462+day), true).day.Format(time.DateOnly); got != want {
			t.Fatalf("1904: %d is %s, want %s", 31048-1462+day, got, want)
		}
	}
}

// TestListNumbers: phones, IINs and passports as spreadsheets mangle them.
func TestListNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"87012345678":                "+77012345678",
		"77012345678":                "+77012345678",
		"77012345678.0":              "+77012345678",
		"7.7012345678E+10":           "+77012345678",
		"7.7012E+10":                 "|7.7012E+10", // the last six digits are gone
		"7,7012E+10":                 "|7,7012E+10",
		"8 (701) 234-56-78":          "+77012345678",
		"+971 50 123 4567":           "+971501234567",
		"00971501234567":             "+971501234567",
		"971501234567":               "+971501234567",
		"87012345678, +971501234567": "+77012345678 +971501234567",
		"тел. 87012345678":           "+77012345678",
		"87012345678 / спросить Асель": "+77012345678|спросить Асель",
		"123": "|123",
		"нет": "",
	} {
		phones, rest := listPhones(text)
		got := strings.Join(phones, " ")
		if rest != "" {
			got += "|" + rest
		}
		if got != want {
			t.Errorf("phones of %q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"850101300015":      "850101300015",
		"850 101 300 015":   "850101300015",
		"850101300015.0":    "850101300015",
		"8.50101300015E+11": "850101300015",
		"40315600019":       "040315600019",
		"850101300014":      "wrong_checksum",
		"8.5010E+11":        "digits_lost",
		"85010130001":       "wrong_checksum", // 085010130001 has a right check digit, and a 50th month
		"8501":              "wrong_form",
	} {
		got, err := listIIN(text)
		if fe, ok := err.(*tracker.FieldError); ok {
			got = fe.Code
		}
		if got != want {
			t.Errorf("IIN of %q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"n 12345678": "N12345678",
		"№ 12345678": "12345678",
		"12345678.0": "12345678",
		"АЕ123456":   "AE123456", // Cyrillic, which look and sound the same
		"Н12345678":  "cyrillic_letter",
		"12":         "wrong_form",
	} {
		got, err := listPassport(text)
		if fe, ok := err.(*tracker.FieldError); ok {
			got = fe.Code
		}
		if got != want {
			t.Errorf("passport of %q: %q, want %q", text, got, want)
		}
	}
}

// TestListStatuses: whatever raises concern wins, and what contradicts itself is not guessed.
func TestListStatuses(t *testing.T) {
	for text, want := range map[string]string{
		"В безопасности": "safe",
		"көмек керек":    "needs_help",
		"SAFE":           "safe",
		"в безопасности, ранен": "injured",
		"выехал":                  "left",
		"үйде":                    "home",
		"в порядке; остаётся":     "safe stays",
		"нет связи":               "no_answer",
		"выехал, остаётся":        "",
		"что-то ещё":              "",
		"безопасно, нет сведений": "unknown",
	} {
		got := ""
		if s, ok := listStatusOf(text); ok {
			var words []string
			if s.wellbeing != 0 {
				words = append(words, s.wellbeing.String())
			}
			if s.intention != 0 {
				words = append(words, s.intention.String())
			}
			if s.contact != 0 {
				words = append(words, s.contact.String())
			}
			got = strings.Join(words, " ")
		}
		if got != want {
			t.Errorf("status %q is %q, want %q", text, got, want)
		}
	}
}

// TestListSeparators: the same cells, whatever parts them and however they are quoted.
func TestListSeparators(t *testing.T) {
	for name, text := range map[string]string{
		"commas":          "name,phone,note\nA B,+77010000001,hi\n",
		"semicolons":      "name;phone;note\r\nA B;+77010000001;hi",
		"tabs":            "name\tphone\tnote\nA B\t+77010000001\thi\n",
		"declared":        "sep=|\nname|phone|note\nA B|+77010000001|hi\n",
		"quotes":          "\"name\",\"phone\",\"note\"\n\"A B\",\"+77010000001\",\"hi\"\n",
		"commas in cells": "name;phone;note\nA B;+77010000001;hi\nC, D, E;;y\n",
		"old Mac":         "name,phone,note\rA B,+77010000001,hi\r",
	} {
		l, err := ReadList([]byte(text), ListOptions{}, listDefaults(t))
		if err != nil || len(l.Rows) == 0 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := saidOf(l.Rows[0]); got != "name=A B | phones=+77010000001 | note=hi" {
			t.Errorf("%s: %s", name, got)
		}
	}
	// A quote that is never closed must not swallow those below.
	l, err := ReadList([]byte("name,phone\n\"A B,+77010000001\nC D,+77010000002\n"), ListOptions{}, listDefaults(t))
	if err != nil || l.Total != 2 {
		t.Errorf("an open quote: %+v %v", l, err)
	}
}
