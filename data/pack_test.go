package data_test

import (
	"errors"
	"maps"
	"sync"
	"testing"

	"aman/data"
	"aman/data/storetest"
	"aman/geo/tracker"
)

// The whole suite again, with every report in a pack: where a report is kept must make
// no difference to anybody.

type packedSQLite struct{ *sqliteFile }

func (f packedSQLite) Open(t *testing.T) storetest.Store {
	d := open(t, f.options())
	d.PackAll()
	return d
}

func TestSQLitePacked(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Database { return packedSQLite{newSQLite(t)} })
}

// Packs implements storetest.Packing.
func (packedSQLite) Packs() {}

type packedPostgres struct{ *postgresDB }

func (p packedPostgres) Open(t *testing.T) storetest.Store {
	d := open(t, p.options())
	d.PackAll()
	return d
}

// Packs implements storetest.Packing.
func (packedPostgres) Packs() {}

func TestPostgresPacked(t *testing.T) {
	storetest.Postgres(t) // skips here, once, where there is none
	storetest.Run(t, func(t *testing.T) storetest.Database { return packedPostgres{newPostgres(t)} })
}

// TestManyReports: reports that come many at once, and those of many writes that share
// a transaction, are all there: by person, in the feed and on loading, for who stored
// them and for another process. The oracle is what was committed.
func TestManyReports(t *testing.T) {
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, crisis := store(t, o)
			other := open(t, o)
			var rows tracker.Rows
			for range 40 {
				rows.People = append(rows.People, tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1})
			}
			commit := func(r *tracker.Rows) {
				if _, err := d.Commit(t.Context(), &tracker.Write{Rows: *r, Audit: tracker.Audit{Action: "test"}}); err != nil {
					t.Error(err)
				}
			}
			commit(&rows)
			want := map[tracker.ID]tracker.ID{} // report, person
			report := func(i int) tracker.Report {
				r := tracker.Report{ID: tracker.NewID(), Crisis: crisis, Person: rows.People[i%len(rows.People)].ID, Wellbeing: tracker.Safe, Note: "n"}
				want[r.ID] = r.Person
				return r
			}
			var batch tracker.Rows
			for i := range 300 {
				batch.Reports = append(batch.Reports, report(i))
			}
			commit(&batch)
			var wait sync.WaitGroup
			for i := range 300 {
				one := tracker.Rows{Reports: []tracker.Report{report(i)}}
				wait.Go(func() { commit(&one) })
			}
			wait.Wait()
			// One that is taken back, which only its pack knows.
			back := batch.Reports[7]
			retraction := tracker.Rows{Retractions: []tracker.Retraction{{Person: back.Person, Report: back.ID}}}
			if _, err := other.Commit(t.Context(), &tracker.Write{Rows: retraction, Audit: tracker.Audit{Action: "test"}}); err != nil {
				t.Error(err)
			}
			retraction.Retractions[0].Report = tracker.NewID()
			if _, err := other.Commit(t.Context(), &tracker.Write{Rows: retraction, Audit: tracker.Audit{Action: "test"}}); !errors.Is(err, tracker.ErrNotFound) {
				t.Errorf("a report that isn't there was taken back: %v", err)
			}
			for who, s := range map[string]*data.DB{"who stored": d, "another": other} {
				byPerson, inFeed, loaded := map[tracker.ID]tracker.ID{}, map[tracker.ID]tracker.ID{}, map[tracker.ID]tracker.ID{}
				note := func(to map[tracker.ID]tracker.ID, rs []tracker.Report) {
					for i := range rs {
						if _, twice := to[rs[i].ID]; twice || rs[i].Note != "n" {
							t.Errorf("%s: report %s is there twice or without its note", who, rs[i].ID)
						}
						to[rs[i].ID] = rs[i].Person
					}
				}
				for i := range rows.People {
					rs, gone, err := s.ReportsOf(t.Context(), rows.People[i].ID, 0)
					if err != nil || len(gone) > 0 != (rows.People[i].ID == back.Person) {
						t.Fatal(err, gone)
					}
					note(byPerson, rs)
				}
				_, cs, err := s.Changes(t.Context(), 0, 1000)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range cs {
					r, err := s.Read(t.Context(), c)
					if err != nil {
						t.Fatal(err)
					}
					note(inFeed, r.Reports)
				}
				if _, err := s.Load(t.Context(), func(r *tracker.Rows) error {
					note(loaded, r.Reports)
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				loaded[back.ID] = back.Person
				for what, got := range map[string]map[tracker.ID]tracker.ID{"by person": byPerson, "in the feed": inFeed, "loaded": loaded} {
					if !maps.Equal(got, want) {
						t.Errorf("%s, %s: %d reports, want %d", who, what, len(got), len(want))
					}
				}
			}
		})
	}
}
