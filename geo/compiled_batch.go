package geo

import "github.com/paulmach/orb"

// batchLen is how many places are looked up side by side.
const batchLen = 64

// ContainingEach is Containing for many places: it appends the ids of the areas that contain pts[i], ascending, to
// dst, and the length that dst has then to ends. So the first place's are dst[n:ends[m]], where n and m are the
// lengths that dst and ends came with, and the next one's dst[ends[m]:ends[m+1]].
//
// What takes time is waiting for memory, line after line on the way down. Here all places of a batch take each step
// together, so that they wait together.
func (c *Compiled) ContainingEach(dst, ends []uint32, pts []orb.Point) (_, _ []uint32) {
	for len(pts) > 0 {
		n := min(batchLen, len(pts))
		dst, ends = c.appendBatch(dst, ends, pts[:n])
		pts = pts[n:]
	}
	return dst, ends
}

func (c *Compiled) appendBatch(dst, ends []uint32, pts []orb.Point) (_, _ []uint32) {
	var cols, rows [batchLen]uint32
	var entries [batchLen]entry
	var shifts, deeper [batchLen]uint8
	shift := c.shift & 31
	crowd := 0 // how many of deeper are at a node
	for i := range pts {
		col, row, ok := unitsAt(pts[i][0], pts[i][1])
		e := entry(emptyCell)
		if x, y := col>>shift-c.col, row>>shift-c.row; ok && x < c.cols && y < c.rows {
			e = c.root[y*c.cols+x]
		}
		i &= batchLen - 1
		cols[i], rows[i], entries[i], shifts[i] = col, row, e, uint8(shift)
		deeper[crowd&(batchLen-1)] = uint8(i)
		if e&entryMask == isNode {
			crowd++
		}
	}
	for shift := shift; crowd > 0; {
		shift = (shift - fanBits) & 31
		at := deeper[:crowd]
		crowd = 0
		for _, i := range at {
			i &= batchLen - 1
			e := c.nodes[uint32(entries[i]>>entryBits)*fanout+rows[i]>>shift&fanMask<<fanBits+cols[i]>>shift&fanMask]
			entries[i], shifts[i] = e, uint8(shift)
			deeper[crowd&(batchLen-1)] = i
			if e&entryMask == isNode {
				crowd++
			}
		}
	}
	var heads [batchLen]uint32 // fetched now, so that they are there when they are needed
	for i := range pts {
		i &= batchLen - 1
		if e := entries[i]; e&entryMask != isOne {
			heads[i] = c.leaves[e>>entryBits]
		}
	}
	for i := range pts {
		e := entries[i&(batchLen-1)]
		switch {
		case onSeam(pts[i]):
			dst = c.Containing(dst, pts[i])
		case e&entryMask == isEdged:
			k := i & (batchLen - 1)
			dst = c.appendEdged(dst, uint32(e>>entryBits), heads[k], uint(shifts[k]), cols[k], rows[k], pts[i][0], pts[i][1])
		case e&entryMask == isList:
			words := c.leaves[e>>entryBits:]
			dst = append(dst, words[1:1+words[0]]...)
		case e != emptyCell:
			dst = append(dst, uint32(e>>entryBits))
		}
		ends = append(ends, uint32(len(dst)))
	}
	return dst, ends
}
