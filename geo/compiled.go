package geo

import (
	"slices"

	"github.com/paulmach/orb"
)

// Compiled is a set of areas made ready for one question, asked millions of times: which of them contain a place?
// It is immutable and safe for concurrent use. An Index keeps one beside its R-tree (Index.Compile, Index.Adopt).
//
// The part of the world where the areas lie is cut into square cells: a flat table of root cells and, where a cell
// is still crowded, a node of 4×4 smaller ones, and so on. What is left at the end of the way down is a leaf:
//
//	root cells                a node                a leaf
//	┌───┬───┬───┬───┐         ┌─┬─┬─┬─┐             ┌──────────────┐   covered whole by areas 4 and 9
//	│   │ ╱─┼─╮ │   │         │ │ │ │ │             │         ╱    │   area 7: 1 run of 2 edges, and
//	├───┼─┼─┼─┼─┼───┤         ├─┼─┼─┼─┤             │   7    ╱     │   the parity of all other edges
//	│   │ ╰─┼─╯ │ ●─┼───────▶ │ │●┼─┼─┼───────────▶ │       ╱      │
//	├───┼───┼───┼───┤         ├─┼─┼─┼─┤             │      ╱───    │
//	│   │   │   │   │         │ │ │ │ │             └─────╱────────┘
//	└───┴───┴───┴───┘         └─┴─┴─┴─┘
//
// A leaf says which areas cover it whole. Of an area whose edges touch it, it holds these edges only and a bit. A
// place is inside if the edges that a ray from it to the west crosses are odd in number. Of the edges that don't
// touch the cell, those crossed are the same for all places of the cell, but for one thing: where a run of touching
// edges ends west of the cell, the rest of the ring goes on from there, and a ray passes over or under it. So
//
//	inside = bit ⊕ (touching edges that the ray crosses) ⊕ (ends of runs west of the cell and north of the place)
//
// The edges are held in small whole numbers, relative to the cell. That settles nearly all places; those within a
// hair of an edge, and those level with a vertex, are settled by the areas' own coordinates and exact arithmetic
// (compiled_leaf.go). How it is built: compiled_build.go.
type Compiled struct {
	shift      uint   // a root cell is 2^shift units a side
	col, row   uint32 // of the south-western root cell, in root cells
	cols, rows uint32
	root       []entry
	nodes      []entry  // fanout each
	leaves     []uint32 // see compiled_leaf.go

	ids      []uint32 // ascending
	areas    []*Area
	vertices int
}

// entry leads from a cell to what is in it. Its lowest two bits say what that is, the others where.
type entry uint32

const (
	isNode  entry = iota // the number of a node
	isEdged              // the word of a leaf that edges touch
	isList               // the word of a leaf that several areas cover: how many, and their ids
	isOne                // the id of the one area that covers the cell, or noArea

	entryBits = 2
	entryMask = 1<<entryBits - 1
	noArea    = 1<<(32-entryBits) - 1
	emptyCell = noArea<<entryBits | isOne

	fanBits = 2 // a node has 2^fanBits × 2^fanBits cells
	fanMask = 1<<fanBits - 1
	fanout  = 1 << (2 * fanBits)
)

// Containing appends the ids of the areas that contain p to dst and returns it; exact, as Area.Contains. They are
// in ascending order. It allocates only where dst is too short.
func (c *Compiled) Containing(dst []uint32, p orb.Point) []uint32 {
	if onSeam(p) {
		start := len(dst)
		return sorted(c.appendAt(c.appendAt(dst, -180, p[1]), 180, p[1]), start)
	}
	return c.appendAt(dst, p[0], p[1])
}

// onSeam reports whether p is on the meridian that is written in two ways.
func onSeam(p orb.Point) bool { return p[0] == 180 || p[0] == -180 }

// appendAt appends the areas that contain a place, ascending, for this writing of lon. Here and below a place is two
// numbers, not an orb.Point: the compiler passes numbers in registers, and arrays in memory.
func (c *Compiled) appendAt(dst []uint32, lon, lat float64) []uint32 {
	col, row, ok := unitsAt(lon, lat)
	if !ok {
		return dst
	}
	shift := c.shift
	x, y := col>>(shift&31)-c.col, row>>(shift&31)-c.row
	if x >= c.cols || y >= c.rows {
		return dst
	}
	e := c.root[y*c.cols+x]
	for e&entryMask == isNode {
		shift -= fanBits
		e = c.nodes[uint32(e>>entryBits)*fanout+row>>(shift&31)&fanMask<<fanBits+col>>(shift&31)&fanMask]
	}
	switch e & entryMask {
	case isOne:
		if e != emptyCell {
			dst = append(dst, uint32(e>>entryBits))
		}
		return dst
	case isEdged:
		return c.appendEdged(dst, uint32(e>>entryBits), c.leaves[e>>entryBits], shift, col, row, lon, lat)
	}
	words := c.leaves[e>>entryBits:]
	return append(dst, words[1:1+words[0]]...)
}

// sorted puts dst[start:], which may hold doubles, in order.
func sorted(dst []uint32, start int) []uint32 {
	ids := dst[start:]
	for i := 1; i < len(ids); i++ {
		if ids[i] > ids[i-1] {
			continue
		}
		if len(ids) > 32 {
			slices.Sort(ids)
			break
		}
		id, j := ids[i], i
		for ; j > 0 && ids[j-1] > id; j-- {
			ids[j] = ids[j-1]
		}
		ids[j] = id
	}
	return dst[:start+len(slices.Compact(ids))]
}

// area returns the area under id, which is one of c's.
func (c *Compiled) area(id uint32) *Area {
	if int(id) < len(c.ids) && c.ids[id] == id { // as it is where all ids are in use
		return c.areas[id]
	}
	i, _ := slices.BinarySearch(c.ids, id)
	return c.areas[i]
}

// Len returns the number of areas.
func (c *Compiled) Len() int { return len(c.ids) }

// Vertices returns the number of positions in the areas' shapes, closing ones included.
func (c *Compiled) Vertices() int { return c.vertices }

// Bytes returns the memory that c takes beside its areas.
func (c *Compiled) Bytes() int {
	return 4*(cap(c.root)+cap(c.nodes)+cap(c.leaves)+cap(c.ids)) + 8*cap(c.areas)
}
