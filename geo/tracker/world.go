package tracker

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"aman/geo"
)

// Country is a land of ISO 3166-1.
type Country struct {
	// Code is ISO 3166-1 alpha-2, or a user-assigned code (X…) for land that
	// ISO gives to nobody: XK Kosovo; package seed lists the others.
	Code  string
	Names Names
	// Shape is its land, planar rings in [-180, 180], cut at the antimeridian.
	Shape orb.MultiPolygon
}

// AirportSize is how big an airport is.
type AirportSize uint8

const (
	SmallAirport AirportSize = iota + 1
	MediumAirport
	LargeAirport
)

var airportSizes = [...]string{SmallAirport: "small", MediumAirport: "medium", LargeAirport: "large"}

// String returns "small", "medium" or "large"; "" for anything else.
func (s AirportSize) String() string {
	if int(s) < len(airportSizes) {
		return airportSizes[s]
	}
	return ""
}

// ParseAirportSize is the inverse of String.
func ParseAirportSize(word string) (AirportSize, error) {
	if i := slices.Index(airportSizes[:], word); i > 0 {
		return AirportSize(i), nil
	}
	return 0, fmt.Errorf("unknown airport size %q", word)
}

// Airport is a place that people fly from.
type Airport struct {
	// IATA and ICAO are upper case; one of the two may be empty.
	IATA, ICAO string
	Name       string
	// City is the place that it serves; may be empty.
	City string
	// Country is the code of the country that it belongs to.
	Country string
	Point   orb.Point
	Size    AirportSize
	// TimeZone is an IANA name.
	TimeZone string
	// Fence is the airport's ground where it is known, else empty.
	Fence orb.MultiPolygon
	// FenceRadiusM, metres, is used around Point when Fence is empty.
	FenceRadiusM float64
}

// Code is the airport's IATA code, or ICAO where there is none.
func (a Airport) Code() string {
	if a.IATA != "" {
		return a.IATA
	}
	return a.ICAO
}

// City is a populated place.
type City struct {
	Name    string // in Latin letters
	Country string
	Point   orb.Point
	// RadiusM is its extent, metres: the error of a position that only names it.
	RadiusM float64
	// Population ranks cities of one name; 0 is unknown.
	Population int
}

// World answers where a position is: in which country, at which airport, by
// which city. It never changes after NewWorld and is safe for concurrent use.
type World struct {
	countries []Country // by code
	codes     map[string]int

	// Every polygon of every country is an area of its own: boxes stay tight,
	// which a country of islands on both sides of the antimeridian has not.
	parts  *geo.Index
	areas  []*geo.Area
	boxes  []orb.Bound
	partOf []int // part -> index of its country

	airports airportIndex
	grid     worldGrid

	cities    []City
	gazetteer func() *gazetteer // built when first asked: 171k names take a while to sort
}

// NewWorld checks and indexes places; it keeps the slices, which must not
// change afterwards. Errors name the place: a code that is missing, malformed or
// taken, a point that is not on earth, a radius that is not a positive number.
func NewWorld(cs []Country, as []Airport, cities []City) (*World, error) {
	w := &World{codes: make(map[string]int, len(cs)), cities: cities, parts: geo.NewIndex()}
	w.countries = slices.Clone(cs)
	slices.SortStableFunc(w.countries, func(a, b Country) int { return cmp.Compare(a.Code, b.Code) })
	for i, c := range w.countries {
		if !isCountryCode(c.Code) {
			return nil, fmt.Errorf("country %q: the code is not two capital letters", c.Code)
		}
		if _, taken := w.codes[c.Code]; taken {
			return nil, fmt.Errorf("country %q is given twice", c.Code)
		}
		w.codes[c.Code] = i
		for _, polygon := range c.Shape {
			for _, ring := range polygon {
				for _, p := range ring {
					if !onEarth(p) {
						return nil, fmt.Errorf("country %q: (%v, %v) is not on earth", c.Code, p[0], p[1])
					}
				}
			}
			w.partOf = append(w.partOf, i)
		}
	}
	if len(w.countries) >= maxCountries {
		return nil, fmt.Errorf("%d countries are more than %d", len(w.countries), maxCountries)
	}
	w.indexParts()
	for i := range cities {
		if c := &cities[i]; c.Name == "" || !onEarth(c.Point) || !(c.RadiusM > 0) {
			return nil, fmt.Errorf("city %q (%s): name, point or radius is missing", c.Name, c.Country)
		}
	}
	w.gazetteer = sync.OnceValue(func() *gazetteer { return newGazetteer(cities) })
	w.grid = newWorldGrid(w)
	if err := w.airports.build(w, as); err != nil {
		return nil, err
	}
	return w, nil
}

// indexParts prepares the polygons, on two goroutines: it is half of the time
// that a start takes.
func (w *World) indexParts() {
	shapes := make([]orb.MultiPolygon, 0, len(w.partOf))
	for _, c := range w.countries {
		for i := range c.Shape {
			shapes = append(shapes, c.Shape[i:i+1:i+1])
		}
	}
	w.areas = make([]*geo.Area, len(shapes))
	w.boxes = make([]orb.Bound, len(shapes))
	var wg sync.WaitGroup
	const workers = 2
	for k := range workers {
		wg.Go(func() {
			for i := k; i < len(shapes); i += workers {
				w.areas[i] = geo.NewArea(shapes[i])
				w.boxes[i] = w.areas[i].Bound()
			}
		})
	}
	wg.Wait()
	for i, a := range w.areas {
		w.parts.Set(uint32(i), a)
	}
	if c, err := w.parts.Compile(); err == nil { // larger than any world; else it goes without
		w.parts.Adopt(c)
	}
}

// Country returns the country of a code; ok is false when there is none.
func (w *World) Country(code string) (c Country, ok bool) {
	i, ok := w.codes[code]
	if !ok {
		return Country{}, false
	}
	return w.countries[i], true
}

// CountryCodes returns all codes, sorted.
func (w *World) CountryCodes() []string {
	codes := make([]string, len(w.countries))
	for i, c := range w.countries {
		codes[i] = c.Code
	}
	return codes
}

func isCountryCode(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

// onEarth reports whether p is finite with lon in [-180, 180], lat in [-90, 90].
func onEarth(p orb.Point) bool {
	return math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90
}
