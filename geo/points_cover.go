package geo

import (
	"math/bits"
	"slices"

	"github.com/paulmach/orb"
)

// Cover is a shape cut into cells along the Morton order of the world's units, to be asked for its people again and
// again: what a sweep finds out on its way down, kept. It is immutable and safe for concurrent use.
//
//	        inside   edges   edges  inside          edges
//	──────┤████████├┤░░░░░├┤░░░░░├┤███████├────────┤░░░░░├──▶ Morton order
//
// Invariants: the pieces of a part ascend and don't overlap; those without items lie in the shape as a whole; no place
// outside the pieces lies in it.
type Cover struct {
	o     *outline // nil: the shape has no edge, or goes beyond the rim of the world
	shape orb.MultiPolygon
	parts []part
	items []item // of the pieces, one behind the other: edges, all of them
}

// part is what of a shape lies in one of the few cells that hold it.
type part struct {
	first, end uint64 // Morton numbers of the cell, end not with it
	scale      uint   // pieces count in so many bits' worth of them, from first
	pieces     []piece
}

// piece is some Morton numbers of a part.
type piece struct {
	first, end uint32 // end not with it
	at         uint32 // of the first of its items, and whether its account is odd; with n = 0 of none
	n          uint32 // how many items; where there are any, the numbers are those of one cell
}

// maxPieceItems is how many items a piece may have unless it is as small as cells get.
const maxPieceItems = 2

// fewTests is up to how many edges it pays to try for the entries in a piece, before it is cut further.
const fewTests = 400

// minPieceBits is how many bits of Morton numbers the cell of a piece with items has at least: some metres.
const minPieceBits = 14

// pieceDepth is into how many cells a side, as a power of two, the box of a shape is cut at most, for there may be any
// number of edges on one line. A shape of many edges is cut finer, but so that pieces can count the cells.
const (
	pieceDepth    = 10
	maxPieceDepth = 15
)

// NewCover makes the cover of the area that NewArea would make of mp. The shape is kept and must not be changed.
func NewCover(mp orb.MultiPolygon) *Cover {
	c := &Cover{shape: mp}
	o := new(outline)
	if !o.reset(mp) {
		return c
	}
	c.o = o
	depth := min(pieceDepth+bits.Len(uint(len(o.pts)>>(2*pieceDepth-6))), maxPieceDepth)
	cellsOf(&o.box, func(first uint64, free uint) {
		scale := uint(max(minPieceBits, int(free)-2*depth))
		b := coverer{pointSweep: pointSweep{o: o}, c: c, part: part{first, first + 1<<free, min(scale, free), nil}}
		b.cell(first, free, account{o.roots, false, nowhere})
		if len(b.part.pieces) > 0 {
			b.part.pieces = slices.Clip(b.part.pieces)
			c.parts = append(c.parts, b.part)
		}
	})
	c.items = slices.Clip(c.items)
	return c
}

// coverer cuts a shape into pieces.
type coverer struct {
	pointSweep // for its narrowing
	c          *Cover
	part       part
}

// cell cuts the cell of the Morton numbers that begin as first does, up to so many free bits.
func (b *coverer) cell(first uint64, free uint, above account) {
	f := cellFrame(first, free)
	here, start := b.narrow(above, f, f.south)
	switch {
	case len(here.items) == 0:
		if here.odd {
			b.inside(first, free)
		}
	case free <= b.part.scale || b.edges(here.items) <= maxPieceItems:
		c, p := b.c, b.piece(first, free)
		p.at, p.n = uint32(len(c.items))<<1, uint32(b.edges(here.items))
		if here.odd {
			p.at |= 1
		}
		b.part.pieces = append(b.part.pieces, p)
		for _, it := range here.items { // a run is as good as its edges: where they join, their tails cancel
			from, to := b.o.chain(it)
			for e := from; e < to; e++ {
				c.items = append(c.items, item(e)|edgeItem)
			}
		}
	default:
		b.cell(first, free-1, here)
		b.cell(first|1<<(free-1), free-1, here)
	}
	b.items = b.items[:start]
}

