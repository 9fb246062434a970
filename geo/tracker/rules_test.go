package tracker_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

// Rule 6: danger is raised fast and lowered slowly.
func TestSecondPerson(t *testing.T) {
	for _, c := range []struct {
		name   string
		level  int
		change func(*tracker.Zone)
		two    bool
	}{
		{"level 3 raised to 4", 3, func(z *tracker.Zone) { z.Level = 4 }, false},
		{"level 3 lowered to 2", 3, func(z *tracker.Zone) { z.Level = 2 }, true},
		{"level 4 lowered to 3", 4, func(z *tracker.Zone) { z.Level = 3 }, true},
		{"level 2 lowered to 1", 2, func(z *tracker.Zone) { z.Level = 1 }, false},
		{"level 3 grown", 3, func(z *tracker.Zone) { z.Shape = orb.MultiPolygon{box(-6, -6, 6, 6)} }, false},
		{"level 3 shrunk", 3, func(z *tracker.Zone) { z.Shape = orb.MultiPolygon{box(-4, -5, 5, 5)} }, true},
		{"level 3 shrunk and raised", 3, func(z *tracker.Zone) { z.Level = 4; z.Shape = orb.MultiPolygon{box(-4, -5, 5, 5)} }, true},
		{"level 2 shrunk", 2, func(z *tracker.Zone) { z.Shape = orb.MultiPolygon{box(-4, -5, 5, 5)} }, false},
		{"level 3 with a hole", 3, func(z *tracker.Zone) {
			z.Shape = orb.MultiPolygon{{z.Shape[0][0], {{-1, -1}, {-1, 1}, {1, 1}, {1, -1}, {-1, -1}}}}
		}, true},
		{"level 3 shortened", 3, func(z *tracker.Zone) { z.ValidTo = start.Add(time.Hour) }, true},
		{"level 3 made airspace", 3, func(z *tracker.Zone) { z.Kind = tracker.Airspace; z.CeilingM = 1 }, true},
		{"level 3 renamed", 3, func(z *tracker.Zone) { z.Names.EN = "Other" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			z := r.published(r.zone(c.level, -5, -5, 5, 5), 0)
			c.change(&z)
			ctx := t.Context()
			z, _, err := r.tr.SaveDraft(ctx, r.analyst("Ann"), z, z.Version)
			if err != nil {
				t.Fatal(err)
			}
			r.step()
			z, _, err = r.tr.Publish(ctx, r.analyst("Ann"), z.ID, z.Version)
			if err != nil {
				t.Fatal(err)
			}
			r.step()
			if (z.State == tracker.Proposed) != c.two {
				t.Fatalf("state %v, want a second person: %v", z.State, c.two)
			}
			if !c.two {
				return
			}
			if _, _, err := r.tr.Publish(ctx, r.analyst("Ann"), z.ID, z.Version); !errors.Is(err, tracker.ErrConflict) {
				t.Errorf("the same person was taken as the second: %v", err)
			}
			if z, _, err = r.tr.Publish(ctx, r.analyst("Boris"), z.ID, z.Version); err != nil || z.State != tracker.Active {
				t.Errorf("second person: %v %v", z.State, err)
			}
		})
	}
}

func TestLevelFourWantsConfirmation(t *testing.T) {
	r := newRig(t)
	z := r.published(r.zone(4, -5, -5, 5, 5), 0)
	look := func() tracker.Confirmation {
		zv, err := r.view(everything).Zone(z.ID)
		if err != nil || !zv.InForce {
			t.Fatalf("in force %v, %v", zv.InForce, err)
		}
		return zv.Confirmation
	}
	if got := look(); got != tracker.Waiting {
		t.Errorf("at once: %v", got)
	}
	r.clock.forward(31 * time.Minute)
	if got := look(); got != tracker.Overdue {
		t.Errorf("after 31 minutes: %v", got)
	}
	if _, _, err := r.tr.Publish(t.Context(), r.analyst("Ann"), z.ID, z.Version); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("its author confirmed it: %v", err)
	}
	before := len(r.events())
	if _, _, err := r.tr.Publish(t.Context(), r.analyst("Boris"), z.ID, z.Version); err != nil {
		t.Fatal(err)
	}
	r.step()
	if got := look(); got != tracker.Confirmed {
		t.Errorf("confirmed: %v", got)
	}
	if len(r.events()) != before {
		t.Error("a confirmation is not a change of the zone")
	}
}

