package main

import (
	"fmt"

	"github.com/paulmach/orb"

	"aman/geo"
)

// engine is package geo, ready for a set of zones as the product has it: an index of all, compiled.
type engine struct {
	index    *geo.Index
	compiled *geo.Compiled
}

func newEngine(zs []zone) (*engine, error) {
	e := &engine{index: geo.NewIndex()}
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

// The names of the contestants that are ours: asked for portions, and for one point after the other, as a lone report
// asks.
const (
	oursName  = "aman"
	aloneName = "aman, one by one"
)

// contenders returns ours: in portions first.
func (e *engine) contenders() []contender {
	return []contender{
		{oursName, func(_ []zone, pts []orb.Point) (contestant, error) {
			return &local{matcher: together{e, pts}}, nil
		}},
		{aloneName, func(_ []zone, pts []orb.Point) (contestant, error) {
			return &local{matcher: alone{e, pts}}, nil
		}},
	}
}

type together struct {
	*engine
	pts []orb.Point
}

func (t together) match(lo, hi int, a *answers) {
	a.ids, a.ends = t.index.ContainingEach(a.ids, a.ends, t.pts[lo:hi])
}

func (t together) close() {}

type alone struct {
	*engine
	pts []orb.Point
}

func (s alone) match(lo, hi int, a *answers) {
	for _, p := range s.pts[lo:hi] {
		a.ids = s.index.Containing(a.ids, p)
		a.end()
	}
}

func (s alone) close() {}
