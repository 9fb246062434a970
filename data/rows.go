package data

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// rowKey orders the rows of a table by their key, as the database does. Rows
// are written in this order, so that two groups that want the same keys meet
// in the same order and can't lock each other out.
type rowKey [32]byte

func keyN(id tracker.ID, n int) (k rowKey) {
	copy(k[:], id[:])
	binary.BigEndian.PutUint64(k[16:], uint64(n))
	return k
}

func keyID(a, b tracker.ID) (k rowKey) {
	copy(k[:], a[:])
	copy(k[16:], b[:])
	return k
}

func zoneKey(z *tracker.Zone) rowKey       { return keyN(z.ID, z.Version) }
func crisisKey(c *tracker.Crisis) rowKey   { return keyN(c.ID, 0) }
func missionKey(m *tracker.Mission) rowKey { return keyN(m.ID, m.Version) }
func personRowKey(p *tracker.Person) rowKey {
	return keyN(p.ID, p.Version)
}
func assignmentKey(a *tracker.Assignment) rowKey { return keyN(a.Person, a.N) }
func reportKey(r *tracker.Report) rowKey         { return keyID(r.Person, r.ID) }
func retractionKey(r *tracker.Retraction) rowKey { return keyID(r.Person, r.Report) }
func mergeKey(m *tracker.Merge) rowKey           { return keyN(m.Crisis, m.N) }
func erasureKey(x *tracker.Erasure) rowKey       { return keyN(x.Person, 0) }

func markKey(m *tracker.ZoneMark) rowKey {
	k := keyN(m.Zone, m.Version)
	if !m.Begin {
		k[24] = 1 // the end comes after the beginning
	}
	return k
}

func airportKey(a *tracker.AirportState) (k rowKey) {
	copy(k[:16], a.Crisis[:])
	copy(k[16:24], a.Airport)
	binary.BigEndian.PutUint64(k[24:], uint64(a.Version))
	return k
}

func eventKey(e *tracker.Event) (k rowKey) {
	binary.BigEndian.PutUint64(k[:], uint64(e.Cause))
	binary.BigEndian.PutUint64(k[8:], uint64(e.N))
	return k
}

// sortBy sorts s by key, stably. What is sorted are the keys: rows are large, and each
// is moved once.
func sortBy[T any](s []T, key func(*T) rowKey) {
	type place struct {
		key rowKey
		i   int
	}
	places, sorted := make([]place, len(s)), true
	for i := range s {
		places[i] = place{key(&s[i]), i}
		sorted = sorted && (i == 0 || bytes.Compare(places[i-1].key[:], places[i].key[:]) <= 0)
	}
	if sorted {
		return
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(bytes.Compare(a.key[:], b.key[:]), a.i-b.i)
	})
	out := make([]T, len(s))
	for i, p := range places {
		out[i] = s[p.i]
	}
	copy(s, out)
}

// sortRows puts each slice in the order of its keys.
func sortRows(r *tracker.Rows) {
	sortBy(r.Crises, crisisKey)
	sortBy(r.Missions, missionKey)
	sortBy(r.Zones, zoneKey)
	sortBy(r.Marks, markKey)
	sortBy(r.People, personRowKey)
	sortBy(r.Assignments, assignmentKey)
	sortBy(r.Reports, reportKey)
	sortBy(r.Retractions, retractionKey)
	sortBy(r.Airports, airportKey)
	sortBy(r.Events, eventKey)
	sortBy(r.Merges, mergeKey)
	sortRulings(r.Rulings)
	sortBy(r.Erasures, erasureKey)
}

func countRows(r *tracker.Rows) int {
	return len(r.Crises) + len(r.Missions) + len(r.Zones) + len(r.Marks) + len(r.People) +
		len(r.Assignments) + len(r.Reports) + len(r.Retractions) + len(r.Airports) + len(r.Events) +
		len(r.Merges) + len(r.Rulings) + len(r.Erasures)
}

