package geo

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// placesOf makes places of whatever bytes there are, and of every second one of them a twin in the same unit.
func placesOf(b []byte, mp orb.MultiPolygon) model {
	m := model{}
	put := func(p orb.Point, radiusM float64) {
		if onEarth(p) {
			m[uint32(len(m))] = held{p, radiusM}
		}
	}
	for _, poly := range mp {
		for _, ring := range poly {
			for i, p := range ring {
				q := ring[(i+1)%len(ring)]
				put(p, 0)
				put(orb.Point{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2}, 10)
			}
		}
	}
	for len(b) >= 17 && len(m) < 500 {
		p := orb.Point{
			math.Float64frombits(binary.LittleEndian.Uint64(b)),
			math.Float64frombits(binary.LittleEndian.Uint64(b[8:])),
		}
		radiusM := classRadiusM[b[16]%classes]
		b = b[17:]
		put(p, radiusM)
		put(orb.Point{math.Nextafter(p[0], 0), p[1]}, radiusM)
	}
	return m
}

// Oracle: Area.Contains and Area.Disc, for any shape and places.
func FuzzPoints(f *testing.F) {
	addShapes(func(b []byte) {
		var places []byte
		for _, v := range []orb.Point{{0.5, 0.5}, {180, 60}, {-180, -18}, {0, 90}, {5e-324, 0}} {
			places = append(bytesOf(orb.MultiPolygon{{{v}}}), append([]byte{byte(len(places))}, places...)...)
		}
		f.Add(b, places)
	})
	f.Fuzz(func(t *testing.T, shape, places []byte) {
		mp := shapeOf(shape)
		m := placesOf(places, mp)
		x := NewPoints(m.at)
		for id, h := range m {
			x.Set(id, h.p, h.radiusM)
		}
		checkPoints(t, &x.PointSet, m)
		checkArea(t, &x.PointSet, m, mp)
	})
}
