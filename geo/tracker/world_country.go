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
const NearM = 24 * 1852.0

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
	first, atSea := "", false
	if i, ok := w.AirportAt(p); ok {
		first = w.airports.list[i].Country
		if radiusM <= w.airports.extent[i] {
			return []CountryHit{{Code: first}}
		}
	} else {
		switch c := w.grid.certain(p, radiusM); c {
		case cellAsk:
		case cellCoast:
			atSea = true
		case cellSea:
			return nil
		default:
			return []CountryHit{{Code: w.countries[c-1].Code}}
		}
	}
	hits := w.touched(p, radiusM, atSea)
	if first != "" {
		hits = slices.DeleteFunc(hits, func(h CountryHit) bool { return h.Code == first || h.Near })
		return slices.Insert(hits, 0, CountryHit{Code: first})
	}
	return hits
}

// touched is the rule of Countries without airports and without certain cells;
// atSea says that the centre is not on land.
func (w *World) touched(p orb.Point, radiusM float64, atSea bool) []CountryHit {
	var hits []CountryHit
	off := false // the disc touches no land
	if radiusM > 0 && radiusM <= NearM {
		switch code, n := w.discIn(p, radiusM); n {
		case 0:
			atSea, off = true, true
		case 1:
			return []CountryHit{{Code: code}}
		}
	}
	if !atSea {
		var room [4]geo.Hit
		for _, h := range w.parts.Match(room[:0], p, 0) {
			hits = appendCountry(hits, w.countries[w.partOf[h.ID]].Code) // parts are numbered in the order of codes
		}
		if radiusM == 0 && len(hits) > 0 {
			return hits
		}
	}
	type touch struct {
		country int
		distM   float64
	}
	var room [8]touch
	touches := room[:0]
	if radiusM > NearM {
		w.parts.Nearby(p, radiusM, func(id uint32, _ *geo.Area, distM float64) bool {
			touches = append(touches, touch{w.partOf[id], distM})
			return true
		})
	} else {
		within, land := radiusM, len(hits) > 0
		if !land {
			within = NearM
		}
		b := newBoxDistance(p)
		near := w.grid.edgesNear(p)
		alone := off && w.oneCountry(near)
		for _, id := range near {
			if b.atLeast(w.boxes[id]) > within {
				continue
			}
			d := w.areas[id].DistanceWithin(p, within)
			if d > within {
				continue
			}
			if alone { // which of its parts is nearest doesn't matter
				return []CountryHit{{Code: w.countries[w.partOf[id]].Code, Near: true}}
			}
			touches = append(touches, touch{w.partOf[id], d})
			if !land {
				within = max(min(within, d), radiusM) // farther ones matter only to the disc
			}
		}
	}
	slices.SortFunc(touches, func(a, b touch) int {
		return cmp.Or(cmp.Compare(a.distM, b.distM), cmp.Compare(a.country, b.country))
	})
	for _, t := range touches {
		if t.distM <= radiusM {
			hits = appendCountry(hits, w.countries[t.country].Code)
		}
	}
	if len(hits) == 0 && len(touches) > 0 {
		hits = []CountryHit{{Code: w.countries[touches[0].country].Code, Near: true}}
	}
	return hits
}

// discIn tells how many countries a disc touches, up to two, and the code of one:
// most touch one, and then it doesn't matter how far away its edges are.
func (w *World) discIn(p orb.Point, radiusM float64) (code string, n int) {
	var room [8]geo.Hit
	for _, h := range w.parts.Match(room[:0], p, radiusM) {
		switch c := w.countries[w.partOf[h.ID]].Code; {
		case n == 0:
			code, n = c, 1
		case c != code:
			return code, 2
		}
	}
	return code, n
}

// oneCountry tells whether parts are all of one country.
func (w *World) oneCountry(parts []int32) bool {
	for _, id := range parts {
		if w.partOf[id] != w.partOf[parts[0]] {
			return false
		}
	}
	return true
}

// boxDistance bounds distances from a point from below, cheaply.
type boxDistance struct {
	p      orb.Point
	cosLat float64
}

func newBoxDistance(p orb.Point) boxDistance {
	// The cosine a degree nearer to the pole: boxes within NearM are not farther there.
	return boxDistance{p, math.Cos(min(math.Abs(p[1])+1, 90) * math.Pi / 180)}
}

// atLeast returns metres that no place in b within a degree of p is nearer than. By the haversine formula, as in colReach, for the gap of
// longitude; sin x >= 0.99 x at these angles.
func (d boxDistance) atLeast(b orb.Bound) float64 {
	const degreeM = 110_574
	lat := max(b.Min[1]-d.p[1], d.p[1]-b.Max[1], 0)
	east := max(b.Min[0]-d.p[0], d.p[0]-b.Max[0], 0)
	if east > 10 {
		return lat * degreeM // perhaps the other way round the earth
	}
	return max(lat, 0.99*east*d.cosLat) * degreeM
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
