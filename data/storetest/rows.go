package storetest

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"aman/geo"
	"aman/geo/tracker"
)

// everything is one write with a row of each kind and every field said.
func (w *world) everything() *tracker.Rows {
	p, q := w.newPerson("a"+tracker.NewID().String()), w.newPerson("b"+tracker.NewID().String())
	r1, r2 := w.newReport(p.ID, "1"), w.newReport(p.ID, "2")
	bare := tracker.Report{
		ID: tracker.NewID(), Crisis: w.crisis, Person: q.ID, Channel: tracker.ChannelSMS,
		ReceivedAt: w.start, EffectiveAt: w.start, Wellbeing: tracker.Safe,
	}
	z := w.newZone(1)
	country := tracker.Zone{ID: tracker.NewID(), Crisis: w.crisis, Version: 1, State: tracker.Draft, Level: 1, Kind: tracker.Ground, Country: "AE"}
	return &tracker.Rows{
		Zones:  []tracker.Zone{z, country},
		Marks:  []tracker.ZoneMark{{Zone: z.ID, Version: 1, Begin: true, At: w.start}, {Zone: z.ID, Version: 1, At: w.start.Add(time.Hour)}},
		People: []tracker.Person{p, q},
		Assignments: []tracker.Assignment{
			{Person: p.ID, N: 1, Mission: w.mission, Reason: "area", Author: tracker.NewID(), RecordedAt: w.start},
			{Person: p.ID, N: 2, Mission: w.mission, RecordedAt: w.start},
		},
		Reports:     []tracker.Report{r1, r2, bare},
		Retractions: []tracker.Retraction{{Report: r2.ID, Person: p.ID, Reason: "typed wrong", Author: tracker.NewID(), RecordedAt: w.start}},
		Airports: []tracker.AirportState{{
			Crisis: w.crisis, Airport: "DXB", Version: 1 + w.r.IntN(1e6), Status: tracker.AirportClosed,
			Reason: "airspace", Until: w.start.Add(time.Hour), Author: tracker.NewID(), RecordedAt: w.start,
		}},
		Events: []tracker.Event{{
			ID: tracker.NewID(), Crisis: w.crisis, Kind: tracker.EventEntered, Cause: 1 + w.r.Int64N(1e12), N: 3, At: w.start,
			Zone: z.ID, ZoneVersion: 1, Airport: "DXB", Level: 4,
			Moves: []tracker.Move{{Person: p.ID, From: geo.Outside, To: geo.Inside}, {Person: q.ID, From: geo.Possible, To: geo.Outside}},
		}},
		Merges: []tracker.Merge{w.newMerge(q.ID, p.ID), w.newMerge(q.ID, tracker.ID{})},
		Rulings: []tracker.Ruling{
			{Report: r1.ID, Person: p.ID, N: 2, Flags: tracker.FlagMock, Reason: "asked her", Author: tracker.NewID(), RecordedAt: w.start},
			{Report: r1.ID, Person: p.ID, N: 1, Flags: tracker.FlagIdentical | tracker.FlagReplay, RecordedAt: w.start},
		},
	}
}

// sameRows compares what was written, in any order and with times of any zone
// and precision, with what was read. The oracle is the written rows themselves,
// sorted by formatted key, with times cut to microseconds in UTC.
func sameRows(t *testing.T, want, got *tracker.Rows) {
	t.Helper()
	a, b := canonical(want), canonical(got)
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if !reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			t.Errorf("%s:\nwrote %+v\nread  %+v", va.Type().Field(i).Name, va.Field(i).Interface(), vb.Field(i).Interface())
		}
	}
}

