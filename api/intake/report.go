package intake

import (
	"bytes"
	"slices"

	"aman/geo/tracker"
)

var reportMembers = []string{
	"position", "wellbeing", "fixed_at", "sent_at", "person_id", "person", "channel", "intention", "contact", "persons",
	"needs", "airport", "city", "country", "onward_until", "note", "phone", "address", "reason",
	"medicine_days", "tell", "tell_names", "caller",
}

var (
	// reportSays are the members of which a report has at least one.
	reportSays = memberSet("wellbeing", "intention", "contact", "needs", "position", "airport", "city", "country", "note",
		"address", "medicine_days", "tell")
	// reportPlaces are the members of which it has at most one.
	reportPlaces = memberSet("position", "airport", "city", "country")
)

func memberSet(names ...string) (set uint64) {
	for _, n := range names {
		set |= 1 << slices.Index(reportMembers, n)
	}
	return set
}

// Report reads one ReportInput of the contract: about a person who is known
// (person_id), or a new one, who is unidentified when nothing is said of them.
// It decodes straight from the bytes, for a batch holds tens of thousands, and
// agrees with the contract's schema in what it refuses and why (a fuzz test
// holds them together). Errors: *SyntaxError, *tracker.FieldError.
func Report(b []byte, d Defaults) (tracker.Filing, error) {
	f := tracker.Filing{Report: tracker.Report{Crisis: d.Crisis, Channel: d.Channel, Source: d.Source}}
	err := whole(b, func(s *scanner) error {
		seen, err := s.object(reportMembers, func(i int) error { return reportMember(s, i, &f, d) })
		if err != nil {
			return err
		}
		return checkReport(seen, &f)
	})
	if err != nil {
		return tracker.Filing{}, err
	}
	if f.Person == nil && f.Report.Person.IsZero() {
		f.Person = &tracker.Person{
			Crisis: d.Crisis, Category: tracker.CategoryUnknown, Stay: tracker.StayUnknown, Persons: max(f.Report.Persons, 1),
		}
	}
	return f, nil
}

func checkReport(seen uint64, f *tracker.Filing) error {
	if seen&reportSays == 0 {
		return broken("says_nothing", "says neither how somebody is nor where")
	}
	if places := seen & reportPlaces; places&(places-1) != 0 {
		return broken("two_places", "names more than one of position, airport, city and country")
	}
	if (f.Report.Tell == tracker.TellNamed) != (f.Report.TellNames != "") {
		return under("tell_names", broken("required", "goes with tell: named, and tell: named with it"))
	}
	if f.Person != nil && !f.Report.Person.IsZero() {
		return under("person", broken("not_allowed", "goes with person_id: send one of them"))
	}
	return nil
}

func reportMember(s *scanner, i int, f *tracker.Filing, d Defaults) (err error) {
	r := &f.Report
	switch reportMembers[i] {
	case "position":
		r.Position, err = position(s, d.World)
	case "wellbeing":
		r.Wellbeing, err = word(s, tracker.ParseWellbeing)
	case "fixed_at":
		r.FixedAt, err = instant(s)
	case "sent_at":
		r.SentAt, err = instant(s)
	case "person_id":
		r.Person, err = id(s)
		if err == nil && r.Person.IsZero() {
			err = broken("wrong_form", "names nobody")
		}
	case "person":
		var p tracker.Person
		p, err = person(s, d)
		f.Person = &p
	case "channel":
		r.Channel, err = channel(s, d.Allowed)
	case "intention":
		r.Intention, err = word(s, tracker.ParseIntention)
	case "contact":
		r.Contact, err = word(s, tracker.ParseContact)
	case "persons":
		r.Persons, err = persons(s)
	case "needs":
		r.Needs, err = needs(s)
		r.HasNeeds = true
	case "airport":
		var code string
		if code, err = s.text(); err == nil {
			r.Position, err = AirportPosition(code, d.World)
		}
	case "city":
		r.Position, err = city(s, d.World)
	case "country":
		r.Country, err = country(s, d.World)
	case "onward_until":
		r.OnwardUntil, err = instant(s)
	case "note":
		r.Note, err = textOf(s, 2000)
	case "phone":
		r.Phone, err = phone(s)
	case "address":
		r.Address, err = textOf(s, 300)
	case "reason":
		r.Reason, err = textOf(s, 500)
	case "medicine_days":
		var n int64
		if n, err = s.integer(); err == nil && (n < 0 || n > 365) {
			err = broken("out_of_range", "is not in 0 to 365")
		}
		r.MedicineDays = new(int(n))
	case "tell":
		r.Tell, err = word(s, tracker.ParseTell)
	case "tell_names":
		r.TellNames, err = line(s, 1, 200)
	case "caller":
		r.Caller, err = caller(s)
	}
	return err
}

var callerMembers = []string{"name", "phone", "relation", "person_id"}

// caller reads who said it, where that is not the person meant.
func caller(s *scanner) (*tracker.Caller, error) {
	c := &tracker.Caller{}
	_, err := s.object(callerMembers, func(i int) (err error) {
		switch callerMembers[i] {
		case "name":
			c.Name, err = line(s, 1, 200)
		case "phone":
			c.Phone, err = phone(s)
		case "relation":
			c.Relation, err = line(s, 1, 60)
		case "person_id":
			c.Person, err = id(s)
		}
		return err
	})
	if err == nil && *c == (tracker.Caller{}) {
		err = broken("too_few", "has no member")
	}
	return c, err
}

func channel(s *scanner, allowed []tracker.Channel) (tracker.Channel, error) {
	c, err := word(s, tracker.ParseChannel)
	if err == nil && !slices.Contains(allowed, c) {
		return 0, broken("not_one_of", "is not a channel that the caller may name")
	}
	return c, err
}

// Lines calls line for every line of an NDJSON body that is not blank, with its
// number from 1 and without its end.
func Lines(b []byte, line func(n int, text []byte)) {
	for n := 1; len(b) > 0; n++ {
		text, rest, _ := bytes.Cut(b, []byte{'\n'})
		b = rest
		if text = bytes.TrimRight(text, "\r \t"); len(text) > 0 {
			line(n, text)
		}
	}
}
