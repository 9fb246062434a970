// Package geo is the shape of the earth for Aman: it decodes and validates areas, prepares them, and answers
// which areas a place, or a place with an error radius, lies in, and which places lie in an area.
//
// Everywhere a point is orb.Point{lon, lat} in degrees on WGS84, lon in [-180,180], lat in [-90,90]; distances are
// metres along the geodesic. Edges are straight in lon/lat, as RFC 7946 defines them, and a point on an edge is
// inside. Areas are even-odd: a place in a hole, or under an even number of overlapping rings, is outside. The
// answer is the same as that of exact rational arithmetic for every pair of doubles.
//
// Shapes that cross the antimeridian are cut there when they are decoded, so that boxes stay ordinary; the cut
// itself is no edge of the area.
//
// # How the parts hang together
//
//	GeoJSON, WKB ──▶ Normalize, Validate ──▶ NewArea ──▶ Area            one shape, prepared
//	                                                      │
//	                       ┌──────────────────────────────┴───────────┐
//	                       ▼                                          ▼
//	                     Index   a place ──▶ its areas              Points   an area ──▶ its places
//	                    ╱     ╲                                       │
//	              R-tree       Compiled                             blocks in Morton order
//	        what changes,      cells of the whole set,
//	        what is drawn      for matching
//
// An [Area] answers by horizontal strips of its edges (index_strips.go), and discs and distances by a tree of boxes
// over them (index_boundary.go), so that neither depends on how large the area is, but on what is near the place.
// An [Index] holds the changing set of areas in an R-tree, and beside it a [Compiled], which is made anew in the
// background: until it is, what changed is looked up in the R-tree, so that the answer is the same at every moment.
// [Points] are the live positions. Both number the world alike (units.go).
//
// Everything is decided first by quick arithmetic with a bound on its error, in whole numbers or doubles, and where
// that doesn't settle it, by sums of doubles without any error (alg_orient_exact.go).
//
// The package is pure: it reads no clock, keeps no global state and knows no people.
package geo