func canonical(r *tracker.Rows) tracker.Rows {
	var out tracker.Rows
	add(&out, r)
	v := reflect.ValueOf(&out).Elem()
	for i := range v.NumField() {
		s := v.Field(i)
		for j := range s.Len() {
			e := s.Index(j)
			for k := range e.NumField() {
				if x, ok := e.Field(k).Interface().(time.Time); ok && !x.IsZero() {
					e.Field(k).Set(reflect.ValueOf(x.UTC().Truncate(time.Microsecond)))
				}
			}
		}
	}
	for i := range out.Events {
		out.Events[i].Seq = 0
	}
	slices.SortFunc(out.Crises, func(a, b tracker.Crisis) int { return a.ID.Compare(b.ID) })
	slices.SortFunc(out.Missions, func(a, b tracker.Mission) int { return a.ID.Compare(b.ID)*2 + sign(a.Version-b.Version) })
	slices.SortFunc(out.Zones, func(a, b tracker.Zone) int { return a.ID.Compare(b.ID)*2 + sign(a.Version-b.Version) })
	slices.SortFunc(out.Marks, func(a, b tracker.ZoneMark) int { return a.Zone.Compare(b.Zone)*2 + sign(int(a.At.Sub(b.At))) })
	slices.SortFunc(out.People, func(a, b tracker.Person) int { return a.ID.Compare(b.ID)*2 + sign(a.Version-b.Version) })
	slices.SortFunc(out.Assignments, func(a, b tracker.Assignment) int { return a.Person.Compare(b.Person)*2 + sign(a.N-b.N) })
	slices.SortFunc(out.Reports, func(a, b tracker.Report) int { return a.ID.Compare(b.ID) })
	slices.SortFunc(out.Retractions, func(a, b tracker.Retraction) int { return a.Report.Compare(b.Report) })
	slices.SortFunc(out.Airports, func(a, b tracker.AirportState) int { return sign(a.Version - b.Version) })
	slices.SortFunc(out.Events, func(a, b tracker.Event) int { return a.ID.Compare(b.ID) })
	slices.SortFunc(out.Merges, func(a, b tracker.Merge) int { return sign(a.N - b.N) })
	slices.SortFunc(out.Rulings, func(a, b tracker.Ruling) int { return a.Report.Compare(b.Report)*2 + sign(a.N-b.N) })
	slices.SortFunc(out.Erasures, func(a, b tracker.Erasure) int { return a.Person.Compare(b.Person) })
	return out
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func everyField(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	rows := w.everything()
	// Nanoseconds and another zone must come back as whole microseconds in UTC.
	rows.Reports[0].SentAt = rows.Reports[0].SentAt.Add(999).In(time.FixedZone("", 5*3600))
	c := w.mustCommit(rows)
	other := db.Open(t) // has nothing cached
	changes, read := follow(t, other)
	if len(changes) != 2 || changes[1].Seq != c.Seq || changes[1].Seq != 2 {
		t.Fatalf("feed %+v, committed %+v", changes, c)
	}
	sameRows(t, rows, read[1])
	if got := read[1].Events[0].Seq; got != c.Seq {
		t.Errorf("event's Seq is %d, want %d", got, c.Seq)
	}
	p := rows.People[0]
	got, err := other.PersonVersion(t.Context(), p.ID)
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("PersonVersion: %v\n got %+v\nwant %+v", err, got, p)
	}
	zs, err := other.ZoneVersions(t.Context(), rows.Zones[0].ID)
	if err != nil || !reflect.DeepEqual(zs, rows.Zones[:1]) {
		t.Errorf("ZoneVersions: %v %+v", err, zs)
	}
	rs, back, err := other.ReportsOf(t.Context(), p.ID, 0)
	if err != nil || len(rs) != 2 || len(back) != 1 || rs[0].EffectiveAt.Before(rs[1].EffectiveAt) {
		t.Errorf("ReportsOf: %v %+v %+v", err, rs, back)
	}
	if rs, _, err := other.ReportsOf(t.Context(), p.ID, 1); err != nil || len(rs) != 1 {
		t.Errorf("ReportsOf with a limit of 1: %v %+v", err, rs)
	}
}

