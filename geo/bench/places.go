package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"aman/data/seed"
	"aman/geo/tracker"
)

// places are where people are: cities and airports, from the data that the product embeds.
type places struct {
	world *tracker.World
	at    []place
}

// place is a centre and how far people spread from it, a standard deviation in degrees.
type place struct {
	orb.Point
	spread float64
}

// metresPerDegree of latitude, near enough for a spread.
const metresPerDegree = 111_000

func newPlaces() (places, error) {
	w, err := seed.World()
	if err != nil {
		return places{}, fmt.Errorf("read the world: %w", err)
	}
	p := places{world: w}
	for _, a := range w.Airports() {
		p.at = append(p.at, place{a.Point, 2000.0 / metresPerDegree})
	}
	for _, code := range w.CountryCodes() {
		for _, c := range w.MainCities(code, 50) {
			p.at = append(p.at, place{c.Point, max(c.RadiusM, 3000) / metresPerDegree})
		}
	}
	return p, nil
}

// within returns the places inside a box.
func (p places) within(b orb.Bound) []place {
	var in []place
	for _, at := range p.at {
		if b.Contains(at.Point) {
			in = append(in, at)
		}
	}
	return in
}

// people returns n points in a box: nine of ten around places, the tenth anywhere.
func (p places) people(rng *rand.Rand, n int, b orb.Bound) []orb.Point {
	at := p.within(b)
	pts := make([]orb.Point, n)
	for i := range pts {
		if rng.IntN(10) == 0 {
			pts[i] = anywhere(rng, b)
			continue
		}
		c := at[rng.IntN(len(at))]
		for {
			pts[i] = orb.Point{c.Point[0] + rng.NormFloat64()*c.spread, c.Point[1] + rng.NormFloat64()*c.spread}
			if b.Contains(pts[i]) {
				break
			}
		}
	}
	return pts
}

func anywhere(rng *rand.Rand, b orb.Bound) orb.Point {
	return orb.Point{
		b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]),
		b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1]),
	}
}
