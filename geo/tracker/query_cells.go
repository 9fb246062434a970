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

// cellKey packs a cell's place, level and verdict: 20, 20, 3 and 2 bits.
type cellKey uint64

func newCellKey(x, y uint32, level, verdict uint8) cellKey {
	return cellKey(x)<<25 | cellKey(y)<<5 | cellKey(level)<<2 | cellKey(verdict)
}

// cellTable sums people by cell.
type cellTable struct {
	at   map[cellKey]int32
	sums []cellSum
}

func (t *cellTable) cell(k cellKey) *cellSum {
	i, ok := t.at[k]
	if !ok {
		if t.at == nil {
			t.at = map[cellKey]int32{}
		}
		i = int32(len(t.sums))
		t.at[k] = i
		t.sums = append(t.sums, cellSum{Cell: Cell{Level: int(k >> 2 & 7), Verdict: geo.Verdict(k & 3)}})
	}
	return &t.sums[i]
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
		cells           cellTable
		total, unplaced Count
	}
	accs := scan(q, func(a *acc, r *record, verdict geo.Verdict) {
		h := r.hot
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
		a.cells.cell(newCellKey(h.mx>>shift, h.my>>shift, level, uint8(verdict))).take(&v, h)
	})
	var out Cells
	var all cellTable
	for i := range accs {
		out.Total.merge(accs[i].total)
		out.Unplaced.merge(accs[i].unplaced)
		for k, j := range accs[i].cells.at {
			all.cell(k).merge(&accs[i].cells.sums[j])
		}
	}
	sums := all.sums
	if len(sums) > maxCells {
		return Cells{}, invalid("bbox", "too_many_cells", "the view has more than 20000 cells: give a smaller bbox or a lower zoom")
	}
	out.Cells = make([]Cell, 0, len(sums))
	for i := range sums {
		s := &sums[i]
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
