package geo

import "github.com/paulmach/orb"

// The world in whole units: 2^30 columns from the west and 2^30 rows from the south, some 4 by 2 centimetres at the
// equator, with a rim of a degree around the earth so that ±180 and ±90 are no ends. A unit is the floor of a
// function of lon or lat that never falls, even after rounding. That is all that exactness needs of it: a place
// with the smaller column is strictly farther west; equal columns say nothing.
const (
	unitBits   = 30
	worldWest  = -181.0
	worldSouth = -91.0
	colsPerDeg = float64(1<<unitBits) / 362
	rowsPerDeg = float64(1<<unitBits) / 182
)

// units returns the column and row of p; ok is false for a p beyond the rim. Of a p
// with a NaN, or less than a unit beyond, it may be true: then the unit is one of the rim, where nothing lies.
func units(p orb.Point) (col, row uint32, ok bool) { return unitsAt(p[0], p[1]) }

func unitsAt(lon, lat float64) (col, row uint32, ok bool) {
	// A NaN, or a number out of range, becomes any whole number: one out of range, too, or one within the rim.
	x, y := int64((lon-worldWest)*colsPerDeg), int64((lat-worldSouth)*rowsPerDeg)
	return uint32(x), uint32(y), uint64(x|y)>>unitBits == 0
}

// morton interleaves the bits of col (even places) and row (odd places): places in a square cell of 2^k by 2^k units
// have neighbouring numbers.
func morton(col, row uint32) uint64 { return spread(col) | spread(row)<<1 }

// unmorton is the inverse of morton.
func unmorton(m uint64) (col, row uint32) { return gather(m), gather(m >> 1) }

// spread puts the bits of v at the even places.
func spread(v uint32) uint64 {
	x := uint64(v)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	x = (x | x<<2) & 0x3333333333333333
	return (x | x<<1) & 0x5555555555555555
}

// gather takes the bits at the even places of x.
func gather(x uint64) uint32 {
	x &= 0x5555555555555555
	x = (x | x>>1) & 0x3333333333333333
	x = (x | x>>2) & 0x0f0f0f0f0f0f0f0f
	x = (x | x>>4) & 0x00ff00ff00ff00ff
	x = (x | x>>8) & 0x0000ffff0000ffff
	return uint32(x | x>>16)
}

// cellBox returns the box in lon/lat of the cell of 2^shift units with the corner (col, row), a nanodegree larger
// on all sides: more than all rounding, so that it holds every place of the cell with room to spare.
func cellBox(col, row uint32, shift uint) orb.Bound {
	const pad = 1e-9
	size := float64(uint64(1) << shift)
	w, s := float64(col), float64(row)
	return orb.Bound{
		Min: orb.Point{worldWest + w/colsPerDeg - pad, worldSouth + s/rowsPerDeg - pad},
		Max: orb.Point{worldWest + (w+size)/colsPerDeg + pad, worldSouth + (s+size)/rowsPerDeg + pad},
	}
}
