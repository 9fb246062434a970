package tracker

import (
	"slices"
	"strings"

	"aman/geo"
)

// Areas answers which mission is responsible for a place. It is immutable.
type Areas struct {
	world     *World
	byCountry map[string]ID
	parts     []part // missions with polygons, by code
}

type part struct {
	mission ID
	area    *geo.Area
}

// NewAreas prepares the areas of missions.
func NewAreas(w *World, missions []Mission) *Areas {
	a := &Areas{world: w, byCountry: map[string]ID{}}
	ms := slices.Clone(missions)
	slices.SortFunc(ms, func(a, b Mission) int { return strings.Compare(a.Code, b.Code) })
	for _, m := range ms {
		if len(m.Area) > 0 {
			a.parts = append(a.parts, part{m.ID, geo.NewArea(m.Area)})
		}
		for _, c := range m.Countries {
			if _, taken := a.byCountry[c]; !taken {
				a.byCountry[c] = m.ID
			}
		}
	}
	return a
}

// Responsible is the mission that answers for a position or, where that says no
// country, for a declared one: a mission whose polygons hold the place before one
// whose countries do; of several, the first by code. Zero: none. q may be nil.
func (a *Areas) Responsible(q *Position, declared string) ID {
	var countries []CountryHit
	if q != nil {
		for _, p := range a.parts {
			if p.area.Contains(q.Point) {
				return p.mission
			}
		}
		if i, ok := a.world.Airport(q.Airport); ok && q.Airport != "" {
			countries = []CountryHit{{Code: a.world.Airports()[i].Country}}
		} else {
			countries = a.world.Countries(q.Point, q.RadiusM)
		}
	}
	if len(countries) == 0 && declared != "" {
		countries = []CountryHit{{Code: declared}}
	}
	for _, c := range countries {
		if m, ok := a.byCountry[c.Code]; ok {
			return m
		}
	}
	return ID{}
}