func versionsConflict(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	rows := w.everything()
	w.mustCommit(rows)
	p2 := rows.People[0]
	p2.Version = 2
	z2 := rows.Zones[0]
	z2.Version = 2
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p2}, Zones: []tracker.Zone{z2}})
	for _, c := range []struct {
		name string
		rows tracker.Rows
	}{
		{"zone version", tracker.Rows{Zones: []tracker.Zone{z2}}},
		{"person version", tracker.Rows{People: []tracker.Person{p2}}},
		{"first person version", tracker.Rows{People: rows.People[:1]}},
		{"assignment", tracker.Rows{Assignments: rows.Assignments[:1]}},
		{"report", tracker.Rows{Reports: rows.Reports[:1]}},
		{"retraction", tracker.Rows{Retractions: rows.Retractions}},
		{"airport", tracker.Rows{Airports: rows.Airports}},
		{"event", tracker.Rows{Events: rows.Events}},
		{"mark", tracker.Rows{Marks: rows.Marks[:1]}},
		{"merge", tracker.Rows{Merges: rows.Merges[:1]}},
		{"ruling", tracker.Rows{Rulings: rows.Rulings[:1]}},
		{"crisis slug", tracker.Rows{Crises: []tracker.Crisis{{ID: tracker.NewID(), Slug: "c" + w.crisis.String()}}}},
		{"mission code", tracker.Rows{Missions: []tracker.Mission{{ID: tracker.NewID(), Code: "M" + w.mission.String(), Version: 1}}}},
	} {
		if _, packs := db.(Packing); packs && c.name == "report" {
			continue
		}
		if _, err := s.Commit(t.Context(), w.write(&c.rows)); !errors.Is(err, tracker.ErrConflict) {
			t.Errorf("%s again: %v, want a conflict", c.name, err)
		}
	}
	// A crisis has no version: writing it again changes it.
	w.mustCommit(&tracker.Rows{Crises: []tracker.Crisis{{ID: w.crisis, Slug: "c" + w.crisis.String(), Ends: w.start}}})
	if _, got := load(t, s); len(got.Crises) != 1 || !got.Crises[0].Ends.Equal(w.start) {
		t.Errorf("crisis after its change: %+v", got.Crises)
	}
}

func references(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("x")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p}})
	elsewhere := w.newReport(p.ID, "x")
	elsewhere.Crisis = tracker.NewID()
	noCrisis := w.newPerson("y")
	noCrisis.Crisis = tracker.NewID()
	noMission := w.newPerson("z")
	noMission.Mission = tracker.NewID()
	stranger := w.newPerson("v")
	stranger.Version = 2
	for _, c := range []struct {
		name string
		rows tracker.Rows
	}{
		{"report of nobody", tracker.Rows{Reports: []tracker.Report{w.newReport(tracker.NewID(), "x")}}},
		{"report in another crisis", tracker.Rows{Reports: []tracker.Report{elsewhere}}},
		{"person in no crisis", tracker.Rows{People: []tracker.Person{noCrisis}}},
		{"person of no mission", tracker.Rows{People: []tracker.Person{noMission}}},
		{"second version of nobody", tracker.Rows{People: []tracker.Person{stranger}}},
		{"assignment of nobody", tracker.Rows{Assignments: []tracker.Assignment{{Person: tracker.NewID(), N: 1, Mission: w.mission}}}},
		{"assignment to no mission", tracker.Rows{Assignments: []tracker.Assignment{{Person: p.ID, N: 1, Mission: tracker.NewID()}}}},
		{"retraction of nothing", tracker.Rows{Retractions: []tracker.Retraction{{Report: tracker.NewID(), Person: p.ID}}}},
		{"merge of nobody", tracker.Rows{Merges: []tracker.Merge{w.newMerge(tracker.NewID(), p.ID)}}},
		{"merge into nobody", tracker.Rows{Merges: []tracker.Merge{w.newMerge(p.ID, tracker.NewID())}}},
		{"merge in another crisis", tracker.Rows{Merges: []tracker.Merge{{Crisis: tracker.NewID(), N: 1, Gone: p.ID}}}},
		{"ruling on nothing", tracker.Rows{Rulings: []tracker.Ruling{{Report: tracker.NewID(), Person: p.ID, N: 1}}}},
		{"ruling on nobody", tracker.Rows{Rulings: []tracker.Ruling{{Report: tracker.NewID(), Person: tracker.NewID(), N: 1}}}},
		{"erasing nobody", tracker.Rows{Erasures: []tracker.Erasure{{Crisis: w.crisis, Person: tracker.NewID()}}}},
		{"erasing in another crisis", tracker.Rows{Erasures: []tracker.Erasure{{Crisis: tracker.NewID(), Person: p.ID}}}},
		{"mark of no zone", tracker.Rows{Marks: []tracker.ZoneMark{{Zone: tracker.NewID(), Version: 1}}}},
	} {
		if _, err := s.Commit(t.Context(), w.write(&c.rows)); !errors.Is(err, tracker.ErrNotFound) {
			t.Errorf("%s: %v, want not found", c.name, err)
		}
	}
	if _, err := s.PersonVersion(t.Context(), tracker.NewID()); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("PersonVersion of nobody: %v", err)
	}
	if _, err := s.ZoneVersions(t.Context(), tracker.NewID()); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("ZoneVersions of nothing: %v", err)
	}
	if changes, _ := follow(t, s); len(changes) != 2 {
		t.Errorf("%d feed entries after refused writes, want 2", len(changes))
	}
}

