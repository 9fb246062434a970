package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// class is the error radius of a position, rounded up to one of sixteen: what a search must allow for before it
// asks precisely.
type class uint8

const (
	classBits = 4
	classes   = 1 << classBits
)

// classRadiusM holds the largest radius of each class, in metres. Class 0 is for points; the last is for radii that
// reach around the earth.
var classRadiusM = [classes]float64{
	0, 5, 10, 20, 50, 100, 150, // a device's own fix
	300, 1000, 2500, 5000, // a pin, a network's guess
	10_000, 30_000, 100_000, // a city
	500_000, 1.01 * halfwayRoundM, // somewhere
}

// classTree says which tree keeps the positions of a class. Few radii are larger than a city, and a search looks as far
// around an area as the largest of a tree; but where radii don't count, each tree costs.
var classTree = [classes]uint8{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1}

const pointTrees = 2

func classOf(radiusM float64) class {
	if !(radiusM > 0) {
		return 0
	}
	for c := range classRadiusM {
		if radiusM <= classRadiusM[c] {
			return class(c)
		}
	}
	return classes - 1
}

func (c class) tree() int { return int(classTree[c&(classes-1)]) }

// An entry's word is the Morton number of its unit, then its class.

// wordOf returns the word of a place; ok is false when p is no place on earth.
func wordOf(p orb.Point, radiusM float64) (w uint64, ok bool) {
	col, row, ok := units(p)
	if !ok || !onEarth(p) {
		return 0, false
	}
	return morton(col, row)<<classBits | uint64(classOf(radiusM)), true
}

// wordFrom returns the least word of a Morton number, or a word above all if it is beyond the world's.
func wordFrom(m uint64) uint64 {
	if m >= 1<<(2*unitBits) {
		return math.MaxUint64
	}
	return m << classBits
}

func wordClass(w uint64) class { return class(w & (classes - 1)) }

func wordUnit(w uint64) (col, row uint32) { return unmorton(w >> classBits) }

// unitBox is a box of units, all sides included.
type unitBox struct{ west, south, east, north uint32 }

func (b *unitBox) add(col, row uint32) {
	b.west, b.south = min(b.west, col), min(b.south, row)
	b.east, b.north = max(b.east, col), max(b.north, row)
}

func (b *unitBox) unite(o *unitBox) {
	b.west, b.south = min(b.west, o.west), min(b.south, o.south)
	b.east, b.north = max(b.east, o.east), max(b.north, o.north)
}

// meets reports whether the boxes have a unit in common.
func (b *unitBox) meets(o *unitBox) bool {
	return b.west <= o.east && b.east >= o.west && b.south <= o.north && b.north >= o.south
}

// within reports whether all of b lies in o, and none of it in the outermost units of o.
func (b *unitBox) within(o *unitBox) bool {
	return b.west > o.west && b.east < o.east && b.south > o.south && b.north < o.north
}

// borders reports whether a unit of the box lies at one of its sides, so that the box may shrink without it.
func (b *unitBox) borders(col, row uint32) bool {
	return col == b.west || col == b.east || row == b.south || row == b.north
}
