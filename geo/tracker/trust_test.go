package tracker_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

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
	r.clock.forward(3 * time.Hour)
	r.at(p, -5, -5, 10, start.Add(2*time.Hour))
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
