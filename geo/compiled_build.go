package geo

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// The limits of what can be compiled. Beyond them Compile refuses, and matching goes on by the R-tree.
const (
	MaxCompiledAreas    = 1 << 20
	MaxCompiledVertices = 1 << 26
	MaxCompiledOverlap  = maxLeafAreas // areas over one place
	MaxCompiledWords    = 1 << 28      // of leaves, four bytes each
)

// LimitError says that a set of areas is too large to be compiled.
type LimitError struct {
	What   string // "areas", "vertices", "areas over one place", "nodes" or "words"
	Limit  int
	Figure int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("compile areas: %d %s, the limit is %d", e.Figure, e.What, e.Limit)
}

const (
	// crowdedAt is with how many edges, of all areas, a cell becomes a leaf. Looking at a few edges more is cheaper than
	// fetching another line of memory on the way to fewer.
	crowdedAt = 20
	// smallRoot is up to how many root cells a set may have more of them than vertices: a megabyte, which stays
	// near the processor.
	smallRoot = 1 << 18
	// spare bounds how often an edge is held: on the way down from a root cell, leaves may hold spare times its edges
	// in all. Where edges run side by side that close, a leaf is left crowdedAt.
	spare = 4
	// askAbove is from how many edges on it is quicker to ask the area than to look at those of the leaf.
	askAbove = 64
	// leastShift is the smallest cell: some 2 by 1 metres.
	leastShift = 6
)

// tile is an area in a cell: the edges that touch it, and the parity of all others (Compiled).
type tile struct {
	area  uint32 // number in Compiled.areas
	odd   bool
	edges []uint32 // ascending; none: the area covers the cell whole
}

// compile builds a Compiled from areas that lie on the map, with ascending ids.
func compile(ids []uint32, areas []*Area) (*Compiled, error) {
	c := &Compiled{ids: ids, areas: areas}
	if len(areas) > MaxCompiledAreas {
		return nil, &LimitError{"areas", MaxCompiledAreas, len(areas)}
	}
	for _, a := range areas {
		c.vertices += a.vertices
	}
	if c.vertices > MaxCompiledVertices {
		return nil, &LimitError{"vertices", MaxCompiledVertices, c.vertices}
	}
	if len(areas) == 0 {
		return c, nil
	}
	c.layRoot()
	b := builder{c: c, known: map[string]entry{}}
	if err := b.fill(); err != nil {
		return nil, err
	}
	c.nodes, c.leaves = slices.Clip(c.nodes), slices.Clip(c.leaves)
	return c, nil
}

// layRoot lays the root table over the areas: as fine as their vertices are many, but no finer than what keeps the
// cells that long edges touch, and that large areas cover, in proportion.
func (c *Compiled) layRoot() {
	west, south, east, north := uint32(math.MaxUint32), uint32(math.MaxUint32), uint32(0), uint32(0)
	var edges, cols, rows float64
	for _, a := range c.areas {
		w := a.window(0)
		west, south, east, north = min(west, w.col), min(south, w.row), max(east, w.col+w.cols-1), max(north, w.row+w.rows-1)
		pts := a.strips.pts
		edges += float64(len(pts))
		for i := range len(pts) - 1 { // the steps from ring to ring count, too: this is an estimate
			cols += math.Abs(pts[i+1][0]-pts[i][0]) * colsPerDeg
			rows += math.Abs(pts[i+1][1]-pts[i][1]) * rowsPerDeg
		}
	}
	for c.shift = leastShift; c.shift < unitBits; c.shift++ {
		c.col, c.row = west>>c.shift, south>>c.shift
		c.cols, c.rows = east>>c.shift-c.col+1, north>>c.shift-c.row+1
		table := float64(c.cols) * float64(c.rows)
		if table > max(edges, min(smallRoot, 16*edges+256)) {
			continue
		}
		size := float64(uint64(1) << c.shift)
		if (cols+rows)/size > spare*edges+1024 {
			continue
		}
		var covered float64
		for _, a := range c.areas {
			w := a.window(c.shift)
			covered += float64(w.cols) * float64(w.rows)
		}
		if covered <= edges+table {
			break
		}
	}
	c.root = make([]entry, int(c.cols)*int(c.rows))
	for i := range c.root {
		c.root[i] = emptyCell
	}
}

