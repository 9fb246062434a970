package intake

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// rowReader turns rows into filings.
type rowReader struct {
	o        ListOptions
	d        Defaults
	h        headings
	date1904 bool
	atlas    *atlas
	// parties gives rows of one booking one party.
	parties map[string]tracker.ID
}

func newRowReader(h headings, o ListOptions, d Defaults, date1904 bool) *rowReader {
	return &rowReader{o: o, d: d, h: h, date1904: date1904, atlas: newAtlas(d.World), parties: map[string]tracker.ID{}}
}

// rowState is one row while it is read.
type rowState struct {
	*rowReader
	row      int
	cells    map[ListField]string
	columns  map[ListField]string // headings, for problems
	problems []ListProblem
	notes    []string
	p        tracker.Person
	r        tracker.Report
}

// read makes a filing of a row. What can't be understood is a problem: it refuses
// the row where guessing could mean somebody else or another day, and is kept in
// the note where it can't.
func (rr *rowReader) read(row tableRow) (tracker.Filing, []ListProblem) {
	st := &rowState{rowReader: rr, row: row.number, cells: map[ListField]string{}, columns: map[ListField]string{}}
	st.p = tracker.Person{Crisis: rr.d.Crisis, Category: tracker.CategoryUnknown, Stay: tracker.StayUnknown, Persons: 1}
	st.r = tracker.Report{Crisis: rr.d.Crisis, Channel: rr.d.Channel, Source: rr.d.Source}
	for i, cell := range row.cells {
		f := rr.h.field(i)
		if f == "" || isBlank(cell) {
			continue
		}
		if st.columns[f] == "" {
			st.columns[f] = rr.h.heading(i)
		}
		switch {
		case isCellError(cell):
			st.refuse(f, "cell_error", "holds an error of the spreadsheet")
		case f != FieldNote && !utf8.ValidString(cell) || strings.ContainsFunc(cell, unreadable):
			st.refuse(f, "control_character", "holds a character that no text needs")
		case st.cells[f] != "":
			st.cells[f] += "; " + cell
		default:
			st.cells[f] = cell
		}
	}
	st.who()
	st.numbers()
	st.reach()
	if rr.o.Closes {
		st.leaves()
	} else {
		st.stands()
	}
	st.note()
	return tracker.Filing{Person: &st.p, Report: st.r}, st.problems
}

func unreadable(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError || turns(r) }

// isCellError tells the values that spreadsheets show for a formula that failed.
func isCellError(s string) bool {
	switch strings.ToUpper(s) {
	case "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!":
		return true
	}
	return false
}

func (st *rowState) problem(f ListField, code, detail string, refused bool) {
	st.problems = append(st.problems, ListProblem{
		Row: st.row, Column: st.columns[f], Field: f, Code: code, Detail: detail, Refused: refused,
	})
}

func (st *rowState) refuse(f ListField, code, detail string) { st.problem(f, code, detail, true) }

// broke refuses the row for a FieldError without a path.
func (st *rowState) broke(f ListField, err error) {
	if fe, ok := err.(*tracker.FieldError); ok {
		st.refuse(f, fe.Code, fe.Detail)
	}
}

// keep puts a cell that isn't understood into the note, and says so.
func (st *rowState) keep(f ListField, code, detail, text string) {
	st.problem(f, code, detail+"; it is kept in the note", false)
	st.notes = append(st.notes, st.columns[f]+": "+text)
}

// within refuses a text that is too long for where it goes.
func (st *rowState) within(f ListField, text string, most int) string {
	if utf8.RuneCountInString(text) > most {
		st.refuse(f, "too_long", "has more than "+strconv.Itoa(most)+" characters")
		return ""
	}
	return text
}

