package tracker_test

import (
	"errors"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// Fresh until the limit of where one is, then stale; nobody vanishes.
func TestFreshness(t *testing.T) {
	for _, c := range []struct {
		name     string
		stay     tracker.Stay
		lon, lat float64
		fresh    time.Duration
	}{
		{"level 4", tracker.Tourist, -5, -5, 6 * time.Hour},
		{"level 4, resident", tracker.Resident, -5, -5, 6 * time.Hour},
		{"level 3", tracker.Tourist, 5, -5, 24 * time.Hour},
		{"no zone", tracker.Tourist, 9, 9, 24 * time.Hour},
		{"no zone, resident", tracker.Resident, 9, 9, 7 * 24 * time.Hour},
		{"airport", tracker.Resident, -5, 5, 6 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.published(r.zone(4, -9, -9, -1, -1), 0)
			r.published(r.zone(3, 1, -9, 9, -1), 0)
			id := r.file(tracker.Filing{
				Person: &tracker.Person{Stay: c.stay},
				Report: tracker.Report{FixedAt: start, Position: &tracker.Position{Point: orb.Point{c.lon, c.lat}, RadiusM: 10, Method: tracker.GNSS}},
			}).Person
			before := r.row(id)
			r.clock.forward(c.fresh - time.Second)
			if r.row(id).Stale {
				t.Error("stale a second too early")
			}
			r.clock.forward(time.Second)
			after := r.row(id)
			if !after.Stale {
				t.Error("still fresh")
			}
			if after.Verdict != before.Verdict || after.Level != before.Level {
				t.Error("age weakened the verdict")
			}
		})
	}
}

func TestStranded(t *testing.T) {
	r := newRig(t)
	id := r.at(tracker.ID{}, -5.001, 5.001, 10, start)
	if row := r.row(id); row.Airport != "AAA" || !row.Stranded {
		t.Errorf("inside the fence, no onward leg: %+v", row)
	}
	r.file(tracker.Filing{Report: tracker.Report{Person: id, FixedAt: start, OnwardUntil: start.Add(3 * time.Hour)}})
	if r.row(id).Stranded {
		t.Error("an onward leg stands")
	}
	if _, _, err := r.tr.SetAirport(t.Context(), r.analyst("Ann"), tracker.AirportState{Crisis: r.crisis, Airport: "AAA", Status: tracker.AirportClosed, Reason: "runway"}); err != nil {
		t.Fatal(err)
	}
	r.step()
	if !r.row(id).Stranded {
		t.Error("the airport is closed")
	}
	if e := lastEvent(t, r, tracker.EventStranded); e.Airport != "AAA" || e.Count.Records != 1 {
		t.Errorf("event %+v", e)
	}
}

// The responsible mission is assigned by area once, and stays.
func TestResponsibleMission(t *testing.T) {
	r := newRig(t)
	id := r.file(tracker.Filing{Person: &tracker.Person{}, Report: tracker.Report{Wellbeing: tracker.Safe}}).Person
	if !r.row(id).Mission.IsZero() {
		t.Error("no place, and yet a mission")
	}
	r.at(id, -5, 0, 10, start)
	if r.row(id).Mission != r.west {
		t.Error("the first place did not assign the mission of its area")
	}
	r.clock.forward(time.Hour)
	r.at(id, 5, 0, 10, start.Add(time.Hour))
	if r.row(id).Mission != r.west {
		t.Error("crossing a border moved the responsibility")
	}
	if _, ok := r.view(tracker.Scope{Mission: r.east}).Person(id); !ok {
		t.Error("the mission of the area they are in does not see them")
	}
}

