package tracker

import (
	"testing"
	"time"
)

// Zones are compiled once they have stood still, at the latest after a while, and
// a set that was refused is not tried again before it changes.
func TestWhenZonesAreCompiled(t *testing.T) {
	var c compiling
	lists := make([]*zoneState, 100) // the address of each is one list of zones
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	step := func(behind int, d time.Duration, want bool) {
		t.Helper()
		at = at.Add(d)
		if got := c.due(behind, &lists[behind], at); got != want {
			t.Errorf("behind by %d at %v: due %v, want %v", behind, at, got, want)
		}
	}
	step(0, 0, false)
	step(1, time.Second, false)
	step(1, compileAfter/2, false)
	step(2, compileAfter/2, false) // it changed again
	step(2, compileAfter, true)
	c.refused = &lists[2]
	step(2, time.Second, false)
	for i := range 9 { // it goes on changing
		step(3+i, compileAfter/2, false)
	}
	step(30, compileLatest, true)
	step(0, time.Second, false)
	step(2, time.Second, false)
	step(2, compileAfter, true)
}
