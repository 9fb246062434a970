package data_test

import (
	"errors"
	"fmt"
	"testing"

	"aman/data"
	"aman/geo/tracker"
)

var importing = data.ImportOptions{Audit: tracker.Audit{Role: "admin", Action: "people.import", Object: "file"}}

// TestImport compares what was imported with what comes back by Read and Load;
// the oracle is the count and the fields that tell people apart.
func TestImport(t *testing.T) {
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, crisis := store(t, o)
			const n = 9001 // several parts, the last not full
			before := tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1}
			if _, err := d.Commit(t.Context(), &tracker.Write{Rows: tracker.Rows{People: []tracker.Person{before}}, Audit: tracker.Audit{Action: "test"}}); err != nil {
				t.Fatal(err)
			}
			names := map[tracker.ID]string{before.ID: ""}
			places := map[tracker.ID][2]float64{}
			c, err := d.Import(t.Context(), importing, func(yield func(*tracker.Rows) error) error {
				if err := crowd(crisis, n)(func(r *tracker.Rows) error {
					for _, p := range r.People {
						names[p.ID] = p.Details.Name
					}
					for _, x := range r.Reports {
						places[x.Person] = x.Position.Point
					}
					return yield(r)
				}); err != nil {
					return err
				}
				// Something about a person who was there before.
				return yield(&tracker.Rows{Reports: []tracker.Report{{ID: tracker.NewID(), Crisis: crisis, Person: before.ID, Note: "n"}}})
			})
			if err != nil || c.Seq != 3 {
				t.Fatalf("import: %+v %v", c, err)
			}
			check := func(what string, people, reports int, each func(visit func(*tracker.Rows) error) error) {
				gotPeople, gotReports := 0, 0
				if err := each(func(r *tracker.Rows) error {
					for _, p := range r.People {
						gotPeople++
						if want, ok := names[p.ID]; !ok || p.Details.Name != want {
							t.Errorf("%s: person %q, want %q", what, p.Details.Name, want)
						}
					}
					for _, x := range r.Reports {
						gotReports++
						if want, ok := places[x.Person]; ok && x.Position.Point != want {
							t.Errorf("%s: place %v, want %v", what, x.Position.Point, want)
						}
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				if gotPeople != people || gotReports != reports {
					t.Errorf("%s: %d people, %d reports; want %d, %d", what, gotPeople, gotReports, people, reports)
				}
			}
			_, cs, err := d.Changes(t.Context(), 2, 10)
			if err != nil || len(cs) != 1 {
				t.Fatalf("changes: %+v %v", cs, err)
			}
			check("EachRow", n, n+1, func(visit func(*tracker.Rows) error) error { return d.EachRow(t.Context(), cs[0], visit) })
			check("Read", n, n+1, func(visit func(*tracker.Rows) error) error {
				r, err := d.Read(t.Context(), cs[0])
				if err != nil {
					return err
				}
				return visit(r)
			})
			check("Load", n+1, n+1, func(visit func(*tracker.Rows) error) error {
				_, err := d.Load(t.Context(), visit)
				return err
			})
			if _, err := d.FindIdentifier(t.Context(), crisis, "passport", "N9000"); err != nil {
				t.Error(err)
			}
			if n, err := d.VerifyAudit(t.Context()); err != nil || n != 3 {
				t.Errorf("audit: %d %v", n, err)
			}
		})
	}
}