func refused(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("x")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p}})
	place := func(lon, lat, radius float64) tracker.Rows {
		r := w.newReport(p.ID, "x")
		r.Position.Point, r.Position.RadiusM = [2]float64{lon, lat}, radius
		return tracker.Rows{Reports: []tracker.Report{r}}
	}
	nul, latin1, none := w.newZone(1), w.newZone(1), w.newZone(0)
	nul.Source = "a\x00b"
	latin1.Reason = "\xff"
	long, past := w.newReport(p.ID, "x"), -1
	long.MedicineDays = new(int)
	*long.MedicineDays = 366
	negative := w.newReport(p.ID, "x")
	negative.MedicineDays = &past
	ruling := tracker.Ruling{Report: long.ID, Person: p.ID, N: 1, Flags: tracker.FlagLowTrust}
	for _, c := range []struct {
		name string
		rows tracker.Rows
	}{
		{"medicine for 366 days", tracker.Rows{Reports: []tracker.Report{long}}},
		{"medicine for less than none", tracker.Rows{Reports: []tracker.Report{negative}}},
		{"ruling on other flags", tracker.Rows{Rulings: []tracker.Ruling{ruling}}},
		{"merge 0", tracker.Rows{Merges: []tracker.Merge{{Crisis: w.crisis, Gone: p.ID}}}},
		{"NUL in text", tracker.Rows{Zones: []tracker.Zone{nul}}},
		{"not UTF-8", tracker.Rows{Zones: []tracker.Zone{latin1}}},
		{"version 0", tracker.Rows{Zones: []tracker.Zone{none}}},
		{"lon NaN", place(math.NaN(), 0, 1)},
		{"lon 181", place(181, 0, 1)},
		{"lat -91", place(0, -91, 1)},
		{"radius infinite", place(0, 0, math.Inf(1))},
		{"radius negative", place(0, 0, -1)},
	} {
		if _, err := s.Commit(t.Context(), w.write(&c.rows)); !errors.Is(err, tracker.ErrInvalid) {
			t.Errorf("%s: %v, want invalid", c.name, err)
		}
	}
	r := w.newReport(p.ID, "x")
	if _, err := s.Commit(t.Context(), &tracker.Write{Rows: tracker.Rows{Reports: []tracker.Report{r}}}); !errors.Is(err, tracker.ErrInvalid) {
		t.Errorf("a write without audit: %v, want invalid", err)
	}
	// Sealed text may be anything.
	r.Note = "a\x00b\xff"
	w.mustCommit(&tracker.Rows{Reports: []tracker.Report{r}})
	if rs, _, err := s.ReportsOf(t.Context(), p.ID, 0); err != nil || rs[0].Note != r.Note {
		t.Errorf("note: %v %+v", err, rs)
	}
}
