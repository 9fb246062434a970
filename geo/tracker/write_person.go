package tracker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aman/geo/tracker/names"
)

// CheckPerson fills what may be left out and holds the rest to its rules.
// Errors: *FieldError, whose field starts with "person.".
func CheckPerson(p *Person) error {
	d := &p.Details
	if p.Persons == 0 {
		p.Persons = 1
	}
	if p.Category == 0 {
		p.Category = CategoryUnknown
	}
	if p.Stay == 0 {
		p.Stay = StayUnknown
	}
	switch {
	case p.Persons < 1 || p.Persons > 999:
		return invalid("person.persons", "out_of_range", "must be 1 to 999")
	case d.IIN != "" && !ValidIIN(d.IIN):
		return invalid("person.iin", "bad_checksum", "not an IIN: twelve digits with a check digit")
	case d.BirthDate != "" && !validDate(d.BirthDate):
		return invalid("person.birth_date", "bad_date", "must be a date as 1990-12-31, from 1900 on")
	case d.PassportExpiry != "" && !validDate(d.PassportExpiry):
		return invalid("person.passport_expiry", "bad_date", "must be a date as 2030-12-31")
	case len(d.Phones) > 10:
		return invalid("person.phones", "too_many", "at most ten")
	}
	for _, x := range []struct {
		field, s string
		most     int
	}{
		{"name", d.Name, 200},
		{"latin", d.Latin, 200},
		{"tour_code", d.TourCode, 60},
		{"note", d.Note, 2000},
		{"passport", d.Passport, 20},
	} {
		if !utf8.ValidString(x.s) || strings.ContainsRune(x.s, 0) {
			return invalid("person."+x.field, "not_text", "must be UTF-8 without NUL")
		}
		if utf8.RuneCountInString(x.s) > x.most {
			return invalid("person."+x.field, "too_long", fmt.Sprintf("at most %d characters", x.most))
		}
	}
	return nil
}

func validDate(s string) bool {
	d, err := time.Parse(time.DateOnly, s)
	return err == nil && d.Year() >= 1900 && d.Year() < 2200
}

// ValidIIN tells whether s is an individual identification number: twelve digits
// with the right check digit.
func ValidIIN(s string) bool { return names.ValidIIN(s) }

// Card is everything about one person.
type Card struct {
	Person Person
	Row    Row
	// Merged are the records that count with the person, as they stand.
	Merged      []Person
	Exposures   []Exposure
	Reports     []Report // newest first, of all records
	Retractions []Retraction
	Rulings     []Ruling
}

// cardReports bounds the reports of a card.
const cardReports = 500

// readReports bounds how many reports one look at a card marks as read.
const readReports = 20

// Card reads a person's card; the read is audited before it is answered, and the
// newest reports are marked as read. Of a record that was merged into another it
// is the other's. Errors: ErrNotFound, also when out of scope.
func (t *Tracker) Card(ctx context.Context, a Actor, id ID) (Card, error) {
	s := t.Snapshot()
	v := s.View(a.Scope, t.Now())
	row, ok := v.Person(id)
	if !ok {
		return Card{}, fmt.Errorf("%w: person %s", ErrNotFound, id)
	}
	c := Card{Row: row, Exposures: v.Exposures(id)}
	members := s.Members(row.ID)
	for _, m := range members {
		rs, gone, err := t.store.ReportsOf(ctx, m, cardReports)
		if err != nil {
			return Card{}, fmt.Errorf("read reports: %w", err)
		}
		c.Reports, c.Retractions = append(c.Reports, rs...), append(c.Retractions, gone...)
		p, err := t.store.PersonVersion(ctx, m)
		if err != nil {
			return Card{}, err
		}
		if m == row.ID {
			c.Person = p
		} else {
			c.Merged = append(c.Merged, p)
		}
	}
	slices.SortFunc(c.Reports, func(a, b Report) int {
		return cmp.Or(b.EffectiveAt.Compare(a.EffectiveAt), b.ID.Compare(a.ID))
	})
	c.Reports = c.Reports[:min(len(c.Reports), cardReports)]
	var err error
	if c.Rulings, err = t.store.RulingsOf(ctx, members); err != nil {
		return Card{}, fmt.Errorf("read rulings: %w", err)
	}
	var seen []Reading
	for _, r := range c.Reports[:min(len(c.Reports), readReports)] {
		seen = append(seen, Reading{Person: r.Person, Report: r.ID, Mission: a.Scope.Mission, At: t.Now()})
	}
	if err := t.store.MarkRead(ctx, seen, a.audit("person.read", "person "+row.ID.String(), "")); err != nil {
		return Card{}, fmt.Errorf("audit the read: %w", err)
	}
	if a.Scope.NoDocuments {
		withoutDocuments(&c.Person)
		for i := range c.Merged {
			withoutDocuments(&c.Merged[i])
		}
	}
	v.withhold(&c)
	return c, nil
}

