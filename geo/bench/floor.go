package main

import (
	"github.com/paulmach/orb"
)

// floorName is the contestant that does nothing but what the memory allows.
const floorName = "floor"

// floor reads one cache line a point, anywhere in as much memory as ours takes, each read independent of the others:
// no index of that size that looks somewhere for a point can be quicker, without luck.
type floor struct {
	lines []line
	sum   uint64 // of what was read, so that nothing is left out
}

// line is one cache line.
type line [8]uint64

// floorOf returns the floor of an engine.
func floorOf(e *engine) contender {
	return contender{floorName, func([]zone, []orb.Point) (contestant, error) {
		f := &floor{lines: make([]line, e.compiled.Bytes()/64+1)}
		for i := range f.lines {
			f.lines[i][0] = uint64(i) // or the system may not give it memory of its own
		}
		return &local{matcher: f}, nil
	}}
}

func (f *floor) match(lo, hi int, _ *answers) {
	sum := uint64(0)
	for i := lo; i < hi; i++ {
		// Fibonacci hashing: places that neither the cache nor the processor foresees.
		h := uint64(i+1) * 0x9e3779b97f4a7c15
		h ^= h >> 29
		h *= 0xbf58476d1ce4e5b9
		sum += f.lines[(h>>32)*uint64(len(f.lines))>>32][0]
	}
	f.sum += sum
}

func (f *floor) close() {}
