package intake

import (
	"slices"
	"strings"
	"unicode"
)

// headingRows is within how many rows the headings are looked for: titles, dates
// and stamps may stand above them.
const headingRows = 20

// headings are the row of a table that names its columns.
type headings struct {
	at     int // index in the table's rows; -1: there are no rows
	cells  []string
	fields []ListField
}

func (h *headings) heading(i int) string {
	if i < len(h.cells) {
		return h.cells[i]
	}
	return ""
}

func (h *headings) field(i int) ListField {
	if i < len(h.fields) {
		return h.fields[i]
	}
	return ""
}

// findHeadings takes the row in which the most different fields are recognised,
// the first of equals. Where none is, it is the first that has the most words, so
// that people see columns and can say what they mean. set overrides what headings
// say, see ListOptions.
func findHeadings(rows []tableRow, set map[string]ListField) headings {
	best, most := headings{at: -1}, -1
	for i, row := range rows[:min(len(rows), headingRows)] {
		h := headings{at: i, cells: row.cells, fields: fieldsOf(row.cells, set)}
		n := 0
		for c, f := range h.fields {
			switch {
			case f != "":
				n += 1000
			case headingKnown(row.cells[c], set):
				n += 500 // said to be left out, or given twice
			case isWords(row.cells[c]):
				n++
			}
		}
		if n > most {
			best, most = h, n
		}
	}
	return best
}

func headingKnown(cell string, set map[string]ListField) bool {
	_, ok := set[foldHeading(cell)]
	return ok
}

// isWords tells whether a cell could be a heading: it has letters and no digits.
func isWords(s string) bool {
	return strings.ContainsFunc(s, unicode.IsLetter) && !strings.ContainsFunc(s, unicode.IsDigit) && !strings.Contains(s, "@")
}

// fieldsOf recognises the cells of a row. Of two columns for one field the first
// holds, unless the field may be given by many.
func fieldsOf(cells []string, set map[string]ListField) []ListField {
	out := make([]ListField, len(cells))
	taken := map[ListField]bool{}
	// What people said themselves goes first.
	for i, c := range cells {
		if f, said := set[foldHeading(c)]; said && c != "" && f != "" && (many[f] || !taken[f]) {
			out[i], taken[f] = f, true
		}
	}
	for i, c := range cells {
		if _, said := set[foldHeading(c)]; said || c == "" {
			continue
		}
		if f := FieldOf(c); f != "" && (many[f] || !taken[f]) {
			out[i], taken[f] = f, true
		}
	}
	return out
}

// FieldOf tells what a heading means, in Kazakh, Russian or English; empty: not
// known. What stands in brackets, a number after it, and each of the languages of
// "ФИО / Full name" may be what it is known by.
func FieldOf(heading string) ListField {
	if len(heading) > 300 {
		return ""
	}
	tries := []string{heading}
	if before, rest, ok := strings.Cut(heading, "("); ok {
		_, after, _ := strings.Cut(rest, ")")
		tries = append(tries, before+" "+after)
	}
	for _, by := range []string{"/", "|", "\\", ";", " - ", " – "} {
		if strings.Contains(heading, by) {
			tries = append(tries, strings.Split(heading, by)...)
		}
	}
	for _, text := range tries {
		for _, form := range [...]string{text, strings.ReplaceAll(text, ".", ". ")} {
			if f, ok := headingFields[headingForm(foldHeading(form))]; ok {
				return f
			}
		}
	}
	return ""
}

// headingForm drops what headings are padded with and puts the rest in order, so
// that "номер паспорта" and "паспорта номер" are one.
func headingForm(folded string) string {
	words := strings.Fields(folded)
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return filler[w] || strings.Trim(w, "0123456789") == ""
	})
	if len(kept) == 0 {
		kept = words
	}
	slices.Sort(kept)
	return strings.Join(kept, " ")
}

var filler = wordSet(`
	пассажира пассажир туриста турист туристов гражданина граждан гражданин гражданки клиента клиент лица лицо человека гостя заявителя
	его ее их рк указать укажите при наличии если есть в на с по и или the of a an s is in your passenger passengers guest guests tourist
	tourists traveller traveler client citizen pax person applicant if any no. жолаушы жолаушының турист туристің азаматтың азамат
	болса бар болған жағдайда және
`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// headingFields maps the form of every synonym to its field.
var headingFields = func() map[string]ListField {
	m := map[string]ListField{}
	for f, text := range synonyms {
		for s := range strings.SplitSeq(text, ",") {
			if folded := foldHeading(s); folded != "" {
				m[headingForm(folded)] = f
			}
		}
	}
	return m
}()
