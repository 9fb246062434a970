package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"

	"aman/api/intake"
	"aman/geo/tracker"
)

// Columns of people and of reports: members of the contract's PersonInput and
// ReportInput, one level deep, under the same rules.
var (
	personColumns = []string{
		"name", "latin", "birth_date", "sex", "iin", "passport", "passport_expiry", "phones", "handles", "category", "stay",
		"persons", "needs", "tour_code",
	}
	reportColumns = []string{
		"lon", "lat", "radius_m", "method", "fixed_at", "sent_at", "wellbeing", "intention", "contact", "airport", "city",
		"onward_until", "address",
	}
	peopleColumns = append(append([]string{"ref", "country", "note"}, personColumns...), reportColumns...)
)

// personRow is a row of people, checked.
type personRow struct {
	line   int
	person *tracker.Person // nil: the row is bad
	report *tracker.Report // nil: it says nothing but who it is
	// keys are digests of the row's IIN and passport; zero where there is none.
	keys [len(heldKinds)]numberKey
	err  error
}

// numberKey stands for an IIN or passport: the numbers themselves aren't kept
// longer than their row is.
type numberKey [16]byte

var heldKinds = [...]string{"iin", "passport"}

// people imports new people, each with a report where the row says how or where
// they are.
func (im *importing) people(ctx context.Context, r io.Reader, format string) (string, error) {
	t, err := newTable(r, format, peopleColumns, nil)
	if err != nil {
		return "", exitError{2, fmt.Errorf("read people: %w", err)}
	}
	p := &peopleParser{im: im, ctx: ctx, areas: tracker.NewAreas(im.world, im.ref.missions), d: intake.Defaults{
		Crisis: im.crisis.ID, Channel: tracker.ChannelImport, Now: im.now, World: im.world,
	}}
	_, _ = rand.Read(p.salt[:]) // never fails: it ends the program instead
	seen := map[numberKey]int32{}
	people, reports := 0, 0
	err = im.store(ctx, "people", func(yield func(*tracker.Rows) error) error {
		return eachRow(ctx, t, p.parse, func(line int, reason string) personRow {
			return personRow{line: line, err: errors.New(reason)}
		}, func(rows []personRow) error {
			out := &tracker.Rows{People: make([]tracker.Person, 0, len(rows)), Reports: make([]tracker.Report, 0, len(rows))}
			for i := range rows {
				x := &rows[i]
				if !im.accept(x, seen) {
					continue
				}
				people++
				out.People = append(out.People, *x.person)
				if x.report != nil {
					reports++
					out.Reports = append(out.Reports, *x.report)
				}
			}
			if fatal := p.fatal.Load(); fatal != nil {
				return *fatal
			}
			return yield(out)
		})
	})
	if err != nil {
		return "", fileError("people", err)
	}
	return counted(people, "record", "records") + " of people with " + counted(reports, "report", "reports"), nil
}

// fileError makes what can't be read or stored exit with 2, unless the error has
// a code of its own.
func fileError(what string, err error) error {
	if _, ok := errors.AsType[exitError](err); ok {
		return err
	}
	return exitError{2, fmt.Errorf("import %s: %w", what, err)}
}

// accept names a bad row, or one whose number an earlier row has.
func (im *importing) accept(x *personRow, seen map[numberKey]int32) bool {
	where := "line " + strconv.Itoa(x.line)
	if x.err != nil {
		im.errs.addError(where, x.err)
		return false
	}
	good := true
	for i, k := range x.keys {
		if k == (numberKey{}) {
			continue
		}
		if first, ok := seen[k]; ok {
			im.errs.add(where, heldKinds[i], fmt.Sprintf("line %d has the same", first))
			good = false
			continue
		}
		seen[k] = int32(x.line)
	}
	return good
}

// peopleParser makes people of rows, on several goroutines.
type peopleParser struct {
	im    *importing
	ctx   context.Context // for look-ups; parse is called by eachRow, which has no other
	d     intake.Defaults
	areas *tracker.Areas
	salt  [16]byte
	// fatal is an error that isn't the row's.
	fatal atomic.Pointer[error]
}

func (p *peopleParser) parse(c cells) personRow {
	x := personRow{line: c.line}
	person, report, err := p.read(c)
	if err != nil {
		x.err = err
		return x
	}
	for i, value := range [...]string{person.Details.IIN, person.Details.Passport} {
		if value == "" {
			continue
		}
		if p.im.ref.people {
			if _, err := p.im.db.FindIdentifier(p.ctx, p.im.crisis.ID, heldKinds[i], value); err == nil {
				x.err = &tracker.HeldError{Field: heldKinds[i]}
				return x
			} else if !errors.Is(err, tracker.ErrNotFound) {
				p.fatal.CompareAndSwap(nil, &err)
			}
		}
		sum := sha256.Sum256([]byte(string(p.salt[:]) + heldKinds[i] + value))
		copy(x.keys[i][:], sum[:])
	}
	x.person, x.report = person, report
	return x
}

