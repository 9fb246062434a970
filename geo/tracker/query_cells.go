package tracker

import (
	"cmp"
	"math"
	"slices"

	"aman/geo"
)

// maxCells bounds one answer; more mean that the view is too fine for its size.
const maxCells = 20_000

// Cell counts the people of one map cell who have the same highest zone level
// and verdict, so that people inside and outside a zone never merge.
type Cell struct {
	Lon, Lat float64 // mean of the people's positions, degrees
	Level    int
	Verdict  geo.Verdict
	Count
	// Persons by state.
	Fresh, Safe, NeedsHelp, Leaving int64
}

// Cells is a map view in numbers. Total counts all people of the filter,
// Unplaced those of them without a position (with a box: of the same filter
// without it), which no cell shows.
type Cells struct {
	Cells    []Cell
	Total    Count
	Unplaced Count
}

type cellKey struct {
	x, y    uint32
	level   uint8
	verdict uint8
}

type cellSum struct {
	Cell
	lon, lat float64 // sums, weighted by records
}

// Cells groups whom f means into cells of about 64 pixels at a web map zoom
// (0..18). Errors: those of Filter, and a FieldError when there are too many
// cells.
func (v View) Cells(f Filter, zoom int) (Cells, error) {
	boxes := f.Boxes
	f.Boxes = nil
	q, err := v.prepare(&f)
	if err != nil {
		return Cells{}, err
	}
	shift := 32 - min(max(zoom, 0), 18) - 2
	type acc struct {
		cells           map[cellKey]*cellSum
		total, unplaced Count
	}
	accs := scan(q, func(a *acc, _ uint32, h *hot, c *cold, verdict geo.Verdict) {
		if h.marks&markPlaced == 0 {
			a.unplaced.add(h)
			if boxes == nil {
				a.total.add(h)
			}
			return
		}
		if boxes != nil && !inBoxes(h, boxes) {
			return
		}
		a.total.add(h)
		level := h.level
		if q.zone >= 0 {
			level = uint8(v.s.zones[q.zone].active.Level)
		}
		k := cellKey{h.mx >> shift, h.my >> shift, level, uint8(verdict)}
		s := a.cells[k]
		if s == nil {
			if a.cells == nil {
				a.cells = map[cellKey]*cellSum{}
			}
			s = &cellSum{Cell: Cell{Level: int(level), Verdict: verdict}}
			a.cells[k] = s
		}
		s.take(&v, h)
	})
	var out Cells
	sums := map[cellKey]*cellSum{}
	for i := range accs {
		out.Total.merge(accs[i].total)
		out.Unplaced.merge(accs[i].unplaced)
		for k, s := range accs[i].cells {
			if t := sums[k]; t != nil {
				t.merge(s)
			} else {
				sums[k] = s
			}
		}
	}
	if len(sums) > maxCells {
		return Cells{}, invalid("bbox", "too_many_cells", "the view has more than 20000 cells: give a smaller bbox or a lower zoom")
	}
	out.Cells = make([]Cell, 0, len(sums))
	for _, s := range sums {
		s.Lon = round7(s.lon / float64(s.Records))
		s.Lat = round7(s.lat / float64(s.Records))
		out.Cells = append(out.Cells, s.Cell)
	}
	slices.SortFunc(out.Cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Lat, b.Lat), cmp.Compare(a.Lon, b.Lon))
	})
	return out, nil
}

func (s *cellSum) take(v *View, h *hot) {
	s.Count.add(h)
	s.lon += h.lon
	s.lat += h.lat
	n := int64(h.persons)
	if h.staleAt > v.nowUS {
		s.Fresh += n
	}
	switch Wellbeing(h.wellbeing) {
	case Safe:
		s.Safe += n
	case NeedsHelp, Injured:
		s.NeedsHelp += n
	}
	if h.intention == uint8(Leaving) {
		s.Leaving += n
	}
}

func (s *cellSum) merge(o *cellSum) {
	s.Count.merge(o.Count)
	s.lon += o.lon
	s.lat += o.lat
	s.Fresh += o.Fresh
	s.Safe += o.Safe
	s.NeedsHelp += o.NeedsHelp
	s.Leaving += o.Leaving
}

// round7 keeps seven decimals of a degree, about a centimetre.
func round7(x float64) float64 { return math.Round(x*1e7) / 1e7 }
