package tracker

import (
	"math"

	"github.com/paulmach/orb"

	"aman/geo"
)

const (
	cellsPerDegree = 4
	gridCols       = 360 * cellsPerDegree
	gridRows       = 180 * cellsPerDegree
	// cellPad, in cells, widens what touches a cell, so that rounding never makes
	// a cell look untouched.
	cellPad = 1e-6
)

// What a cell holds: cellAsk, cellSea, or a country's index + 1.
const (
	cellAsk      = 0
	cellSea      = math.MaxUint16
	maxCountries = math.MaxUint16 - 1
)

// worldGrid knows, for cells of a quarter degree, what needs no geometry: that a
// cell lies wholly in one country, or wholly farther than NearM from any land.
// Everything else asks the polygons. It never changes an answer, it saves asking:
// nine positions in ten of a crisis are decided by one memory access.
type worldGrid struct {
	cells []uint16 // row by row from the south-west corner
}

// cellAt returns the column and row of a point on earth; the antimeridian and
// the poles fall into the cells beside them.
func cellAt(p orb.Point) (col, row int) {
	col = int((p[0] + 180) * cellsPerDegree)
	row = int((p[1] + 90) * cellsPerDegree)
	if col >= gridCols {
		col = 0 // lon 180 is lon -180
	}
	return col, min(row, gridRows-1)
}

// certain returns what is known of the whole disc, cellAsk when it isn't.
func (g worldGrid) certain(p orb.Point, radiusM float64) uint16 {
	col, row := cellAt(p)
	c := g.cells[row*gridCols+col]
	if c == cellAsk || radiusM == 0 {
		return c
	}
	if radiusM > 50_000 || math.Abs(p[1]) > 80 {
		return cellAsk // many cells, or meridians too close: rare, and the polygons know
	}
	// A box that holds the disc: a degree of latitude is at least 110,574 m, one
	// of longitude at least that times the cosine of the latitude farthest from the equator.
	dLat := radiusM/110_574 + cellPad
	dLon := radiusM/(110_574*math.Cos((math.Abs(p[1])+dLat)*math.Pi/180)) + cellPad
	west, east := p[0]-dLon, p[0]+dLon
	if west < -180 || east > 180 {
		return cellAsk
	}
	c0, r0 := cellAt(orb.Point{west, p[1] - dLat})
	c1, r1 := cellAt(orb.Point{math.Min(east, 180-cellPad), p[1] + dLat})
	for r := r0; r <= r1; r++ {
		for _, other := range g.cells[r*gridCols+c0 : r*gridCols+c1+1] {
			if other != c {
				return cellAsk
			}
		}
	}
	return c
}

func newWorldGrid(w *World) worldGrid {
	g := worldGrid{cells: make([]uint16, gridRows*gridCols)}
	edge := make([]bool, len(g.cells))
	for _, c := range w.countries {
		for _, polygon := range c.Shape {
			for _, ring := range polygon {
				for k := 1; k < len(ring); k++ {
					markSegment(edge, ring[k-1], ring[k])
				}
			}
		}
	}
	g.fill(edge, w)
	g.askNearLand(edge)
	return g
}

// markSegment marks every cell that a straight segment touches.
func markSegment(edge []bool, a, b orb.Point) {
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
			edge[row*gridCols+(c+gridCols)%gridCols] = true // beyond ±180 is the other side
		}
	}
}

// fill finds what holds each run of cells that no edge touches: a run is wholly
// in the same countries, and so is every such cell above or below it.
func (g worldGrid) fill(edge []bool, w *World) {
	var room [8]geo.Hit
	for row := range gridRows {
		for col := 0; col < gridCols; {
			at := row*gridCols + col
			if edge[at] {
				col++
				continue
			}
			end, known := col, -1
			for ; end < gridCols && !edge[row*gridCols+end]; end++ {
				if below := at + end - col - gridCols; known < 0 && row > 0 && !edge[below] {
					known = int(g.cells[below])
				}
			}
			if known < 0 {
				centre := orb.Point{(float64(col)+0.5)/cellsPerDegree - 180, (float64(row)+0.5)/cellsPerDegree - 90}
				switch hits := w.parts.Match(room[:0], centre, 0); len(hits) {
				case 0:
					known = cellSea
				case 1:
					known = w.partOf[hits[0].ID] + 1
				default:
					known = cellAsk // countries overlap here
				}
			}
			for c := col; c < end; c++ {
				g.cells[row*gridCols+c] = uint16(known)
			}
			col = end
		}
	}
}

// askNearLand turns sea within NearM of a coast into cells that ask.
func (g worldGrid) askNearLand(edge []bool) {
	const cellHeightM = 110_574.0 / cellsPerDegree  // at its least, at the equator
	reach := int(math.Floor(NearM/cellHeightM)) + 1 // rows with no more than NearM between them
	for row := range gridRows {
		cols := colReach(row, reach)
		for col := range gridCols {
			if !edge[row*gridCols+col] {
				continue
			}
			for r := max(row-reach, 0); r <= min(row+reach, gridRows-1); r++ {
				for d := -cols; d <= cols; d++ {
					at := r*gridCols + (col+d+gridCols)%gridCols
					if g.cells[at] == cellSea {
						g.cells[at] = cellAsk
					}
				}
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
	const radiusM = 6_335_439
	s := math.Sin(NearM/(2*radiusM)) / math.Cos(far*math.Pi/180)
	if !(s < 1) || s < 0 {
		return gridCols / 2
	}
	degrees := 2 * math.Asin(s) * 180 / math.Pi
	return min(int(degrees*cellsPerDegree)+1, gridCols/2)
}
