package tracker_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

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

func TestOneEventForOneZone(t *testing.T) {
	r := crowd(t, 500, 5)
	before := len(r.events())
	r.published(r.zone(2, -10, -10, 10, 10), 0)
	es := r.events()
	if len(es) != before+1 || es[0].Kind != tracker.EventZoneActivated || es[0].Enters.Records < 300 {
		t.Errorf("%d new events, first %v with %v", len(es)-before, es[0].Kind, es[0].Enters)
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