// piece returns a cell as a piece of the part.
func (b *coverer) piece(first uint64, free uint) piece {
	from := uint32((first - b.part.first) >> b.part.scale)
	return piece{first: from, end: from + 1<<(free-b.part.scale)}
}

// inside adds a cell that lies in the shape as a whole.
func (b *coverer) inside(first uint64, free uint) {
	p := b.piece(first, free)
	if k := len(b.part.pieces) - 1; k >= 0 && b.part.pieces[k].n == 0 && b.part.pieces[k].end == p.first {
		b.part.pieces[k].end = p.end
		return
	}
	b.part.pieces = append(b.part.pieces, p)
}

// edges returns how many edges there are in items.
func (b *coverer) edges(items []item) int {
	n := 0
	for _, it := range items {
		from, to := b.o.chain(it)
		n += int(to - from)
	}
	return n
}

// CountCover is CountShape for the shape that c was made of.
func (x *PointSet) CountCover(c *Cover) int {
	var n counter
	x.covered(c, &n)
	return int(n)
}

// IDsCover is IDsShape for the shape that c was made of.
func (x *PointSet) IDsCover(dst []uint32, c *Cover) []uint32 {
	l := lister{dst}
	x.covered(c, &l)
	return l.ids
}

func (x *PointSet) covered(c *Cover, out taker) {
	if c.o == nil {
		x.searchArea(NewArea(c.shape), out)
		return
	}
	s := sweeps.Get().(*pointSweep)
	defer s.done()
	s.o, s.at, s.out = c.o, x.at, out
	for i := range x.trees {
		s.t = &x.trees[i]
		for k := range c.parts {
			s.part(c, &c.parts[k])
		}
	}
	x.twins(s)
}

// part sweeps the tree along the pieces of a part of a cover.
func (s *pointSweep) part(c *Cover, p *part) {
	s.items = s.items[:0]
	rest := s.t.within(p.first, p.end)
	for k := 0; !rest.empty(); {
		word, _ := s.t.ends(rest)
		at := uint32((word>>classBits - p.first) >> p.scale)
		if p.pieces[k].end <= at { // on to the first piece that isn't before the next entry
			if k += seekPiece(p.pieces[k:], at); k == len(p.pieces) {
				return
			}
			continue
		}
		pc := p.pieces[k]
		if at < pc.first {
			_, rest = s.t.cutNear(rest, wordFrom(p.first+uint64(pc.first)<<p.scale))
			continue
		}
		var in span
		in, rest = s.t.cutNear(rest, wordFrom(p.first+uint64(pc.end)<<p.scale))
		if pc.n == 0 {
			s.out.span(s.t, in)
		} else {
			col, _ := unmorton(p.first + uint64(pc.first)<<p.scale)
			s.piece(in, account{c.items[pc.at>>1:][:pc.n], pc.at&1 != 0, int64(col)})
		}
		if k++; k == len(p.pieces) {
			return
		}
	}
}

// piece sweeps a span in the cell of a piece with items.
func (s *pointSweep) piece(in span, here account) {
	if !in.inOne() || int(in.hi-in.lo)*len(here.items) > fewTests {
		s.cell(in, here)
		return
	}
	b := s.t.block(in.lo)
	for i := in.lo.entry(); i < in.hi.entry(); i++ {
		col, row := wordUnit(b.words[i])
		found, sure := s.o.settle(here.items, here.odd, here.west, unitPlace{col, row})
		if found || !sure && s.o.holds(s.at(b.ids[i]), here.items, here.odd, here.west) {
			s.out.some(b.ids[i : i+1 : i+1])
		}
	}
}

// seekPiece returns the number of the first piece that ends above at. It looks near the beginning first.
func seekPiece(pieces []piece, at uint32) int {
	step := 1
	for step < len(pieces) && pieces[step].end <= at {
		step *= 2
	}
	lo, hi := step/2, min(step, len(pieces))
	for lo < hi {
		if mid := (lo + hi) / 2; pieces[mid].end <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