func TestNobodyIsKeptTwice(t *testing.T) {
	r := newRig(t)
	const iin = "900101300017"
	if !tracker.ValidIIN(iin) {
		t.Fatal("the test's IIN has a wrong check digit")
	}
	p := func() *tracker.Person {
		return &tracker.Person{Country: "AA", Details: tracker.Details{Name: "Үсенов Шыңғыс", IIN: iin}}
	}
	first := r.file(tracker.Filing{Person: p()})
	out, err := r.tr.Submit(t.Context(), tracker.Submission{
		Actor: r.analyst("Ann"), Crisis: r.crisis, Filings: []tracker.Filing{{Person: p()}, {Person: &tracker.Person{}}},
	})
	var held *tracker.HeldError
	if err != nil || !errors.As(out.Errors[0], &held) || held.Field != "person.iin" || out.Errors[1] != nil {
		t.Errorf("%v %v", out.Errors, err)
	}
	r.step()
	// A retry of a registration whose answer was lost gets the first answer, not
	// the news that the person is held already.
	const other = "850615400016"
	if !tracker.ValidIIN(other) {
		t.Fatal("the test's second IIN has a wrong check digit")
	}
	for try := range 2 {
		out, err := r.tr.Submit(t.Context(), tracker.Submission{
			Actor: r.analyst("Ann"), Crisis: r.crisis, Idempotency: &tracker.Idempotency{Source: "test", Key: "1"},
			Filings: []tracker.Filing{{Person: &tracker.Person{Details: tracker.Details{Name: "Ә", IIN: other}}}},
			Encode:  func(rs []tracker.Receipt, _ []error) []byte { return []byte(rs[0].Person.String()) },
		})
		if err != nil || out.Replay != (try == 1) || len(out.Reply) != 36 {
			t.Errorf("try %d: %+v %v", try, out, err)
		}
		r.step()
	}
	// Whoever may not see the person isn't told, and their report is not lost.
	blind, err := r.tr.Submit(t.Context(), tracker.Submission{
		Actor: tracker.Actor{Role: "partner"}, Crisis: r.crisis,
		Filings: []tracker.Filing{{Person: p(), Report: tracker.Report{Wellbeing: tracker.NeedsHelp}}},
	})
	if err != nil || blind.Errors[0] != nil {
		t.Fatalf("%v %v", blind.Errors, err)
	}
	r.step()
	if row := r.row(first.Person); row.Wellbeing != tracker.NeedsHelp {
		t.Errorf("the partner's cry for help was lost: %v", row.Wellbeing)
	}
	// Nor does knowing a number let anybody call it off, or move the person.
	r.clock.forward(time.Minute)
	r.file(tracker.Filing{Report: tracker.Report{Person: first.Person, Wellbeing: tracker.NeedsHelp, Position: &tracker.Position{
		Point: orb.Point{-5, 0}, RadiusM: 10, Method: tracker.GNSS,
	}}})
	r.clock.forward(time.Minute)
	if _, err := r.tr.Submit(t.Context(), tracker.Submission{
		Actor: tracker.Actor{Role: "partner"}, Crisis: r.crisis,
		Filings: []tracker.Filing{{Person: p(), Report: tracker.Report{Wellbeing: tracker.Safe, Intention: tracker.Left, Position: &tracker.Position{
			Point: orb.Point{5, 0}, RadiusM: 10, Method: tracker.GNSS,
		}}}},
	}); err != nil {
		t.Fatal(err)
	}
	r.step()
	if row := r.row(first.Person); row.Wellbeing != tracker.NeedsHelp || row.Intention == tracker.Left || row.Position.Point != (orb.Point{-5, 0}) || row.Flagged == nil {
		t.Errorf("a number alone lowered the concern: %v %v at %+v, beside %+v", row.Wellbeing, row.Intention, row.Position, row.Flagged)
	}
	for _, c := range []struct {
		scope tracker.Scope
		want  tracker.Found
	}{
		{tracker.Scope{All: true}, tracker.Found{Held: true, Person: first.Person}},
		{tracker.Scope{Mission: r.west}, tracker.Found{Held: true, Person: first.Person}},
		{tracker.Scope{Mission: r.east}, tracker.Found{Held: true, DutyPhone: "+70000000001"}},
	} {
		got, err := r.tr.Lookup(t.Context(), tracker.Actor{Scope: c.scope}, r.crisis, "iin", iin, "asked at the desk")
		if err != nil || got != c.want {
			t.Errorf("%+v: %+v %v", c.scope, got, err)
		}
	}
	if got, err := r.tr.Lookup(t.Context(), r.analyst("Ann"), r.crisis, "iin", "000000000000", "asked"); err != nil || got.Held {
		t.Errorf("%+v %v", got, err)
	}
}

func TestSearchMeetsSpellings(t *testing.T) {
	r := newRig(t)
	ids := map[string]tracker.ID{}
	for _, d := range []tracker.Details{
		{Name: "Шыңғыс Әуезов", Latin: "AUEZOV SHYNGYS", Phones: []string{"+77010000001"}},
		{Name: "Үсенов Ғалым", Latin: "USSENOV GALYM", TourCode: "KZ-118"},
		{Name: "Өмірбек Һасан", Latin: "OMIRBEK KHASSAN"},
	} {
		ids[d.Name] = r.file(tracker.Filing{Person: &tracker.Person{Details: d}}).Person
	}
	for _, c := range []struct{ text, want string }{
		{"шыңғыс", "Шыңғыс Әуезов"},
		{"ШЫҢҒЫС", "Шыңғыс Әуезов"},
		{"Shyngys", "Шыңғыс Әуезов"},
		{"8 701 000 00 01", "Шыңғыс Әуезов"},
		{"0000001", "Шыңғыс Әуезов"},
		{"Усенов", "Үсенов Ғалым"},
		{"ussenov", "Үсенов Ғалым"},
		{"kz-118", "Үсенов Ғалым"},
		{"омирбек", "Өмірбек Һасан"},
		{"Hasan", "Өмірбек Һасан"},
	} {
		page, err := r.view(everything).People(tracker.Filter{Crisis: r.crisis, Text: c.text}, 10, "")
		if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != ids[c.want] {
			t.Errorf("%q found %d rows, %v", c.text, len(page.Rows), err)
		}
	}
}