func TestWithdrawingALevelThreeWantsTwo(t *testing.T) {
	r := newRig(t)
	p := r.at(tracker.ID{}, 1, 1, 10, start)
	z := r.published(r.zone(3, -5, -5, 5, 5), 0)
	z, _, err := r.tr.Withdraw(t.Context(), r.analyst("Ann"), z.ID, z.Version, "calm")
	if err != nil || z.State != tracker.Proposed || !z.Withdrawing {
		t.Fatalf("%v %v", z.State, err)
	}
	r.step()
	if r.row(p).Level != 3 {
		t.Error("a proposal changed the picture")
	}
	if _, _, err := r.tr.Withdraw(t.Context(), r.analyst("Ann"), z.ID, z.Version, "calm"); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("the same person withdrew: %v", err)
	}
	if _, _, err := r.tr.Withdraw(t.Context(), r.analyst("Boris"), z.ID, z.Version, "calm"); err != nil {
		t.Fatal(err)
	}
	r.step()
	if r.row(p).Level != 0 {
		t.Error("a withdrawn zone still holds people")
	}
	if e := lastEvent(t, r, tracker.EventZoneWithdrawn); e.Leaves.Records != 1 {
		t.Errorf("the event says %v fell out", e.Leaves)
	}
}

func TestOldVersionsConflict(t *testing.T) {
	r := newRig(t)
	z := r.published(r.zone(2, -5, -5, 5, 5), 0)
	if _, _, err := r.tr.SaveDraft(t.Context(), r.analyst("Boris"), z, z.Version-1); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("a draft of an old version was stored: %v", err)
	}
	// Two instances at the same version: the store decides.
	other := r.another()
	if _, _, err := r.tr.SaveDraft(t.Context(), r.analyst("Ann"), z, z.Version); err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.SaveDraft(t.Context(), r.analyst("Boris"), z, z.Version); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("both instances stored the same version: %v", err)
	}
}

// What the clock causes is committed once, by whoever holds the lease, and both
// instances tell the same.
func TestClockBeginsAndEndsZones(t *testing.T) {
	r := newRig(t)
	p := r.at(tracker.ID{}, 1, 1, 10, start)
	z := r.zone(3, -5, -5, 5, 5)
	z.ValidFrom, z.ValidTo = start.Add(time.Hour), start.Add(2*time.Hour)
	r.published(z, 0)
	other := r.another()
	for _, c := range []struct {
		forward time.Duration
		level   int
	}{{0, 0}, {59 * time.Minute, 0}, {time.Minute, 3}, {59 * time.Minute, 3}, {time.Minute, 0}} {
		r.clock.forward(c.forward)
		for range 2 { // the second round settles who holds the lease
			if err := other.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.step()
		}
		if got := r.row(p).Level; got != c.level {
			t.Errorf("at %v: level %d, want %d", r.clock.now(), got, c.level)
		}
		if row, _ := other.Snapshot().View(everything, r.clock.now()).Person(p); row.Level != c.level {
			t.Errorf("at %v, other instance: level %d, want %d", r.clock.now(), row.Level, c.level)
		}
	}
	kinds := map[tracker.EventKind]int{}
	for _, e := range r.events() {
		kinds[e.Kind]++
	}
	if kinds[tracker.EventZoneActivated] != 1 || kinds[tracker.EventZoneExpired] != 1 {
		t.Errorf("events %v, want each once", kinds)
	}
}

// Reports in any order of arrival leave the same person.
func TestFoldIsCommutative(t *testing.T) {
	r := newRig(t)
	rng := rand.New(rand.NewPCG(3, 3))
	var rs []tracker.Report
	for i := range 30 {
		rs = append(rs, tracker.Report{
			Wellbeing: tracker.Wellbeing(rng.IntN(5)), Intention: tracker.Intention(rng.IntN(8)), Persons: rng.IntN(4),
			Needs: tracker.Needs(rng.IntN(64)), HasNeeds: i%3 == 0, FixedAt: start.Add(-time.Duration(rng.IntN(8)) * time.Hour),
		})
	}
	var first tracker.Row
	for try := range 5 {
		rng.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
		id := r.file(tracker.Filing{Person: &tracker.Person{}, Report: tracker.Report{Note: "hello", FixedAt: start.Add(-24 * time.Hour)}}).Person
		for _, rep := range rs {
			rep.Person = id
			r.file(tracker.Filing{Report: rep})
		}
		row := r.row(id)
		row.ID = tracker.ID{}
		if try == 0 {
			first = row
		} else if row.Wellbeing != first.Wellbeing || row.Intention != first.Intention || row.Persons != first.Persons || row.Needs != first.Needs || !row.HeardAt.Equal(first.HeardAt) {
			t.Errorf("another order gave %+v, first %+v", row, first)
		}
	}
}

