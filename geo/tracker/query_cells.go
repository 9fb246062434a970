package tracker

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

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
	depth := min(max(zoom, 0), 18) + 2
	if q.text == nil && v.s.cells != nil { // texts are rarely asked twice
		if out, ok := v.s.cells.of(q).cells(q, boxes, depth); ok {
			return out.answer()
		}
	}
	return q.scanCells(boxes, depth).answer()
}

// scanCells adds up everybody: the way for a text, and for a moment that has passed.
func (q *query) scanCells(boxes []orb.Bound, depth int) cellsOut {
	k := newKeptCells(q)
	k.now = q.v.nowUS
	k.query.text = q.text
	type place struct{ x, y uint32 }
	type acc struct {
		cells    map[place]*sums
		unplaced sums
	}
	every := k.query
	every.v = q.v
	accs := scan(&every, func(a *acc, r *record, _ geo.Verdict) {
		c, in, _ := k.count(r)
		if in == &k.unplaced {
			a.unplaced.add(c.variant, &c.tally)
			return
		}
		if boxes != nil && !inBoxes(r.hot, boxes) {
			return
		}
		if a.cells == nil {
			a.cells = map[place]*sums{}
		}
		at := place{c.x >> (32 - depth), c.y >> (32 - depth)}
		s := a.cells[at]
		if s == nil {
			s = &sums{}
			a.cells[at] = s
		}
		s.add(c.variant, &c.tally)
	})
	cells := map[place]*sums{}
	var unplaced sums
	for i := range accs {
		unplaced.addAll(accs[i].unplaced)
		for at, s := range accs[i].cells {
			if had := cells[at]; had != nil {
				had.addAll(*s)
			} else {
				cells[at] = s
			}
		}
	}
	out := cellsOut{q: q, unplaced: q.countOf(unplaced)}
	if boxes == nil {
		out.total = out.unplaced
	}
	for _, s := range cells {
		out.emit(*s)
	}
	return out
}

// cellsOut gathers an answer.
type cellsOut struct {
	q               *query
	cells           []Cell
	total, unplaced Count
}

// emit adds the cells of one place: one for each level and verdict that the query
// wants.
func (o *cellsOut) emit(s sums) {
	for i := 0; i < len(s); {
		n := s[i].variant
		var sum tally
		var fresh int64
		for ; i < len(s) && s[i].variant.level() == n.level() && s[i].variant.verdict() == n.verdict(); i++ {
			if !o.q.wants(s[i].variant) {
				continue
			}
			sum.add(&s[i].tally)
			if !s[i].variant.stale() {
				fresh += s[i].persons
			}
		}
		if sum.records == 0 {
			continue
		}
		count := Count{sum.records, sum.persons}
		o.total.merge(count)
		if len(o.cells) > maxCells {
			continue // it is refused anyway
		}
		o.cells = append(o.cells, Cell{
			Lon: meanDeg(sum.lonNano, sum.records), Lat: meanDeg(sum.latNano, sum.records),
			Level: int(n.level()), Verdict: n.verdict(), Count: count,
			Fresh: fresh, Safe: sum.safe, NeedsHelp: sum.needsHelp, Leaving: sum.leaving,
		})
	}
}

// meanDeg is a mean to seven decimals of a degree, about a centimetre.
func meanDeg(nano, n int64) float64 { return math.Round(float64(nano)/float64(n)/100) / 1e7 }

func (o cellsOut) answer() (Cells, error) {
	if len(o.cells) > maxCells {
		return Cells{}, invalid("bbox", "too_many_cells", "the view has more than 20000 cells: give a smaller bbox or a lower zoom")
	}
	slices.SortFunc(o.cells, func(a, b Cell) int {
		switch {
		case a.Level != b.Level:
			return cmp.Compare(a.Level, b.Level)
		case a.Verdict != b.Verdict:
			return cmp.Compare(a.Verdict, b.Verdict)
		case a.Lat != b.Lat:
			return cmp.Compare(a.Lat, b.Lat)
		}
		return cmp.Or(cmp.Compare(a.Lon, b.Lon), cmp.Compare(a.Persons, b.Persons))
	})
	if o.cells == nil {
		o.cells = []Cell{}
	}
	return Cells{Cells: o.cells, Total: o.total, Unplaced: o.unplaced}, nil
}
