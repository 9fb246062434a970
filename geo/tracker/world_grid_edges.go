package tracker

import (
	"math"

	"github.com/paulmach/orb"
)

// nearEdges collects, part by part, the cells within NearM of its edges.
type nearEdges struct {
	touched []int // the cells that the current part's edges touch
	// Stamps say for which part a cell was last seen, so that it is seen once.
	onEdge, near []int32
	pairs        []cellPart
	counts       []int32
}

type cellPart struct{ cell, part int32 }

func newNearEdges() *nearEdges {
	const n = gridRows * gridCols
	return &nearEdges{onEdge: make([]int32, n), near: make([]int32, n), counts: make([]int32, n)}
}

// part enters the next part; numbers grow by one from 0.
func (e *nearEdges) part(part int32, polygon orb.Polygon) {
	e.touched = e.touched[:0]
	stamp := part + 1
	for _, ring := range polygon {
		for k := 1; k < len(ring); k++ {
			e.segment(stamp, ring[k-1], ring[k])
		}
	}
	const cellHeightM = 110_574.0 / cellsPerDegree  // at its least, at the equator
	reach := 1 + int(math.Floor(NearM/cellHeightM)) // rows with no more than NearM between them
	for _, cell := range e.touched {
		row, col := cell/gridCols, cell%gridCols
		cols := colReach(row, reach)
		for r := max(row-reach, 0); r <= min(row+reach, gridRows-1); r++ {
			for d := -cols; d <= cols; d++ {
				at := int32(r*gridCols + (col+d+gridCols)%gridCols)
				if e.near[at] != stamp {
					e.near[at] = stamp
					e.counts[at]++
					e.pairs = append(e.pairs, cellPart{at, part})
				}
			}
		}
	}
}

// byCell returns the parts of every cell, ascending: those of cell c are edges[first[c]:first[c+1]].
func (e *nearEdges) byCell() (first, edges []int32) {
	first = make([]int32, len(e.counts)+1)
	for c, n := range e.counts {
		first[c+1] = first[c] + n
	}
	edges = make([]int32, len(e.pairs))
	next := e.counts // no longer needed: now the place of a cell's next part
	copy(next, first)
	for _, p := range e.pairs {
		edges[next[p.cell]] = p.part
		next[p.cell]++
	}
	return first, edges
}

// segment notes every cell that a straight segment touches.
func (e *nearEdges) segment(stamp int32, a, b orb.Point) {
	ax, ay := (a[0]+180)*cellsPerDegree, (a[1]+90)*cellsPerDegree
	bx, by := (b[0]+180)*cellsPerDegree, (b[1]+90)*cellsPerDegree
	if ay > by {
		ax, ay, bx, by = bx, by, ax, ay
	}
	r0, r1 := int(math.Floor(ay-cellPad)), int(math.Floor(by+cellPad))
	for r := r0; r <= r1; r++ {
		// The part of the segment in this row, with the row's own padding.
		x0, x1 := ax, bx
		if by > ay {
			t0 := math.Max(0, (float64(r)-cellPad-ay)/(by-ay))
			t1 := math.Min(1, (float64(r+1)+cellPad-ay)/(by-ay))
			x0, x1 = ax+t0*(bx-ax), ax+t1*(bx-ax)
		}
		row := min(max(r, 0), gridRows-1)
		for c := int(math.Floor(math.Min(x0, x1) - cellPad)); c <= int(math.Floor(math.Max(x0, x1)+cellPad)); c++ {
			cell := row*gridCols + (c+gridCols)%gridCols // beyond ±180 is the other side
			if e.onEdge[cell] != stamp {
				e.onEdge[cell] = stamp
				e.touched = append(e.touched, cell)
			}
		}
	}
}

// colReach returns how many columns away a cell can be that has a point within
// NearM of one in row, when both lie within reach rows of it.
func colReach(row, reach int) int {
	south := float64(row-reach)/cellsPerDegree - 90
	north := float64(row+reach+1)/cellsPerDegree - 90
	far := math.Min(90, math.Max(math.Abs(south), math.Abs(north)))
	// On a sphere two points no farther than that from the equator and d degrees of
	// longitude apart are at least 2R·asin(cos(far)·sin(d/2)) apart (haversine
	// formula); R is the least radius of curvature of WGS84, so the ellipsoid's is more.
	const radiusM = 6_335_439.0
	s := math.Sin(NearM/(2*radiusM)) / math.Cos(far*math.Pi/180)
	if !(s < 1) || s < 0 {
		return gridCols / 2
	}
	degrees := 2 * math.Asin(s) * 180 / math.Pi
	return min(int(degrees*cellsPerDegree)+1, gridCols/2)
}
