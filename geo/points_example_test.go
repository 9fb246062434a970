package geo_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"aman/geo"
)

// Three people; one moves away after a copy was taken, which goes on answering as before.
func ExamplePoints() {
	places := map[uint32]orb.Point{1: {51.5, 25.3}, 2: {51.6, 25.2}, 3: {55.3, 25.2}}
	people := geo.NewPoints(func(id uint32) orb.Point { return places[id] })
	for id, p := range places {
		people.Set(id, p, 20)
	}
	before := map[uint32]orb.Point{1: {51.5, 25.3}, 2: {51.6, 25.2}, 3: {55.3, 25.2}}
	published := people.Copy(func(id uint32) orb.Point { return before[id] })

	places[2] = orb.Point{58.4, 23.6}
	people.Set(2, places[2], 20)

	zone := orb.MultiPolygon{{{{51, 25}, {52, 25}, {52, 26}, {51, 26}, {51, 25}}}}
	fmt.Println(published.CountShape(zone), people.CountShape(zone), people.IDsShape(nil, zone))
	// Output: 2 1 [1]
}
