package tracker

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"aman/geo"
)

// NearM is how far from land a position still belongs to it, metres: 24
// nautical miles, the contiguous zone. Coasts are drawn coarsely, and leave
// harbours, made islands and whole airports in the sea.
const NearM = 24 * 1852

// CountryHit is one country of a position.
type CountryHit struct {
	Code string
	// Near says that the position is off the land, within NearM of it.
	Near bool
}

// Countries returns where a position with an error disc of radiusM metres is
// (a radius that is not positive, or NaN, is a point). The first rule that
// answers holds:
//
//	at an airport, disc no wider than its fence   the airport's country
//	disc touches land                             every country touched, see below
//	land within NearM of the centre               the nearest country, Near
//	else                                          nil: unplaced
//
// A border belongs to both sides. Order: the countries that hold the centre, then
// by distance from it, then by code. A disc wider than the fence at whose airport
// its centre lies says little about being there: the airport's country comes
// first then, and the countries touched after it. A point off the earth is nil.
func (w *World) Countries(p orb.Point, radiusM float64) []CountryHit {
	if !onEarth(p) {
		return nil
	}
	if !(radiusM > 0) {
		radiusM = 0
	}
	first := ""
	if i, ok := w.AirportAt(p); ok {
		first = w.airports.list[i].Country
		if radiusM <= w.airports.extent[i] {
			return []CountryHit{{Code: first}}
		}
	} else {
		switch c := w.grid.certain(p, radiusM); c {
		case cellAsk:
		case cellSea:
			return nil
		default:
			return []CountryHit{{Code: w.countries[c-1].Code}}
		}
	}
	hits := w.touched(p, radiusM)
	if first != "" {
		hits = slices.DeleteFunc(hits, func(h CountryHit) bool { return h.Code == first || h.Near })
		return slices.Insert(hits, 0, CountryHit{Code: first})
	}
	return hits
}

// touched is the rule of Countries without airports and without the grid.
func (w *World) touched(p orb.Point, radiusM float64) []CountryHit {
	if radiusM == 0 {
		var room [4]geo.Hit
		if inside := w.parts.Match(room[:0], p, 0); len(inside) > 0 {
			hits := make([]CountryHit, 0, 1)
			for _, h := range inside {
				hits = appendCountry(hits, w.countries[w.partOf[h.ID]].Code)
			}
			return hits // parts are numbered in the order of codes
		}
	}
	type touch struct {
		country int
		distM   float64
	}
	var room [8]touch
	touches := room[:0]
	near, nearM := -1, math.Inf(1)
	w.parts.Nearby(p, max(radiusM, NearM), func(id uint32, _ *geo.Area, distM float64) bool {
		c := w.partOf[id]
		if distM <= radiusM {
			touches = append(touches, touch{c, distM})
			return true
		}
		if len(touches) > 0 || distM > NearM || distM > nearM {
			return false // nearest first: no more touched, none nearer
		}
		if distM < nearM || c < near {
			near, nearM = c, distM
		}
		return true
	})
	if len(touches) == 0 {
		if near < 0 {
			return nil
		}
		return []CountryHit{{Code: w.countries[near].Code, Near: true}}
	}
	slices.SortFunc(touches, func(a, b touch) int {
		return cmp.Or(cmp.Compare(a.distM, b.distM), cmp.Compare(a.country, b.country))
	})
	hits := make([]CountryHit, 0, 2)
	for _, t := range touches {
		hits = appendCountry(hits, w.countries[t.country].Code)
	}
	return hits
}

// appendCountry adds a country that is not there yet.
func appendCountry(hits []CountryHit, code string) []CountryHit {
	for _, h := range hits {
		if h.Code == code {
			return hits
		}
	}
	return append(hits, CountryHit{Code: code})
}
