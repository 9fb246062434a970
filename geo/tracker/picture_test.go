package tracker_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

// The picture is a pure function of what was committed: after any history, a
// tracker that followed along, one that loads now and one that loaded halfway
// hold the same rows; and each verdict is what matching the person's last
// trusted fix against every zone in force says. The oracle is brute force over the
// stored reports: of all records that count with the person, what was neither
// retracted nor hidden nor doubted.
func TestPictureIsAFunctionOfTheFeed(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			r := newRig(t)
			h := &history{rig: r, rng: rand.New(rand.NewPCG(seed, 7)), merged: map[tracker.ID]tracker.ID{}, did: map[string]int{}}
			var late *tracker.Tracker
			for i := range 120 {
				h.anything()
				if i%17 == 0 { // and what changes after it is matched beside it
					if err := r.tr.CompileZones(); err != nil {
						t.Fatal(err)
					}
				}
				if i == 60 {
					late = r.another()
				}
			}
			r.step()
			if err := late.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			fresh := r.another()
			want := dump(t, r, r.tr)
			for name, tr := range map[string]*tracker.Tracker{"loaded now": fresh, "loaded halfway": late} {
				if got := dump(t, r, tr); !slices.Equal(got, want) {
					t.Errorf("%s differs from the one that followed:\n%s", name, firstDifference(got, want))
				}
			}
			h.bruteForce()
		})
	}
}

type history struct {
	*rig
	rng    *rand.Rand
	people []tracker.ID
	zones  []tracker.Zone
	// merged is what stands now of merges: gone -> kept, one step.
	merged  map[tracker.ID]tracker.ID
	reports []tracker.Receipt
	did     map[string]int
}

func (h *history) root(id tracker.ID) tracker.ID {
	for {
		kept, ok := h.merged[id]
		if !ok {
			return id
		}
		id = kept
	}
}

// somebody is any record that isn't erased, merged or not.
func (h *history) somebody() tracker.ID { return h.people[h.rng.IntN(len(h.people))] }

func (h *history) anything() {
	h.t.Helper()
	ctx := h.t.Context()
	h.clock.forward(time.Duration(h.rng.IntN(600)) * time.Second)
	switch k := h.rng.IntN(16); {
	case k >= 10 && len(h.people) > 2:
		h.whoIsWho(k)
	case k < 6 || k >= 10:
		var id tracker.ID
		if len(h.people) > 0 && h.rng.IntN(3) > 0 {
			id = h.somebody()
		}
		// Some fixes are late, some precise, some on zones' edges.
		when := h.clock.now().Add(-time.Duration(h.rng.IntN(3600)) * time.Second).Truncate(10 * time.Minute)
		p := orb.Point{float64(h.rng.IntN(41))/2 - 10, float64(h.rng.IntN(41))/2 - 10}
		radius := []float64{1, 1000, 60_000, 300_000}[h.rng.IntN(4)]
		var flags tracker.Flags
		if h.rng.IntN(4) == 0 {
			flags = tracker.FlagLowTrust
		}
		if h.rng.IntN(3) == 0 {
			flags |= tracker.FlagAutomatic
		}
		rec := h.file(tracker.Filing{Report: tracker.Report{
			Person: id, FixedAt: when, Wellbeing: tracker.Wellbeing(h.rng.IntN(5)), Flags: flags,
			Position: &tracker.Position{Point: p, RadiusM: radius, Method: []tracker.Method{tracker.GNSS, tracker.Staff}[h.rng.IntN(2)]},
		}})
		if id.IsZero() {
			h.people = append(h.people, rec.Person)
		}
		h.reports = append(h.reports, rec)
	case k < 8 || len(h.zones) == 0:
		x, y := float64(h.rng.IntN(17)-10), float64(h.rng.IntN(17)-10)
		z := h.zone(1+h.rng.IntN(4), x, y, x+2+float64(h.rng.IntN(8)), y+2+float64(h.rng.IntN(8)))
		if h.rng.IntN(4) == 0 {
			z.Kind = tracker.Airspace
			z.CeilingM = 9000
		}
		if h.rng.IntN(3) == 0 {
			z.ValidTo = h.clock.now().Add(time.Hour)
		}
		version := 0
		if len(h.zones) > 0 && h.rng.IntN(2) == 0 { // an edit of an old one
			old := h.latest(h.zones[h.rng.IntN(len(h.zones))].ID)
			z.ID, version = old.ID, old.Version
		}
		h.zones = append(h.zones, h.published(z, version))
	case k == 8:
		z := h.latest(h.zones[h.rng.IntN(len(h.zones))].ID)
		if z.State == tracker.Withdrawn {
			return
		}
		z, _, err := h.tr.Withdraw(ctx, h.analyst("Ann"), z.ID, z.Version, "over")
		if err != nil {
			h.t.Fatal(err)
		}
		h.step()
		if z.State == tracker.Proposed {
			if _, _, err = h.tr.Withdraw(ctx, h.analyst("Boris"), z.ID, z.Version, "over"); err != nil {
				h.t.Fatal(err)
			}
			h.step()
		}
	default:
		code := []string{"AAA", "BBB"}[h.rng.IntN(2)]
		st := tracker.AirportState{Crisis: h.crisis, Airport: code, Status: tracker.AirportStatus(1 + h.rng.IntN(4)), Reason: "test"}
		if _, _, err := h.tr.SetAirport(ctx, h.analyst("Ann"), st); err != nil {
			h.t.Fatal(err)
		}
		h.step()
	}
}

