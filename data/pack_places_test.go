package data_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"aman/geo/tracker"
)

// dying is a context that ends at the left-th look at it, and at every one after.
type dying struct {
	context.Context
	left *atomic.Int64 // drivers look too, from goroutines of their own
}

func (c dying) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestPlacesInterrupted: whenever the one who asks for the places of packs gives up, no
// report is taken in twice or left out, and what was taken in stays. The oracle is
// another process, which takes all in at once; its packs are counted against the reports
// that were stored.
func TestPlacesInterrupted(t *testing.T) {
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, crisis := store(t, o)
			d.PackAll()
			var rows tracker.Rows
			for range 30 {
				rows.People = append(rows.People, tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1})
			}
			commit := func(r tracker.Rows) {
				t.Helper()
				if _, err := d.Commit(t.Context(), &tracker.Write{Rows: r, Audit: tracker.Audit{Action: "test"}}); err != nil {
					t.Fatal(err)
				}
			}
			commit(rows)
			reports := func(n int) (r tracker.Rows) {
				for i := range n {
					r.Reports = append(r.Reports, tracker.Report{ID: tracker.NewID(), Crisis: crisis, Person: rows.People[i*7%len(rows.People)].ID, Wellbeing: tracker.Safe})
				}
				return r
			}
			stored := 0
			for _, n := range []int{5, 700, 1, 64, 130} { // one of more packs than a portion
				commit(reports(n))
				commit(tracker.Rows{Zones: []tracker.Zone{{ID: tracker.NewID(), Crisis: crisis, Version: 1}}})
				stored += n
			}
			oracle := open(t, o)
			if _, err := oracle.PlacesOf(t.Context(), rows.People[0].ID, 0); err != nil {
				t.Fatal(err)
			}
			want := oracle.PlacesKnown()
			if len(want) != stored {
				t.Fatalf("%d places of %d reports", len(want), stored)
			}
			for _, portion := range []int{1, 3, 1024} {
				again, known, gaveUp := open(t, o), 0, 0
				for left := int64(0); ; left++ {
					var n atomic.Int64
					n.Store(left)
					_, err := again.PlacesOf(dying{t.Context(), &n}, rows.People[0].ID, portion)
					got := again.PlacesKnown()
					if len(got) < known || !slices.Equal(got, want[:len(got)]) {
						t.Fatalf("portion %d, given up after %d: took in %d, %d before", portion, left, len(got), known)
					}
					known = len(got)
					if err == nil {
						break
					}
					if gaveUp++; !errors.Is(err, context.Canceled) {
						t.Fatal(err)
					}
				}
				if known != stored || gaveUp == 0 {
					t.Errorf("portion %d: %d places of %d reports, given up %d times", portion, known, stored, gaveUp)
				}
				for _, p := range rows.People {
					x, err := oracle.PlacesOf(t.Context(), p.ID, 0)
					y, err2 := again.PlacesOf(t.Context(), p.ID, 0)
					if errors.Join(err, err2) != nil || !slices.Equal(x, y) {
						t.Errorf("portion %d: packs %v, want %v: %v %v", portion, y, x, err, err2)
					}
				}
			}
		})
	}
}

// TestPlacesWait: who waits for another's taking in leaves when their time is up.
func TestPlacesWait(t *testing.T) {
	d, _ := store(t, newSQLite(t).options())
	release := d.HoldPlaces()
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, _, err := d.ReportsOf(ctx, tracker.NewID(), 0)
		left <- err
	}()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) || !errors.Is(err, tracker.ErrUnavailable) {
		t.Errorf("gave up: %v", err)
	}
	release()
	if _, _, err := d.ReportsOf(t.Context(), tracker.NewID(), 0); err != nil {
		t.Error(err)
	}
}