func TestLateFixNeverReplacesANewerOne(t *testing.T) {
	r := newRig(t)
	r.published(r.zone(3, 0, 0, 9, 9), 0)
	p := r.at(tracker.ID{}, 5, 5, 10, start)
	r.at(p, -5, -5, 10, start.Add(-time.Hour))
	if row := r.row(p); row.Position.Point != (orb.Point{5, 5}) || row.Verdict != geo.Inside {
		t.Errorf("the late fix won: %+v", row.Position)
	}
	r.clock.forward(time.Hour)
	r.at(p, -5, -5, 10, start.Add(time.Minute))
	if row := r.row(p); row.Verdict != geo.Outside {
		t.Error("the newer fix did not win")
	}
	if e := lastEvent(t, r, tracker.EventLeft); e.Leaves.Records != 1 {
		t.Errorf("left: %+v", e)
	}
}

// A flagged fix stands beside the last trusted one and costs nobody a place.
func TestFlaggedFixStandsBeside(t *testing.T) {
	r := newRig(t)
	z := r.published(r.zone(4, 0, 0, 9, 9), 0)
	p := r.at(tracker.ID{}, 5, 5, 10, start.Add(-time.Hour))
	r.file(tracker.Filing{Report: tracker.Report{Person: p, FixedAt: start, Position: &tracker.Position{
		Point: orb.Point{-5, -5}, RadiusM: 10, Method: tracker.GNSS, Flags: tracker.FlagMock,
	}}})
	row := r.row(p)
	if row.Zone != z.ID || row.Position.Point != (orb.Point{5, 5}) || row.Flagged == nil || row.Flagged.Point != (orb.Point{-5, -5}) {
		t.Errorf("%+v, flagged %+v", row, row.Flagged)
	}
}

func TestRetractionTakesAReportBack(t *testing.T) {
	r := newRig(t)
	p := r.at(tracker.ID{}, 5, 5, 10, start.Add(-time.Hour))
	bad := r.file(tracker.Filing{Report: tracker.Report{Person: p, Wellbeing: tracker.NeedsHelp, FixedAt: start, Position: &tracker.Position{
		Point: orb.Point{-5, -5}, RadiusM: 10, Method: tracker.GNSS,
	}}})
	if _, err := r.tr.Retract(t.Context(), r.analyst("Ann"), p, bad.Report, "wrong person"); err != nil {
		t.Fatal(err)
	}
	r.step()
	if row := r.row(p); row.Wellbeing != tracker.WellbeingUnknown || row.Position.Point != (orb.Point{5, 5}) {
		t.Errorf("after the retraction: %+v", row)
	}
	if _, err := r.tr.Retract(t.Context(), r.analyst("Ann"), p, bad.Report, "again"); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("retracted twice: %v", err)
	}
}

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