// TestImportAllOrNothing fails imports at their end; nothing may stay.
func TestImportAllOrNothing(t *testing.T) {
	mine := errors.New("line 7 is bad")
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, crisis := store(t, o)
			person := func(i int) tracker.Person {
				return tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1, Details: tracker.Details{IIN: fmt.Sprint("iin", i)}}
			}
			stranger := person(1)
			stranger.Crisis = tracker.NewID()
			for _, c := range []struct {
				name string
				last tracker.Rows
				err  error
				want error
			}{
				{"the caller's own error", tracker.Rows{}, mine, mine},
				{"a report of nobody", tracker.Rows{Reports: []tracker.Report{{ID: tracker.NewID(), Crisis: crisis, Person: tracker.NewID()}}}, nil, tracker.ErrNotFound},
				{"an IIN twice", tracker.Rows{People: []tracker.Person{person(8), person(8)}}, nil, tracker.ErrConflict},
				{"no such crisis", tracker.Rows{People: []tracker.Person{stranger}}, nil, tracker.ErrNotFound},
				{"somebody merged into nobody", tracker.Rows{Merges: []tracker.Merge{{Crisis: crisis, N: 1, Gone: tracker.NewID()}}}, nil, tracker.ErrNotFound},
				{"erasing", tracker.Rows{Erasures: []tracker.Erasure{{Crisis: crisis, Person: tracker.NewID()}}}, nil, tracker.ErrInvalid},
				{"no such mission", tracker.Rows{Assignments: []tracker.Assignment{{}}}, nil, tracker.ErrInvalid},
			} {
				_, err := d.Import(t.Context(), importing, func(yield func(*tracker.Rows) error) error {
					if err := crowd(crisis, 5000)(yield); err != nil {
						return err
					}
					if err := yield(&c.last); err != nil {
						return err
					}
					return c.err
				})
				if !errors.Is(err, c.want) {
					t.Errorf("%s: %v, want %v", c.name, err, c.want)
				}
			}
			l, err := d.Load(t.Context(), func(r *tracker.Rows) error {
				if len(r.People)+len(r.Reports) > 0 {
					t.Errorf("a failed import left %d people and %d reports", len(r.People), len(r.Reports))
				}
				return nil
			})
			if err != nil || l.Seq != 1 {
				t.Errorf("load: %+v %v", l, err)
			}
			if c, err := d.Import(t.Context(), importing, func(func(*tracker.Rows) error) error { return nil }); err != nil || c.Seq != 0 {
				t.Errorf("an empty import: %+v %v", c, err)
			}
			// The store still writes.
			if _, err := d.Commit(t.Context(), &tracker.Write{Rows: tracker.Rows{People: []tracker.Person{person(1)}}, Audit: tracker.Audit{Action: "test"}}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestImportOfMerges reads back what an import says of who is whom and of fixes.
func TestImportOfMerges(t *testing.T) {
	for name, o := range databases(t) {
		t.Run(name, func(t *testing.T) {
			d, crisis := store(t, o)
			a, b := tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1}, tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1}
			r := tracker.Report{ID: tracker.NewID(), Crisis: crisis, Person: a.ID, Position: &tracker.Position{RadiusM: 1}}
			m := tracker.Merge{Crisis: crisis, N: 1, Gone: a.ID, Kept: b.ID, Reason: "the same row twice"}
			if _, err := d.Import(t.Context(), importing, func(yield func(*tracker.Rows) error) error {
				return yield(&tracker.Rows{
					People: []tracker.Person{a, b}, Reports: []tracker.Report{r}, Merges: []tracker.Merge{m},
					Rulings: []tracker.Ruling{{Report: r.ID, Person: a.ID, N: 1, Flags: tracker.FlagMock}},
				})
			}); err != nil {
				t.Fatal(err)
			}
			if ms, err := d.MergesOf(t.Context(), []tracker.ID{b.ID}); err != nil || len(ms) != 1 || ms[0] != m {
				t.Errorf("merges: %v %+v", err, ms)
			}
			if rs, _, err := d.ReportsOf(t.Context(), a.ID, 0); err != nil || len(rs) != 1 || rs[0].Position.Flags != tracker.FlagMock {
				t.Errorf("reports: %v %+v", err, rs)
			}
		})
	}
}

// TestImportErased erases somebody whom an import is writing about: what another
// instance destroyed the key of must not be acknowledged. SQLite has one writer,
// so that there the two can't meet.
func TestImportErased(t *testing.T) {
	o := newPostgres(t).options()
	d, crisis := store(t, o)
	other := open(t, o)
	gone := tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1}
	if _, err := d.Commit(t.Context(), &tracker.Write{Rows: tracker.Rows{People: []tracker.Person{gone}}, Audit: tracker.Audit{Action: "test"}}); err != nil {
		t.Fatal(err)
	}
	_, err := d.Import(t.Context(), importing, func(yield func(*tracker.Rows) error) error {
		if err := yield(&tracker.Rows{Reports: []tracker.Report{{ID: tracker.NewID(), Crisis: crisis, Person: gone.ID, Note: "n"}}}); err != nil {
			return err
		}
		if err := crowd(crisis, 20_000)(yield); err != nil { // more than is sealed ahead: the report is written by now
			return err
		}
		_, err := other.Commit(t.Context(), &tracker.Write{
			Rows:  tracker.Rows{Erasures: []tracker.Erasure{{Crisis: crisis, Person: gone.ID}}},
			Audit: tracker.Audit{Action: "test"},
		})
		return err
	})
	if !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("import: %v, want not found", err)
	}
	if _, err := d.Load(t.Context(), func(r *tracker.Rows) error {
		if len(r.People)+len(r.Reports) > 0 {
			t.Errorf("the import left %d people and %d reports", len(r.People), len(r.Reports))
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
