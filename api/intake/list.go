package intake

import (
	"slices"
	"strconv"

	"aman/geo/tracker"
)

// Bounds of a list.
const (
	// MaxListBytes is how big a file may be.
	MaxListBytes = 8 << 20
	// MaxListRows is how many rows it may have below its headings.
	MaxListRows = 50_000
	// MaxListColumns is how many columns may hold something.
	MaxListColumns = 200
)

// List is a file as it was understood. Rows and Problems are in the order of the
// file; a row that is refused is in Problems only.
type List struct {
	Format string // csv or xlsx
	// Sheet is the one that was read, Sheets are all of the file; empty for CSV.
	Sheet  string
	Sheets []string
	// HeadingRow is the row of the headings, as the file counts, from 1.
	HeadingRow int
	Columns    []ListColumn
	Rows       []ListRow
	Problems   []ListProblem

	// Total counts the rows below the headings that hold something, sums apart:
	// each is in Rows, is refused, or is doubled.
	Total int
	// Refused counts the rows that can't be taken.
	Refused int
	// Doubled counts rows that say again what an earlier row says.
	Doubled int
	// Hidden counts rows that the file hides; they are read like any other.
	Hidden int
	// Sums counts rows like "Total: 25", which are about nobody.
	Sums int
}

// ListColumn is a column that holds something.
type ListColumn struct {
	Number  int // from 1
	Heading string
	Field   ListField // empty: not taken
	// Samples are the first three different values.
	Samples []string
}

// ListRow is one row as it was understood.
type ListRow struct {
	Row int // as the file counts, from 1
	// Filing registers the person and, in a list that opens, says where and how
	// they are; in one that closes it says that they have left.
	Filing tracker.Filing
}

// ListProblem is what is wrong with a cell, or with a row as a whole.
type ListProblem struct {
	Row    int
	Column string // the heading; empty: the row as a whole
	Field  ListField
	// Code is a stable word for the broken rule.
	Code   string
	Detail string
	// Refused: the row can't be taken. Otherwise it is, and Detail says what
	// became of the cell.
	Refused bool
}

// ReadList reads a list of people. The file's own bytes tell its format. Errors:
// *tracker.FieldError of "file" when it is no list that can be read, of
// "options.sheet" when it lacks the sheet that is named.
func ReadList(b []byte, o ListOptions, d Defaults) (*List, error) {
	t, err := readTable(b, o.Sheet)
	if err != nil {
		return nil, err
	}
	l := &List{Format: t.format, Sheet: t.sheet, Sheets: t.sheets}
	h := findHeadings(t.rows, o.Columns)
	if h.at < 0 {
		return nil, under("file", broken("empty_list", "holds no rows"))
	}
	l.HeadingRow = t.rows[h.at].number
	if len(t.rows)-h.at-1 > MaxListRows {
		return nil, under("file", broken("too_many_rows", "has more than 50000 rows"))
	}
	l.Columns = columnsOf(h, t.rows)
	r := newRowReader(h, o, d, t.date1904)
	for _, row := range t.rows[h.at+1:] {
		if row.hidden {
			l.Hidden++
		}
		if isSum(row.cells) {
			l.Sums++
			continue
		}
		l.Total++
		f, problems := r.read(row)
		l.Problems = append(l.Problems, problems...)
		if slices.ContainsFunc(problems, func(p ListProblem) bool { return p.Refused }) {
			l.Refused++
			continue
		}
		l.Rows = append(l.Rows, ListRow{Row: row.number, Filing: f})
	}
	l.foldDoubles()
	slices.SortStableFunc(l.Problems, func(a, b ListProblem) int { return a.Row - b.Row })
	return l, nil
}

// columnsOf lists the columns that have a heading or hold something.
func columnsOf(h headings, rows []tableRow) []ListColumn {
	wide := len(h.cells)
	for _, row := range rows[h.at+1:] {
		wide = max(wide, len(row.cells))
	}
	all := make([]ListColumn, wide)
	for i := range all {
		all[i] = ListColumn{Number: i + 1, Heading: h.heading(i), Field: h.field(i), Samples: []string{}}
	}
	for _, row := range rows[h.at+1:] {
		for i, cell := range row.cells {
			c := &all[i]
			if cell == "" || len(c.Samples) == 3 || slices.Contains(c.Samples, shortCell(cell)) {
				continue
			}
			c.Samples = append(c.Samples, shortCell(cell))
		}
	}
	return slices.DeleteFunc(all, func(c ListColumn) bool { return c.Heading == "" && len(c.Samples) == 0 })
}

// shortCell is a cell as a sample: at most 60 characters.
func shortCell(s string) string {
	if len(s) > 60 {
		if r := []rune(s); len(r) > 60 {
			return string(r[:60]) + "…"
		}
	}
	return s
}

// foldDoubles takes out rows that say again what an earlier row says, and refuses
// those that give somebody else's number to another name: one of the two is wrong,
// and nobody can tell which.
func (l *List) foldDoubles() {
	type first struct {
		row int
		id  rowIdentity
	}
	seen := map[string]first{}
	kept := l.Rows[:0]
next:
	for _, row := range l.Rows {
		id := identityOf(&row.Filing)
		keys := id.keys()
		doubled := false
		for _, k := range keys {
			f, known := seen[k.text]
			if !known {
				continue
			}
			if !id.agrees(f.id) {
				l.Refused++
				l.Problems = append(l.Problems, ListProblem{
					Row: row.Row, Field: k.field, Code: "number_twice", Refused: true,
					Detail: "row " + strconv.Itoa(f.row) + " has the same for somebody else",
				})
				continue next
			}
			doubled = true
		}
		if doubled {
			l.Doubled++
			continue
		}
		for _, k := range keys {
			seen[k.text] = first{row.Row, id}
		}
		kept = append(kept, row)
	}
	l.Rows = kept
}

// rowIdentity is what tells whether two rows are about one person.
type rowIdentity struct{ iin, passport, name, born, phone string }

type rowKey struct {
	text  string
	field ListField
}

func identityOf(f *tracker.Filing) rowIdentity {
	d := &f.Person.Details
	id := rowIdentity{iin: d.IIN, passport: d.Passport, name: foldHeading(d.Name), born: d.BirthDate}
	if id.name == "" {
		id.name = foldHeading(d.Latin)
	}
	if len(d.Phones) > 0 {
		id.phone = d.Phones[0]
	}
	return id
}

// keys are the identity's numbers. Without any, a name with a birth date or a
// phone stands for one: namesakes without either stay two people.
func (id rowIdentity) keys() (ks []rowKey) {
	if id.iin != "" {
		ks = append(ks, rowKey{"iin " + id.iin, FieldIIN})
	}
	if id.passport != "" {
		ks = append(ks, rowKey{"passport " + id.passport, FieldPassport})
	}
	if len(ks) == 0 && id.name != "" && (id.born != "" || id.phone != "") {
		ks = append(ks, rowKey{"name " + id.name + "|" + id.born + "|" + id.phone, FieldName})
	}
	return ks
}

// agrees tells whether nothing of the two speaks against their being one person.
func (id rowIdentity) agrees(x rowIdentity) bool {
	same := func(a, b string) bool { return a == "" || b == "" || a == b }
	return same(id.iin, x.iin) && same(id.passport, x.passport) && same(id.born, x.born) && same(id.name, x.name)
}
