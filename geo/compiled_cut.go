package geo

import "github.com/paulmach/orb"

// window is a rectangle of cells of 2^shift units; col and row count such cells.
type window struct {
	col, row, cols, rows uint32
	shift                uint
}

// window returns the cells that the box of a meets.
func (a *Area) window(shift uint) window {
	col, row := cellOf(a.bound.Min[0]-cellPad, a.bound.Min[1]-cellPad, shift)
	lastCol, lastRow := cellOf(a.bound.Max[0]+cellPad, a.bound.Max[1]+cellPad, shift)
	return window{col, row, lastCol - col + 1, lastRow - row + 1, shift}
}

// centre is a lat in the middle of the cells of a row.
func (w *window) centre(row uint32) float64 {
	return worldSouth + (float64(row)+0.5)*float64(uint64(1)<<w.shift)/rowsPerDeg
}

// cellPad, in degrees, is by how much cells are taken larger than they are: far more than all rounding here.
const cellPad = 1e-9

func cellOf(lon, lat float64, shift uint) (col, row uint32) {
	return uint32((lon-worldWest)*colsPerDeg) >> shift, uint32((lat-worldSouth)*rowsPerDeg) >> shift
}

// cutter cuts an area by cells. What it holds serves again.
type cutter struct {
	touches []touch
	starts  []uint32
	passed  []bool // of each row: one before its first cell, and one behind each
}

// touch says that an edge touches a cell of the window.
type touch struct{ cell, edge uint32 }

// cut calls yield for every cell of w that edges touch or that the area covers, row by row from the south-west:
// with the parity of what doesn't touch it, and the edges that do, which are appended to arena. edges are all that
// matter here, ascending; outer is the parity, level with a row's centre, of the edges that don't.
//
// The parity of what doesn't touch a cell is that of the edges which a ray from its centre crosses to the west. An
// edge that passes the centre's lat does so in some column: it counts in all columns farther east, but not in the
// cells that it touches. The ends of runs west of the cell are counted off, as Compiled says. How rounding places
// an edge that passes close to a border doesn't matter: it touches the cells on both sides.
func (c *cutter) cut(a *Area, edges []uint32, w window, outer func(row uint32) bool, arena []uint32, yield func(col, row uint32, odd bool, touching []uint32)) []uint32 {
	n := int(w.cols) * int(w.rows)
	c.touches = c.touches[:0]
	c.starts = append(c.starts[:0], make([]uint32, n+1)...)
	c.passed = append(c.passed[:0], make([]bool, n+int(w.rows))...)
	pts := a.strips.pts
	for _, e := range edges {
		c.place(e, pts[e], pts[e+1], &w)
	}
	for _, t := range c.touches {
		c.starts[t.cell+1]++
	}
	for i := range n {
		c.starts[i+1] += c.starts[i]
	}
	at := len(arena)
	arena = append(arena, make([]uint32, len(c.touches))...)
	all := arena[at:]
	for _, t := range c.touches {
		all[c.starts[t.cell]] = t.edge
		c.starts[t.cell]++
	}
	cell, begin := 0, uint32(0)
	for r := range w.rows {
		row := w.row + r
		lat := w.centre(row)
		passed := c.passed[r*(w.cols+1):][:w.cols+1]
		west := outer(row) != passed[0]
		for k := range w.cols {
			end := c.starts[cell]
			touching := all[begin:end:end]
			cell, begin = cell+1, end
			odd := west
			if len(touching) > 0 {
				for _, e := range touching {
					if p, q := pts[e], pts[e+1]; (p[1] > lat) != (q[1] > lat) && w.passedAt(p, q, lat) <= k {
						odd = !odd
					}
				}
				odd = odd != endsWest(pts, touching, (w.col+k)<<w.shift, lat)
			}
			if odd || len(touching) > 0 {
				yield(w.col+k, row, odd, touching)
			}
			west = west != passed[k+1]
		}
	}
	return arena
}

// place notes the cells that the edge p→q touches, and where it passes the rows' centres.
func (c *cutter) place(e uint32, p, q orb.Point, w *window) {
	south, north := p, q
	if south[1] > north[1] {
		south, north = north, south
	}
	west, east := min(p[0], q[0]), max(p[0], q[0])
	col0, row0 := cellOf(west-cellPad, south[1]-cellPad, w.shift)
	col1, row1 := cellOf(east+cellPad, north[1]+cellPad, w.shift)
	slope := (north[0] - south[0]) / (north[1] - south[1]) // used only where the edge rises by more than a pad
	size := float64(uint64(1)<<w.shift) / rowsPerDeg
	for row := max(row0, w.row); row <= min(row1, w.row+w.rows-1); row++ {
		r := row - w.row
		k0, k1 := col0, col1
		if row0 != row1 && col0 != col1 {
			// The part of the edge in the row, which is taken a pad taller on both sides.
			x0, x1 := south[0], north[0]
			if lo := worldSouth + float64(row)*size - cellPad; lo > south[1] {
				x0 += (lo - south[1]) * slope
			}
			if hi := worldSouth + float64(row+1)*size + cellPad; hi < north[1] {
				x1 = south[0] + (hi-south[1])*slope
			}
			if x0 > x1 {
				x0, x1 = x1, x0
			}
			k0, _ = cellOf(max(x0, west)-cellPad, south[1], w.shift)
			k1, _ = cellOf(min(x1, east)+cellPad, south[1], w.shift)
		}
		for k := max(k0, w.col); k <= min(k1, w.col+w.cols-1); k++ {
			c.touches = append(c.touches, touch{r*w.cols + k - w.col, e})
		}
		if lat := w.centre(row); (p[1] > lat) != (q[1] > lat) {
			if k := w.passedAt(p, q, lat); k <= w.cols {
				i := r*(w.cols+1) + k
				c.passed[i] = !c.passed[i]
			}
		}
	}
}

// passedAt returns the first column of w, from 0, that lies east of where p→q passes lat, and w.cols or more where
// none does.
func (w *window) passedAt(p, q orb.Point, lat float64) uint32 {
	lon := p[0] + (lat-p[1])*((q[0]-p[0])/(q[1]-p[1]))
	col, _ := cellOf(lon, lat, w.shift)
	if col < w.col {
		return 0
	}
	return col - w.col + 1
}

// endsWest is the parity of the ends of runs that lie west of the column of units and north of lat.
func endsWest(pts []orb.Point, edges []uint32, col uint32, lat float64) (odd bool) {
	for i, e := range edges {
		if i == 0 || edges[i-1]+1 != e {
			odd = odd != end(pts[e], col, lat)
		}
		if i == len(edges)-1 || edges[i+1] != e+1 {
			odd = odd != end(pts[e+1], col, lat)
		}
	}
	return odd
}

func end(v orb.Point, col uint32, lat float64) bool {
	if !(v[1] > lat) {
		return false
	}
	c, _, _ := units(v)
	return c < col
}
