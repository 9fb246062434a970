package api

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"aman/geo/tracker"
)

// How many airports and cities of its country a page lists: it has 8 KB in all, and
// the rest may be typed.
const (
	listedAirports = 24
	listedCities   = 24
)

// placeGroup is one heading of the list of places.
type placeGroup struct {
	Label   string
	Options []placeOption
}

// placeOption is an airport or a city; Value is what a report names it by.
type placeOption struct {
	Value, Label string
	Selected     bool
}

// placeList knows the airports and main cities of each country, by country.
type placeList struct {
	world *tracker.World
	known sync.Map // country code -> *countryPlaces; there are some 250 countries
}

type countryPlaces struct {
	airports, cities []placeOption
	timeZone         string // of its first airport; IANA name
}

func (p *placeList) of(country string) *countryPlaces {
	if k, ok := p.known.Load(country); ok {
		return k.(*countryPlaces)
	}
	var found []tracker.Airport
	for _, a := range p.world.Airports() {
		if a.Country == country && a.IATA != "" && a.Size >= tracker.MediumAirport {
			found = append(found, a)
		}
	}
	slices.SortStableFunc(found, func(a, b tracker.Airport) int { return cmp.Compare(b.Size, a.Size) })
	found = found[:min(len(found), listedAirports)]
	k := &countryPlaces{}
	if len(found) > 0 {
		k.timeZone = found[0].TimeZone
	}
	for _, a := range found {
		label := a.Name
		if a.City != "" && !strings.Contains(a.Name, a.City) {
			label = a.City + ", " + a.Name
		}
		k.airports = append(k.airports, placeOption{Value: a.IATA, Label: label + " (" + a.IATA + ")"})
	}
	for _, c := range p.world.MainCities(country, listedCities) {
		// A name that more than one of its cities bears means the largest.
		o := placeOption{Value: c.Name + ", " + country, Label: c.Name}
		if !slices.Contains(k.cities, o) {
			k.cities = append(k.cities, o)
		}
	}
	byLabel := func(a, b placeOption) int { return strings.Compare(a.Label, b.Label) }
	slices.SortFunc(k.airports, byLabel)
	slices.SortFunc(k.cities, byLabel)
	p.known.Store(country, k)
	return k
}

// groups lists the places of a country for a page, nil where none is known. The
// place that was chosen before is selected; chosen tells whether it is in the list.
func (p *placeList) groups(country, value string, word func(string) string) (groups []placeGroup, chosen bool) {
	if _, ok := p.world.Country(country); !ok {
		return nil, false
	}
	k := p.of(country)
	for _, g := range []placeGroup{{word("cities"), k.cities}, {word("airports"), k.airports}} {
		if len(g.Options) == 0 {
			continue
		}
		g.Options = slices.Clone(g.Options)
		for i := range g.Options {
			g.Options[i].Selected = value != "" && g.Options[i].Value == value
			chosen = chosen || g.Options[i].Selected
		}
		groups = append(groups, g)
	}
	return groups, chosen
}
