package tracker

import (
	"cmp"
	"slices"
)

// MainCities returns at most n cities of a country (a code), those with the most
// people first; it looks at every city, so keep the answer.
func (w *World) MainCities(country string, n int) []City {
	var cs []City
	for i := range w.cities {
		if w.cities[i].Country == country {
			cs = append(cs, w.cities[i])
		}
	}
	slices.SortStableFunc(cs, func(a, b City) int { return cmp.Compare(b.Population, a.Population) })
	return cs[:min(max(n, 0), len(cs))]
}
