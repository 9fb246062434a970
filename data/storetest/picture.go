package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"aman/geo"
	"aman/geo/tracker"
)

// history writes a random mix of all kinds in several commits.
func (w *world) history(commits int) {
	w.histories++
	var people []tracker.Person
	var zones []tracker.Zone
	var reports []tracker.Report
	states := 0
	for i := range commits {
		var r tracker.Rows
		for range 1 + w.r.IntN(3) {
			p := w.newPerson(fmt.Sprint(len(zones), "x", len(people), "y", w.r.Uint64()))
			people = append(people, p)
			r.People = append(r.People, p)
		}
		if i%2 == 0 {
			p := &people[w.r.IntN(len(people)-len(r.People)+1)]
			if p.Version++; p.Version > 2 || !contains(r.People, p.ID) {
				p.Details.Note = fmt.Sprint("version ", p.Version)
				p.Needs = tracker.Needs(w.r.IntN(1 << 12))
				r.People = append(r.People, *p)
			} else {
				p.Version--
			}
		}
		for range w.r.IntN(5) {
			x := w.newReport(people[w.r.IntN(len(people))].ID, fmt.Sprint(i))
			reports = append(reports, x)
			r.Reports = append(r.Reports, x)
		}
		if len(reports) > 6 {
			x := reports[0]
			reports = reports[1:]
			r.Retractions = append(r.Retractions, tracker.Retraction{Report: x.ID, Person: x.Person, RecordedAt: w.start})
		}
		if i%3 == 0 {
			z := w.newZone(1)
			zones = append(zones, z)
			r.Zones = append(r.Zones, z)
		} else {
			z := &zones[w.r.IntN(len(zones))]
			z.Version++
			r.Zones = append(r.Zones, *z)
		}
		if i%2 == 1 && len(reports) > 1 {
			x := &reports[w.r.IntN(len(reports))]
			for n := range 1 + w.r.IntN(2) {
				w.rulings[x.ID] += 1 + n
				r.Rulings = append(r.Rulings, tracker.Ruling{
					Report: x.ID, Person: x.Person, N: w.rulings[x.ID], RecordedAt: w.start, Reason: fmt.Sprint(i),
					Flags: tracker.Flags(w.r.IntN(1<<16)) & tracker.Untrusted,
				})
			}
		}
		if i%3 == 2 {
			r.Merges = append(r.Merges, w.newMerge(people[0].ID, people[1+w.r.IntN(len(people)-1)].ID), w.newMerge(people[0].ID, tracker.ID{}))
		}
		states++
		r.Airports = append(r.Airports, tracker.AirportState{Crisis: w.crisis, Airport: "DOH", Version: w.histories*1000 + states, Status: tracker.AirportOpen})
		r.Events = append(r.Events, tracker.Event{
			ID: tracker.NewID(), Crisis: w.crisis, Kind: tracker.EventLeft, Cause: int64(w.histories*1000 + i),
			Moves: []tracker.Move{{Person: people[0].ID, From: geo.Inside, To: geo.Outside}},
		})
		w.mustCommit(&r)
		if i%7 == 6 {
			gone := people[0].ID
			people = people[1:]
			reports = slices.DeleteFunc(reports, func(x tracker.Report) bool { return x.Person == gone })
			w.mustCommit(&tracker.Rows{Erasures: []tracker.Erasure{w.newErasure(gone)}})
		}
	}
}

func (w *world) newErasure(person tracker.ID) tracker.Erasure {
	return tracker.Erasure{Crisis: w.crisis, Person: person, Reason: "asked by phone", Author: tracker.NewID(), RecordedAt: w.start}
}

func contains(ps []tracker.Person, id tracker.ID) bool {
	for _, p := range ps {
		if p.ID == id {
			return true
		}
	}
	return false
}

// folded is the state after a feed, made the plain way: the oracle of Load.
func folded(rows []*tracker.Rows) *tracker.Rows {
	var all, out tracker.Rows
	for _, r := range rows {
		add(&all, r)
	}
	out.Zones, out.Marks, out.Assignments, out.Airports, out.Events = all.Zones, all.Marks, all.Assignments, all.Airports, all.Events
	out.Merges, out.Erasures = all.Merges, all.Erasures
	crises, missions, people := map[tracker.ID]tracker.Crisis{}, map[tracker.ID]tracker.Mission{}, map[tracker.ID]tracker.Person{}
	for _, x := range all.Crises {
		crises[x.ID] = x
	}
	for _, x := range all.Missions {
		missions[x.ID] = x
	}
	for _, x := range all.People {
		if x.Version > people[x.ID].Version {
			people[x.ID] = x
		}
	}
	for _, x := range crises {
		out.Crises = append(out.Crises, x)
	}
	for _, x := range missions {
		out.Missions = append(out.Missions, x)
	}
	for _, x := range people {
		out.People = append(out.People, x)
	}
	retracted := map[tracker.ID]bool{}
	for _, x := range all.Retractions {
		retracted[x.Report] = true
	}
	last := map[tracker.ID]tracker.Ruling{}
	for _, x := range all.Rulings {
		if x.N > last[x.Report].N {
			last[x.Report] = x
		}
	}
	for _, x := range all.Reports {
		if !retracted[x.ID] {
			if u, ok := last[x.ID]; ok && x.Position != nil {
				p := *x.Position // the rows are others' too
				p.Flags = p.Flags&^tracker.Untrusted | u.Flags
				x.Position = &p
			}
			out.Reports = append(out.Reports, x)
		}
	}
	return &out
}

