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

// What a cell holds: one of these, or a country's index + 1.
const (
	cellAsk      = 0                  // edges: only the polygons know
	cellSea      = math.MaxUint16     // no land within NearM of any of it
	cellCoast    = math.MaxUint16 - 1 // no land in it, but perhaps within NearM
	maxCountries = math.MaxUint16 - 2
)

// worldGrid knows, for cells of a quarter degree, what needs no geometry: that a
// cell lies wholly in one country, or far from any land; for the other cells, which
// parts have an edge within NearM of it. It never changes an answer, it saves
// asking: most positions are decided by one memory access, and a coast
// asks a few islands instead of a tree of thousands.
type worldGrid struct {
	cells []uint16 // row by row from the south-west corner
	// edges[first[c]:first[c+1]] are the parts with an edge within NearM of a place in cell c.
	first []int32
	edges []int32
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

// edgesNear returns the parts that have an edge within NearM of p, and some more.
func (g worldGrid) edgesNear(p orb.Point) []int32 {
	col, row := cellAt(p)
	c := row*gridCols + col
	return g.edges[g.first[c]:g.first[c+1]]
}

// certain returns what is known of the whole disc, or of its centre when that is
// cellCoast; cellAsk when nothing is.
func (g worldGrid) certain(p orb.Point, radiusM float64) uint16 {
	col, row := cellAt(p)
	c := g.cells[row*gridCols+col]
	if c == cellAsk || c == cellCoast || radiusM == 0 {
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
	if west < -180 || east >= 180 {
		return cellAsk
	}
	c0, r0 := cellAt(orb.Point{west, p[1] - dLat})
	c1, r1 := cellAt(orb.Point{east, p[1] + dLat})
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
	near := newNearEdges()
	part := int32(0)
	for _, c := range w.countries {
		for _, polygon := range c.Shape {
			near.part(part, polygon)
			part++
			for _, cell := range near.touched {
				edge[cell] = true
			}
		}
	}
	g.first, g.edges = near.byCell()
	g.fill(edge, w)
	for c := range g.cells {
		if g.cells[c] == cellSea && g.first[c] < g.first[c+1] {
			g.cells[c] = cellCoast
		}
	}
	return g
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
