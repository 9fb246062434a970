package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"aman/geo"
)

// The oracle judges everybody, so it is tested on shapes that can be judged by eye.
func TestOracle(t *testing.T) {
	t.Parallel()
	// A square with a hole, and a triangle whose long edge doubles can't name a middle of:
	//
	//	4 ┌───────┐
	//	  │ ┌───┐ │       ╱│
	//	  │ └───┘ │     ╱  │
	//	0 └───────┘   ╱────┘
	//	  0       4   10   13
	square := zone{{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}, {{1, 1}, {1, 3}, {3, 3}, {3, 1}, {1, 1}}}}
	triangle := zone{{{{10, 0}, {13, 0}, {13, 1}, {10, 0}}}}
	west := zone{{{{-180, 0}, {-179, 0}, {-179, 1}, {-180, 1}, {-180, 0}}}}
	o := newOracle([]zone{square, triangle, west})
	for _, c := range []struct {
		name string
		p    orb.Point
		want []uint32
	}{
		{"in", orb.Point{0.5, 2}, []uint32{0}},
		{"in the hole", orb.Point{2, 2}, nil},
		{"on the hole's edge", orb.Point{1, 2}, []uint32{0}},
		{"on a vertex", orb.Point{4, 4}, []uint32{0}},
		{"level with vertices, left", orb.Point{-1, 4}, nil},
		{"level with vertices, right", orb.Point{5, 1}, nil},
		{"one ulp out", orb.Point{math.Nextafter(4, 5), 2}, nil},
		{"on the slope", orb.Point{11.5, 0.5}, []uint32{1}},
		{"one ulp above the slope", orb.Point{11.5, math.Nextafter(0.5, 1)}, nil},
		{"one ulp below the slope", orb.Point{11.5, math.Nextafter(0.5, 0)}, []uint32{1}},
		{"the other name of a meridian", orb.Point{180, 0.5}, []uint32{2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := o.sorted(c.p); !slices.Equal(got, c.want) {
				t.Errorf("%v is in %v, want %v", c.p, got, c.want)
			}
		})
	}
}

// The peers may refuse or misjudge what isn't valid, so all that is made must be.
func TestBlobsAreValidAndTheSameForASeed(t *testing.T) {
	t.Parallel()
	p, err := newPlaces()
	if err != nil {
		t.Fatal(err)
	}
	s, _ := setNamed("z1k")
	make200 := func(seed uint64) []zone { return blobs(200)(p, s.rng(seed), s.box) }
	zs := make200(1)
	for i, z := range zs {
		if err := geo.Validate(z); err != nil {
			t.Errorf("zone %d: %v", i, err)
		}
		if b := z.Bound(); b.Max[0]-b.Min[0] > 6 || b.Max[1]-b.Min[1] > 6 {
			t.Errorf("zone %d is larger than meant: %v", i, b)
		}
	}
	same := func(a, b []zone) bool {
		return slices.EqualFunc(a, b, func(a, b zone) bool { return orb.Equal(a, b) })
	}
	if !same(zs, make200(1)) || same(zs, make200(2)) {
		t.Error("the zones don't depend on the seed, or not on it alone")
	}
}

// Everybody in this process answers alike where nothing is in doubt: for points anywhere, by the oracle.
func TestContestantsAgree(t *testing.T) {
	p, err := newPlaces()
	if err != nil {
		t.Fatal(err)
	}
	const seed = 3
	t.Logf("seed %d", seed)
	s, _ := setNamed("z1k")
	rng := s.rng(seed)
	zs := blobs(300)(p, rng, s.box)
	pts := p.people(rng, 3000, s.box)
	truth := newOracle(zs)
	e, err := newEngine(zs)
	if err != nil {
		t.Fatal(err)
	}
	cs := append(e.contenders(), contender{"tidwall/geojson", loadTidwall}, contender{"S2", loadS2}, contender{"orb planar", loadOrb},
		contender{"nobody", func([]zone, []orb.Point) (contestant, error) { return nil, errMissing }})
	rs, err := contest(cs, zs, pts, 1, func(name string, _, theirs *answers, n int) {
		wrong := 0
		for k := range n {
			if !slices.Equal(theirs.of(k), truth.sorted(pts[k])) {
				wrong++
			}
		}
		if wrong > n/500 || wrong > 0 && (name == oursName || name == aloneName) {
			t.Errorf("%s is wrong for %d of %d points", name, wrong, n)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rs {
		if missing := r.name == "nobody"; (r.err != nil) != missing || (r.cost > 0) == missing {
			t.Errorf("%+v", r)
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	var out, notes bytes.Buffer
	r := newReport(&out, &notes, regexp.MustCompile("^a|^m"))
	r.line(measure{name: "a-met", ours: 10, peer: 150, peerName: "P", unit: "ns", goal: atLeastTimes(15)})
	r.line(measure{name: "a-unmet", ours: 10, peer: 149, peerName: "P", unit: "ns", goal: atLeastTimes(15)})
	r.line(measure{name: "a-over", ours: 30, peer: 10, peerName: floorName, unit: "ns", goal: atMostTimes(4)})
	r.line(measure{name: "a-figure", ours: 1.25, unit: "us", goal: atMost(1, "us")})
	r.line(measure{name: "a-alone", ours: 1234.6, goal: atLeastTimes(2)})
	r.line(measure{name: "other", ours: 1})
	r.missing("many", "Q", atLeastTimes(3), errMissing)
	want := `a-met	10ns	150ns	P	15x	>=15x
a-unmet	10ns	149ns	P	14.9x	>=15x
a-over	30ns	10ns	floor	3x	<=4x
a-figure	1.25us	-	-	-	<=1us
a-alone	1235	-	-	-	>=2x
many	-	missing	Q	-	>=3x
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
	r.summary()
	for _, name := range []string{"unmet: 4", "a-unmet:", "a-figure:", "a-alone:", "many: Q is missing: not installed"} {
		if !strings.Contains(notes.String(), name) {
			t.Errorf("the summary lacks %q:\n%s", name, &notes)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 0.0123456: "0.0123", 3.14159: "3.14", 99.96: "100", 999.4: "999", 999.97: "1000", 31150: "31150", 1e6 + 0.2: "1000000",
	} {
		if got := number(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	a := &answers{ids: []uint32{3, 1, 3, 7}, ends: []uint32{3, 3, 4}}
	s := a.sorted()
	for k, want := range [][]uint32{{1, 3}, nil, {7}} {
		if got := s.of(k); !slices.Equal(got, want) {
			t.Errorf("answer %d is %v, want %v", k, got, want)
		}
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func() (ids []uint32) {
		for id := range uint32(8) {
			if rng.IntN(2) == 0 {
				ids = append(ids, id)
			}
		}
		return ids
	}
	for range 1000 {
		was, now := draw(), draw()
		in, out := 0, 0 // by looking each up
		for _, id := range now {
			if !slices.Contains(was, id) {
				in++
			}
		}
		for _, id := range was {
			if !slices.Contains(now, id) {
				out++
			}
		}
		if gotIn, gotOut := changes(was, now); gotIn != in || gotOut != out {
			t.Fatalf("from %v to %v: %d entered and %d left, want %d and %d", was, now, gotIn, gotOut, in, out)
		}
	}
}
