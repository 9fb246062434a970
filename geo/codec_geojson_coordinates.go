package geo

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
)

// coordinates reads the coordinates of a Polygon or MultiPolygon and makes an area of them.
func (d *decoder) coordinates(kind string) (orb.MultiPolygon, string) {
	n := counts{lim: d.lim}
	var mp orb.MultiPolygon
	if kind == "Polygon" {
		mp = orb.MultiPolygon{d.polygon(&n)}
	} else {
		d.open("a multipolygon must be an array of polygons")
		d.array(func(int) { mp = append(mp, d.polygon(&n)) })
		if len(mp) == 0 {
			d.refuse("empty", "the multipolygon has no polygon")
		}
	}
	if f := validate(mp); f != nil {
		panic(refusal{f.error(d.where(), kind == "Polygon")})
	}
	norm, note := normalize(mp), ""
	if slices.ContainsFunc(mp, crosses) {
		note = "cut at the antimeridian"
	}
	return norm, note
}

// counts holds a feature to its limits.
type counts struct {
	lim             Limits
	rings, vertices int
}

// open looks for the [ of an array.
func (d *decoder) open(want string) {
	if d.token() != '[' {
		d.refuseKind(want)
	}
}

func (d *decoder) polygon(n *counts) orb.Polygon {
	d.open("a polygon must be an array of rings")
	var poly orb.Polygon
	d.array(func(int) {
		if n.rings++; n.lim.MaxRings > 0 && n.rings > n.lim.MaxRings {
			d.refuse("too_many_rings", "more than %d rings", n.lim.MaxRings)
		}
		poly = append(poly, d.ring(n))
	})
	if len(poly) == 0 {
		d.refuse("empty", "the polygon has no ring")
	}
	return poly
}

func (d *decoder) ring(n *counts) orb.Ring {
	d.open("a ring must be an array of positions")
	var ring orb.Ring
	d.array(func(int) {
		if n.vertices++; n.lim.MaxVertices > 0 && n.vertices > n.lim.MaxVertices {
			d.refuse("too_many_vertices", "more than %d positions", n.lim.MaxVertices)
		}
		ring = append(ring, d.position())
	})
	return slices.Clip(ring)
}

// position reads two or three numbers, and drops the third.
func (d *decoder) position() orb.Point {
	d.open("a position must be an array of numbers")
	var p [3]float64
	n := 0
	d.array(func(i int) {
		v := d.coordinate()
		if i < len(p) {
			p[i] = v
		}
		n++
	})
	if n < 2 || n > 3 {
		d.refuse("bad_arity", "a position has 2 or 3 numbers, not %d", n)
	}
	q := orb.Point{p[0], p[1]}
	if e := checkPoint(q); e != nil {
		panic(refusal{&ShapeError{Path: d.where(), Rule: e.Rule, Detail: e.Detail, Near: &q}})
	}
	return q
}

// coordinate reads a finite number.
func (d *decoder) coordinate() float64 {
	switch c := d.token(); {
	case c == 'N' || c == 'I':
		d.refuse("not_finite", "a coordinate is not a finite number")
	case c != '-' && (c < '0' || c > '9'):
		d.refuseKind("a coordinate must be a number")
	}
	v, err := strconv.ParseFloat(string(d.number()), 64)
	if errors.Is(err, strconv.ErrRange) && math.IsInf(v, 0) {
		d.refuse("not_finite", "a coordinate is too large for a number")
	} else if err != nil && !errors.Is(err, strconv.ErrRange) {
		d.refuse("bad_json", "a coordinate is no number")
	}
	return v
}
