package api

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"aman/geo/tracker"
)

// How many places a page lists in all, and of one country at most: it has 8 KB, and
// the rest may be typed.
const (
	listedPlaces    = 50
	listedOfCountry = 36
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

// countryPlaces are a country's places, the largest first.
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
	found = found[:min(len(found), listedOfCountry)]
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
	for _, c := range p.world.MainCities(country, listedOfCountry) {
		// A name that more than one of its cities bears means the largest.
		o := placeOption{Value: c.Name + ", " + country, Label: c.Name}
		if !slices.Contains(k.cities, o) {
			k.cities = append(k.cities, o)
		}
	}
	p.known.Store(country, k)
	return k
}

// groups lists the places of some countries for a page: those of one country as
// cities and airports, those of several by country. The value that was chosen
// before is selected; chosen tells whether it is in the list.
func (p *placeList) groups(countries []string, value string, v *linkView) (groups []placeGroup, chosen bool) {
	if len(countries) == 1 {
		k := p.of(countries[0])
		half := listedOfCountry / 2
		airports := firstOf(k.airports, max(half, listedOfCountry-len(k.cities)))
		cities := firstOf(k.cities, listedOfCountry-len(airports))
		groups = []placeGroup{{v.T("cities"), cities}, {v.T("airports"), airports}}
	} else {
		for _, code := range countries {
			k := p.of(code)
			country, _ := p.world.Country(code)
			each := max(listedPlaces/len(countries)/2, 1)
			groups = append(groups, placeGroup{country.Names.In(v.Lang), slices.Concat(firstOf(k.cities, each), firstOf(k.airports, each))})
		}
		slices.SortFunc(groups, func(a, b placeGroup) int { return strings.Compare(a.Label, b.Label) })
	}
	groups = slices.DeleteFunc(groups, func(g placeGroup) bool { return len(g.Options) == 0 })
	for _, g := range groups {
		for i := range g.Options {
			g.Options[i].Selected = value != "" && g.Options[i].Value == value
			chosen = chosen || g.Options[i].Selected
		}
	}
	return groups, chosen
}

// firstOf copies the first n options, which are the most likely, by label.
func firstOf(options []placeOption, n int) []placeOption {
	options = slices.Clone(options[:max(0, min(n, len(options)))])
	slices.SortStableFunc(options, func(a, b placeOption) int { return strings.Compare(a.Label, b.Label) })
	return options
}
