package main

import (
	"slices"

	"github.com/golang/geo/s2"
	"github.com/paulmach/orb"
)

// sphere is S2: one ShapeIndex of all zones. Its edges are arcs of great circles, so it differs from everybody else
// near long ones. The points are given to it as S2 points: turning degrees into them isn't on its time.
type sphere struct {
	query *s2.ContainsPointQuery
	pts   []s2.Point
}

// shape is a zone that knows its id.
type shape struct {
	*s2.LaxPolygon
	id uint32
}

func loadS2(zs []zone, pts []orb.Point) (contestant, error) {
	index := s2.NewShapeIndex()
	for i, z := range zs {
		for _, poly := range z {
			var loops [][]s2.Point
			for k, r := range poly {
				loop := s2Loop(r, k > 0)
				if len(loop) >= 3 {
					loops = append(loops, loop)
				}
			}
			index.Add(shape{s2.LaxPolygonFromPoints(loops), uint32(i)})
		}
	}
	index.Build()
	s := &sphere{query: s2.NewContainsPointQuery(index, s2.VertexModelClosed), pts: make([]s2.Point, len(pts))}
	for i, p := range pts {
		s.pts[i] = s2Point(p)
	}
	return &local{matcher: s}, nil
}

// s2Loop returns the ring without its closing point and without repeated ones, the polygon on its left.
func s2Loop(r orb.Ring, hole bool) []s2.Point {
	var loop []s2.Point
	for _, p := range r {
		if at := s2Point(p); len(loop) == 0 || at != loop[len(loop)-1] {
			loop = append(loop, at)
		}
	}
	if len(loop) > 1 && loop[0] == loop[len(loop)-1] {
		loop = loop[:len(loop)-1]
	}
	if (r.Orientation() == orb.CCW) == hole {
		slices.Reverse(loop)
	}
	return loop
}

func s2Point(p orb.Point) s2.Point { return s2.PointFromLatLng(s2.LatLngFromDegrees(p[1], p[0])) }

func (s *sphere) match(lo, hi int, a *answers) {
	for _, p := range s.pts[lo:hi] {
		for _, z := range s.query.ContainingShapes(p) {
			a.ids = append(a.ids, z.(shape).id)
		}
		a.end()
	}
}

func (s *sphere) close() {}
