package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"aman/api/intake"
	"aman/geo/tracker"
)

// reportsColumns are a CSV's: those of reports, and whom they are about. NDJSON
// has the contract's ReportInput on every line.
var reportsColumns = append([]string{"person_id", "country", "persons", "needs", "note", "phone", "reason"}, reportColumns...)

// filedRow is a row of reports, checked.
type filedRow struct {
	line   int
	report tracker.Report
	// assign is set where the person has no responsible mission yet.
	assign *tracker.Assignment
	err    error
}

// reports imports reports about people who are there already.
func (im *importing) reports(ctx context.Context, r io.Reader, format string) (string, error) {
	t, err := newTable(r, format, reportsColumns, []string{"person_id"})
	if err != nil {
		return "", exitError{2, fmt.Errorf("read reports: %w", err)}
	}
	t.whole = format == "ndjson"
	live := tracker.New(im.db, im.world, tracker.Options{Logger: im.log})
	if err := live.Start(ctx); err != nil {
		return "", err
	}
	view := live.Snapshot().View(tracker.Scope{All: true}, im.now)
	areas := tracker.NewAreas(im.world, live.Snapshot().Missions())
	d := intake.Defaults{Crisis: im.crisis.ID, Channel: tracker.ChannelImport, Now: im.now, World: im.world}
	parse := func(c cells) filedRow {
		x := filedRow{line: c.line}
		if !t.whole {
			c.text = reportsJSON(c)
		}
		f, err := intake.Report(c.text, d)
		switch {
		case err != nil:
			x.err = err
			return x
		case f.Report.Person.IsZero():
			x.err = &tracker.FieldError{Field: "person_id", Code: "required", Detail: "is missing: new people are imported as people"}
			return x
		}
		row, ok := view.Person(f.Report.Person)
		if !ok || row.Crisis != im.crisis.ID {
			x.err = &tracker.FieldError{Field: "person_id", Code: "not_found", Detail: "nobody in this crisis has this id"}
			return x
		}
		x.report = f.Report
		x.report.ID, x.report.ReceivedAt = tracker.NewID(), im.now
		tracker.Stamp(&x.report)
		if row.Mission.IsZero() {
			if m := areas.Responsible(x.report.Position, x.report.Country); !m.IsZero() {
				x.assign = &tracker.Assignment{Person: row.ID, N: 1, Mission: m, Reason: "area", RecordedAt: im.now}
			}
		}
		return x
	}
	n := 0
	assigned := map[tracker.ID]bool{}
	err = im.store(ctx, "reports", func(yield func(*tracker.Rows) error) error {
		return eachRow(ctx, t, parse, func(line int, reason string) filedRow {
			return filedRow{line: line, err: errors.New(reason)}
		}, func(rows []filedRow) error {
			out := &tracker.Rows{}
			for i := range rows {
				x := &rows[i]
				if x.err != nil {
					im.errs.addError("line "+strconv.Itoa(x.line), x.err)
					continue
				}
				n++
				out.Reports = append(out.Reports, x.report)
				if x.assign != nil && !assigned[x.assign.Person] {
					assigned[x.assign.Person] = true
					out.Assignments = append(out.Assignments, *x.assign)
				}
			}
			return yield(out)
		})
	})
	if err != nil {
		return "", fileError("reports", err)
	}
	return counted(n, "report", "reports"), nil
}

// reportsJSON is the ReportInput of a CSV's row. Which members go together is for
// the rules to say.
func reportsJSON(c cells) []byte {
	w := objectWriter{b: make([]byte, 0, 512)}
	w.open()
	if v, ok := c.get("person_id"); ok {
		w.text("person_id", v)
	}
	place := []string{"lon", "lat", "radius_m"}
	given := c.of("method") != ""
	for _, name := range place {
		_, ok := c.get(name)
		given = given || ok
	}
	if given {
		w.name("position")
		w.open()
		for _, name := range place {
			if v, ok := c.get(name); ok {
				w.number(name, v)
			}
		}
		method := c.of("method")
		if method == "" {
			method = "pin"
		}
		w.text("method", method)
		w.close()
	}
	for _, name := range reportsColumns {
		v, ok := c.get(name)
		if !ok {
			continue
		}
		switch name {
		case "person_id", "lon", "lat", "radius_m", "method":
		case "country":
			if c.of("city") == "" {
				w.text(name, v)
			}
		case "city":
			w.name("city")
			w.open()
			w.text("name", v)
			w.text("country", c.of("country"))
			w.close()
		case "needs":
			w.list(name, v)
		case "persons":
			w.number(name, v)
		default:
			w.text(name, v)
		}
	}
	w.close()
	return w.b
}
