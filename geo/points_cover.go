package geo

import (
	"math"
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
// Invariants: pieces ascend and don't overlap; those without items lie in the shape as a whole; no place outside the
// pieces lies in it.
type Cover struct {
	o      *outline // nil: the shape goes beyond the rim of the world
	shape  orb.MultiPolygon
	ends   []uint64 // of each piece, for the search among them
	pieces []piece  // and one more behind the last, without a first
	items  []item   // of the pieces, one behind the other
}

// piece is some Morton numbers, from first up to its end, not with it.
type piece struct {
	first uint64
	from  uint32 // its items, up to those of the next piece; where it has any, the numbers are those of one cell
	odd   bool   // the account of the cell
}

// maxPieceItems is how many items a piece may have unless it is as small as cells get.
const maxPieceItems = 4

// minPieceBits is how many bits of Morton numbers the cell of a piece with items has at least: some metres.
const minPieceBits = 14

// pieceDepth is into how many cells a side, as a power of two, the box of a shape is cut at most, for there may be any
// number of edges on one line. A shape of many edges is cut finer.
const pieceDepth = 10

// NewCover makes the cover of the area that NewArea would make of mp. The shape is kept and must not be changed.
func NewCover(mp orb.MultiPolygon) *Cover {
	c := &Cover{o: new(outline), shape: mp}
	if !c.o.reset(mp) {
		c.o = nil
		return c
	}
	size := bits.Len32(max(c.o.box.east-c.o.box.west, c.o.box.north-c.o.box.south))
	depth := pieceDepth + bits.Len(uint(len(c.o.pts)>>(2*pieceDepth-6)))
	b := coverer{c: c, least: uint(max(minPieceBits, 2*(size-depth)))}
	b.cell(0, 2*unitBits, account{c.o.roots, false, nowhere})
	c.pieces = append(c.pieces, piece{from: uint32(len(c.items))})
	c.ends, c.pieces, c.items = slices.Clip(c.ends), slices.Clip(c.pieces), slices.Clip(c.items)
	return c
}

// coverer cuts a shape into pieces.
type coverer struct {
	c     *Cover
	least uint // bits of the cell of a piece with items
	items []item
}

// cell cuts the cell of the Morton numbers that begin as first does, up to so many free bits.
func (b *coverer) cell(first uint64, free uint, above account) {
	f := cellFrame(first, free)
	start := len(b.items)
	sv := sieve{o: b.c.o, frame: f, cut: f.south, oldWest: above.west, odd: above.odd, keep: &b.items}
	for _, it := range above.items {
		sv.sift(it)
	}
	here := account{b.items[start:], sv.odd, f.west}
	switch {
	case len(here.items) == 0:
		if here.odd {
			b.inside(first, first+1<<free)
		}
	case b.edges(here.items) <= maxPieceItems || free <= b.least:
		c := b.c
		c.ends = append(c.ends, first+1<<free)
		c.pieces = append(c.pieces, piece{first, uint32(len(c.items)), here.odd})
		c.items = append(c.items, here.items...)
	default:
		b.cell(first, free-1, here)
		b.cell(first|1<<(free-1), free-1, here)
	}
	b.items = b.items[:start]
}

// edges returns how many edges there are in items, or many.
func (b *coverer) edges(items []item) int {
	n := 0
	for _, it := range items {
		if it&edgeItem == 0 {
			return math.MaxInt
		}
		n++
	}
	return n
}

func (b *coverer) inside(first, end uint64) {
	c := b.c
	if k := len(c.pieces) - 1; k >= 0 && c.ends[k] == first && int(c.pieces[k].from) == len(c.items) {
		c.ends[k] = end
		return
	}
	c.ends = append(c.ends, end)
	c.pieces = append(c.pieces, piece{first: first, from: uint32(len(c.items))})
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
	own := s.o
	s.o, s.at, s.out = c.o, x.at, out
	for i := range x.trees {
		s.cover(&x.trees[i], c)
	}
	s.o = own
	x.twins(c.o, out)
}

// cover sweeps a tree along the pieces of a cover.
func (s *pointSweep) cover(t *pointTree, c *Cover) {
	s.t, s.items = t, s.items[:0]
	rest := t.all()
	for k := 0; k < len(c.ends) && !rest.empty(); {
		word, _ := t.ends(rest)
		at := word >> classBits
		if c.ends[k] <= at { // on to the first piece that isn't before the next entry
			k += seekEnd(c.ends[k:], at)
			continue
		}
		p := &c.pieces[k]
		if at < p.first {
			if _, rest = t.cut(rest, wordFrom(p.first)); rest.empty() {
				return
			}
			if word, _ = t.ends(rest); c.ends[k] <= word>>classBits {
				continue
			}
		}
		var in span
		in, rest = t.cut(rest, wordFrom(c.ends[k]))
		if k++; p.from == c.pieces[k].from {
			s.out.span(t, in)
			continue
		}
		col, _ := unmorton(p.first)
		s.cell(in, account{c.items[p.from:c.pieces[k].from], p.odd, int64(col)})
	}
}

// seekEnd returns the number of the first end above at. It looks near the beginning first.
func seekEnd(ends []uint64, at uint64) int {
	step := 1
	for step < len(ends) && ends[step] <= at {
		step *= 2
	}
	lo := step / 2
	return lo + seekWord(ends[lo:min(step, len(ends))], at+1)
}