func (h *history) latest(id tracker.ID) tracker.Zone {
	h.t.Helper()
	zv, err := h.view(everything).Zone(id)
	if err != nil {
		h.t.Fatal(err)
	}
	return zv.Latest
}

func (h *history) bruteForce() {
	h.t.Helper()
	zs, err := h.view(everything).Zones(h.crisis)
	if err != nil {
		h.t.Fatal(err)
	}
	verdicts := map[geo.Verdict]int{}
	placed := 0
	for _, id := range h.people {
		if h.root(id) != id {
			if _, ok := h.view(everything).Person(id); !ok {
				h.t.Errorf("%s, merged into another, isn't found as the other", id)
			}
			continue
		}
		f := h.lastTrusted(id)
		row, _ := h.view(everything).Person(id)
		if (f != nil) != (row.Position != nil) || f != nil && f.Point != row.Position.Point {
			h.t.Errorf("person %s is at %+v, want %+v", id, row.Position, f)
		}
		if f == nil {
			continue
		}
		placed++
		got := map[tracker.ID]geo.Verdict{}
		for _, e := range h.view(everything).Exposures(id) {
			got[e.Zone] = e.Verdict
		}
		for _, zv := range zs {
			if zv.Active == nil || !zv.Active.Valid(h.clock.now()) || zv.Active.Kind == tracker.Airspace {
				if got[zv.Latest.ID] != geo.Outside {
					h.t.Errorf("person %s has an exposure to zone %s, which is not in force", id, zv.Latest.ID)
				}
				continue
			}
			want, _ := geo.NewArea(zv.Active.Shape).Disc(f.Point, f.RadiusM)
			verdicts[want]++
			if got[zv.Latest.ID] != want {
				h.t.Errorf("person at %v ±%v against zone %v: %v, want %v", f.Point, f.RadiusM, zv.Active.Names.EN, got[zv.Latest.ID], want)
			}
		}
	}
	h.t.Logf("coverage: %d people, %d placed, %d zones, verdicts %v, done %v", len(h.people), placed, len(zs), verdicts, h.did)
}

// lastTrusted finds by brute force where a person stands; nil: nowhere.
func (h *history) lastTrusted(root tracker.ID) *tracker.Position {
	h.t.Helper()
	var standing []tracker.Report
	for _, id := range h.people {
		if h.root(id) != root {
			continue
		}
		rs, gone, err := h.db.ReportsOf(h.t.Context(), id, 0)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, r := range rs {
			if !slices.ContainsFunc(gone, func(x tracker.Retraction) bool { return x.Report == r.ID }) {
				standing = append(standing, r)
			}
		}
	}
	var hidden, sent time.Time
	for _, r := range standing {
		if r.Flags&tracker.FlagHide != 0 && r.EffectiveAt.After(hidden) {
			hidden = r.EffectiveAt
		}
		if r.Position != nil && r.Position.Flags&tracker.Untrusted == 0 && r.Flags&(tracker.FlagLowTrust|tracker.FlagAutomatic) == 0 && r.EffectiveAt.After(sent) {
			sent = r.EffectiveAt
		}
	}
	var best *tracker.Report
	for i := range standing {
		r := &standing[i]
		if r.Position == nil || r.Position.Flags&tracker.Untrusted != 0 ||
			!hidden.IsZero() && (!r.EffectiveAt.After(hidden) || !sent.After(hidden)) {
			continue
		}
		trusted := func(r *tracker.Report) int { return 1 - int(r.Flags&tracker.FlagLowTrust/tracker.FlagLowTrust) }
		if best == nil || cmp.Or(cmp.Compare(trusted(r), trusted(best)), r.EffectiveAt.Compare(best.EffectiveAt), r.ID.Compare(best.ID)) > 0 {
			best = r
		}
	}
	if best == nil {
		return nil
	}
	return best.Position
}

