package main

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/tidwall/rtree"
)

// planarOrb is orb's point in polygon, which looks at every edge, behind an R-tree of polygons.
type planarOrb struct {
	tree rtree.RTreeG[part[orb.Polygon]]
	pts  []orb.Point
}

func loadOrb(zs []zone, pts []orb.Point) (contestant, error) {
	o := &planarOrb{pts: pts}
	for i, z := range zs {
		for _, poly := range z {
			b := poly.Bound()
			o.tree.Insert(b.Min, b.Max, part[orb.Polygon]{uint32(i), poly})
		}
	}
	return &local{matcher: o}, nil
}

func (o *planarOrb) match(lo, hi int, a *answers) {
	for _, p := range o.pts[lo:hi] {
		o.tree.Search(p, p, func(_, _ [2]float64, z part[orb.Polygon]) bool {
			if planar.PolygonContains(z.polygon, p) {
				a.ids = append(a.ids, z.id)
			}
			return true
		})
		a.end()
	}
}

func (o *planarOrb) close() {}
