package geo

import "github.com/paulmach/orb"

// found is what the leaves around a disc say: which areas cover a leaf, and whose edges touch one; with doubles. It
// is of one size, so that it needs no memory of its own.
type found struct {
	left          int // how many cells may still be looked at
	nWhole, nPart int
	whole, part   [64]uint32
}

// nearCells bounds how many cells are looked at around a disc. Above it, the R-tree is quicker.
const nearCells = 64

// near notes what the leaves that boxes meet say. It gives up, and returns false, when that is much.
func (c *Compiled) near(f *found, boxes []orb.Bound) bool {
	f.left = nearCells
	for _, b := range boxes {
		var lo, hi [2]uint32
		lo[0], lo[1] = cellOf(b.Min[0]-cellPad, b.Min[1]-cellPad, 0)
		hi[0], hi[1] = cellOf(b.Max[0]+cellPad, b.Max[1]+cellPad, 0)
		west, south := max(lo[0]>>c.shift, c.col), max(lo[1]>>c.shift, c.row)
		east, north := min(hi[0]>>c.shift+1, c.col+c.cols), min(hi[1]>>c.shift+1, c.row+c.rows)
		if west >= east || south >= north {
			continue
		}
		if uint64(east-west)*uint64(north-south) > nearCells {
			return false
		}
		for row := south; row < north; row++ {
			for col := west; col < east; col++ {
				if !c.gather(f, c.root[(row-c.row)*c.cols+col-c.col], col, row, c.shift, lo, hi) {
					return false
				}
			}
		}
	}
	return true
}

// gather takes what lies under e, the entry of the cell (col, row) of 2^shift units, between lo and hi.
func (c *Compiled) gather(f *found, e entry, col, row uint32, shift uint, lo, hi [2]uint32) bool {
	if f.left--; f.left < 0 {
		return false
	}
	switch e & entryMask {
	case isOne:
		return e == emptyCell || f.cover(uint32(e>>entryBits))
	case isList, isEdged:
		return c.take(f, uint32(e>>entryBits))
	}
	shift -= fanBits
	col, row = col<<fanBits, row<<fanBits
	const last = 1<<fanBits - 1
	for y := max(lo[1]>>shift, row); y <= min(hi[1]>>shift, row+last); y++ {
		for x := max(lo[0]>>shift, col); x <= min(hi[0]>>shift, col+last); x++ {
			if !c.gather(f, c.nodes[uint32(e>>entryBits)*fanout+(y-row)<<fanBits+x-col], x, y, shift, lo, hi) {
				return false
			}
		}
	}
	return true
}

// take notes the areas of a leaf.
func (c *Compiled) take(f *found, word uint32) bool {
	words := c.leaves[word:]
	whole, parts := words[0]&0xffff, words[0]>>16
	for _, id := range words[1 : 1+whole] {
		if !f.cover(id) {
			return false
		}
	}
	words = words[1+whole:]
	for ; parts > 0; parts-- {
		if f.nPart == len(f.part) {
			return false
		}
		f.part[f.nPart] = words[0] >> 6
		f.nPart++
		words = words[1:]
		for more := uint32(1); more != 0; {
			run := words[0]
			more = run & 1
			words = words[1:]
			if n := run >> 1 & maxRunEdges; n > 0 {
				words = words[n+1:]
			}
		}
	}
	return true
}

// cover notes an area that covers a leaf, if there is room.
func (f *found) cover(id uint32) bool {
	if f.nWhole == len(f.whole) {
		return false
	}
	f.whole[f.nWhole] = id
	f.nWhole++
	return true
}
