// Package seed holds the facts about the world that Aman comes with: countries, airports, cities and a base map.
//
// The files are made by make.mjs from pinned packages (npm ci && node make.mjs) and embedded; Sources says where everything comes from
// and under which licence. Same packages and same Node, same bytes. What the script repairs, merges or drops, it prints.
//
// # Countries
//
// Land goes where ISO 3166-1 puts it: parts that ISO codes apart from their state (Réunion, Svalbard, Bonaire …) have their own code;
// ground that Natural Earth draws apart and ISO does not (Baikonur, Somaliland, Northern Cyprus, the bases on Cyprus, Guantánamo, Crimea)
// is its state's. Kosovo is XK. Land that ISO gives to nobody has a user-assigned code: XB Bajo Nuevo Bank, XC Scarborough Reef, XI Siachen
// Glacier, XR Serranilla Bank, XS Spratly Islands. Borders are not a position of anybody's.
//
// Rings are even-odd and may touch or cross themselves by a cell of the source's grid (400 m); containment doesn't mind.
//
// # Airports
//
// All large and medium ones, and small ones with scheduled service. No free data set of airport grounds exists, so a fence is a radius
// of 0.5 to 6 km that fits the size and the longest runway.
package seed

import (
	"fmt"
	"sync"

	"aman/geo/tracker"
)

// World returns the world of the embedded data. It is decoded at the first call and shared by all; an error means that this build is broken.
func World() (*tracker.World, error) { return world() }

var world = sync.OnceValues(func() (*tracker.World, error) {
	var (
		wg        sync.WaitGroup
		countries []tracker.Country
		airports  []tracker.Airport
		cities    []tracker.City
		errs      [3]error
	)
	wg.Go(func() { countries, errs[0] = decodeCountries(countriesGzip) })
	wg.Go(func() {
		airports, errs[1] = decodeAirports(airportsGzip)
		cities, errs[2] = decodeCities(citiesGzip)
	})
	wg.Wait()
	for i, what := range []string{"countries", "airports", "cities"} {
		if errs[i] != nil {
			return nil, fmt.Errorf("decode embedded %s: %w", what, errs[i])
		}
	}
	w, err := tracker.NewWorld(countries, airports, cities)
	if err != nil {
		return nil, fmt.Errorf("index the embedded world: %w", err)
	}
	return w, nil
})
