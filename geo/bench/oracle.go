package main

import (
	"math/big"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// oracle answers by exact arithmetic: even-odd, edges inside, ±180 one meridian. It looks at every edge of every
// zone whose box holds the point, with rationals where comparing coordinates doesn't say on which side the point is.
type oracle struct {
	zones []zone
	boxes rtree.RTreeG[uint32]
}

func newOracle(zs []zone) *oracle {
	o := &oracle{zones: zs}
	for i, z := range zs {
		for _, poly := range z {
			b := poly.Bound()
			o.boxes.Insert(b.Min, b.Max, uint32(i))
		}
	}
	return o
}

// zonesOf returns the zones that p is in, in any order, some perhaps repeatedly.
func (o *oracle) zonesOf(dst []uint32, p orb.Point) []uint32 {
	dst = o.at(dst, p)
	if p[0] == 180 || p[0] == -180 {
		dst = o.at(dst, orb.Point{-p[0], p[1]})
	}
	return dst
}

func (o *oracle) at(dst []uint32, p orb.Point) []uint32 {
	o.boxes.Search(p, p, func(_, _ [2]float64, id uint32) bool {
		if holds(o.zones[id], p) {
			dst = append(dst, id)
		}
		return true
	})
	return dst
}

// holds reports whether p is in z or on an edge of it.
func holds(z zone, p orb.Point) bool {
	odd := false
	for _, poly := range z {
		for _, ring := range poly {
			for i := range ring {
				a, b := ring[i], ring[(i+1)%len(ring)]
				if p[1] < min(a[1], b[1]) || p[1] > max(a[1], b[1]) || p[0] > max(a[0], b[0]) {
					continue
				}
				crosses := (a[1] > p[1]) != (b[1] > p[1])
				if p[0] < min(a[0], b[0]) {
					odd = odd != crosses
					continue
				}
				side := orientation(a, b, p)
				if side == 0 {
					return true
				}
				// The edge is right of p when p is left of it going up, right of it going down.
				if crosses && (side > 0) == (b[1] > a[1]) {
					odd = !odd
				}
			}
		}
	}
	return odd
}

// orientation is positive when p is left of the line from a to b, negative right of it, and 0 on it.
func orientation(a, b, p orb.Point) int {
	diff := func(x, y float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(y))
	}
	l := new(big.Rat).Mul(diff(b[0], a[0]), diff(p[1], a[1]))
	r := new(big.Rat).Mul(diff(b[1], a[1]), diff(p[0], a[0]))
	return l.Cmp(r)
}

// sorted returns the zones that p is in, ascending.
func (o *oracle) sorted(p orb.Point) []uint32 {
	ids := o.zonesOf(nil, p)
	slices.Sort(ids)
	return slices.Compact(ids)
}