func withoutDocuments(p *Person) {
	p.Details.IIN, p.Details.Passport, p.Details.PassportExpiry = "", "", ""
}

// withhold takes off a card what its reader may not see: exact places, places that
// the person hid, and what was said about a death.
func (v *View) withhold(c *Card) {
	closed := c.Row.Wellbeing == WellbeingClosed
	for i := range c.Reports {
		r := &c.Reports[i]
		if v.scope.NoPlaces || v.hides(c.Row.ID, r.EffectiveAt) {
			r.Position, r.Address = nil, ""
		}
		if closed || r.Wellbeing == Deceased && !v.knowsOfDeath(c.Row.ID, false) {
			r.Note, r.Reason, r.Caller = "", "", nil
			if r.Wellbeing == Deceased {
				r.Wellbeing = WellbeingClosed
			}
		}
	}
}

// hides tells whether a place of a time is withheld, as its person wished.
func (v *View) hides(id ID, at time.Time) bool {
	num, ok := v.s.person(id)
	if !ok {
		return false
	}
	_, c := v.s.people.at(num)
	return c.hides(micros(at))
}

// knowsOfDeath tells whether the scope may know that this person died; of
// somebody new, only the casualty cell.
func (v *View) knowsOfDeath(id ID, isNew bool) bool {
	if v.scope.Casualty || isNew {
		return v.scope.Casualty
	}
	num, ok := v.s.person(id)
	if !ok {
		return false
	}
	h, _ := v.s.people.at(num)
	return v.closeTo(h)
}

// EditPerson stores a new version of who a person is, after version ifVersion.
// Errors: FieldError, ErrNotFound (or out of scope), ErrConflict.
func (t *Tracker) EditPerson(ctx context.Context, a Actor, p Person, ifVersion int) (int64, error) {
	row, ok := t.Snapshot().View(a.Scope, t.Now()).Person(p.ID)
	if !ok {
		return 0, fmt.Errorf("%w: person %s", ErrNotFound, p.ID)
	}
	if row.Version != ifVersion {
		return 0, fmt.Errorf("%w: the person is at version %d now", ErrConflict, row.Version)
	}
	if err := CheckPerson(&p); err != nil {
		return 0, err
	}
	p.ID, p.Crisis, p.Version, p.Author, p.RecordedAt = row.ID, row.Crisis, ifVersion+1, a.ID, t.Now()
	done, err := t.store.Commit(ctx, &Write{
		Rows:  Rows{People: []Person{p}},
		Audit: a.audit("person.edit", "person "+p.ID.String(), ""),
	})
	if err != nil {
		return 0, fmt.Errorf("store person %s: %w", p.ID, err)
	}
	return done.Seq, nil
}

// Assign hands a person over to a mission. Errors: ErrNotFound, ErrConflict.
func (t *Tracker) Assign(ctx context.Context, a Actor, person, mission ID, reason string) (int64, error) {
	s := t.Snapshot()
	v := s.View(a.Scope, t.Now())
	row, ok := v.Person(person)
	if !ok {
		return 0, fmt.Errorf("%w: person %s", ErrNotFound, person)
	}
	person = row.ID
	if _, ok := s.missionNums[mission]; !ok {
		return 0, invalid("mission", "unknown_mission", "no such mission")
	}
	num, _ := s.person(person)
	_, c := s.people.at(num)
	done, err := t.store.Commit(ctx, &Write{
		Rows: Rows{Assignments: []Assignment{{
			Person: person, N: int(c.missionN) + 1, Mission: mission, Reason: reason, Author: a.ID, RecordedAt: t.Now(),
		}}},
		Audit: a.audit("person.assign", "person "+person.String(), reason),
	})
	if err != nil {
		return 0, fmt.Errorf("hand over person %s: %w", person, err)
	}
	return done.Seq, nil
}

// Retract takes a report back. Errors: ErrNotFound, ErrConflict (already).
func (t *Tracker) Retract(ctx context.Context, a Actor, person, report ID, reason string) (int64, error) {
	s := t.Snapshot()
	if _, ok := s.View(a.Scope, t.Now()).Person(person); !ok {
		return 0, fmt.Errorf("%w: person %s", ErrNotFound, person)
	}
	r, err := t.reportOf(ctx, s.Members(person), report)
	if err != nil {
		return 0, err
	}
	person = r.Person // with whom it is stored
	_, gone, err := t.store.ReportsOf(ctx, person, 0)
	if err != nil {
		return 0, fmt.Errorf("read reports: %w", err)
	}
	for _, g := range gone {
		if g.Report == report {
			return 0, fmt.Errorf("%w: the report is retracted already", ErrConflict)
		}
	}
	done, err := t.store.Commit(ctx, &Write{
		Rows:  Rows{Retractions: []Retraction{{Report: report, Person: person, Reason: reason, Author: a.ID, RecordedAt: t.Now()}}},
		Audit: a.audit("report.retract", "report "+report.String(), reason),
	})
	if err != nil {
		return 0, fmt.Errorf("retract report %s: %w", report, err)
	}
	return done.Seq, nil
}

