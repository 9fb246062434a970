package geo

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// shapeOf makes rings of whatever bytes there are: pairs of doubles, a ring for every eight pairs.
func shapeOf(b []byte) orb.MultiPolygon {
	var mp orb.MultiPolygon
	var ring orb.Ring
	for len(b) >= 16 && len(mp) < 8 {
		p := orb.Point{
			math.Float64frombits(binary.LittleEndian.Uint64(b)),
			math.Float64frombits(binary.LittleEndian.Uint64(b[8:])),
		}
		b = b[16:]
		if checkPoint(p) != nil {
			continue
		}
		if ring = append(ring, p); len(ring) == 8 {
			mp, ring = append(mp, orb.Polygon{ring}), nil
		}
	}
	if len(ring) > 0 {
		mp = append(mp, orb.Polygon{ring})
	}
	return mp
}

func bytesOf(mp orb.MultiPolygon) []byte {
	var b []byte
	for _, poly := range mp {
		for _, ring := range poly {
			for _, p := range ring {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[0]))
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[1]))
			}
		}
	}
	return b
}

func addShapes(add func(b []byte)) {
	for _, mp := range []orb.MultiPolygon{
		{{{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}}},
		{{{{0.1, 0.1}, {0.3, 0.3}, {0.2, 0.2}, {0.7, 0.1}, {0.1, 0.1}}}},
		{{{{5e-324, 0}, {1e-300, 180e-300}, {-1e-320, 3e-310}, {5e-324, 0}}}},
		{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}},
		{{{{-180, 60}, {180, 60}, {180, 90}, {-180, 90}, {-180, 60}}}},
		{{{{178, -20}, {180, -20}, {180, -15}, {178, -15}, {178, -20}}}, {{{-180, -20}, {-178, -20}, {-178, -15}, {-180, -15}, {-180, -20}}}},
	} {
		add(bytesOf(mp))
	}
}

// Oracle: rational arithmetic, for any shape and place.
func FuzzContains(f *testing.F) {
	addShapes(func(b []byte) { f.Add(b, 0.5, 0.5); f.Add(b, 180.0, 60.0); f.Add(b, 0.2, math.Nextafter(0.2, 1)) })
	f.Fuzz(func(t *testing.T, b []byte, lon, lat float64) {
		mp, p := shapeOf(b), orb.Point{lon, lat}
		a := NewArea(mp)
		want := false
		if checkPoint(p) == nil {
			want = ratContains(mp, p) || math.Abs(lon) == 180 && ratContains(mp, orb.Point{-lon, lat})
		}
		if got := a.Contains(p); got != want {
			t.Fatalf("%v contains %v: %v, want %v", mp, p, got, want)
		}
		for _, poly := range mp {
			for _, ring := range poly {
				for _, q := range ring {
					if !a.Contains(q) {
						t.Fatalf("%v lacks its corner %v", mp, q)
					}
				}
			}
		}
	})
}

// For any shape, place and radius: no panic, shares that go with the verdicts, certainty only lost as radii grow, a
// box that holds what it should, a distance that agrees.
func FuzzDisc(f *testing.F) {
	addShapes(func(b []byte) {
		f.Add(b, 0.5, 0.5, 1000.0)
		f.Add(b, 180.0, 60.0, 1e6)
		f.Add(b, 0.0, 90.0, 1e-3)
		f.Add(b, 0.5, 0.0, 1e-200)
	})
	f.Fuzz(func(t *testing.T, b []byte, lon, lat, radius float64) {
		mp, p := shapeOf(b), orb.Point{lon, lat}
		if checkPoint(p) != nil {
			t.Skip("not a place")
		}
		a := NewArea(mp)
		v, share := a.Disc(p, radius)
		ok := v == Inside && share == 1 || v == Outside && share == 0 || v == Possible && share > 0 && share < 1
		if !ok {
			t.Fatalf("Disc(%v, %v) of %v = %v, %v", p, radius, mp, v, share)
		}
		if radius > 0 {
			if wider, _ := a.Disc(p, radius*1.5); v == Possible && wider != Possible || v != Possible && wider != v && wider != Possible {
				t.Fatalf("Disc(%v, %v) of %v = %v, and %v when wider", p, radius, mp, v, wider)
			}
		}
		dist := a.Distance(p)
		if dist < 0 || math.IsNaN(dist) || a.Contains(p) && dist != 0 {
			t.Fatalf("Distance(%v) to %v = %v", p, mp, dist)
		}
		if v == Outside && radius > 0 && dist < radius*0.998-0.02 && !a.Contains(p) {
			t.Fatalf("Disc(%v, %v) of %v = %v, but its distance is %v", p, radius, mp, v, dist)
		}
		x := NewIndex()
		x.Set(7, a)
		if hits := x.Match(nil, p, radius); (len(hits) > 0) != (v != Outside) {
			t.Fatalf("Match(%v, %v) of %v = %v, want %v", p, radius, mp, hits, v)
		}
	})
}

// Oracle: the area asked by itself.
func FuzzCompiled(f *testing.F) {
	addShapes(func(b []byte) { f.Add(b, 0.5, 0.5) })
	f.Fuzz(func(t *testing.T, b []byte, lon, lat float64) {
		mp := shapeOf(b)
		x := NewIndex()
		// The shape as it is, and each of its polygons: cells with several areas.
		x.Set(0, NewArea(mp))
		for i, poly := range mp {
			x.Set(uint32(i)+1, NewArea(orb.MultiPolygon{poly}))
		}
		c, err := x.Compile()
		if err != nil {
			t.Fatal(err)
		}
		x.Adopt(c)
		ask := func(p orb.Point) {
			var want []uint32
			x.areas.each(func(id uint32, in *indexed) {
				if in.area.Contains(p) {
					want = append(want, id)
				}
			})
			if got := x.Containing(nil, p); !slices.Equal(got, want) {
				t.Fatalf("Containing(%v) = %v, want %v", p, got, want)
			}
		}
		ask(orb.Point{lon, lat})
		for _, poly := range mp {
			for _, ring := range poly {
				for i, a := range ring {
					o := ring[(i+1)%len(ring)]
					ask(a)
					ask(orb.Point{(a[0] + o[0]) / 2, (a[1] + o[1]) / 2})
					ask(orb.Point{math.Nextafter(a[0], lon), math.Nextafter(o[1], lat)})
				}
			}
		}
	})
}