func TestOneEventForOneZone(t *testing.T) {
	r := crowd(t, 500, 5)
	before := len(r.events())
	r.published(r.zone(2, -10, -10, 10, 10), 0)
	es := r.events()
	if len(es) != before+1 || es[0].Kind != tracker.EventZoneActivated || es[0].Enters.Records < 300 {
		t.Errorf("%d new events, first %v with %v", len(es)-before, es[0].Kind, es[0].Enters)
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

func TestTheDeadAreForTheCasualtyCell(t *testing.T) {
	r := newRig(t)
	id := r.at(tracker.ID{}, -5, 0, 10, start)
	r.file(tracker.Filing{Report: tracker.Report{Person: id, Wellbeing: tracker.Deceased, Note: "told by the hospital", FixedAt: start}})
	for _, c := range []struct {
		name  string
		scope tracker.Scope
		want  tracker.Wellbeing
	}{
		{"casualty cell", tracker.Scope{All: true, Casualty: true}, tracker.Deceased},
		{"responsible consul", tracker.Scope{Mission: r.west, Consul: true}, tracker.Deceased},
		{"local staff of the same mission", tracker.Scope{Mission: r.west}, tracker.WellbeingClosed},
		{"analyst", tracker.Scope{All: true}, tracker.WellbeingClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := r.view(c.scope)
			row, _ := v.Person(id)
			if row.Wellbeing != c.want {
				t.Errorf("row says %v", row.Wellbeing)
			}
			f := tracker.Filter{Crisis: r.crisis}
			f.Wellbeing.Add(uint8(tracker.Deceased))
			n, _ := v.Total(f)
			if (n.Records == 1) != (c.want == tracker.Deceased) {
				t.Errorf("a filter told: %v", n)
			}
			if all, _ := v.Total(tracker.Filter{Crisis: r.crisis}); all.Records != 1 {
				t.Error("the person is missing from the total")
			}
			card, err := r.tr.Card(t.Context(), tracker.Actor{Scope: c.scope}, id)
			if err != nil {
				t.Fatal(err)
			}
			for _, rep := range card.Reports {
				if c.want != tracker.Deceased && (rep.Wellbeing == tracker.Deceased || rep.Note != "") {
					t.Errorf("a report told: %v %q", rep.Wellbeing, rep.Note)
				}
			}
		})
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

func TestClockOfThePhone(t *testing.T) {
	now := start
	for _, c := range []struct {
		name                string
		fixed, sent         time.Time
		effective           time.Time
		flagged, fromFuture bool
	}{
		{"right clock", now.Add(-time.Minute), now, now.Add(-time.Minute), false, false},
		{"an hour fast", now.Add(59 * time.Minute), now.Add(time.Hour), now.Add(-time.Minute), true, true},
		{"an hour slow", now.Add(-61 * time.Minute), now.Add(-time.Hour), now.Add(-time.Minute), true, false},
		{"no sending time", now.Add(-time.Hour), time.Time{}, now.Add(-time.Hour), false, false},
		{"from the future", now.Add(time.Hour), time.Time{}, now, false, true},
		{"no fix time", time.Time{}, time.Time{}, now, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			rep := tracker.Report{FixedAt: c.fixed, SentAt: c.sent, ReceivedAt: now, Position: &tracker.Position{RadiusM: 1}}
			tracker.Stamp(&rep)
			if !rep.EffectiveAt.Equal(c.effective) {
				t.Errorf("effective %v, want %v", rep.EffectiveAt, c.effective)
			}
			if got := rep.Position.Flags&tracker.FlagSkew != 0; got != c.flagged {
				t.Errorf("skew flagged: %v", got)
			}
			if got := rep.Position.Flags&tracker.FlagFuture != 0; got != c.fromFuture {
				t.Errorf("future flagged: %v", got)
			}
		})
	}
}

// A link's code is printed, spoken and forwarded. What comes with it alone may
// raise concern for somebody who is known otherwise, never lower it; and all of
// it holds in any order of arrival.
func TestLowTrustNeverLowers(t *testing.T) {
	place := func(lon, lat float64) *tracker.Position {
		return &tracker.Position{Point: orb.Point{lon, lat}, RadiusM: 10, Method: tracker.GNSS}
	}
	at := func(h int) time.Time { return start.Add(time.Duration(h-10) * time.Hour) }
	low := tracker.FlagLowTrust
	for _, c := range []struct {
		name      string
		said      []tracker.Report
		wellbeing tracker.Wellbeing
		intention tracker.Intention
		point     orb.Point
		beside    bool
	}{
		{"safe and elsewhere by code alone", []tracker.Report{
			{Wellbeing: tracker.NeedsHelp, Position: place(5, 5), FixedAt: at(1)},
			{Flags: low, Wellbeing: tracker.Safe, Intention: tracker.Left, Position: place(-5, -5), FixedAt: at(2)},
		}, tracker.NeedsHelp, tracker.IntentionUnknown, orb.Point{5, 5}, true},
		{"help by code alone", []tracker.Report{
			{Wellbeing: tracker.Safe, Intention: tracker.Stays, Position: place(5, 5), FixedAt: at(1)},
			{Flags: low, Wellbeing: tracker.NeedsHelp, Intention: tracker.WantsOut, FixedAt: at(2)},
			{Flags: low, Wellbeing: tracker.Safe, FixedAt: at(3)},
		}, tracker.NeedsHelp, tracker.WantsOut, orb.Point{5, 5}, false},
		{"answered in trust", []tracker.Report{
			{Flags: low, Wellbeing: tracker.NeedsHelp, Position: place(-5, -5), FixedAt: at(2)},
			{Wellbeing: tracker.Safe, Position: place(5, 5), FixedAt: at(3)},
		}, tracker.Safe, tracker.IntentionUnknown, orb.Point{5, 5}, false},
		{"nothing else is known", []tracker.Report{
			{Flags: low, Wellbeing: tracker.NeedsHelp, Position: place(5, 5), FixedAt: at(1)},
			{Flags: low, Wellbeing: tracker.Safe, Intention: tracker.Leaving, Position: place(-5, -5), FixedAt: at(2)},
		}, tracker.Safe, tracker.Leaving, orb.Point{-5, -5}, false},
		{"trusted but older fix", []tracker.Report{
			{Flags: low, Position: place(-5, -5), FixedAt: at(5)},
			{Position: place(5, 5), FixedAt: at(1)},
		}, tracker.WellbeingUnknown, tracker.IntentionUnknown, orb.Point{5, 5}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			for turn := range len(c.said) {
				id := r.file(tracker.Filing{Person: &tracker.Person{}}).Person
				for i := range c.said {
					rep := c.said[(i+turn)%len(c.said)]
					rep.Person = id
					r.file(tracker.Filing{Report: rep})
				}
				row := r.row(id)
				if row.Wellbeing != c.wellbeing || row.Intention != c.intention || row.Position.Point != c.point || (row.Flagged != nil) != c.beside {
					t.Errorf("turn %d: %v %v at %v, beside %v", turn, row.Wellbeing, row.Intention, row.Position.Point, row.Flagged)
				}
				if again, _ := r.another().Snapshot().View(everything, r.clock.now()).Person(id); again.Wellbeing != row.Wellbeing || again.Intention != row.Intention || again.Position.Point != row.Position.Point {
					t.Errorf("turn %d: loaded anew: %v %v at %v", turn, again.Wellbeing, again.Intention, again.Position.Point)
				}
			}
		})
	}
}

// Whoever is shown "closed" can't undo a death without knowing of it.
func TestOnlyThoseWhoMayKnowUndoADeath(t *testing.T) {
	r := newRig(t)
	cell := tracker.Actor{ID: tracker.NewID(), Role: "casualty_cell", Scope: tracker.Scope{All: true, Casualty: true}}
	say := func(a tracker.Actor, id tracker.ID, w tracker.Wellbeing) {
		t.Helper()
		r.clock.forward(time.Minute)
		out, err := r.tr.Submit(t.Context(), tracker.Submission{Actor: a, Crisis: r.crisis, Filings: []tracker.Filing{{Report: tracker.Report{Person: id, Wellbeing: w}}}})
		if err != nil || out.Errors[0] != nil {
			t.Fatal(err, out.Errors)
		}
		r.step()
	}
	for _, c := range []struct {
		name string
		by   tracker.Actor
		want tracker.Wellbeing
	}{
		{"analyst", r.analyst("Ann"), tracker.Deceased},
		{"local staff", tracker.Actor{Scope: tracker.Scope{Mission: r.west}}, tracker.Deceased},
		{"responsible consul", r.embassy(r.west), tracker.Safe},
		{"casualty cell", cell, tracker.Safe},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := r.at(tracker.ID{}, -5, 0, 10, r.clock.now())
			say(cell, id, tracker.Deceased)
			say(c.by, id, tracker.Safe)
			if got := r.row(id).Wellbeing; got != c.want {
				t.Errorf("wellbeing %v, want %v", got, c.want)
			}
		})
	}
}

