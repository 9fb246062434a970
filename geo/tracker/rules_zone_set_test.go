package tracker_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// A set of zones that is too large is refused with the limit and the figure; what
// was refused isn't counted.
func TestZoneSetLimits(t *testing.T) {
	var set tracker.ZoneSet
	for range 3 {
		if err := set.Add(tracker.MaxZoneVertices / 4); err != nil {
			t.Fatal(err)
		}
	}
	before := set
	err := set.Add(tracker.MaxZoneVertices)
	bad, ok := errors.AsType[*tracker.FieldError](err)
	if !ok || bad.Code != "too_many_vertices" || !strings.Contains(bad.Detail, "10000000") || !strings.Contains(bad.Detail, "17500000") {
		t.Errorf("got %v", err)
	}
	if set != before {
		t.Errorf("counted %+v, want %+v", set, before)
	}
	set = tracker.ZoneSet{Zones: tracker.MaxZones}
	if bad, ok := errors.AsType[*tracker.FieldError](set.Add(4)); !ok || bad.Code != "too_many_zones" || !strings.Contains(bad.Detail, "20001") {
		t.Errorf("got %v", bad)
	}
}

// The zones that stand count with one that is drawn; its own earlier version and
// withdrawn ones don't.
func TestZoneSetCountsWhatStands(t *testing.T) {
	r := newRig(t)
	ring := make(orb.Ring, tracker.MaxZoneVertices-4)
	for i := range ring {
		a := 2 * math.Pi * float64(i) / float64(len(ring)-1)
		ring[i] = orb.Point{math.Cos(a), math.Sin(a)}
	}
	ring[len(ring)-1] = ring[0]
	large := r.zone(2, 0, 0, 1, 1)
	large.Shape = orb.MultiPolygon{{ring}}
	refused := func(z tracker.Zone) bool {
		bad, ok := errors.AsType[*tracker.FieldError](r.tr.CheckZone(&z))
		return ok && bad.Code == "too_many_vertices"
	}
	if refused(large) {
		t.Error("the first zone was refused")
	}
	z := r.published(r.zone(2, 0, 0, 1, 1), 0)
	if !refused(large) {
		t.Error("a zone beyond the limit with another was taken")
	}
	large.ID = z.ID
	if refused(large) {
		t.Error("a zone was counted twice")
	}
	large.ID = tracker.ID{}
	if _, _, err := r.tr.Withdraw(t.Context(), r.analyst("Ann"), z.ID, z.Version, "over"); err != nil {
		t.Fatal(err)
	}
	r.step()
	if refused(large) {
		t.Error("a withdrawn zone counted")
	}
}
