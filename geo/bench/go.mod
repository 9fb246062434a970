module aman/geo/bench

go 1.26.0

require (
	aman v0.0.0
	github.com/golang/geo v0.0.0-20260818125358-b200a1149890
	github.com/lib/pq v1.12.3
	github.com/paulmach/orb v0.14.0
	github.com/tidwall/geojson v1.4.5
	github.com/tidwall/rtree v1.10.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/google/uuid v1.6.0 // indirect
	github.com/peterstace/simplefeatures v0.59.0 // indirect
	github.com/tidwall/geodesic v0.3.5 // indirect
	github.com/tidwall/geoindex v1.7.0 // indirect
	github.com/tidwall/gjson v1.12.1 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.0 // indirect
	github.com/tidwall/sjson v1.2.4 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace aman => ../..