// who reads what people are called.
func (st *rowState) who() {
	d := &st.p.Details
	c := st.cells
	name := c[FieldName]
	if parts := joined(c[FieldSurname], c[FieldGiven], c[FieldPatronymic]); name == "" {
		name = parts
	}
	d.Name = st.within(FieldName, strings.ReplaceAll(name, "; ", " "), 200)
	latin := c[FieldLatin]
	if latin == "" {
		latin = joined(c[FieldLatinSurname], c[FieldLatinGiven])
	}
	d.Latin = st.within(FieldLatin, latin, 200)
	if d.Latin == "" && d.Name != "" && !strings.ContainsFunc(d.Name, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) }) {
		d.Latin = d.Name
	}
	if d.Name == "" {
		d.Name = d.Latin
	}
	for _, text := range []struct {
		f ListField
		s string
	}{{FieldName, d.Name}, {FieldLatin, d.Latin}} {
		if text.s != "" && !strings.ContainsFunc(text.s, unicode.IsLetter) {
			st.refuse(text.f, "not_a_name", "has no letters")
			return
		}
	}
	if s := c[FieldSex]; s != "" {
		if x, ok := sexes[foldHeading(s)]; ok {
			d.Sex = x
		} else {
			st.keep(FieldSex, "unknown_word", "is neither male nor female", s)
		}
	}
	if s := c[FieldCitizenship]; s != "" {
		code, ok := st.atlas.country(s)
		switch {
		case stateless[strings.ReplaceAll(foldHeading(s), " ", "")]:
			st.p.Category = tracker.Stateless
		case !ok:
			st.keep(FieldCitizenship, "unknown_country", "is not a known country", s)
		case code == "KZ":
			st.p.Category = tracker.Citizen
		default:
			st.notes = append(st.notes, st.columns[FieldCitizenship]+": "+s)
		}
	}
	if s := c[FieldPersons]; s != "" {
		digits, _ := plainNumber(s)
		if n, err := strconv.Atoi(digits); err != nil || n < 1 || n > 999 {
			st.refuse(FieldPersons, "out_of_range", "is not in 1 to 999")
		} else {
			st.p.Persons = n
		}
	}
	if st.o.Source != "" {
		d.Sources = []string{st.o.Source}
	}
}

func joined(parts ...string) string {
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// numbers reads what identifies people.
func (st *rowState) numbers() {
	d := &st.p.Details
	c := st.cells
	if s := c[FieldIIN]; s != "" {
		n, err := listIIN(s)
		if err != nil {
			st.broke(FieldIIN, err)
		} else {
			d.IIN = n
		}
	}
	if s := c[FieldPassport]; s != "" {
		n, err := listPassport(s)
		if err != nil {
			st.broke(FieldPassport, err)
		} else {
			d.Passport = n
		}
	}
	if s := c[FieldBirthDate]; s != "" {
		if t, ok := st.date(FieldBirthDate, s, true); ok {
			if t.day.After(st.d.Now) {
				st.refuse(FieldBirthDate, "bad_date", "has not come yet")
			} else {
				d.BirthDate = t.day.Format(time.DateOnly)
			}
		}
	}
	if s := c[FieldExpiry]; s != "" {
		if t, ok := st.date(FieldExpiry, s, false); ok {
			d.PassportExpiry = t.day.Format(time.DateOnly)
		}
	}
	if d.IIN == "" {
		return
	}
	if day, sex, ok := bornByIIN(d.IIN); ok {
		switch {
		case d.BirthDate == "" && !st.bad(FieldBirthDate):
			d.BirthDate = day
		case d.BirthDate != day && d.BirthDate != "":
			st.problem(FieldBirthDate, "differs_from_iin", "is not the day that the IIN says", false)
		}
		if d.Sex == 0 && c[FieldSex] == "" {
			d.Sex = sex
		}
	}
}

// bad tells whether a field has refused the row.
func (st *rowState) bad(f ListField) bool {
	for _, p := range st.problems {
		if p.Field == f && p.Refused {
			return true
		}
	}
	return false
}

func (st *rowState) date(f ListField, s string, past bool) (listDate, bool) {
	t, err := readDate(s, st.o.MonthFirst, st.date1904, past, st.d.Now)
	if err != nil {
		st.broke(f, err)
		return t, false
	}
	return t, true
}

// reach reads how people are reached and with whom they travel.
func (st *rowState) reach() {
	d := &st.p.Details
	c := st.cells
	if s := c[FieldPhone]; s != "" {
		phones, rest := listPhones(s)
		for _, p := range phones {
			if len(d.Phones) < 10 && !slices.Contains(d.Phones, p) {
				d.Phones = append(d.Phones, p)
			}
		}
		if rest != "" {
			st.keep(FieldPhone, "not_a_phone", "is not a phone number that can be dialled", rest)
		}
	}
	if s := c[FieldEmail]; s != "" {
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(",; ", r) }) {
			if h := strings.ToLower(strings.TrimPrefix(part, "mailto:")); strings.Contains(h, "@") && len(h) <= 100 && len(d.Handles) < 10 && !slices.Contains(d.Handles, h) {
				d.Handles = append(d.Handles, h)
			} else if !slices.Contains(d.Handles, h) {
				st.keep(FieldEmail, "not_an_address", "is not an e-mail address or a name with @", part)
			}
		}
	}
	d.TourCode = st.within(FieldTour, c[FieldTour], 60)
	if party := c[FieldParty]; party != "" {
		if d.TourCode == "" {
			d.TourCode = st.within(FieldParty, party, 60)
		}
		key := foldHeading(party)
		if key != "" {
			if st.parties[key].IsZero() {
				st.parties[key] = tracker.NewID()
			}
			st.p.Party = st.parties[key]
		}
	}
	if d.Unidentified() && d.IIN == "" && d.Passport == "" && len(d.Phones) == 0 && len(st.problems) == 0 {
		st.refuse("", "nobody", "names nobody: there is no name, number or phone")
	}
}

