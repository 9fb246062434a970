package geo

import "github.com/paulmach/orb"

// found is what the leaves around a disc say: which areas cover a leaf, and whose edges touch one; with doubles.
type found struct {
	few   [2][16]uint32 // where the lists begin
	whole []uint32
	parts []uint32
	left  int // how many cells may still be looked at
}

// nearCells bounds how many cells are looked at around a disc. Above it, the R-tree is quicker.
const nearCells = 64

// near finds what the leaves that boxes meet say. It gives up, and returns false, when they are many.
func (c *Compiled) near(f *found, boxes []orb.Bound) bool {
	f.whole, f.parts, f.left = f.few[0][:0], f.few[1][:0], nearCells
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
		if e != emptyCell {
			f.whole = append(f.whole, uint32(e>>entryBits))
		}
		return true
	case isList, isEdged:
		c.take(f, uint32(e>>entryBits))
		return true
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
func (c *Compiled) take(f *found, word uint32) {
	words := c.leaves[word:]
	whole, parts := words[0]&0xffff, words[0]>>16
	f.whole = append(f.whole, words[1:1+whole]...)
	words = words[1+whole:]
	for ; parts > 0; parts-- {
		f.parts = append(f.parts, words[0]>>6)
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
}
