package geo

import "github.com/paulmach/orb"

// outline is the edges of a shape in whole units, ready to be narrowed down to those that touch a frame.
//
// A place is given to its unit, so what lies apart in units lies apart exactly; where units cannot tell, the doubles
// are asked. Runs of neighbouring edges lie in a tree of boxes, fan to a box, so that what is far off is passed over
// many edges at a time.
type outline struct {
	pts   []orb.Point // the rings one behind the other, each closed
	units []unitPlace // of each of pts
	runs  []run
	roots []item // one for each ring
	box   unitBox
}

// unitPlace is kept small, for much of the time goes into fetching such.
type unitPlace struct{ c, r uint32 }

func (u unitPlace) col() int64 { return int64(u.c) }
func (u unitPlace) row() int64 { return int64(u.r) }

// run is some neighbouring edges of one ring: those from pts[from] to pts[to].
type run struct {
	box      unitBox
	from, to uint32
	below    uint32 // the first of the runs it consists of, if there are any
	fan      uint32 // and how many
}

// item is a run, or one edge: then its number and edgeItem.
type item uint32

const edgeItem item = 1 << 31

// reset makes o the outline of mp. It reports false when mp has no edge or goes beyond the world's rim.
func (o *outline) reset(mp orb.MultiPolygon) bool {
	o.pts, o.units, o.runs, o.roots = o.pts[:0], o.units[:0], o.runs[:0], o.roots[:0]
	for _, poly := range mp {
		for _, ring := range poly {
			if len(ring) > 0 && !o.addRing(ring) {
				return false
			}
		}
	}
	for i, root := range o.roots {
		if i == 0 {
			o.box = o.runs[root].box
		}
		o.box.unite(&o.runs[root].box)
	}
	return len(o.roots) > 0
}

func (o *outline) addRing(ring orb.Ring) bool {
	first := uint32(len(o.pts))
	o.pts = append(o.pts, ring...)
	if ring[0] != ring[len(ring)-1] || len(ring) == 1 { // closed, and a single point is an edge without length
		o.pts = append(o.pts, ring[0])
	}
	for _, p := range o.pts[first:] {
		col, row, ok := units(p)
		if !ok {
			return false
		}
		o.units = append(o.units, unitPlace{col, row})
	}
	last := uint32(len(o.pts) - 1)
	level := len(o.runs)
	for from := first; from < last; from += fan {
		r := run{from: from, to: min(from+fan, last)}
		u := o.units[from]
		r.box = unitBox{u.c, u.r, u.c, u.r}
		for _, u := range o.units[from+1 : r.to+1] {
			r.box.add(u.c, u.r)
		}
		o.runs = append(o.runs, r)
	}
	for len(o.runs)-level > 1 {
		above := len(o.runs)
		for k := level; k < above; k += fan {
			r := o.runs[k]
			r.below, r.fan = uint32(k), uint32(min(fan, above-k))
			for _, b := range o.runs[k+1 : k+int(r.fan)] {
				r.box.unite(&b.box)
				r.to = b.to
			}
			o.runs = append(o.runs, r)
		}
		level = above
	}
	o.roots = append(o.roots, item(level))
	return true
}

// frame is a rectangle of places, given by the cuts between units at its sides: it holds the units with
// west ≤ col < east and south ≤ row < north.
type frame struct{ west, south, east, north int64 }

// sieve narrows a list of items down to those that touch a frame, and keeps account of what is left out.
//
// The account: for every place p of the frame that is on no edge,
//
//	p is in the shape  =  odd  ⊕  Σ over the items of  crossings(item, p) ⊕ tail(from, p) ⊕ tail(to, p)
//
// where crossings counts the edges that the ray from p to the west meets, and tail(v, p) is 1 when v lies west of
// the frame and not below p: as if from each end of an item in the west a line went straight to the north. Then
// whatever is left out changes nothing from one place of the frame to another, and odd can be worked out at any one
// of them: here at the west end of the cut in the south of core.
type sieve struct {
	o       *outline
	frame           // to be narrowed down to
	cut     int64   // a cut between rows, in the frame or at its rim
	oldWest int64   // where the frame of the list begins that is narrowed
	odd     bool    // the account so far
	keep    *[]item // where the touching items go; if nil, the first one ends the matter
	touched bool
}

// nowhere is a west that nothing is west of: that of a list of everything.
const nowhere = -1

// tail returns tail(v, p) for the old and the new frame, with p above the cut.
func (s *sieve) oldTail(v unitPlace) bool { return v.col() < s.oldWest && v.row() >= s.cut }
func (s *sieve) newTail(v unitPlace) bool { return v.col() < s.west && v.row() >= s.cut }

// sift takes in one item. After an item has touched and there is nothing to keep it in, the account is void.
func (s *sieve) sift(it item) {
	if it&edgeItem != 0 {
		s.edge(uint32(it &^ edgeItem))
		return
	}
	r := &s.o.runs[it]
	box := &r.box
	west, south, east, north := int64(box.west), int64(box.south), int64(box.east), int64(box.north)
	u, v := s.o.units[r.from], s.o.units[r.to]
	switch {
	case north < s.south || south >= s.north || west >= s.east:
		s.odd = s.odd != (s.oldTail(u) != s.oldTail(v))
	case east < s.west: // all its edges together cross the ray as one from end to end would
		s.odd = s.odd != ((u.row() >= s.cut) != (v.row() >= s.cut)) != (s.oldTail(u) != s.oldTail(v))
	case s.keep != nil && west >= s.west && east < s.east && south >= s.south && north < s.north:
		s.touched = true
		*s.keep = append(*s.keep, it)
		s.odd = s.odd != (s.oldTail(u) != s.oldTail(v)) // none is west of the new frame
	case r.fan > 0:
		for k := item(r.below); k < item(r.below+r.fan); k++ {
			s.sift(k)
			if s.touched && s.keep == nil {
				return
			}
		}
	default:
		for e := r.from; e < r.to; e++ {
			s.edge(e)
			if s.touched && s.keep == nil {
				return
			}
		}
	}
}