// read turns a row into the contract's JSON and that, by the one set of rules for
// all channels, into a person and a report.
func (p *peopleParser) read(c cells) (*tracker.Person, *tracker.Report, error) {
	who := personJSON(c)
	body, says, err := reportJSON(c, who)
	if err != nil {
		return nil, nil, err
	}
	var f tracker.Filing
	if says {
		f, err = intake.Report(body, p.d)
	} else {
		var person tracker.Person
		person, err = intake.Person(who, p.d)
		f.Person = &person
	}
	if err != nil {
		return nil, nil, err
	}
	person, r := f.Person, &f.Report
	person.Details.Sources = []string{"import"}
	if ref := c.of("ref"); ref != "" {
		person.Details.Sources[0] += " " + ref
	}
	if err := tracker.CheckPerson(person); err != nil {
		return nil, nil, err
	}
	person.ID, person.Crisis, person.Version, person.RecordedAt = tracker.NewID(), p.d.Crisis, 1, p.im.now
	person.Mission = p.areas.Responsible(r.Position, person.Country)
	if !says {
		return person, nil, nil
	}
	r.ID, r.Person, r.ReceivedAt = tracker.NewID(), person.ID, p.im.now
	tracker.Stamp(r)
	return person, r, nil
}

// personJSON is the PersonInput of a row.
func personJSON(c cells) []byte {
	w := objectWriter{b: make([]byte, 0, 512)}
	w.open()
	for _, name := range personColumns {
		v, ok := c.get(name)
		if !ok {
			continue
		}
		switch name {
		case "phones", "handles", "needs":
			w.list(name, v)
		case "persons":
			w.number(name, v)
		default:
			w.text(name, v)
		}
	}
	if v := c.of("country"); v != "" {
		w.text("country", v)
	}
	if v := c.of("note"); v != "" {
		w.text("note", v)
	}
	w.close()
	return w.b
}

// reportJSON is the ReportInput of a row about person, a PersonInput. says tells
// whether it says how or where somebody is.
func reportJSON(c cells, person []byte) (body []byte, says bool, err error) {
	w := objectWriter{b: make([]byte, 0, 1024)}
	w.open()
	w.raw("person", person)
	_, lon := c.get("lon")
	_, lat := c.get("lat")
	if lon || lat {
		says = true
		w.name("position")
		w.open()
		for _, name := range []string{"lon", "lat", "radius_m"} {
			if v, ok := c.get(name); ok {
				w.number(name, v)
			}
		}
		method := c.of("method")
		if method == "" {
			method = "pin" // of a place that somebody wrote into a list, no more is known
		}
		w.text("method", method)
		w.close()
	} else {
		for _, name := range []string{"radius_m", "method"} {
			if _, ok := c.get(name); ok {
				return nil, false, &tracker.FieldError{Field: name, Code: "not_allowed", Detail: "goes with lon and lat"}
			}
		}
	}
	besides := ""
	for _, name := range reportColumns {
		v, ok := c.get(name)
		if !ok {
			continue
		}
		switch name {
		case "lon", "lat", "radius_m", "method":
		case "city":
			says = true
			w.name("city")
			w.open()
			w.text("name", v)
			w.text("country", c.of("country"))
			w.close()
		case "wellbeing", "intention", "contact", "airport":
			says = true
			w.text(name, v)
		default:
			besides = name
			w.text(name, v)
		}
	}
	if besides != "" && !says {
		return nil, false, &tracker.FieldError{Field: besides, Code: "says_nothing", Detail: "means nothing where the row says neither how nor where somebody is"}
	}
	w.close()
	return w.b, says, nil
}

// objectWriter writes JSON objects.
type objectWriter struct{ b []byte }

func (w *objectWriter) open() { w.b = append(w.b, '{') }

func (w *objectWriter) close() { w.b = append(w.b, '}') }

// name begins a member.
func (w *objectWriter) name(s string) {
	if last := w.b[len(w.b)-1]; last != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(append(w.b, s...), '"', ':')
}

func (w *objectWriter) raw(name string, v []byte) {
	w.name(name)
	w.b = append(w.b, v...)
}

func (w *objectWriter) text(name, v string) {
	w.name(name)
	w.string(v)
}

// string writes a JSON string. Bytes that aren't UTF-8 go out as they are: the
// rules refuse them.
func (w *objectWriter) string(v string) {
	w.b = append(w.b, '"')
	for i := range len(v) {
		switch c := v[i]; {
		case c == '"' || c == '\\':
			w.b = append(w.b, '\\', c)
		case c < ' ':
			w.b = fmt.Appendf(w.b, "\\u%04x", c)
		default:
			w.b = append(w.b, c)
		}
	}
	w.b = append(w.b, '"')
}

// number writes what looks like a number as one, and all else as a text, which
// the rules will refuse under its name.
func (w *objectWriter) number(name, v string) {
	w.name(name)
	if json.Valid([]byte(v)) && (v[0] == '-' || v[0] >= '0' && v[0] <= '9') {
		w.b = append(w.b, v...)
		return
	}
	w.string(v)
}

// list writes a list whose elements are separated by semicolons.
func (w *objectWriter) list(name, v string) {
	w.name(name)
	w.b = append(w.b, '[')
	n := 0
	for _, s := range strings.Split(v, ";") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		if n++; n > 1 {
			w.b = append(w.b, ',')
		}
		w.string(s)
	}
	w.b = append(w.b, ']')
}
