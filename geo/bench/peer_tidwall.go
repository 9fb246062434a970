package main

import (
	"github.com/paulmach/orb"
	"github.com/tidwall/geojson/geometry"
	"github.com/tidwall/rtree"
)

// tidwall is tidwall/geojson, the geometry of Tile38, with its default index of edges, behind an R-tree of polygons.
type tidwall struct {
	tree rtree.RTreeG[part[*geometry.Poly]]
	pts  []orb.Point
}

// part is a polygon of a zone.
type part[T any] struct {
	id      uint32
	polygon T
}

func loadTidwall(zs []zone, pts []orb.Point) (contestant, error) {
	t := &tidwall{pts: pts}
	ring := func(r orb.Ring) []geometry.Point {
		to := make([]geometry.Point, len(r))
		for i, p := range r {
			to[i] = geometry.Point{X: p[0], Y: p[1]}
		}
		return to
	}
	for i, z := range zs {
		for _, poly := range z {
			var holes [][]geometry.Point
			for _, h := range poly[1:] {
				holes = append(holes, ring(h))
			}
			b := poly.Bound()
			t.tree.Insert(b.Min, b.Max, part[*geometry.Poly]{uint32(i), geometry.NewPoly(ring(poly[0]), holes, geometry.DefaultIndexOptions)})
		}
	}
	return &local{matcher: t}, nil
}

func (t *tidwall) match(lo, hi int, a *answers) {
	for _, p := range t.pts[lo:hi] {
		at := geometry.Point{X: p[0], Y: p[1]}
		t.tree.Search(p, p, func(_, _ [2]float64, z part[*geometry.Poly]) bool {
			if z.polygon.ContainsPoint(at) {
				a.ids = append(a.ids, z.id)
			}
			return true
		})
		a.end()
	}
}

func (t *tidwall) close() {}
