package seed

import (
	_ "embed"
	"fmt"
	"sync"
)

//go:embed basemap.topojson.gz
var basemapGzip []byte

// BasemapGzip returns the base map compressed with gzip, as it is served. The caller must not change it.
//
// It is a TopoJSON topology with one object, "countries": a GeometryCollection of MultiPolygons with id (country code) and properties
// kk, ru, en (names). Coordinates are quantised to 0.01 degrees, cut at the antimeridian and shared along borders.
func BasemapGzip() []byte { return basemapGzip }

// Basemap returns the same, decompressed once. The caller must not change it.
func Basemap() []byte { return basemap() }

var basemap = sync.OnceValue(func() []byte {
	text, err := gunzip(basemapGzip)
	if err != nil {
		// It was compressed by the script and embedded by the compiler, and a test reads it.
		panic(fmt.Sprintf("the embedded base map is damaged: %v", err))
	}
	return text
})
