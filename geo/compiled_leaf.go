package geo

import (
	"slices"

	"github.com/paulmach/orb"
)

// A leaf that edges touch, in words of 32 bits:
//
//	header    areas whose edges touch the cell << 16 | areas that cover it whole
//	          the ids of those that cover it
//	          of each of the others:
//	part        id << 6 | step << 1 | bit
//	run         start << 8 | edges << 1 | whether another run follows
//	              the run's vertices: row << 16 | column, one more than edges
//
// Vertices count from the cell's south-western corner in steps of 2^step units, rounded down, in 16 bits with sign.
// start is where the run begins in Area.pts. A run of 0 edges has no vertices and says: ask the area.
const (
	maxLeafAreas = 1<<16 - 1
	maxPartID    = 1<<26 - 1
	maxRunStart  = 1<<24 - 1
	maxRunEdges  = 1<<7 - 1
	// finest and coarsest are how many steps, as a power of two, a cell may measure: the finer, the fewer places are
	// in doubt; the coarser, the farther the vertices may be from the cell.
	finest   = 13
	coarsest = 6
)

// appendEdged appends the areas of a leaf that contain a place, which lies in its cell at (col, row). head is the
// leaf's header.
func (c *Compiled) appendEdged(dst []uint32, word, head uint32, shift uint, col, row uint32, lon, lat float64) []uint32 {
	words := c.leaves[word+1:]
	whole, parts := int(head&0xffff), int(head>>16)
	// No branch hangs on what is inside: of every second place, it would be guessed wrong.
	start := len(dst)
	n := start
	if cap(dst)-n < whole+parts {
		dst = slices.Grow(dst, whole+parts)
	}
	dst = dst[:n+whole+parts]
	for i := range whole {
		dst[n+i] = words[i]
	}
	n += whole
	words = words[whole:]
	mask := uint32(1)<<(shift&31) - 1
	col, row = col&mask, row&mask
	for ; parts > 0; parts-- {
		part := words[0]
		words = words[1:]
		runs := words
		step := part >> 1 & 31
		px, py := int64(col>>step), int64(row>>step)
		odd, doubt := uint64(part&1), uint64(0)
		for {
			run := words[0]
			edges := int(run >> 1 & maxRunEdges)
			if edges == 0 {
				words = words[1:]
				doubt = 1
				break
			}
			o, d := parityWest(words[1:edges+2], px, py)
			words = words[edges+2:]
			odd ^= o
			doubt |= d
			if run&1 == 0 {
				break
			}
		}
		id := part >> 6
		if doubt != 0 {
			odd = c.settle(id, runs, uint64(part&1), px, py, orb.Point{lon, lat})
		}
		dst[n] = id
		n += int(odd)
	}
	dst = dst[:n]
	if n-start > 1 {
		return sorted(dst, start)
	}
	return dst
}

// parityWest returns the run's share in the parity of a place at (px, py) steps, and whether that is in doubt.
//
// A vertex in a row above py is strictly north of the place, one below strictly south; level with it, it is in
// doubt. For an edge between such vertices, twice the triangle from the place to it, computed in steps, is off by
// less than the sum of the four offsets and 3, because each is off by less than a step (and a millionth, which is
// units' rounding): beyond that, its sign says on which side of the edge the place lies.
func parityWest(vs []uint32, px, py int64) (odd, doubt uint64) {
	v := vs[0]
	ax, ay := int64(int16(v)), int64(int32(v)>>16)-py
	south := uint64(ay) >> 63
	odd = uint64(ax) >> 63 &^ south
	doubt = uint64(ay-1) >> 63 &^ south // ay is 0
	ax -= px
	far := abs(ax) + abs(ay)
	var west uint64
	for _, v := range vs[1:] {
		bx, by := int64(int16(v)), int64(int32(v)>>16)-py
		west = uint64(bx) >> 63
		bx -= px
		s := uint64(by) >> 63
		doubt |= uint64(by-1) >> 63 &^ s
		f := abs(bx) + abs(by)
		passes := s ^ south
		d := ax*by - ay*bx
		odd ^= passes &^ (uint64(d)>>63 ^ south)
		doubt |= passes & (uint64(abs(d)-far-f-4) >> 63)
		ax, ay, south, far = bx, by, s, f
	}
	return odd ^ west&^south, doubt
}

func abs(x int64) int64 {
	s := x >> 63
	return (x ^ s) - s
}

// settle says exactly whether p, which lies at (px, py) steps in the cell of a leaf, is in area id (1) or not (0).
// Most edges are settled by their steps, after all; of the others, the area's own coordinates are fetched.
func (c *Compiled) settle(id uint32, runs []uint32, odd uint64, px, py int64, p orb.Point) uint64 {
	in := odd != 0
	for {
		run := runs[0]
		n := int(run >> 1 & maxRunEdges)
		if n == 0 {
			in = c.area(id).holds(p)
			break
		}
		vs := runs[1 : n+2]
		runs = runs[n+2:]
		pts := c.area(id).strips.pts[run>>8:][:n+1]
		ax, ay := int64(int16(vs[0])), int64(int32(vs[0])>>16)-py
		in = in != (ax < 0 && (ay > 0 || ay == 0 && pts[0][1] > p[1]))
		for i := range n {
			v := vs[i+1]
			bx, by := int64(int16(v)), int64(int32(v)>>16)-py
			if !(ay > 0 && by > 0 || ay < 0 && by < 0 || ax > px && bx > px) {
				crosses, on := crossWest(pts[i], pts[i+1], p)
				if on {
					return 1
				}
				in = in != crosses
			}
			ax, ay = bx, by
		}
		in = in != (ax < 0 && (ay > 0 || ay == 0 && pts[n][1] > p[1]))
		if run&1 == 0 {
			break
		}
	}
	if in {
		return 1
	}
	return 0
}

// crossWest says exactly whether the ray from p to the west crosses the edge a→b, whose southern end counts and
// whose northern doesn't, and whether p lies on the edge.
func crossWest(a, b, p orb.Point) (crosses, on bool) {
	up := b[1] > p[1]
	if (a[1] > p[1]) == up {
		if a[1] != p[1] && b[1] != p[1] {
			return false, false
		}
		level := a[1] == b[1] && min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0])
		return false, level || a == p || b == p
	}
	side := orient(a, b, p)
	return (side < 0) == up, side == 0
}
