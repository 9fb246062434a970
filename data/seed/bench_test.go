package seed_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// Positions of a crisis stand in cities and at airports; sea and coast are the cases that ask the polygons most.
func BenchmarkCountries(b *testing.B) {
	w := world(b)
	rnd := rand.New(rand.NewPCG(1, 2))
	about := func(p orb.Point, degrees float64) orb.Point {
		return orb.Point{p[0] + rnd.NormFloat64()*degrees, p[1] + rnd.NormFloat64()*degrees}
	}
	var cities []orb.Point
	for _, q := range []string{"dubai", "doha", "tehran", "riyadh", "istanbul", "almaty", "cairo", "manama", "amman", "baku"} {
		c, _ := w.FindCity(q, "")
		cities = append(cities, c.Point)
	}
	var coast []orb.Point
	for _, code := range []string{"AE", "IR", "TR", "EG", "OM", "GR", "NO", "ID"} {
		c, _ := w.Country(code)
		for _, polygon := range c.Shape {
			coast = append(coast, polygon[0]...)
		}
	}
	for _, set := range []struct {
		name  string
		place func() orb.Point
	}{
		{"inland", func() orb.Point { return orb.Point{60 + rnd.Float64()*20, 45 + rnd.Float64()*8} }},
		{"cities", func() orb.Point { return about(cities[rnd.IntN(len(cities))], 0.1) }},
		{"airports", func() orb.Point { return about(w.Airports()[rnd.IntN(len(w.Airports()))].Point, 0.01) }},
		{"coast", func() orb.Point { return about(coast[rnd.IntN(len(coast))], 0.1) }},
		{"sea", func() orb.Point { return orb.Point{-40 + rnd.Float64()*20, -30 + rnd.Float64()*60} }},
		{"gulf", func() orb.Point { return orb.Point{49 + rnd.Float64()*7, 24 + rnd.Float64()*5} }},
	} {
		points := make([]orb.Point, 4096)
		for i := range points {
			points[i] = set.place()
		}
		for _, radius := range []float64{0, 50, 1000, 10_000} {
			b.Run(fmt.Sprintf("%s/radius=%g", set.name, radius), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					w.Countries(points[i%len(points)], radius)
				}
			})
		}
	}
}
