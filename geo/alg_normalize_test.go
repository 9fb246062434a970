package geo

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// wrap brings a lon back to the map.
func wrap(lon float64) float64 {
	for lon > 180 {
		lon -= 360
	}
	for lon < -180 {
		lon += 360
	}
	return lon
}

// Oracle: the shape as it was before it was wrapped around the antimeridian, in rational arithmetic.
func TestNormalizeKeepsContainment(t *testing.T) {
	r := newRand(t)
	for range 100 {
		c := orb.Point{180 + 10*r.Float64() - 5, 60*r.Float64() - 30}
		poly := orb.Polygon{star(r, c, 4+8*r.Float64(), 3+r.IntN(20))}
		if r.IntN(2) == 0 {
			poly = append(poly, star(r, c, 0.5, 3+r.IntN(9)))
		}
		if r.IntN(3) == 0 { // corners on the antimeridian itself
			for i := range len(poly[0]) - 1 {
				if r.IntN(3) == 0 && math.Abs(poly[0][i][0]-180) < 1 {
					poly[0][i][0] = 180
				}
			}
			poly[0][len(poly[0])-1] = poly[0][0]
		}
		plain := orb.MultiPolygon{poly}
		valid := validPlain(plain)
		wrapped := orb.Polygon{}
		for _, ring := range poly {
			w := make(orb.Ring, len(ring))
			for i, p := range ring {
				w[i] = orb.Point{wrap(p[0]), p[1]}
				if math.Abs(w[i][0]) == 180 && i > 0 && i < len(ring)-1 && r.IntN(2) == 0 {
					w[i][0] = -w[i][0]
				}
			}
			wrapped = append(wrapped, w)
		}
		if !valid {
			continue
		}
		in := orb.MultiPolygon{wrapped}
		if err := Validate(in); err != nil {
			t.Fatalf("%v\nwrapped as %v: %v", plain, in, err)
		}
		out, err := Normalize(in)
		if err != nil {
			t.Fatal(err)
		}
		a := NewArea(out)
		for _, part := range out {
			if crosses(part) {
				t.Fatalf("%v became %v, which crosses", in, out)
			}
			for i, ring := range part {
				if turn := turns(ring); turn != 1 && i == 0 || turn != -1 && i > 0 {
					t.Fatalf("%v became %v: ring %d turns %d", in, out, i, turn)
				}
			}
		}
		for range 100 {
			p := orb.Point{c[0] + 30*r.Float64() - 15, c[1] + 30*r.Float64() - 15}
			q := orb.Point{wrap(p[0]), p[1]}
			p[0] = q[0] // after the rounding of wrap
			if p[0] < 0 {
				p[0] += 360
			}
			if got, want := a.Contains(q), ratContains(plain, p); got != want {
				t.Fatalf("%v\nbecame %v\nwhich contains %v: %v, want %v", in, out, q, got, want)
			}
		}
		// The seam is no edge: a disc there sees the edges of the plain shape only.
		{
			p := orb.Point{180, c[1] + 10*r.Float64() - 5}
			v, _ := a.Disc(p, 100)
			dist := math.Inf(1)
			for _, ring := range plain[0] {
				for i := 1; i < len(ring); i++ {
					dist = min(dist, edgeDistance(p, ring[i-1], ring[i]))
				}
			}
			want := Outside
			if ratContains(plain, p) {
				want = Inside
			}
			if dist > 101 && v != want || dist < 99 && v != Possible {
				t.Fatalf("%v became %v\nDisc(%v) = %v, want %v (edge at %v m)", in, out, p, v, want, dist)
			}
		}
	}
}

// validPlain says whether a shape that isn't wrapped is valid.
func validPlain(mp orb.MultiPolygon) bool {
	v := validator{names: mp, mp: mp, from: []int{0}, cut: []cutKind{notCut}}
	return v.check() == nil
}