// stands reads where and how somebody is.
func (st *rowState) stands() {
	c := st.cells
	r := &st.r
	st.place()
	if s := c[FieldStatus]; s != "" {
		if x, ok := listStatusOf(s); ok {
			r.Wellbeing, r.Intention, r.Contact = x.wellbeing, x.intention, x.contact
		} else {
			st.keep(FieldStatus, "unknown_status", "is not a status that is known here", s)
		}
	}
	if s := c[FieldDeparture]; s != "" {
		if t, ok := st.date(FieldDeparture, s, false); ok {
			r.OnwardUntil = t.end()
		}
	}
	if s := c[FieldArrival]; s != "" {
		if t, ok := st.date(FieldArrival, s, false); ok && t.day.After(st.d.Now) {
			st.keep(FieldArrival, "not_there_yet", "lies ahead, so the row's place is not taken", t.day.Format(time.DateOnly))
			r.Position, r.Country, st.p.Country, r.Address = nil, "", "", ""
		}
	}
	r.FixedAt = st.stated(FieldStated, false)
	if st.p.Persons > 1 && r.Says() {
		r.Persons = st.p.Persons
	}
}

// leaves reads that somebody has left: by the row's own status and day, or by what
// the list as a whole says.
func (st *rowState) leaves() {
	r := &st.r
	if r.Intention = st.o.Left; r.Intention == 0 {
		r.Intention = tracker.Left
	}
	if s := st.cells[FieldStatus]; s != "" {
		x, ok := listStatusOf(s)
		switch {
		case !ok:
			st.refuse(FieldStatus, "unknown_status", "is not a status that is known here")
		case x.intention != 0 && x.intention != tracker.Left && x.intention != tracker.Home:
			st.refuse(FieldStatus, "not_left", "doesn't say that they have left")
		default:
			if x.intention != 0 {
				r.Intention = x.intention
			}
			r.Wellbeing = x.wellbeing
		}
	}
	if st.cells[FieldDeparture] != "" {
		r.FixedAt = st.stated(FieldDeparture, true)
	} else {
		r.FixedAt = st.stated(FieldStated, true)
	}
	r.Reason = "list"
	if st.o.Source != "" {
		r.Reason += ": " + st.o.Source
	}
}

// end is the last moment that a date speaks of: its time, or the end of its day.
func (t listDate) end() time.Time {
	if t.timed {
		return t.day
	}
	return t.day.Add(24*time.Hour - time.Second)
}

// stated is when a row says what it says; without a column, when the list does; zero:
// now. A day without a time is its beginning where people may have said something
// newer themselves that day, and its end where a border was crossed in it. What is
// said to come hasn't happened: a day ahead refuses the row.
func (st *rowState) stated(f ListField, end bool) time.Time {
	t := listDate{day: st.o.AsOf}
	if s := st.cells[f]; s != "" {
		var ok bool
		if t, ok = st.date(f, s, false); !ok {
			return time.Time{}
		}
	}
	if t.day.IsZero() {
		return time.Time{}
	}
	// The zone of a list's clock isn't known: a day of grace.
	if t.day.After(st.d.Now.Add(24 * time.Hour)) {
		st.refuse(f, "in_the_future", "lies ahead")
		return time.Time{}
	}
	at := t.day
	if end {
		at = t.end()
	}
	if at.After(st.d.Now) {
		return time.Time{}
	}
	return at
}

