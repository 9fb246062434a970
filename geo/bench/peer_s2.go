package main

import (
	"github.com/golang/geo/r3"
	"github.com/golang/geo/s2"
	"github.com/paulmach/orb"
)

// sphere is S2: one ShapeIndex of all zones. Its edges are arcs of great circles, so it differs from everybody else
// near long ones. The points are given to it as S2 points: turning degrees into them isn't on its time.
type sphere struct {
	query *s2.ContainsPointQuery
	pts   []s2.Point
}

// shape is a polygon that knows its zone, and for certain where it is not: at the other side of the earth. S2 would
// tell from which way its rings turn, and is at a loss with those of Natural Earth that cross themselves.
type shape struct {
	*s2.LaxPolygon
	id uint32
}

// ReferencePoint returns a place outside.
func (s shape) ReferencePoint() s2.ReferencePoint {
	return s2.ReferencePoint{Point: s2.Point{Vector: s.Edge(0).V0.Mul(-1)}}
}

func loadS2(zs []zone, pts []orb.Point) (contestant, error) {
	index := s2.NewShapeIndex()
	for i, z := range zs {
		for _, poly := range z {
			var loops [][]s2.Point
			for _, r := range poly {
				if loop := s2Loop(r); len(loop) >= 3 {
					loops = append(loops, loop)
				}
			}
			if len(loops) > 0 {
				index.Add(shape{s2.LaxPolygonFromPoints(loops), uint32(i)})
			}
		}
	}
	index.Build()
	s := &sphere{query: s2.NewContainsPointQuery(index, s2.VertexModelClosed), pts: make([]s2.Point, len(pts))}
	for i, p := range pts {
		s.pts[i] = s2Point(p)
	}
	return &local{matcher: s}, nil
}

// s2Loop returns the ring without its closing point and without repeated ones.
func s2Loop(r orb.Ring) []s2.Point {
	var loop []s2.Point
	for _, p := range r {
		if at := s2Point(p); len(loop) == 0 || at != loop[len(loop)-1] {
			loop = append(loop, at)
		}
	}
	if len(loop) > 1 && loop[0] == loop[len(loop)-1] {
		loop = loop[:len(loop)-1]
	}
	return loop
}

// s2Point returns p as S2 has it: a pole has no longitude there, and ±180 are one, down to the last bit, so that cuts
// along the antimeridian close.
func s2Point(p orb.Point) s2.Point {
	switch {
	case p[1] == 90:
		return s2.Point{Vector: r3.Vector{Z: 1}}
	case p[1] == -90:
		return s2.Point{Vector: r3.Vector{Z: -1}}
	case p[0] == -180:
		p[0] = 180
	}
	return s2.PointFromLatLng(s2.LatLngFromDegrees(p[1], p[0]))
}

func (s *sphere) match(lo, hi int, a *answers) {
	for _, p := range s.pts[lo:hi] {
		for _, z := range s.query.ContainingShapes(p) {
			a.ids = append(a.ids, z.(shape).id)
		}
		a.end()
	}
}

func (s *sphere) close() {}
