package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"aman/api/auth"
	"aman/geo"
	"aman/geo/tracker"
)

// airportNearM is how far from an airport's point a fix may be, beyond its own
// error, for the airport that was named with it to be believed, metres.
const airportNearM = 10_000

// Guest tells which phone speaks, for reports that came by a campaign's link: the
// same for every report with the same secret, which such a phone makes up for
// itself. ok is false when there is none to tell by: then each report is about
// somebody new.
func (r *LinkReport) Guest(l auth.Link) (key string, ok bool) { return LinkGuest(l, r.Secret) }

// LinkGuest is Guest for a secret alone.
func LinkGuest(l auth.Link, secret string) (key string, ok bool) {
	if !l.Person.IsZero() || len(secret) < 32 {
		return "", false
	}
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:]), true
}

// LinkThread is the key of the thread (tracker.ChannelLink) of a guest of a
// campaign's link, or of a child for whom somebody answers: by their guardian's
// link or as a guest's. It is a digest, so that nothing of it names anybody. guest
// is what LinkGuest gave, empty by a personal link; child is empty for the guest.
func LinkThread(l auth.Link, guest, child string) string {
	folded := strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(child))), " ")
	h := sha256.Sum256([]byte("link thread\x00" + l.ID.String() + "\x00" + guest + "\x00" + folded))
	return hex.EncodeToString(h[:])
}

// LinkCountry is the country that a link is for: its own or its airport's; empty
// where it has none.
func LinkCountry(l auth.Link, w *tracker.World) string {
	if i, ok := w.Airport(l.Airport); ok && l.Country == "" {
		return w.Airports()[i].Country
	}
	return l.Country
}

// Filing turns the report into what the core takes. By a personal link it is about
// the link's person, by a campaign's about guest; where that is zero, about
// somebody new. A report about a child is about guest too, which is the child's
// record, or about a new child whose guardian is the link's person. A report
// without the link's own secret is of low trust, which its position says. What was
// named as a place but isn't known stays in the address, for people to read. near are the countries where a place, or a phone number, that
// comes without its country is looked for.
func (r *LinkReport) Filing(l auth.Link, guest tracker.ID, near []string, w *tracker.World) tracker.Filing {
	rep := tracker.Report{
		Crisis:    l.Crisis,
		Person:    l.Person,
		Channel:   tracker.ChannelLink,
		Source:    l.ID,
		FixedAt:   r.FixedAt,
		SentAt:    r.SentAt,
		Wellbeing: r.Wellbeing,
		Intention: r.Intention,
		Persons:   r.Persons,
		Note:      r.Note,

		Needs: r.Needs, HasNeeds: r.Needs != 0, MedicineDays: r.MedicineDays,
		Tell: r.Tell, TellNames: r.TellNames,
	}
	phone, readable := linkPhone(r.Phone, near)
	rep.Phone = phone
	var words string
	rep.Position, rep.Country, words = r.position(near, w)
	rep.Address = strings.Trim(words+"\n"+r.Address, "\n")

	f := tracker.Filing{Report: rep}
	if rep.Person.IsZero() || r.Child != "" {
		f.Report.Person = guest
	}
	if f.Report.Person.IsZero() {
		f.Person = &tracker.Person{
			Crisis:   l.Crisis,
			Category: tracker.CategoryUnknown,
			Stay:     tracker.StayUnknown,
			Persons:  max(r.Persons, 1),
		}
		if readable && r.Child == "" { // a child is rung at its guardian's
			f.Person.Details.Phones = []string{phone}
		}
		if r.Child != "" {
			f.Person.Needs = tracker.IsMinor
			f.Person.Guardian = l.Person
			f.Person.Details.Name = r.Child
		}
		r.preset(&f, l, w)
	}
	if !l.Verify(r.Secret) {
		f.Report.Flags |= tracker.FlagLowTrust
	}
	return f
}

// preset places somebody new where their link says, unless they have left: in its
// country, and, when they said nothing of where they are, at its airport.
func (r *LinkReport) preset(f *tracker.Filing, l auth.Link, w *tracker.World) {
	if r.Intention == tracker.Left { // "not in this country"
		return
	}
	f.Person.Country = LinkCountry(l, w)
	rep := &f.Report
	if l.Airport != "" && rep.Position == nil && rep.Address == "" && rep.Country == "" {
		rep.Position, _ = AirportPosition(l.Airport, w) // nil where the airport is no longer known
		return
	}
	// A fix beside the poster's airport says the same twice: where it comes to be in
	// doubt, the airport stands.
	if p := rep.Position; p != nil && p.Airport == "" && fromPhone(p.Method) {
		if at, err := AirportPosition(l.Airport, w); err == nil && geo.Distance(p.Point, at.Point) <= p.RadiusM+at.RadiusM {
			q := *p
			q.Airport = at.Airport
			rep.Position = &q
		}
	}
}