// edge is sift for one edge.
func (s *sieve) edge(e uint32) {
	a, b := s.o.units[e], s.o.units[e+1]
	oldTails := s.oldTail(a) != s.oldTail(b)
	switch {
	case a.row() < s.south && b.row() < s.south || a.row() >= s.north && b.row() >= s.north || a.col() >= s.east && b.col() >= s.east:
		s.odd = s.odd != oldTails
		return
	case a.col() < s.west && b.col() < s.west:
		s.odd = s.odd != ((a.row() >= s.cut) != (b.row() >= s.cut)) != oldTails
		return
	}
	side := s.frame.side(a, b)
	if side == 0 {
		s.touched = true
		if s.keep != nil {
			*s.keep = append(*s.keep, item(e)|edgeItem)
			s.odd = s.odd != oldTails != (s.newTail(a) != s.newTail(b))
		}
		return
	}
	crossed := (a.row() >= s.cut) != (b.row() >= s.cut) && (side < 0) == (b.row() > a.row())
	s.odd = s.odd != crossed != oldTails
}

// settle is sift for all of a list of edges and the frame of one unit, with that unit's southern cut: it says whether
// the places of the unit are in the shape, by an account of edges that touch a frame around it which begins at west.
// It is not sure when an edge touches the unit.
func (o *outline) settle(edges []item, odd bool, west int64, u unitPlace) (in, sure bool) {
	col, row := u.col(), u.row()
	for _, e := range edges {
		ends := o.units[e&^edgeItem:][:2]
		a, b := ends[0], ends[1]
		up, upTo := a.row() >= row, b.row() >= row
		if (a.col() < west && up) != (b.col() < west && upTo) {
			odd = !odd
		}
		switch {
		case a.row() < row && b.row() < row || a.row() > row && b.row() > row || a.col() > col && b.col() > col:
		case a.col() < col && b.col() < col:
			odd = odd != (up != upTo)
		default:
			f := frame{col, row, col + 1, row + 1}
			side := f.side(a, b)
			if side == 0 {
				return false, false
			}
			odd = odd != (up != upTo && (side < 0) == (b.row() > a.row()))
		}
	}
	return odd, true
}

// side returns on which side of the line a→b all of the frame lies, +1 on the left and -1 on the right, or 0 when
// the line may touch it. a and b are anywhere in their units: the allowances below are for that, and twice for what
// rounding adds to it.
func (f *frame) side(a, b unitPlace) int {
	dx, dy := b.col()-a.col(), b.row()-a.row()
	p, q := f.south+f.north-2*a.row(), f.west+f.east-2*a.col() // twice the way from a to the middle
	twice := dx*p - dy*q
	dx, dy = max(dx, -dx), max(dy, -dy)
	slack := (f.east-f.west+1)*(dy+2) + (f.north-f.south+1)*(dx+2) + 2*(max(p, -p)+max(q, -q)+dx+dy) + 8
	switch {
	case twice > slack:
		return 1
	case twice < -slack:
		return -1
	}
	return 0
}

// holds says exactly whether p is in the shape or on its edge, by an account: of the items that touch a frame
// around p which begins at west.
func (o *outline) holds(p orb.Point, items []item, odd bool, west int64) bool {
	for _, it := range items {
		crossed, on := o.crosses(it, p)
		if on {
			return true
		}
		from, to := o.chain(it)
		tails := (o.units[from].col() < west && o.pts[from][1] > p[1]) != (o.units[to].col() < west && o.pts[to][1] > p[1])
		odd = odd != crossed != tails
	}
	return odd
}

// chain returns where the edges of an item begin and end in pts.
func (o *outline) chain(it item) (from, to uint32) {
	if it&edgeItem != 0 {
		return uint32(it &^ edgeItem), uint32(it&^edgeItem) + 1
	}
	return o.runs[it].from, o.runs[it].to
}

// crosses returns the parity of the edges of an item that the ray from p to the west meets, and whether p is on one.
func (o *outline) crosses(it item, p orb.Point) (odd, on bool) {
	if it&edgeItem != 0 {
		return crossesEdge(o.pts[it&^edgeItem], o.pts[it&^edgeItem+1], p)
	}
	r := &o.runs[it]
	if r.fan > 0 {
		for k := item(r.below); k < item(r.below+r.fan) && !on; k++ {
			var c bool
			c, on = o.crosses(k, p)
			odd = odd != c
		}
		return odd, on
	}
	for e := r.from; e < r.to && !on; e++ {
		var c bool
		c, on = crossesEdge(o.pts[e], o.pts[e+1], p)
		odd = odd != c
	}
	return odd, on
}

// crossesEdge is crosses for the edge between a and b. An end level with p counts as below it.
func crossesEdge(a, b, p orb.Point) (crossed, on bool) {
	if a[1] > b[1] {
		a, b = b, a
	}
	switch {
	case p[1] < a[1] || p[1] > b[1] || p[0] < a[0] && p[0] < b[0]:
		return false, false
	case p[0] > a[0] && p[0] > b[0]:
		return a[1] <= p[1] && p[1] < b[1], false
	case a[1] == b[1]:
		return false, true // level with p, and p's lon is within it
	}
	side := orient(a, b, p)
	return side < 0 && p[1] < b[1], side == 0 // a is the lower end: on the right of it is east
}