// Dropping a draft never takes the zone away.
func TestDiscard(t *testing.T) {
	r := newRig(t)
	p := r.at(tracker.ID{}, 1, 1, 10, start)
	z := r.published(r.zone(2, -5, -5, 5, 5), 0)
	events := len(r.events())
	draft := z
	draft.Level = 3
	draft, _, err := r.tr.SaveDraft(t.Context(), r.analyst("Ann"), draft, z.Version)
	if err != nil {
		t.Fatal(err)
	}
	r.step()
	if _, _, err := r.tr.Withdraw(t.Context(), r.analyst("Ann"), z.ID, draft.Version, "drop the draft"); !errors.Is(err, tracker.ErrDraftOpen) {
		t.Errorf("a withdrawal with a draft open: %v", err)
	}
	back, _, err := r.tr.Discard(t.Context(), r.analyst("Ann"), z.ID, draft.Version)
	if err != nil || back.State != tracker.Active || back.Level != 2 {
		t.Fatalf("%+v %v", back, err)
	}
	r.step()
	if r.row(p).Level != 2 || len(r.events()) != events {
		t.Errorf("level %d, %d new events", r.row(p).Level, len(r.events())-events)
	}
	if _, _, err := r.tr.Discard(t.Context(), r.analyst("Ann"), z.ID, back.Version); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("nothing to discard: %v", err)
	}
}