// fromPhone tells whether a position is what a phone measured.
func fromPhone(m tracker.Method) bool { return m == tracker.GNSS || m == tracker.Network }

// position is where the report says that it is, nil when it names no place that is
// known; then country is the one that it names, if any. words is what people still
// have to read.
func (r *LinkReport) position(near []string, w *tracker.World) (p *tracker.Position, country, words string) {
	named, country := namedPlace(r.Place, near, w)
	if !r.HasPoint {
		if named != nil {
			return named, "", ""
		}
		return nil, country, r.Place
	}
	p = &tracker.Position{Point: r.Point, RadiusM: r.RadiusM, Method: tracker.GNSS}
	switch {
	case r.PinM > 0:
		p.Method = tracker.Pin
		p.RadiusM = math.Max(pinRadiusM, r.PinM)
	case !(r.RadiusM > 0):
		p.Method = tracker.Pin
		p.RadiusM = math.Max(pinRadiusM, quantumM(r.literal[0], r.literal[1]))
	case r.RadiusM > gnssRadiusM:
		p.Method = tracker.Network
	}
	if named != nil && named.Airport != "" && geo.Distance(p.Point, named.Point) <= p.RadiusM+named.RadiusM+airportNearM {
		p.Airport = named.Airport
		return p, "", ""
	}
	return p, "", r.Place
}

// namedPlace finds an airport by its code or a city: "DXB", "Dubai, AE", "Dubai,
// United Arab Emirates", or "Dubai" where one of the countries near has it, or the
// whole world has but one. country is the one named, else empty.
func namedPlace(text string, near []string, w *tracker.World) (p *tracker.Position, country string) {
	if text == "" {
		return nil, ""
	}
	if p, err := AirportPosition(text, w); err == nil {
		return p, ""
	}
	name := text
	if i := strings.LastIndexByte(text, ','); i >= 0 {
		if code := countryNamed(strings.TrimSpace(text[i+1:]), w); code != "" {
			country, name = code, strings.TrimSpace(text[:i])
			near = []string{code}
		}
	}
	found := 0
	for _, c := range near {
		if q, err := CityPosition(name, c, w); err == nil {
			p = q
			found++
		}
	}
	if found == 0 && country == "" && onlyOne(name, w) {
		if q, err := CityPosition(name, "", w); err == nil {
			return q, ""
		}
	}
	if found == 0 {
		if q, err := AirportPosition(strings.ToUpper(text), w); err == nil {
			return q, ""
		}
	}
	if found != 1 {
		return nil, country
	}
	return p, country
}

// onlyOne tells whether no two cities of the world share the name: a guess at which
// one is meant would put people into the wrong country.
func onlyOne(name string, w *tracker.World) bool {
	hits := w.SearchPlaces(name, 2)
	return len(hits) == 1 || len(hits) == 2 && !strings.EqualFold(hits[0].Name, hits[1].Name)
}

// countryNamed reads a country's code or its name in any of the three languages.
func countryNamed(text string, w *tracker.World) string {
	if countryCode(text) == nil {
		if _, ok := w.Country(text); ok {
			return text
		}
		return ""
	}
	for _, code := range w.CountryCodes() {
		c, _ := w.Country(code)
		for _, name := range []string{c.Names.KK, c.Names.RU, c.Names.EN} {
			if name != "" && strings.EqualFold(name, text) {
				return code
			}
		}
	}
	return ""
}

// LinkPhone returns a number as people can dial it: in E.164 where it can be read
// so, as dialled at home or in the only country near, else as it was written.
func LinkPhone(text string, near []string) string {
	phone, _ := linkPhone(text, near)
	return phone
}

// linkPhone returns a number in E.164 where it is a valid one as written, as
// dialled in the only country near, or as dialled at home; else as it was written.
func linkPhone(text string, near []string) (phone string, readable bool) {
	regions := []string{home}
	if len(near) == 1 {
		regions = []string{near[0], home}
	}
	for _, region := range regions {
		n, err := phonenumbers.Parse(text, region)
		if text != "" && err == nil && phonenumbers.IsValidNumber(n) {
			return phonenumbers.Format(n, phonenumbers.E164), true
		}
	}
	return text, false
}