// builder builds one Compiled.
type builder struct {
	c     *Compiled
	known map[string]entry // leaves without edges, which are many alike
	key   []byte
	cut   cutter
	// levels are the cells of the nodes on the way down.
	levels [unitBits]struct {
		cells [fanout][]tile
		edges []uint32
	}
}

// rootTile is a tile in a root cell, kept small, for there are many.
type rootTile struct {
	cell, area uint32
	at, n      uint32 // its edges in the arena; n << 1 | odd
}

// fill cuts every area by root cells, and then builds cell by cell.
func (b *builder) fill() error {
	c := b.c
	var tiles []rootTile
	var edges []uint32
	for n, a := range c.areas {
		outside := func(uint32) bool { return false }
		at := uint32(len(edges))
		edges = b.cut.cut(a, a.edges(), a.window(c.shift), outside, edges, func(col, row uint32, odd bool, touching []uint32) {
			t := rootTile{(row-c.row)*c.cols + col - c.col, uint32(n), at, uint32(len(touching)) << 1}
			if odd {
				t.n |= 1
			}
			tiles = append(tiles, t)
			at += uint32(len(touching))
		})
	}
	// By cell, and in each by area: they come by area, and the sort is stable.
	starts := make([]uint32, len(c.root)+1)
	for i := range tiles {
		starts[tiles[i].cell+1]++
	}
	for i := range c.root {
		starts[i+1] += starts[i]
	}
	order := make([]uint32, len(tiles))
	for i := range tiles {
		order[starts[tiles[i].cell]] = uint32(i)
		starts[tiles[i].cell]++
	}
	var here []tile
	for len(order) > 0 {
		cell := tiles[order[0]].cell
		here = here[:0]
		n := 0
		for len(order) > 0 && tiles[order[0]].cell == cell {
			t := &tiles[order[0]]
			here = append(here, tile{t.area, t.n&1 != 0, edges[t.at:][:t.n>>1]})
			n += int(t.n >> 1)
			order = order[1:]
		}
		col, row := c.col+cell%c.cols, c.row+cell/c.cols
		e, err := b.build(col, row, c.shift, here, n, spare*n+64, 0)
		if err != nil {
			return err
		}
		c.root[cell] = e
	}
	return nil
}

// build makes the entry of a cell, which holds n edges. room is how many edges the leaves below may hold in all.
func (b *builder) build(col, row uint32, shift uint, tiles []tile, n, room, depth int) (entry, error) {
	if len(tiles) == 0 {
		return emptyCell, nil
	}
	if n <= crowdedAt || shift < leastShift+fanBits {
		return b.leaf(col, row, shift, tiles)
	}
	lv := &b.levels[depth]
	for k := range lv.cells {
		lv.cells[k] = lv.cells[k][:0]
	}
	lv.edges = lv.edges[:0]
	w := window{col: col << fanBits, row: row << fanBits, cols: 1 << fanBits, rows: 1 << fanBits, shift: shift - fanBits}
	total := 0
	for i := range tiles {
		t := &tiles[i]
		if len(t.edges) == 0 {
			for k := range lv.cells {
				lv.cells[k] = append(lv.cells[k], *t)
			}
			continue
		}
		a := b.c.areas[t.area]
		outer := func(r uint32) bool { return t.odd != endsWest(a.strips.pts, t.edges, col<<shift, w.centre(r)) }
		lv.edges = b.cut.cut(a, t.edges, w, outer, lv.edges, func(x, y uint32, odd bool, touching []uint32) {
			k := (y-w.row)<<fanBits + x - w.col
			lv.cells[k] = append(lv.cells[k], tile{t.area, odd, touching})
			total += len(touching)
		})
	}
	if total > room {
		return b.leaf(col, row, shift, tiles)
	}
	node := len(b.c.nodes) / fanout
	if node >= noArea {
		return 0, &LimitError{"nodes", noArea, node}
	}
	b.c.nodes = append(b.c.nodes, make([]entry, fanout)...)
	for k := range lv.cells {
		in := 0
		for i := range lv.cells[k] {
			in += len(lv.cells[k][i].edges)
		}
		share := in
		if total > 0 {
			share = int(int64(room) * int64(in) / int64(total))
		}
		e, err := b.build(w.col+uint32(k)&fanMask, w.row+uint32(k)>>fanBits, w.shift, lv.cells[k], in, share, depth+1)
		if err != nil {
			return 0, err
		}
		b.c.nodes[node*fanout+k] = e
	}
	return entry(node) << entryBits, nil // isNode is 0
}

