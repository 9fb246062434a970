package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

func readings(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("p")
	a, b := w.newReport(p.ID, "a"), w.newReport(p.ID, "b")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p}, Reports: []tracker.Report{a, b}})
	if _, err := s.ReadingOf(t.Context(), p.ID, a.ID); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	first := tracker.Reading{Person: p.ID, Report: a.ID, Mission: w.mission, At: w.start}
	later := tracker.Reading{Person: p.ID, Report: a.ID, At: w.start.Add(time.Hour)}
	ministry := tracker.Reading{Person: p.ID, Report: b.ID, At: w.start.Add(time.Hour)}
	nothing := tracker.Reading{Person: p.ID, Report: tracker.NewID(), At: w.start}
	for _, x := range []struct {
		name string
		rs   []tracker.Reading
		want error
	}{
		{"first", []tracker.Reading{first}, nil},
		{"one of them again", []tracker.Reading{ministry, later}, nil},
		{"one of nothing", []tracker.Reading{nothing}, tracker.ErrNotFound},
		{"none", nil, nil},
	} {
		if err := s.MarkRead(t.Context(), x.rs, staff); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", x.name, err, x.want)
		}
	}
	for _, want := range []tracker.Reading{first, ministry} {
		if got, err := s.ReadingOf(t.Context(), p.ID, want.Report); err != nil || got != want {
			t.Errorf("reading: %v\n got %+v\nwant %+v", err, got, want)
		}
	}
	if n, err := s.VerifyAudit(t.Context()); err != nil || n != 4 { // two commits, two readings
		t.Errorf("audit: %d records, %v; want 4", n, err)
	}
}

func rota(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	hotline := func(mission tracker.ID, order int) tracker.Hotline {
		return tracker.Hotline{
			ID: tracker.NewID(), Mission: mission, Phone: fmt.Sprint("+7717", order), Names: tracker.Names{KK: "Жедел желі"},
			Public: order%2 == 0, Order: order,
		}
	}
	ministry := []tracker.Hotline{hotline(tracker.ID{}, 0), hotline(tracker.ID{}, 1)}
	embassy := []tracker.Hotline{hotline(w.mission, 0), hotline(w.mission, 1)}
	if err := s.SetHotlines(t.Context(), w.mission, []tracker.Hotline{hotline(w.mission, 5)}, staff); err != nil {
		t.Fatal(err)
	}
	for mission, hs := range map[tracker.ID][]tracker.Hotline{{}: ministry, w.mission: {embassy[1], embassy[0]}} {
		if err := s.SetHotlines(t.Context(), mission, hs, staff); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Hotlines(t.Context()); err != nil || !reflect.DeepEqual(got, append(ministry, embassy...)) {
		t.Errorf("hotlines: %v %+v", err, got)
	}
	if err := s.SetHotlines(t.Context(), tracker.ID{}, nil, staff); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Hotlines(t.Context()); err != nil || !reflect.DeepEqual(got, embassy) {
		t.Errorf("the embassy's alone: %v %+v", err, got)
	}
	if err := s.SetHotlines(t.Context(), tracker.NewID(), []tracker.Hotline{hotline(w.mission, 9)}, staff); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("hotlines of no mission: %v", err)
	}

	// hour h to h+8 of the day
	shift := func(mission tracker.ID, h int) tracker.Shift {
		from := w.start.Add(time.Duration(h) * time.Hour)
		return tracker.Shift{ID: tracker.NewID(), Mission: mission, Name: "Дәурен", Phone: "+9715", From: from, To: from.Add(8 * time.Hour)}
	}
	hour := func(h int) time.Time { return w.start.Add(time.Duration(h) * time.Hour) }
	night, day, evening, ours := shift(w.mission, 0), shift(w.mission, 8), shift(w.mission, 16), shift(tracker.ID{}, 8)
	set := func(mission tracker.ID, from, to int, ss ...tracker.Shift) error {
		return s.SetShifts(t.Context(), mission, hour(from), hour(to), ss, staff)
	}
	for _, err := range []error{set(w.mission, 0, 24, evening, night, day), set(tracker.ID{}, 0, 24, ours)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		name     string
		mission  tracker.ID
		from, to int
		want     []tracker.Shift
	}{
		{"the whole day", w.mission, 0, 24, []tracker.Shift{night, day, evening}},
		{"a moment", w.mission, 9, 10, []tracker.Shift{day}},
		{"across a change", w.mission, 7, 9, []tracker.Shift{night, day}},
		{"ends when another begins", w.mission, 8, 16, []tracker.Shift{day}},
		{"the ministry's", tracker.ID{}, 0, 24, []tracker.Shift{ours}},
		{"another day", w.mission, 24, 48, []tracker.Shift{}},
	} {
		if got, err := db.Open(t).Shifts(t.Context(), x.mission, hour(x.from), hour(x.to)); err != nil || !reflect.DeepEqual(got, x.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", x.name, err, got, x.want)
		}
	}
	// Replaced are those that begin in the time, not those that only reach into it.
	short := shift(w.mission, 8)
	short.To = hour(10)
	if err := set(w.mission, 1, 16, short); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Shifts(t.Context(), w.mission, hour(0), hour(24)); err != nil || !reflect.DeepEqual(got, []tracker.Shift{night, short, evening}) {
		t.Errorf("after a change: %v %+v", err, got)
	}
	backwards := shift(w.mission, 3)
	backwards.To = backwards.From
	for name, err := range map[string]error{
		"outside the time": set(w.mission, 0, 8, shift(w.mission, 8)),
		"of no length":     set(w.mission, 0, 8, backwards),
	} {
		if !errors.Is(err, tracker.ErrInvalid) {
			t.Errorf("a shift %s: %v", name, err)
		}
	}
	if err := set(tracker.NewID(), 0, 8, shift(w.mission, 3)); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("a shift of no mission: %v", err)
	}
}