// place reads where somebody is: coordinates, else an airport, else a city, else
// a country.
func (st *rowState) place() {
	c := st.cells
	r := &st.r
	code := st.o.Country
	if s := c[FieldCountry]; s != "" {
		if x, ok := st.atlas.country(s); ok {
			code = x
		} else {
			st.keep(FieldCountry, "unknown_country", "is not a known country", s)
			code = ""
		}
	}
	r.Address = st.within(FieldAddress, c[FieldAddress], 300)
	lat, lon := c[FieldLat], c[FieldLon]
	if both := c[FieldLatLon]; both != "" && lat == "" && lon == "" {
		lat, lon = cutLatLon(both)
	}
	switch {
	case lat != "" || lon != "":
		r.Position = st.coordinates(lat, lon)
	case c[FieldAirport] != "":
		r.Position = st.airport(c[FieldAirport])
	}
	if r.Position == nil && c[FieldCity] != "" {
		r.Position = st.city(c[FieldCity], code)
	}
	if r.Position == nil && code != "" {
		r.Country, st.p.Country = code, code
	}
}

// cutLatLon parts "25.2048, 55.2708" and "25,2048; 55,2708".
func cutLatLon(s string) (lat, lon string) {
	for _, by := range []string{";", ", ", " "} {
		if a, b, ok := strings.Cut(s, by); ok {
			return strings.TrimSpace(a), strings.TrimSpace(b)
		}
	}
	lat, lon, _ = strings.Cut(s, ",")
	return strings.TrimSpace(lat), strings.TrimSpace(lon)
}

func (st *rowState) coordinates(lat, lon string) *tracker.Position {
	where := [2]ListField{FieldLat, FieldLon}
	if st.columns[FieldLat] == "" && st.columns[FieldLon] == "" {
		where = [2]ListField{FieldLatLon, FieldLatLon}
	}
	y, yText, err := listDegrees(lat, 90, 'S', 'N')
	if err != nil {
		st.broke(where[0], err)
		return nil
	}
	x, xText, err := listDegrees(lon, 180, 'W', 'E')
	if err != nil {
		st.broke(where[1], err)
		return nil
	}
	if x == 0 && y == 0 {
		st.refuse(where[0], "bad_coordinate", "is 0, 0, which is in the sea and means that nobody knew")
		return nil
	}
	p := orb.Point{x, y}
	return &tracker.Position{
		Point: p, Method: tracker.Place,
		RadiusM: math.Max(DefaultRadiusM(tracker.Place, p, st.d.World), quantumM(xText, yText)),
	}
}

// airport finds an airport by its code, alone or beside its name: "DXB", "Dubai (DXB)".
func (st *rowState) airport(s string) *tracker.Position {
	tries := []string{s}
	tries = append(tries, strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	for i, t := range tries {
		// Words of three letters are codes only where they are written like codes.
		if i == 0 {
			t = strings.ToUpper(t)
		}
		if p, err := AirportPosition(t, st.d.World); err == nil {
			return p
		}
	}
	if st.cells[FieldCity] == "" {
		st.cells[FieldCity], st.columns[FieldCity] = s, st.columns[FieldAirport]
	} else {
		st.keep(FieldAirport, "unknown_airport", "is not the code of an airport", s)
	}
	return nil
}

func (st *rowState) city(s, code string) *tracker.Position {
	tries := []string{s}
	if before, _, ok := strings.Cut(s, "("); ok {
		tries = append(tries, before)
	}
	if part, rest, ok := strings.Cut(s, ","); ok {
		tries = append(tries, part, rest)
	}
	for _, t := range tries {
		t = strings.TrimSpace(t)
		for _, cut := range []string{"г. ", "г.", "город ", "қ. ", "city of "} {
			if rest, ok := strings.CutPrefix(strings.ToLower(t), cut); ok {
				t = rest
			}
		}
		if name, ok := cityNames[foldHeading(t)]; ok {
			t = name
		}
		if p, err := CityPosition(t, code, st.d.World); err == nil {
			return p
		}
	}
	if st.r.Address == "" && utf8.RuneCountInString(s) <= 300 {
		st.problem(FieldCity, "unknown_city", "is not a known city; it is kept as the address", false)
		st.r.Address = s
		return nil
	}
	st.keep(FieldCity, "unknown_city", "is not a known city", s)
	return nil
}

// note puts together what the row says in words.
func (st *rowState) note() {
	parts := st.notes
	if s := st.cells[FieldNote]; s != "" {
		parts = append([]string{s}, parts...)
	}
	st.r.Note = st.within(FieldNote, strings.Join(parts, "\n"), 2000)
}