func kindsOf(r *tracker.Rows) (k tracker.Kinds) {
	for _, x := range []struct {
		n    int
		kind tracker.Kinds
	}{
		{len(r.Crises), tracker.KindCrisis},
		{len(r.Missions), tracker.KindMission},
		{len(r.Zones), tracker.KindZone},
		{len(r.Marks), tracker.KindMark},
		{len(r.People), tracker.KindPerson},
		{len(r.Assignments), tracker.KindAssignment},
		{len(r.Reports), tracker.KindReport},
		{len(r.Retractions), tracker.KindRetraction},
		{len(r.Airports), tracker.KindAirport},
		{len(r.Events), tracker.KindEvent},
		{len(r.Merges), tracker.KindMerge},
		{len(r.Rulings), tracker.KindRuling},
		{len(r.Erasures), tracker.KindErasure},
	} {
		if x.n > 0 {
			k |= x.kind
		}
	}
	return k
}

// appendRows adds b's rows to a's slices.
func appendRows(a, b *tracker.Rows) {
	a.Crises = append(a.Crises, b.Crises...)
	a.Missions = append(a.Missions, b.Missions...)
	a.Zones = append(a.Zones, b.Zones...)
	a.Marks = append(a.Marks, b.Marks...)
	a.People = append(a.People, b.People...)
	a.Assignments = append(a.Assignments, b.Assignments...)
	a.Reports = append(a.Reports, b.Reports...)
	a.Retractions = append(a.Retractions, b.Retractions...)
	a.Airports = append(a.Airports, b.Airports...)
	a.Events = append(a.Events, b.Events...)
	a.Merges = append(a.Merges, b.Merges...)
	a.Rulings = append(a.Rulings, b.Rulings...)
	a.Erasures = append(a.Erasures, b.Erasures...)
}

// normalize copies what a caller wrote into the form in which it will be read
// back: times in UTC and whole microseconds, empty slices nil, slices in the
// order of their keys, nothing shared with the caller that could change. It
// refuses what one of the databases could not keep, so that both take the same.
func normalize(in *tracker.Rows) (tracker.Rows, error) {
	var c checker
	out := tracker.Rows{}
	appendRows(&out, in)
	for i := range out.Crises {
		x := &out.Crises[i]
		c.id("crisis.id", x.ID)
		c.text("crisis", x.Slug, x.Region)
		c.names("crisis.names", x.Names)
		at(&x.Starts, &x.Ends)
	}
	for i := range out.Missions {
		x := &out.Missions[i]
		c.id("mission.id", x.ID)
		c.text("mission", x.Code, x.DutyPhone)
		c.text("mission.countries", x.Countries...)
		c.names("mission.names", x.Names)
		c.version("mission.version", x.Version, 0)
		x.Countries = list(x.Countries)
		x.Area = shape(x.Area)
	}
	for i := range out.Zones {
		x := &out.Zones[i]
		c.id("zone.id", x.ID)
		c.id("zone.crisis", x.Crisis)
		c.text("zone", x.Source, x.Reason, x.Country, x.Ref)
		c.names("zone.names", x.Names)
		c.names("zone.advice", x.Advice)
		c.version("zone.version", x.Version, 1)
		c.finite("zone.floor_m", x.FloorM)
		c.finite("zone.ceiling_m", x.CeilingM)
		at(&x.ValidFrom, &x.ValidTo, &x.ConfirmedAt, &x.RecordedAt)
		x.Shape = shape(x.Shape)
	}
	for i := range out.Marks {
		x := &out.Marks[i]
		c.id("mark.zone", x.Zone)
		at(&x.At)
	}
	for i := range out.People {
		x := &out.People[i]
		c.id("person.id", x.ID)
		c.id("person.crisis", x.Crisis)
		c.text("person", x.Country)
		c.version("person.version", x.Version, 1)
		c.small("person.persons", x.Persons)
		at(&x.RecordedAt)
		x.Details.Phones = list(x.Details.Phones)
		x.Details.Handles = list(x.Details.Handles)
		x.Details.Sources = list(x.Details.Sources)
	}
	for i := range out.Assignments {
		x := &out.Assignments[i]
		c.id("assignment.person", x.Person)
		c.version("assignment.n", x.N, 1)
		at(&x.RecordedAt)
	}
	for i := range out.Reports {
		x := &out.Reports[i]
		c.id("report.id", x.ID)
		c.id("report.person", x.Person)
		c.id("report.crisis", x.Crisis)
		c.text("report", x.Country)
		c.small("report.persons", x.Persons)
		at(&x.FixedAt, &x.SentAt, &x.ReceivedAt, &x.EffectiveAt, &x.OnwardUntil)
		if x.Position != nil {
			p := *x.Position
			x.Position = &p
			c.place("report.position", p)
		}
		if x.MedicineDays != nil {
			days := *x.MedicineDays
			x.MedicineDays = &days
			c.between("report.medicine_days", days, 0, maxMedicineDays)
		}
		if x.Caller != nil {
			caller := *x.Caller
			x.Caller = &caller
		}
	}
	for i := range out.Retractions {
		x := &out.Retractions[i]
		c.id("retraction.person", x.Person)
		c.id("retraction.report", x.Report)
		at(&x.RecordedAt)
	}
	for i := range out.Airports {
		x := &out.Airports[i]
		c.id("airport.crisis", x.Crisis)
		c.text("airport", x.Airport, x.Reason)
		c.version("airport.version", x.Version, 1)
		at(&x.Until, &x.RecordedAt)
	}
	for i := range out.Events {
		x := &out.Events[i]
		c.id("event.id", x.ID)
		c.id("event.crisis", x.Crisis)
		c.text("event", x.Airport)
		at(&x.At)
		x.Seq = 0
		x.Moves = list(x.Moves)
	}
	for i := range out.Merges {
		x := &out.Merges[i]
		c.id("merge.crisis", x.Crisis)
		c.id("merge.gone", x.Gone)
		c.version("merge.n", x.N, 1)
		at(&x.RecordedAt)
	}
	for i := range out.Rulings {
		x := &out.Rulings[i]
		c.id("ruling.person", x.Person)
		c.id("ruling.report", x.Report)
		c.version("ruling.n", x.N, 1)
		if x.Flags&^tracker.Untrusted != 0 {
			c.fail("ruling.flags", "out_of_range", "must be of the flags that say what is odd about a fix")
		}
		at(&x.RecordedAt)
	}
	for i := range out.Erasures {
		x := &out.Erasures[i]
		c.id("erasure.person", x.Person)
		c.id("erasure.crisis", x.Crisis)
		c.text("erasure.reason", x.Reason)
		at(&x.RecordedAt)
	}
	sortRows(&out)
	return out, c.err
}