// Lowering a zone tells of it, though it moves nobody; confirming it doesn't.
func TestLoweringIsAnEvent(t *testing.T) {
	r := newRig(t)
	z := r.published(r.zone(3, -5, -5, 5, 5), 0)
	z.Level = 2
	r.published(z, z.Version)
	if e := lastEvent(t, r, tracker.EventZoneChanged); e.Level != 2 {
		t.Errorf("%+v", e)
	}
}

// An airport's state lasts until the time that was said with it.
func TestAirportStateRunsOut(t *testing.T) {
	r := newRig(t)
	id := r.file(tracker.Filing{Person: &tracker.Person{}, Report: tracker.Report{
		FixedAt: start, OnwardUntil: start.Add(24 * time.Hour),
		Position: &tracker.Position{Point: orb.Point{-5, 5}, RadiusM: 10, Method: tracker.GNSS},
	}}).Person
	st := tracker.AirportState{Crisis: r.crisis, Airport: "AAA", Status: tracker.AirportClosed, Reason: "fog", Until: start.Add(time.Hour)}
	if _, _, err := r.tr.SetAirport(t.Context(), r.analyst("Ann"), st); err != nil {
		t.Fatal(err)
	}
	r.step()
	if !r.row(id).Stranded {
		t.Error("closed, and nobody is stranded")
	}
	r.clock.forward(time.Hour)
	r.step()
	r.step()
	if r.row(id).Stranded {
		t.Error("the closure has run out")
	}
	if av, _ := r.view(everything).Airport(r.crisis, "AAA"); av.State.Status != tracker.AirportUnknown {
		t.Errorf("state %v", av.State.Status)
	}
}

// Pages of events lose none, whatever their size, before and after a restart, and
// say when memory isn't enough.
func TestEventPages(t *testing.T) {
	r := newRig(t)
	for range 40 { // each commit makes two events: entered one zone, needs help
		r.clock.forward(time.Minute)
		r.file(tracker.Filing{Person: &tracker.Person{}, Report: tracker.Report{Wellbeing: tracker.NeedsHelp, Position: &tracker.Position{Point: orb.Point{-5, 5}, RadiusM: 10, Method: tracker.GNSS}}})
	}
	r.published(r.zone(2, -9, -9, 9, 9), 0)
	for _, tr := range []*tracker.Tracker{r.tr, r.another()} {
		v := tr.Snapshot().View(everything, r.clock.now())
		var want []tracker.ID
		all, err := tr.EventsBefore(t.Context(), v, r.crisis, 0, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			want = append(want, e.ID)
		}
		if len(want) < 80 {
			t.Fatalf("only %d events", len(want))
		}
		for _, limit := range []int{1, 2, 3, 7, 50} {
			var got []tracker.ID
			before := int64(0)
			for {
				page, err := tr.EventsBefore(t.Context(), v, r.crisis, before, limit)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				for _, e := range page {
					got = append(got, e.ID)
				}
				before = page[len(page)-1].Seq
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d gave %d events, want %d", limit, len(got), len(want))
			}
		}
	}
	// One who loads anew doesn't hold what came long before.
	v := r.another().Snapshot().View(everything, r.clock.now())
	if _, complete := v.EventsAfter(r.crisis, 0); complete {
		t.Error("a fresh picture claims to hold everything since the beginning")
	}
}
