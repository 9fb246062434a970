package api

import (
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// maxListSample is how many rows a preview shows as they were understood.
const maxListSample = 20

// totals counts what becomes of the rows. rs and errs have one element for each filing.
func (t *taking) totals(rs []tracker.Receipt, errs []error) openapi.ListTotals {
	l := t.list
	out := openapi.ListTotals{Rows: l.Total, Refused: l.Refused, Doubled: l.Doubled, Hidden: l.Hidden, Sums: l.Sums}
	if t.partner() {
		return out
	}
	stored, known := 0, 0
	for i := range rs {
		if errs[i] != nil {
			continue
		}
		if stored++; rs[i].Known {
			known++
		}
	}
	if t.options.Closes {
		out.Closed, out.NotFound = new(stored), new(len(t.notFound))
	} else {
		out.New, out.Known = new(stored-known), new(known)
	}
	return out
}

func (t *taking) kind() openapi.ListKind {
	if t.options.Closes {
		return openapi.ListKindClose
	}
	return openapi.ListKindOpen
}

func (t *taking) preview(tried tracker.Submitted) openapi.ListPreview {
	l := t.list
	out := openapi.ListPreview{
		Format: openapi.ListPreviewFormat(l.Format), Kind: t.kind(), Sheet: some(l.Sheet), Sheets: append([]string{}, l.Sheets...),
		HeadingRow: l.HeadingRow, Columns: []openapi.ListColumn{}, Totals: t.totals(tried.Receipts, tried.Errors),
		Problems: openapi.ListProblems{Total: len(l.Problems), Items: []openapi.ListProblem{}},
		Sample:   []openapi.ListSample{}, Suggestions: append([]openapi.ListSuggestion{}, t.suggestions...),
	}
	for _, c := range l.Columns {
		out.Columns = append(out.Columns, openapi.ListColumn{
			Number: c.Number, Heading: c.Heading, Field: some(openapi.ListField(c.Field)), Samples: c.Samples,
		})
	}
	// What refuses a row is shown first: it is what must be put right.
	for _, refused := range []bool{true, false} {
		for _, p := range l.Problems {
			if p.Refused == refused && len(out.Problems.Items) < maxListProblems {
				out.Problems.Items = append(out.Problems.Items, openapi.ListProblem{
					Row: p.Row, Column: some(p.Column), Field: some(openapi.ListField(p.Field)), Code: p.Code, Detail: p.Detail, Refused: p.Refused,
				})
			}
		}
	}
	for _, row := range l.Rows[:min(len(l.Rows), maxListSample)] {
		out.Sample = append(out.Sample, sampleOf(row))
	}
	return out
}

func sampleOf(row intake.ListRow) openapi.ListSample {
	r := &row.Filing.Report
	out := openapi.ListSample{
		Row: row.Row, Person: detailsOf(row.Filing.Person), Country: some(r.Country), Address: some(r.Address),
		OnwardUntil: moment(r.OnwardUntil), StatedAt: moment(r.FixedAt), Note: some(r.Note),
	}
	if r.Wellbeing != 0 {
		out.Wellbeing = new(openapi.Wellbeing(r.Wellbeing.String()))
	}
	if r.Intention != 0 {
		out.Intention = new(openapi.Intention(r.Intention.String()))
	}
	if r.Contact != 0 {
		out.Contact = new(openapi.Contact(r.Contact.String()))
	}
	if p := r.Position; p != nil {
		out.Position = &openapi.ListPlace{Lon: p.Point[0], Lat: p.Point[1], RadiusM: tidy(p.RadiusM), Airport: some(p.Airport)}
	}
	return out
}

// result is what a list that was taken is answered. errs has errors only where bad
// rows are skipped.
func (t *taking) result(rs []tracker.Receipt, errs []error) openapi.ListResult {
	out := openapi.ListResult{
		Kind: t.kind(), Totals: t.totals(rs, errs), Skipped: []int{}, NotFound: []int{},
		Suggestions: append([]openapi.ListSuggestion{}, t.suggestions...),
	}
	last := 0
	for _, p := range t.list.Problems { // in the order of rows
		if p.Refused && p.Row != last {
			out.Skipped, last = append(out.Skipped, p.Row), p.Row
		}
	}
	for i, err := range errs {
		if err != nil {
			out.Skipped = append(out.Skipped, t.rows[i])
			out.Totals.Refused++
		}
	}
	if !t.partner() {
		for _, row := range t.notFound {
			out.NotFound = append(out.NotFound, row.Row)
		}
		return out
	}
	if t.options.Closes {
		return out // a receipt would tell who is held
	}
	receipts := []openapi.ListReceipt{}
	for i, r := range rs {
		if errs[i] == nil {
			receipts = append(receipts, openapi.ListReceipt{Row: t.rows[i], ReportId: some(r.Report), ReceivedAt: r.ReceivedAt.UTC(), Code: r.Code})
		}
	}
	out.Receipts = &receipts
	return out
}