// SetAirport stores the next state of an airport. Errors: FieldError,
// ErrNotFound (crisis or airport), ErrConflict when two set it at once.
func (t *Tracker) SetAirport(ctx context.Context, a Actor, st AirportState) (AirportState, int64, error) {
	s := t.Snapshot()
	i, ok := t.world.Airport(st.Airport)
	crisis, known := s.crisisNum(st.Crisis)
	switch {
	case !ok || !known:
		return AirportState{}, 0, fmt.Errorf("%w: airport %s", ErrNotFound, st.Airport)
	case st.Status == 0:
		return AirportState{}, 0, invalid("status", "missing", "a state is needed")
	case strings.TrimSpace(st.Reason) == "":
		return AirportState{}, 0, invalid("reason", "missing", "a reason is needed")
	case !st.Until.IsZero() && !st.Until.After(t.Now()):
		return AirportState{}, 0, invalid("until", "in_the_past", "must lie ahead")
	}
	st.Airport = t.world.Airports()[i].Code()
	st.Version = s.airports[airportKey{crisis, int32(i)}].Version + 1
	st.Author, st.RecordedAt = a.ID, t.Now()
	done, err := t.store.Commit(ctx, &Write{
		Rows:  Rows{Airports: []AirportState{st}},
		Audit: a.audit("airport.state", "airport "+st.Airport, st.Reason),
	})
	if err != nil {
		return AirportState{}, 0, fmt.Errorf("store the state of %s: %w", st.Airport, err)
	}
	return st, done.Seq, nil
}

// Found answers an exact look-up (rule 5).
type Found struct {
	Held bool
	// Person is set when they are in the caller's scope; else DutyPhone of the
	// mission that holds them, and nothing more.
	Person    ID
	DutyPhone string
}

// Lookup tells whether somebody with exactly this IIN or passport is held; it
// is audited with its reason, never with the number.
func (t *Tracker) Lookup(ctx context.Context, a Actor, crisis ID, kind, value, reason string) (Found, error) {
	if err := t.Audit(ctx, a.audit("person.lookup", kind, reason)); err != nil {
		return Found{}, fmt.Errorf("audit the look-up: %w", err)
	}
	id, err := t.store.FindIdentifier(ctx, crisis, kind, value)
	if errors.Is(err, ErrNotFound) {
		return Found{}, nil
	}
	if err != nil {
		return Found{}, fmt.Errorf("look up: %w", err)
	}
	s := t.Snapshot()
	if row, ok := s.View(a.Scope, t.Now()).Person(id); ok {
		return Found{Held: true, Person: row.ID}, nil
	}
	row, ok := s.View(Scope{All: true}, t.Now()).Person(id)
	if !ok {
		return Found{Held: true}, nil
	}
	m, _ := s.Mission(row.Mission)
	return Found{Held: true, DutyPhone: m.DutyPhone}, nil
}

// EventsBefore lists events as v's scope sees them, from memory and, further
// back, from the store; newest first: limit of them, and those of the same commit
// as the last.
func (t *Tracker) EventsBefore(ctx context.Context, v View, crisis ID, before int64, limit int) ([]EventView, error) {
	out, complete, resume := v.Events(crisis, before, limit)
	// Few of the store's events may be in scope: it is asked in larger pages, and
	// not for ever.
	const page, rounds = 200, 50
	for range rounds {
		if complete {
			break
		}
		es, err := t.store.EventsBefore(ctx, crisis, resume, max(limit, page))
		if err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		if len(es) == 0 {
			break
		}
		out = append(out, v.Stored(es)...)
		complete, resume = len(out) >= limit, es[len(es)-1].Seq
	}
	end := min(limit, len(out))
	for end > 0 && end < len(out) && out[end].Seq == out[end-1].Seq {
		end++
	}
	return out[:end], nil
}

// ZoneVersions lists every version of a zone, oldest first. Errors: ErrNotFound.
func (t *Tracker) ZoneVersions(ctx context.Context, id ID) ([]Zone, error) {
	if _, ok := t.Snapshot().zone(id); !ok {
		return nil, fmt.Errorf("%w: zone %s", ErrNotFound, id)
	}
	zs, err := t.store.ZoneVersions(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read zone %s: %w", id, err)
	}
	return zs, nil
}
