package seed

import (
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// country fills one country with exactly as many people as its figure says.
func (m *demoMaker) country(f figure) error {
	for left := f.persons; left > 0; {
		h := household{stay: pick(m.r, f.stays), country: f.country}
		if h.stay == tracker.Tourist || h.stay == tracker.Pilgrim {
			h.tour = fmt.Sprintf("DEMO-%s-%02d", f.country, 1+m.r.IntN(9))
		}
		size := m.size(h.stay, left)
		if err := m.place(&h, f); err != nil {
			return err
		}
		// A tour leader who hands in a head count is one record for many.
		if size >= 6 {
			m.group(h, size)
		} else {
			m.household(h, size)
		}
		left -= size
	}
	return nil
}

// size draws how many people come together, at most left.
func (m *demoMaker) size(stay tracker.Stay, left int) int {
	n := pick(m.r, []weighted[int]{{1, 46}, {2, 26}, {3, 12}, {4, 10}, {5, 4}})
	if (stay == tracker.Tourist || stay == tracker.Pilgrim) && m.chance(0.012) {
		n = 6 + m.r.IntN(19)
	}
	return min(n, left)
}

// household is what people who are together share.
type household struct {
	stay    tracker.Stay
	country string
	tour    string
	// at is where they were last; nil: nobody said.
	at  *tracker.Position
	age time.Duration // of what was last heard
}

// place decides where a household is, how well that is known, and since when.
func (m *demoMaker) place(h *household, f figure) error {
	h.age = m.age()
	if m.chance(0.025) {
		return nil
	}
	if m.chance(f.atAirport) {
		i, ok := m.w.Airport(one(m.r, f.airports))
		if !ok {
			return fmt.Errorf("demo airport of %s is not in the world", f.country)
		}
		a := m.w.Airports()[i]
		h.at = &tracker.Position{Point: a.Point, RadiusM: max(a.FenceRadiusM, 500), Method: tracker.AtAirport, Airport: a.Code()}
		h.age = m.between(time.Minute, 9*time.Hour)
		return nil
	}
	s := pick(m.r, f.spots)
	method := pick(m.r, []weighted[tracker.Method]{
		{tracker.GNSS, 52}, {tracker.Network, 16}, {tracker.Pin, 14}, {tracker.Place, 8}, {tracker.Staff, 6}, {tracker.Itinerary, 4},
	})
	h.at = &tracker.Position{Point: m.around(s), Method: method}
	switch method {
	case tracker.GNSS:
		h.at.RadiusM = 4 + 60*m.r.Float64()
	case tracker.Network:
		h.at.RadiusM = 400 + 2600*m.r.Float64()
	case tracker.Place:
		h.at.Point, h.at.RadiusM = orb.Point{s.lon, s.lat}, 2*s.spreadM
	case tracker.Itinerary:
		h.at.RadiusM = 5000
	default:
		h.at.RadiusM = 1000
	}
	return nil
}

// around draws a point near a spot: dense in the middle, never farther than
// three times its spread.
func (m *demoMaker) around(s spot) orb.Point {
	d := s.spreadM * min(3, math.Abs(m.r.NormFloat64()))
	a := 2 * math.Pi * m.r.Float64()
	const degreeM = 111_195
	return orb.Point{
		s.lon + d*math.Cos(a)/(degreeM*math.Cos(s.lat*math.Pi/180)),
		s.lat + d*math.Sin(a)/degreeM,
	}
}

// age draws how long ago something was heard: most of it today, some of it old.
func (m *demoMaker) age() time.Duration {
	const hour = time.Hour
	return pick(m.r, []weighted[func() time.Duration]{
		{func() time.Duration { return m.between(time.Minute, 5*hour) }, 44},
		{func() time.Duration { return m.between(5*hour, 23*hour) }, 30},
		{func() time.Duration { return m.between(23*hour, 6*24*hour) }, 20},
		{func() time.Duration { return m.between(6*24*hour, 20*24*hour) }, 6},
	})()
}

// household makes the records of 1 to 5 people who stay together: adults first.
func (m *demoMaker) household(h household, size int) {
	f := m.family()
	var party, guardian tracker.ID
	if size > 1 {
		party = m.id(m.now)
	}
	father := ""
	phone := demoPhone(m.r.IntN(10_000_000)) // one phone for all of them
	for i := range size {
		sex := tracker.Sex(1 + m.r.IntN(2))
		years := 19 + m.r.IntN(48)
		if h.stay == tracker.Student {
			years = 18 + m.r.IntN(8)
		}
		if i == 1 {
			sex = tracker.Female
		}
		child := i >= 2
		if child {
			years = m.r.IntN(17)
		}
		alone := size == 1 && h.stay != tracker.Crew && m.chance(0.004)
		if alone {
			years = 10 + m.r.IntN(7)
		}
		birth := m.now.AddDate(-years, -m.r.IntN(11), -1-m.r.IntN(27))
		p := m.person(h)
		p.Party = party
		given, full, passport := m.name(f, sex, "")
		if child {
			_, full, passport = m.name(f, sex, father)
			p.Guardian = guardian
		}
		p.Details = tracker.Details{
			Name: full, Latin: passport, BirthDate: birth.Format(time.DateOnly), Sex: sex, TourCode: h.tour,
			PassportExpiry: m.now.AddDate(1+m.r.IntN(8), m.r.IntN(12), 0).Format(time.DateOnly),
			Phones:         []string{phone}, Sources: []string{"demo"},
		}
		p.Details.IIN, p.Details.Passport = m.numbers(birth)
		p.Needs = m.needs(years, sex, alone, i == 0 && size > 2)
		switch {
		case p.Category == tracker.Family:
			p.Details.IIN = "" // a spouse with another citizenship has none
		case m.chance(0.08):
			p.Details.IIN = "" // nobody asked yet
		}
		if i == 0 {
			guardian = p.ID
			if sex == tracker.Male {
				father = given
			}
		}
		m.add(p, h)
	}
}

// group makes one record that stands for a whole tour group, named by its leader.
func (m *demoMaker) group(h household, size int) {
	p := m.person(h)
	p.Persons, p.Category = size, tracker.Citizen
	f := m.family()
	_, full, passport := m.name(f, tracker.Female, "")
	p.Details = tracker.Details{
		Name: full, Latin: passport, TourCode: h.tour, Phones: []string{demoPhone(m.r.IntN(10_000_000))},
		Sources: []string{"demo"}, Note: "tour leader; the names of the group are still to come",
	}
	m.add(p, h)
}

// lost makes people of whom only a name and a relative's call is known.
func (m *demoMaker) lost(n int) {
	for range n {
		h := household{stay: tracker.StayUnknown, age: m.between(2*time.Hour, 12*24*time.Hour)}
		p := m.person(h)
		sex := tracker.Sex(1 + m.r.IntN(2))
		_, full, _ := m.name(m.family(), sex, "")
		p.Details = tracker.Details{Name: full, Sex: sex, Sources: []string{"demo"}}
		m.add(p, h)
	}
}

func (m *demoMaker) person(h household) tracker.Person {
	// Before the older list that add may date up to 30 hours further back.
	at := m.now.Add(-h.age - m.between(31*time.Hour, 48*time.Hour)).Truncate(time.Microsecond)
	return tracker.Person{
		ID: m.id(at), Crisis: m.crisis, Version: 1, Stay: h.stay, Persons: 1, Country: h.country,
		Category: pick(m.r, []weighted[tracker.Category]{{tracker.Citizen, 95}, {tracker.Family, 4}, {tracker.Stateless, 1}}),
		Mission:  m.areas.Responsible(h.at, h.country),
		Author:   m.author, RecordedAt: at,
	}
}

func (m *demoMaker) needs(years int, sex tracker.Sex, alone, withChild bool) (n tracker.Needs) {
	set := func(x tracker.Needs, when bool) {
		if when {
			n |= x
		}
	}
	set(tracker.IsMinor, years < 18)
	set(tracker.IsUnaccompanied, alone)
	set(tracker.IsPensioner, years >= 63 || sex == tracker.Female && years >= 61)
	set(tracker.IsPregnant, sex == tracker.Female && years > 19 && years < 42 && m.chance(0.02))
	set(tracker.IsDisabled, m.chance(0.012))
	set(tracker.HasChild, withChild)
	set(tracker.NeedMedicine, m.chance(0.02))
	set(tracker.NeedShelter, m.chance(0.025))
	set(tracker.NeedDocuments, m.chance(0.01))
	set(tracker.NeedMoney, m.chance(0.01))
	return n
}

// add stores a person with what was said of them: often an older list first,
// then a word of their own or of whoever rang.
func (m *demoMaker) add(p tracker.Person, h household) {
	m.rows.People = append(m.rows.People, p)
	if m.chance(0.4) {
		m.report(p, h.age+m.between(time.Hour, 30*time.Hour), tracker.Report{Channel: tracker.ChannelImport, Country: h.country, Wellbeing: tracker.WellbeingUnknown})
	}
	r := tracker.Report{
		Channel:   m.channel(h),
		Wellbeing: pick(m.r, []weighted[tracker.Wellbeing]{{tracker.Safe, 66}, {tracker.WellbeingUnknown, 24}, {tracker.NeedsHelp, 9}, {tracker.Injured, 0.4}, {tracker.Deceased, 0.03}}),
		Intention: m.intention(h.stay),
		Contact:   pick(m.r, []weighted[tracker.Contact]{{tracker.Untried, 34}, {tracker.Reached, 46}, {tracker.NoAnswer, 15}, {tracker.WrongNumber, 5}}),
	}
	switch {
	case h.at != nil:
		at := *h.at
		r.Position = &at
		if at.Method == tracker.AtAirport && m.chance(0.45) || at.Method == tracker.Itinerary {
			r.OnwardUntil = m.now.Add(m.between(-2*time.Hour, 20*time.Hour))
		}
		// Members of a household are rarely at the very same spot.
		if at.Method == tracker.GNSS {
			r.Position.Point[0] += (m.r.Float64() - 0.5) * 2e-4
			r.Position.Point[1] += (m.r.Float64() - 0.5) * 2e-4
		}
	case h.country == "":
		r.Wellbeing, r.Intention, r.Contact = tracker.WellbeingUnknown, tracker.IntentionUnknown, tracker.NoAnswer
		r.Note = "a relative rang: abroad since last month, does not answer"
	default:
		r.Country = h.country
	}
	m.report(p, h.age, r)
}

func (m *demoMaker) channel(h household) tracker.Channel {
	if h.at != nil {
		switch h.at.Method {
		case tracker.GNSS, tracker.Pin, tracker.Network:
			return pick(m.r, []weighted[tracker.Channel]{{tracker.ChannelLink, 60}, {tracker.ChannelTelegram, 18}, {tracker.ChannelWhatsApp, 14}, {tracker.ChannelOwnTracks, 8}})
		case tracker.Itinerary:
			return tracker.ChannelPartner
		case tracker.Staff:
			return tracker.ChannelStaff
		}
	}
	return pick(m.r, []weighted[tracker.Channel]{{tracker.ChannelHotline, 50}, {tracker.ChannelLink, 30}, {tracker.ChannelImport, 20}})
}

func (m *demoMaker) intention(stay tracker.Stay) tracker.Intention {
	if stay == tracker.Resident {
		return pick(m.r, []weighted[tracker.Intention]{{tracker.Stays, 58}, {tracker.WantsOut, 18}, {tracker.IntentionUnknown, 16}, {tracker.Leaving, 5}, {tracker.Left, 3}})
	}
	return pick(m.r, []weighted[tracker.Intention]{
		{tracker.WantsOut, 50},
		{tracker.Leaving, 18},
		{tracker.IntentionUnknown, 20},
		{tracker.Stays, 6},
		{tracker.Left, 4},
		{tracker.Home, 1.5},
		{tracker.NeverThere, 0.5},
	})
}

// report stores what was heard so long ago.
func (m *demoMaker) report(p tracker.Person, ago time.Duration, r tracker.Report) {
	at := m.now.Add(-ago).Truncate(time.Microsecond)
	r.ID, r.Crisis, r.Person = m.id(at), m.crisis, p.ID
	r.ReceivedAt = at
	if r.Position != nil && r.Position.Method == tracker.GNSS {
		r.FixedAt = at.Add(-m.between(time.Second, 4*time.Minute)).Truncate(time.Microsecond)
		r.SentAt = at
	}
	tracker.Stamp(&r)
	m.rows.Reports = append(m.rows.Reports, r)
}
