package geo

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
)

// coordinates reads the coordinates of a Polygon or MultiPolygon and makes an area of them, perhaps later.
func (d *decoder) coordinates(kind string) *checking {
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
	c := &checking{read: mp, where: d.where(), polygon: kind == "Polygon"}
	if d.ahead != nil {
		d.ahead.start(c)
		return c
	}
	if c.run(); c.err != nil {
		panic(refusal{c.err})
	}
	return c
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
	if p, n := plainPosition(d.buf[d.at:]); n > 0 {
		d.at += n
		return p
	}
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

// plainPosition reads what nearly all positions look like: two numbers in range, as plain decimals without blanks. n
// is how many bytes that takes, 0 where b begins with anything else, good or bad, or ends within.
func plainPosition(b []byte) (p orb.Point, n int) {
	if len(b) == 0 || b[0] != '[' {
		return p, 0
	}
	n = 1
	for i, end := range [2]byte{',', ']'} {
		from := n
		for n < len(b) && (b[n] >= '0' && b[n] <= '9' || b[n] == '-' || b[n] == '.') {
			n++
		}
		if n == len(b) || b[n] != end || !plainJSON(b[from:n]) {
			return p, 0
		}
		v, ok := ParseDecimal(b[from:n])
		if !ok { // seventeen digits, say
			var err error
			if v, err = strconv.ParseFloat(string(b[from:n]), 64); err != nil {
				return p, 0
			}
		}
		if limit := float64(180 - 90*i); v < -limit || v > limit {
			return p, 0
		}
		p[i] = v
		n++
	}
	return p, n
}

// plainJSON reports whether a number that ParseFloat takes is one in JSON, too: with digits on both sides of a point,
// and without a 0 before others.
func plainJSON(number []byte) bool {
	if len(number) > 0 && number[0] == '-' {
		number = number[1:]
	}
	if len(number) == 0 || number[0] == '.' || number[len(number)-1] == '.' {
		return false
	}
	return number[0] != '0' || len(number) == 1 || number[1] == '.'
}
