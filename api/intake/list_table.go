package intake

import (
	"bytes"
	"strings"
	"unicode"
)

// table is a file's rows that hold something, whatever its format.
type table struct {
	format   string
	sheet    string
	sheets   []string
	date1904 bool // day 0 of a serial date is 1904-01-01
	rows     []tableRow
}

// tableRow is one row; its cells are trimmed, without empty ones at the end.
type tableRow struct {
	number int // as the file counts, from 1
	hidden bool
	cells  []string
}

// readTable tells the format by the first bytes.
func readTable(b []byte, sheet string) (*table, error) {
	switch {
	case len(b) == 0:
		return nil, under("file", broken("empty_body", "is empty"))
	case len(b) > MaxListBytes:
		return nil, under("file", broken("too_large", "is larger than 8 MiB"))
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return readXLSX(b, sheet)
	case bytes.HasPrefix(b, []byte("\xD0\xCF\x11\xE0")):
		return nil, under("file", broken("old_format", "is an old or a locked Excel file; save it as .xlsx without a password"))
	case bytes.HasPrefix(b, []byte("%PDF")) || bytes.HasPrefix(b, []byte("\x1f\x8b")) || bytes.HasPrefix(b, []byte("Rar!")) || bytes.HasPrefix(b, []byte("7z\xBC\xAF")):
		return nil, under("file", broken("not_a_list", "is neither CSV nor XLSX"))
	case sheet != "":
		return nil, under("options", under("sheet", broken("unknown_sheet", "is named, but the file is CSV and has none")))
	default:
		return readCSV(b)
	}
}

// add keeps a row that holds something. Errors: FieldError.
func (t *table) add(number int, hidden bool, cells []string) error {
	for i, c := range cells {
		cells[i] = tidyCell(c)
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	switch {
	case len(cells) == 0:
		return nil
	case len(cells) > MaxListColumns:
		return under("file", broken("too_many_columns", "has more than 200 columns"))
	case len(t.rows) > MaxListRows+headingRows:
		return under("file", broken("too_many_rows", "has more than 50000 rows"))
	}
	t.rows = append(t.rows, tableRow{number: number, hidden: hidden, cells: cells})
	return nil
}

// tidyCell trims a cell and makes one space of every run of blanks, line ends and
// invisible characters in it.
func tidyCell(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case r == '\u200b' || r == '\u200e' || r == '\u200f' || r == '\ufeff' || r == '\u00ad':
			continue // they come along when people copy, and nobody sees them
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