func loadIsReplay(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	w.history(40)
	changes, rows := follow(t, db.Open(t))
	l, got := load(t, s)
	if last := changes[len(changes)-1]; l.Seq != last.Seq || !l.At.Equal(last.At) || l.Epoch == "" {
		t.Errorf("loaded %+v, the feed ends with %+v", l, last)
	}
	sameRows(t, folded(rows), got)
}

// loadStops checks that Load reads as of the last commit whose events are
// stored, and that following up from there gives the whole.
func loadStops(t *testing.T, db Database) {
	s := db.Open(t)
	if l, rows := load(t, s); l.Seq != 0 || !reflect.DeepEqual(*rows, tracker.Rows{}) {
		t.Errorf("an empty database loads %+v %+v", l, rows)
	}
	w := newWorld(t, s)
	w.history(10)
	changes, rows := follow(t, s)
	if l, _ := load(t, s); l.Seq != changes[len(changes)-1].Seq {
		t.Errorf("before any lease Load reads up to %d, the feed ends at %d", l.Seq, changes[len(changes)-1].Seq)
	}
	holder := tracker.Lease{Name: "tracker", Holder: tracker.NewID()}
	if ok, err := s.Acquire(t.Context(), holder, time.Minute); err != nil || !ok {
		t.Fatalf("acquire: %v %v", ok, err)
	}
	owed := len(changes)
	w.history(5)
	l, got := load(t, s)
	if l.Seq != int64(owed) {
		t.Fatalf("Load reads up to %d, events are owed from %d on", l.Seq, owed)
	}
	sameRows(t, folded(rows), got)
	for _, through := range []int64{int64(owed + 3), int64(owed + 1)} { // never goes back
		x := w.write(&tracker.Rows{})
		x.EventsThrough, x.Lease = through, &holder
		if c, err := s.Commit(t.Context(), x); err != nil || c.Seq != 0 {
			t.Fatalf("store how far events are: %+v %v", c, err)
		}
	}
	_, rows = follow(t, s)
	l, got = load(t, db.Open(t))
	if l.Seq != int64(owed+3) {
		t.Fatalf("Load reads up to %d, want %d", l.Seq, owed+3)
	}
	sameRows(t, folded(rows[:owed+3]), got)
}

// cacheIsSQL compares what the writing instance answers from memory with what
// another reads from the tables: deeply equal, and in the same order.
func cacheIsSQL(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	w.mustCommit(w.everything())
	w.history(15)
	_, cached := follow(t, s)
	_, read := follow(t, db.Open(t))
	if len(cached) != len(read) {
		t.Fatalf("%d commits cached, %d read", len(cached), len(read))
	}
	for i := range cached {
		if !reflect.DeepEqual(cached[i], read[i]) {
			t.Errorf("commit %d:\ncached %+v\nread   %+v", i+1, cached[i], read[i])
		}
	}
}

func eventsPage(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	want := 0
	for i := range 12 {
		var r tracker.Rows
		for n := range 1 + i%3 {
			r.Events = append(r.Events, tracker.Event{ID: tracker.NewID(), Crisis: w.crisis, Kind: tracker.EventEntered, Cause: int64(i + 1), N: n})
			want++
		}
		w.mustCommit(&r)
	}
	seen := map[tracker.ID]bool{}
	for before := int64(0); ; {
		es, err := s.EventsBefore(t.Context(), w.crisis, before, 4)
		if err != nil {
			t.Fatal(err)
		}
		if len(es) == 0 {
			break
		}
		for _, e := range es {
			if before != 0 && e.Seq >= before || seen[e.ID] {
				t.Errorf("event %s at %d after %d, seen %v", e.ID, e.Seq, before, seen[e.ID])
			}
			seen[e.ID] = true
		}
		before = es[len(es)-1].Seq
	}
	if len(seen) != want {
		t.Errorf("%d events on all pages, want %d", len(seen), want)
	}
	if es, err := s.EventsBefore(t.Context(), tracker.NewID(), 0, 4); err != nil || len(es) != 0 {
		t.Errorf("events of another crisis: %v %v", es, err)
	}
}

func lease(t *testing.T, db Database) {
	s, other := db.Open(t), db.Open(t)
	w := newWorld(t, s)
	a := tracker.Lease{Name: "tracker", Holder: tracker.NewID()}
	b := tracker.Lease{Name: "tracker", Holder: tracker.NewID()}
	try := func(s Store, l tracker.Lease, ttl time.Duration, want bool) {
		t.Helper()
		if got, err := s.Acquire(t.Context(), l, ttl); err != nil || got != want {
			t.Errorf("acquire: %v %v, want %v", got, err, want)
		}
	}
	under := func(l tracker.Lease) error {
		x := w.write(&tracker.Rows{Zones: []tracker.Zone{w.newZone(1)}})
		x.Lease = &l
		_, err := s.Commit(t.Context(), x)
		return err
	}
	if err := under(a); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("commit under a lease that nobody has: %v", err)
	}
	try(s, a, time.Minute, true)
	try(s, a, time.Minute, true)
	try(other, b, time.Minute, false)
	if err := under(a); err != nil {
		t.Errorf("commit under the lease: %v", err)
	}
	if err := under(b); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("commit under another's lease: %v", err)
	}
	try(s, a, -time.Second, true) // gives it up
	if err := under(a); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("commit under a lease that ran out: %v", err)
	}
	try(other, b, time.Minute, true)
	try(s, a, time.Minute, false)
}
