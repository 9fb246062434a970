// Package geo is the shape of the earth for Aman: it decodes and validates areas, prepares them, and answers
// which areas a place, or a place with an error radius, lies in.
//
// Everywhere a point is orb.Point{lon, lat} in degrees on WGS84, lon in [-180,180], lat in [-90,90]; distances are
// metres along the geodesic. Edges are straight in lon/lat, as RFC 7946 defines them, and a point on an edge is
// inside. Areas are even-odd: a place in a hole, or under an even number of overlapping rings, is outside.
//
// Shapes that cross the antimeridian are cut there when they are decoded, so that boxes stay ordinary; the cut
// itself is no edge of the area.
//
// The package is pure: it reads no clock, keeps no global state and knows no people.
package geo