// whoIsWho merges and un-merges, takes back, rules, hides and erases.
func (h *history) whoIsWho(k int) {
	h.t.Helper()
	ctx, ann := h.t.Context(), h.analyst("Ann")
	ok := func(what string, err error) {
		h.t.Helper()
		if err != nil {
			h.t.Fatalf("%s: %v", what, err)
		}
		h.did[what]++
		h.step()
	}
	rec := h.reports[h.rng.IntN(len(h.reports))]
	known := slices.Contains(h.people, rec.Person)
	switch k {
	case 10, 11:
		kept, gone := h.root(h.somebody()), h.root(h.somebody())
		if kept == gone {
			return
		}
		_, err := h.tr.Merge(ctx, ann, kept, gone, "the same name")
		ok("merge", err)
		h.merged[gone] = kept
	case 12:
		for gone := range h.merged {
			_, err := h.tr.Unmerge(ctx, ann, gone, "two people after all")
			ok("unmerge", err)
			delete(h.merged, gone)
			break
		}
	case 13:
		if !known {
			return
		}
		_, err := h.tr.Rule(ctx, ann, rec.Person, rec.Report, h.rng.IntN(2) == 0, "asked by phone")
		ok("rule", err)
	case 14:
		if !known {
			return
		}
		_, err := h.tr.Retract(ctx, ann, rec.Person, rec.Report, "a slip")
		if errors.Is(err, tracker.ErrConflict) {
			return
		}
		ok("retract", err)
	default:
		id := h.somebody()
		if h.rng.IntN(4) > 0 {
			h.file(tracker.Filing{Report: tracker.Report{Person: id, Flags: tracker.FlagHide, FixedAt: h.clock.now().Add(-time.Duration(h.rng.IntN(3600)) * time.Second)}})
			h.did["hide"]++
			return
		}
		_, err := h.tr.Erase(ctx, ann, id, "asked for it")
		ok("erase", err)
		root := h.root(id)
		h.people = slices.DeleteFunc(h.people, func(x tracker.ID) bool { return h.root(x) == root })
		for gone := range h.merged {
			if !slices.Contains(h.people, gone) {
				defer delete(h.merged, gone)
			}
		}
	}
}

// dump writes a picture out, apart from its times of loading.
func dump(t *testing.T, r *rig, tr *tracker.Tracker) []string {
	t.Helper()
	v := tr.Snapshot().View(everything, r.clock.now())
	var out []string
	_, err := v.Each(tracker.Filter{Crisis: r.crisis}, func(row *tracker.Row) error {
		p, f := row.Position, row.Flagged
		row.Position, row.Flagged = nil, nil
		out = append(out, fmt.Sprintf("%+v %+v %+v %+v", *row, p, f, v.Exposures(row.ID)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	zs, err := v.Zones(r.crisis)
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range zs {
		active := 0
		if z.Active != nil {
			active = z.Active.Version
		}
		out = append(out, fmt.Sprintf("%s v%d active %d %v %v %v %v", z.Latest.ID, z.Latest.Version, active, z.InForce, z.Inside, z.Possible, z.Confirmation))
	}
	es, _, _ := v.Events(r.crisis, 0, 1000)
	for _, e := range es {
		out = append(out, fmt.Sprintf("%d %v %v %v %v %v", e.Seq, e.Kind, e.Zone, e.Count, e.Enters, e.Leaves))
	}
	return out
}

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i, g, w)
		}
	}
	return "nothing"
}
