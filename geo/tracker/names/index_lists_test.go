package names

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLists compares with a map of slices under random changes.
func TestLists(t *testing.T) {
	const seed = 5
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var l lists
	want := map[uint32][]uint32{}
	for step := range 200_000 {
		key := 1 + uint32(r.ExpFloat64()*400)
		if r.IntN(40) == 0 {
			key = r.Uint32() | 1 // seldom met again: makes the table grow
		}
		// The share of removals swings, so that lists grow long and shrink again.
		if have := want[key]; len(have) > 0 && r.IntN(20_000) < step%20_000 {
			id := have[r.IntN(len(have))]
			l.remove(key, id)
			want[key] = slices.Delete(have, slices.Index(have, id), slices.Index(have, id)+1)
		} else {
			id := r.Uint32N(1 << 20)
			if slices.Contains(have, id) {
				continue
			}
			l.add(key, id)
			want[key] = append(have, id)
		}
		l.remove(key, 1<<21) // nobody: changes nothing
		check(t, &l, key, want[key])
	}
	ids := 0
	for key, have := range want {
		check(t, &l, key, have)
		ids += len(have)
	}
	if room := len(l.ids); room > 8*ids+1<<12 {
		t.Errorf("room for %d ids, where there are %d", room, ids)
	}
}

func check(t *testing.T, l *lists, key uint32, want []uint32) {
	t.Helper()
	var one [1]uint32
	if got := l.get(key, &one); !slices.Equal(got, want) || l.count(key) != len(want) {
		t.Fatalf("key %d: %v, want %v", key, got, want)
	}
}

// TestDistance: the oracle is counting by hand.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"usenov", "usenov", 0},
		{"nurlan", "nurlna", swapCost},
		{"nurlan", "nurln", vowelCost},
		{"sinis", "siniz", nearCost},
		{"galim", "halim", soundNear},
		{"marat", "murat", vowelFar},
		{"omir", "umir", nearCost},
		{"daulet", "davlet", nearCost},
		{"kairat", "karat", glideCost},
		{"erlan", "ermak", 2 * edit},
		{"abc", "", unlike},
	} {
		if got := distance(c.a, c.b, 250); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a, 250); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