// at brings times to what the database keeps. The zero time stays zero; so does
// the first moment of 1970, which devices send when they know no time.
func at(ts ...*time.Time) {
	for _, t := range ts {
		*t = fromMicros(toMicros(*t))
	}
}

func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func list[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}

func shape(mp orb.MultiPolygon) orb.MultiPolygon {
	if len(mp) == 0 {
		return nil
	}
	return mp.Clone()
}

// checker keeps the first broken rule.
type checker struct{ err error }

func (c *checker) fail(field, code, detail string) {
	if c.err == nil {
		c.err = &tracker.FieldError{Field: field, Code: code, Detail: detail}
	}
}

func (c *checker) id(field string, id tracker.ID) {
	if id.IsZero() {
		c.fail(field, "required", "an id is required")
	}
}

func (c *checker) text(field string, ss ...string) {
	for _, s := range ss {
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			c.fail(field, "bad_text", "text must be valid UTF-8 without NUL")
		}
	}
}

func (c *checker) names(field string, n tracker.Names) { c.text(field, n.KK, n.RU, n.EN) }

func (c *checker) version(field string, n, least int) {
	if n < least || n > math.MaxInt32 {
		c.fail(field, "out_of_range", fmt.Sprintf("must be %d or more", least))
	}
}

func (c *checker) small(field string, n int) { c.between(field, n, 0, math.MaxInt16) }

func (c *checker) between(field string, n, least, most int) {
	if n < least || n > most {
		c.fail(field, "out_of_range", fmt.Sprintf("must be from %d to %d", least, most))
	}
}

func (c *checker) finite(field string, f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		c.fail(field, "not_finite", "must be a finite number")
	}
}

// place refuses a position that would make an index of positions wrong for good.
func (c *checker) place(field string, p tracker.Position) {
	c.finite(field+".radius_m", p.RadiusM)
	if p.RadiusM < 0 {
		c.fail(field+".radius_m", "out_of_range", "must not be negative")
	}
	// Written so that NaN fails.
	if !(math.Abs(p.Point[0]) <= 180 && math.Abs(p.Point[1]) <= 90) {
		c.fail(field, "out_of_range", "lon must be within ±180 and lat within ±90 degrees")
	}
}