func mappings(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	mapping := func(name string, owner tracker.ID, minutes int) tracker.Mapping {
		return tracker.Mapping{
			ID: tracker.NewID(), Name: name, Owner: owner, Text: fmt.Appendf(nil, `{"m":%d}`, minutes),
			At: w.start.Add(time.Duration(minutes) * time.Minute),
		}
	}
	me := tracker.NewID()
	old, tour, twin := mapping("Эйр Астана", me, 0), mapping("Anex", tracker.ID{}, 1), mapping("Anex", me, 2)
	newer := mapping("Эйр Астана", me, 3)
	newer.Mission = w.mission
	for _, m := range []tracker.Mapping{old, twin, tour, newer} {
		if err := s.SaveMapping(t.Context(), m, staff); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want ...tracker.Mapping) {
		t.Helper()
		if got, err := s.Mappings(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("mappings: %v\n got %+v\nwant %+v", err, got, want)
		}
	}
	check(twin, tour, newer)
	if err := s.DeleteMapping(t.Context(), twin.ID, staff); err != nil {
		t.Fatal(err)
	}
	check(tour, newer)
	if err := s.DeleteMapping(t.Context(), old.ID, staff); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("delete what was replaced: %v", err)
	}
	nowhere := mapping("x", me, 0)
	nowhere.Mission = tracker.NewID()
	if err := s.SaveMapping(t.Context(), nowhere, staff); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("a mapping of no mission: %v", err)
	}
	renamed := tour
	renamed.Name = "Pegas"
	if err := s.SaveMapping(t.Context(), renamed, staff); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("an id under two names: %v", err)
	}
}

func linksTogether(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("p")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p}})
	batch := func(tag string, n int) (ls []auth.Link) {
		for i := range n {
			ls = append(ls, auth.Link{
				ID: tracker.NewID(), Crisis: w.crisis, Code: fmt.Sprint(tag, i), SecretHash: [32]byte{byte(i)}, HasSecret: true,
				Person: p.ID, CreatedAt: w.start.Add(-time.Duration(i) * time.Second),
			})
		}
		return ls
	}
	first := batch("A", 300)
	if err := s.CreateLinks(t.Context(), first, staff); err != nil {
		t.Fatal(err)
	}
	second := batch("B", 10)
	second[9].Code = "A7"
	if err := s.CreateLinks(t.Context(), second, staff); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("a code that is taken: %v", err)
	}
	third := batch("C", 3)
	third[1].Person = tracker.NewID()
	if err := s.CreateLinks(t.Context(), third, staff); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("a link of nobody: %v", err)
	}
	if got, err := s.Links(t.Context(), w.crisis, auth.LinkQuery{}); err != nil || !reflect.DeepEqual(got, first) {
		t.Errorf("%v: %d links, want %d", err, len(got), len(first))
	}
	if n, err := s.VerifyAudit(t.Context()); err != nil || n != 3 { // two commits, one batch
		t.Errorf("audit: %d records, %v; want 3", n, err)
	}
}