func TestNormalizeByHand(t *testing.T) {
	for _, tc := range []struct {
		name    string
		in      orb.MultiPolygon
		polys   int
		in1     []orb.Point // inside
		outside []orb.Point
	}{
		{
			"box",
			orb.MultiPolygon{{{{170, 0}, {-170, 0}, {-170, 10}, {170, 10}, {170, 0}}}},
			2,
			[]orb.Point{{175, 5}, {-175, 5}, {180, 5}, {-180, 5}, {170, 0}, {180, 10}},
			[]orb.Point{{0, 5}, {169.9, 5}, {-169.9, 5}, {180, 10.1}},
		},
		{
			"already cut", orb.MultiPolygon{
				{{{170, 0}, {180, 0}, {180, 10}, {170, 10}, {170, 0}}},
				{{{-180, 0}, {-170, 0}, {-170, 10}, {-180, 10}, {-180, 0}}},
			}, 2, []orb.Point{{175, 5}, {-175, 5}, {180, 5}}, []orb.Point{{0, 5}},
		},
		{
			"corners on the seam",
			orb.MultiPolygon{{{{170, 0}, {180, -5}, {-170, 0}, {-180, 5}, {170, 0}}}},
			2,
			[]orb.Point{{175, 0}, {-175, 0}, {180, 4}, {-180, -5}},
			[]orb.Point{{180, 5.1}, {0, 0}, {-169, 0}},
		},
		{
			"touches the seam",
			orb.MultiPolygon{{{{170, 0}, {-180, 5}, {170, 10}, {170, 0}}}},
			1,
			[]orb.Point{{175, 5}, {180, 5}, {-180, 5}},
			[]orb.Point{{-179.9, 5}, {180, 5.1}, {0, 5}},
		},
		{
			"a hole over the seam", orb.MultiPolygon{{
				{{170, 0}, {-170, 0}, {-170, 10}, {170, 10}, {170, 0}},
				{{175, 4}, {175, 6}, {-175, 6}, {-175, 4}, {175, 4}},
			}}, 2, []orb.Point{{172, 5}, {180, 3}, {180, 4}, {-172, 5}}, []orb.Point{{180, 5}, {177, 5}, {-177, 5}},
		},
		{
			"holes on either side", orb.MultiPolygon{{
				{{170, 0}, {-170, 0}, {-170, 10}, {170, 10}, {170, 0}},
				{{173, 4}, {173, 6}, {175, 6}, {175, 4}, {173, 4}},
				{{-175, 4}, {-175, 6}, {-173, 6}, {-173, 4}, {-175, 4}},
			}}, 2, []orb.Point{{172, 5}, {180, 5}, {-172, 5}}, []orb.Point{{174, 5}, {-174, 5}},
		},
		{
			"around the north pole",
			orb.MultiPolygon{{{{0, 60}, {90, 60}, {179, 60}, {-90, 60}, {0, 60}}}},
			1,
			[]orb.Point{{0, 61}, {180, 75}, {-180, 75}, {33, 90}, {-45, 60}},
			[]orb.Point{{0, 59}, {180, 59}, {0, -90}},
		},
		{
			"around the south pole, the other way",
			orb.MultiPolygon{{{{0, -60}, {-90, -60}, {179, -60}, {90, -60}, {0, -60}}}},
			1,
			[]orb.Point{{0, -61}, {180, -75}, {-180, -90}},
			[]orb.Point{{0, -59}, {0, 90}},
		},
		{
			"a belt around the pole", orb.MultiPolygon{{
				{{0, 60}, {90, 60}, {179, 60}, {-90, 60}, {0, 60}},
				{{0, 80}, {-90, 80}, {179, 80}, {90, 80}, {0, 80}},
			}}, 1, []orb.Point{{0, 70}, {180, 70}, {-180, 60}, {100, 79}}, []orb.Point{{0, 85}, {0, 90}, {180, 85}, {50, 50}},
		},
		{
			"three crossings around the pole",
			orb.MultiPolygon{{{
				{0, 60}, {90, 60}, {170, 60}, {-170, 62}, {-170, 65}, {170, 67}, {170, 70}, {-170, 72}, {-90, 70}, {0, 60},
			}}},
			2,
			[]orb.Point{{0, 75}, {180, 63}, {180, 80}, {-180, 63}, {175, 66}, {-175, 64}},
			[]orb.Point{{180, 60}, {180, 68}, {-180, 68}, {-160, 66}},
		},
		{
			"the world",
			orb.MultiPolygon{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}},
			1,
			[]orb.Point{{0, 0}, {180, 90}, {-180, -90}, {179, 0}},
			nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := Validate(tc.in); err != nil {
				t.Fatal(err)
			}
			out, err := Normalize(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if len(out) != tc.polys {
				t.Errorf("%d polygons, want %d: %v", len(out), tc.polys, out)
			}
			if err := Validate(out); err != nil {
				t.Errorf("%v: %v", out, err)
			}
			a := NewArea(out)
			for _, p := range tc.in1 {
				if !a.Contains(p) {
					t.Errorf("%v lacks %v", out, p)
				}
			}
			for _, p := range tc.outside {
				if a.Contains(p) {
					t.Errorf("%v contains %v", out, p)
				}
			}
		})
	}
}

func TestNormalizeLeavesItsArgument(t *testing.T) {
	in := orb.MultiPolygon{{{{170, 0}, {170, 10}, {-170, 10}, {-170, 0}, {170, 0}}}, {{{0, 0}, {0, 1}, {1, 1}, {0, 0}}}}
	before := in.Clone()
	if _, err := Normalize(in); err != nil || !in.Equal(before) {
		t.Errorf("%v became %v, %v", before, in, err)
	}
}

func TestCircle(t *testing.T) {
	r := newRand(t)
	for range 2000 {
		c, radius := anywhere(r), math.Exp(math.Log(10)+r.Float64()*math.Log(9e5))
		mp := Circle(c, radius, 64)
		if len(mp) == 0 {
			t.Fatalf("Circle(%v, %v) is empty", c, radius)
		}
		a := NewArea(mp)
		if v, share := a.Disc(c, radius); v == Outside || share < 0.97 {
			t.Fatalf("the circle of %v m around %v is %v %v of the disc: %v", radius, c, v, share, mp)
		}
	}
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if mp := Circle(orb.Point{}, bad, 64); mp != nil {
			t.Errorf("radius %v: %v", bad, mp)
		}
	}
}