// leaf makes the entry of a cell that isn't cut any further (compiled_leaf.go).
func (b *builder) leaf(col, row uint32, shift uint, tiles []tile) (entry, error) {
	c := b.c
	parts := 0
	for i := range tiles {
		if len(tiles[i].edges) > 0 {
			parts++
		}
	}
	if len(tiles) > MaxCompiledOverlap {
		return 0, &LimitError{"areas over one place", MaxCompiledOverlap, len(tiles)}
	}
	if parts == 0 && len(tiles) == 1 {
		return entry(c.ids[tiles[0].area])<<entryBits | isOne, nil
	}
	word := len(c.leaves)
	if word >= MaxCompiledWords {
		return 0, &LimitError{"words", MaxCompiledWords, word}
	}
	c.leaves = append(c.leaves, uint32(parts)<<16|uint32(len(tiles)-parts))
	for i := range tiles {
		if len(tiles[i].edges) == 0 {
			c.leaves = append(c.leaves, c.ids[tiles[i].area])
		}
	}
	if parts == 0 {
		b.key = b.key[:0]
		for _, w := range c.leaves[word:] {
			b.key = binary.NativeEndian.AppendUint32(b.key, w)
		}
		same, ok := b.known[string(b.key)]
		if ok {
			c.leaves = c.leaves[:word]
			return same, nil
		}
		e := entry(word)<<entryBits | isList
		b.known[string(b.key)] = e
		return e, nil
	}
	for i := range tiles {
		if len(tiles[i].edges) > 0 {
			b.part(col<<shift, row<<shift, shift, &tiles[i])
		}
	}
	return entry(word)<<entryBits | isEdged, nil
}

// part writes an area whose edges touch the cell with the corner (col, row).
func (b *builder) part(col, row uint32, shift uint, t *tile) {
	c := b.c
	pts := c.areas[t.area].strips.pts
	head := c.ids[t.area] << 6
	if t.odd {
		head |= 1
	}
	// How far the vertices are from the corner, in units, says how fine the steps may be.
	far := int64(1) << shift
	for _, e := range t.edges {
		for _, v := range pts[e : e+2] {
			x, y, _ := units(v)
			far = max(far, abs(int64(x)-int64(col))+1, abs(int64(y)-int64(row))+1)
		}
	}
	step := shift - min(shift, finest)
	for far>>step >= 1<<15 {
		step++
	}
	if len(t.edges) > askAbove || t.edges[len(t.edges)-1] > maxRunStart || step > 0 && shift-min(shift, step) < coarsest {
		c.leaves = append(c.leaves, head, 0)
		return
	}
	c.leaves = append(c.leaves, head|uint32(step)<<1)
	for es := t.edges; len(es) > 0; {
		n := 1
		for n < len(es) && es[n] == es[n-1]+1 && n < maxRunEdges {
			n++
		}
		run := es[0]<<8 | uint32(n)<<1
		if n < len(es) {
			run |= 1
		}
		c.leaves = append(c.leaves, run)
		for _, v := range pts[es[0] : es[0]+uint32(n)+1] {
			x, y, _ := units(v)
			c.leaves = append(c.leaves, uint32(uint16((int64(x)-int64(col))>>step))|uint32(uint16((int64(y)-int64(row))>>step))<<16)
		}
		es = es[n:]
	}
}
