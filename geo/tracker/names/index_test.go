package names_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"aman/geo/tracker/names"
)

// TestSuggest compares with brute force: Score over everybody, where there are
// few enough that no limit of the index is met. Who shares no key isn't found,
// so that the comparison is of who is likely.
func TestSuggest(t *testing.T) {
	const seed, people = 3, 400
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	all := population(people, r)
	var x names.Index
	prepared := map[uint32]*names.Prepared{}
	for range 3000 { // come and go, and come as somebody else
		h := all[r.IntN(people)]
		if r.IntN(3) == 0 {
			x.Remove(h.id)
			delete(prepared, h.id)
			continue
		}
		d := all[r.IntN(people)].stored()
		prepared[h.id] = names.Prepare(&d)
		x.Add(h.id, prepared[h.id])
	}
	if x.Len() != len(prepared) {
		t.Fatalf("%d people, want %d", x.Len(), len(prepared))
	}
	likely, missed := 0, 0
	for range 1000 {
		ask := makePair(all[r.IntN(people)], all, r).ids.Name
		got := x.Suggest(ask, 5)
		if !slices.IsSortedFunc(got, func(a, b names.Suggestion) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
		}) {
			t.Errorf("not the best first: %v", got)
		}
		for _, s := range got {
			if score, why := names.Score(ask, prepared[s.ID]); score != s.Score || why != s.Reasons || score < names.LeastScore {
				t.Errorf("%d: %v %v, Score says %v %v", s.ID, s.Score, s.Reasons, score, why)
			}
		}
		for _, s := range brute(ask, prepared, 5) {
			if s.Score < 0.5 {
				break
			}
			if likely++; !slices.Contains(got, s) {
				missed++
			}
		}
	}
	if likely < 300 || missed*100 > likely {
		t.Errorf("missed %d of %d likely ones", missed, likely)
	}
}

func brute(ask *names.Prepared, all map[uint32]*names.Prepared, n int) []names.Suggestion {
	var found []names.Suggestion
	for id, p := range all {
		score, why := names.Score(ask, p)
		found = append(found, names.Suggestion{ID: id, Score: score, Reasons: why})
	}
	slices.SortFunc(found, func(a, b names.Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return found[:min(n, len(found))]
}

func TestEmptyIndex(t *testing.T) {
	var x names.Index
	p := names.Prepare(&names.Identity{Name: "Ерлан"})
	if got := x.Suggest(p, 5); len(got) != 0 {
		t.Errorf("suggests %v", got)
	}
	x.Remove(9)
	x.Add(9, p)
	if got := x.Suggest(p, 0); len(got) != 0 {
		t.Errorf("none asked for, got %v", got)
	}
	x.Add(9, nil)
	if x.Len() != 0 {
		t.Errorf("%d people", x.Len())
	}
	x.Add(2, names.Prepare(&names.Identity{}))
	if got := x.Suggest(names.Prepare(&names.Identity{}), 5); len(got) != 0 {
		t.Errorf("nothing known, but suggests %v", got)
	}
}

// TestIndexTogether is for the race detector, and ends with who is in.
func TestIndexTogether(t *testing.T) {
	all := population(200, rand.New(rand.NewPCG(4, 0)))
	var x names.Index
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := worker; i < len(all); i += 4 {
				d := all[i].stored()
				p := names.Prepare(&d)
				x.Add(all[i].id, p)
				if s := x.Suggest(p, 200); !slices.ContainsFunc(s, func(s names.Suggestion) bool { return s.ID == all[i].id }) {
					t.Errorf("%d doesn't find itself", i)
				}
				if i%2 == 0 {
					x.Remove(all[i].id)
				}
			}
		})
	}
	wg.Wait()
	if x.Len() != 100 {
		t.Errorf("%d people, want 100", x.Len())
	}
}
