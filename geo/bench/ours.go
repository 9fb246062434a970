package main

import (
	"fmt"

	"github.com/paulmach/orb"

	"aman/geo"
)

// engine is package geo answering which zones a point is in.
type engine struct {
	index    *geo.Index
	compiled *geo.Compiled
	pts      []orb.Point
}

// newEngine prepares zones as the product does: an index of all, compiled.
func newEngine(zs []zone, pts []orb.Point) (*engine, error) {
	e := &engine{index: geo.NewIndex(), pts: pts}
	for i, z := range zs {
		e.index.Set(uint32(i), geo.NewArea(z))
	}
	c, err := e.index.Compile()
	if err != nil {
		return nil, fmt.Errorf("compile zones: %w", err)
	}
	e.index.Adopt(c)
	e.compiled = c
	return e, nil
}

func (e *engine) match(lo, hi int, a *answers) {
	a.ids, a.ends = e.index.ContainingEach(a.ids, a.ends, e.pts[lo:hi])
}

func (e *engine) close() {}

// single is the engine asked for one point after the other, as a lone report asks.
type single struct{ *engine }

func (s single) match(lo, hi int, a *answers) {
	for _, p := range s.pts[lo:hi] {
		a.ids = s.index.Containing(a.ids, p)
		a.end()
	}
}

// The engine, asked for batches, and asked for single points.
var (
	ours = contender{"aman", func(zs []zone, pts []orb.Point) (contestant, error) {
		e, err := newEngine(zs, pts)
		if err != nil {
			return nil, err
		}
		return &local{matcher: e}, nil
	}}
	oursSingle = contender{"aman, one by one", func(zs []zone, pts []orb.Point) (contestant, error) {
		e, err := newEngine(zs, pts)
		if err != nil {
			return nil, err
		}
		return &local{matcher: single{e}}, nil
	}}
)
