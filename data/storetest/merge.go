package storetest

import (
	"errors"
	"reflect"
	"testing"

	"aman/geo/tracker"
)

func merges(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	a, b, c, d := w.newPerson("a"), w.newPerson("b"), w.newPerson("c"), w.newPerson("d")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{a, b, c, d}})
	ab, bc, un := w.newMerge(a.ID, b.ID), w.newMerge(b.ID, c.ID), w.newMerge(a.ID, tracker.ID{})
	w.mustCommit(&tracker.Rows{Merges: []tracker.Merge{bc, ab}}) // read in the order of N, whatever that of writing
	w.mustCommit(&tracker.Rows{Merges: []tracker.Merge{un}})
	other := db.Open(t)
	for _, x := range []struct {
		name   string
		people []tracker.ID
		want   []tracker.Merge
	}{
		{"who is gone", []tracker.ID{a.ID}, []tracker.Merge{ab, un}},
		{"who is kept", []tracker.ID{c.ID}, []tracker.Merge{bc}},
		{"both, each merge once", []tracker.ID{b.ID, a.ID, b.ID}, []tracker.Merge{ab, bc, un}},
		{"who is in none", []tracker.ID{d.ID}, []tracker.Merge{}},
		{"a stranger", []tracker.ID{tracker.NewID()}, []tracker.Merge{}},
		{"nobody", nil, nil},
	} {
		if got, err := other.MergesOf(t.Context(), x.people); err != nil || !reflect.DeepEqual(got, x.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", x.name, err, got, x.want)
		}
	}
	// Load gives people, then all merges, then what is about people.
	stage := 0
	if _, err := other.Load(t.Context(), func(r *tracker.Rows) error {
		for i, has := range []bool{len(r.People) > 0, len(r.Merges) > 0, len(r.Assignments)+len(r.Reports) > 0} {
			if has && i < stage {
				t.Errorf("rows of stage %d come after those of %d", i, stage)
			} else if has {
				stage = i
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// The number stays taken when who was merged is erased: the next builds on it.
	w.mustCommit(&tracker.Rows{Erasures: []tracker.Erasure{w.newErasure(a.ID)}})
	ab.Reason, un.Reason = "", ""
	if got, err := s.MergesOf(t.Context(), []tracker.ID{a.ID}); err != nil || !reflect.DeepEqual(got, []tracker.Merge{ab, un}) {
		t.Errorf("merges of the erased: %v %+v", err, got)
	}
	if _, err := s.Commit(t.Context(), w.write(&tracker.Rows{Merges: []tracker.Merge{w.newMerge(d.ID, a.ID)}})); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("merge into somebody erased: %v", err)
	}
}

func rulings(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p, q := w.newPerson("p"), w.newPerson("q")
	odd, plain := w.newReport(p.ID, "odd"), w.newReport(p.ID, "plain")
	odd.Position.Flags = tracker.FlagImplausible | tracker.FlagSkew | tracker.FlagLowTrust
	bare := tracker.Report{ID: tracker.NewID(), Crisis: w.crisis, Person: q.ID, Channel: tracker.ChannelSMS, ReceivedAt: w.start, EffectiveAt: w.start}
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p, q}, Reports: []tracker.Report{odd, plain, bare}})
	ruling := func(r *tracker.Report, n int, f tracker.Flags) tracker.Ruling {
		return tracker.Ruling{Report: r.ID, Person: r.Person, N: n, Flags: f, Reason: "r", Author: tracker.NewID(), RecordedAt: w.start}
	}
	first, second := ruling(&odd, 1, tracker.FlagMock), ruling(&odd, 2, 0)
	third, none := ruling(&plain, 1, tracker.FlagReplay), ruling(&bare, 1, tracker.FlagReplay)
	// The last by N stands, not by the order of writing.
	w.mustCommit(&tracker.Rows{Rulings: []tracker.Ruling{second, third, none}})
	w.mustCommit(&tracker.Rows{Rulings: []tracker.Ruling{first}})
	want := map[tracker.ID]tracker.Flags{
		odd.ID:   tracker.FlagSkew | tracker.FlagLowTrust,
		plain.ID: plain.Position.Flags | tracker.FlagReplay,
	}
	other := db.Open(t)
	check := func(what string, rs []tracker.Report) {
		t.Helper()
		for _, r := range rs {
			if r.Position != nil && r.Position.Flags != want[r.ID] {
				t.Errorf("%s: flags %v, want %v", what, r.Position.Flags.Words(), want[r.ID].Words())
			}
		}
	}
	rs, _, err := other.ReportsOf(t.Context(), p.ID, 0)
	if err != nil || len(rs) != 2 {
		t.Fatal(err, rs)
	}
	check("ReportsOf", rs)
	_, loaded := load(t, other)
	check("Load", loaded.Reports)
	if len(loaded.Rulings) != 0 {
		t.Errorf("Load visits rulings: %+v", loaded.Rulings)
	}
	// The feed tells reports as they were stored.
	for _, s := range []Store{s, other} {
		_, read := follow(t, s)
		sameRows(t, &tracker.Rows{People: []tracker.Person{p, q}, Reports: []tracker.Report{odd, plain, bare}}, read[1])
	}
	got, err := other.RulingsOf(t.Context(), []tracker.ID{q.ID, p.ID})
	if err != nil || !reflect.DeepEqual(got, []tracker.Ruling{first, second, third, none}) {
		t.Errorf("rulings: %v %+v", err, got)
	}
	if got, err := other.RulingsOf(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("rulings of nobody: %v %+v", err, got)
	}
}
