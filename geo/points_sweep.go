package geo

import (
	"math/bits"

	"github.com/paulmach/orb"
)

// pointSweep looks for the positions of one tree that lie in a shape. It goes down the binary tree that the bits of Morton
// numbers are, from spans of entries to the halves of them; each span lies in a cell, the rectangle of the places
// that begin with the same bits as all of the span. The edges that touch the cell are narrowed down from those that
// touch the one above:
//
//	┌───────┬───────┐     a cell without an edge is inside or outside as a whole, and so is its span: it is
//	│ ╲     │       │     taken without looking at the entries in it;
//	│  ╲____│_      │     a cell with few entries is narrowed down further to the unit of each, and where even
//	│       │ ╲     │     there an edge is left, the exact place of the entry is asked.
//	└───────┴───────┘
//
// Where radii count, cells and units are wider by the reach of the discs in them.
type pointSweep struct {
	o     *outline
	room  outline // for an o of its own
	t     *pointTree
	at    func(id uint32) orb.Point
	items []item // of the cells above, one behind the other, and the room for more
	out   taker
	reach *clearance // nil: radii don't count
}

// taker is where a sweep leaves what it finds.
type taker interface {
	// span takes entries that are in the shape, with all of their discs if radii count.
	span(t *pointTree, s span)
	// some takes neighbouring entries of that kind.
	some(ids []uint32)
	// maybe takes an entry whose disc may touch an edge.
	maybe(id uint32)
}

// fewEntries is up to how many entries it pays to ask each.
const fewEntries = 6

// account is a list of items, with what a sieve knows of all others.
type account struct {
	items []item
	odd   bool
	west  int64 // where their frame begins
}

// start sweeps all of a tree.
func (s *pointSweep) start(t *pointTree) {
	s.t = t
	s.items = s.items[:0]
	all, everything := t.all(), account{s.o.roots, false, nowhere}
	if all.empty() {
		return
	}
	b := s.o.box
	if s.reach != nil {
		if s.reach.atRim {
			s.cell(all, everything)
			return
		}
		b = s.reach.widest(&b)
	}
	cellsOf(&b, func(first uint64, free uint) {
		if in := t.within(first, first+1<<free); !in.empty() {
			s.cell(in, everything)
		}
	})
}

// cellsOf calls yield with at most four cells, no smaller than the box, that together hold it: their first Morton
// numbers, and how many bits are free.
func cellsOf(b *unitBox, yield func(first uint64, free uint)) {
	shift := uint(bits.Len32(max(b.east-b.west, b.north-b.south)))
	for row := b.south >> shift; row <= b.north>>shift; row++ {
		for col := b.west >> shift; col <= b.east>>shift; col++ {
			yield(morton(col, row)<<(2*shift), 2*shift)
		}
	}
}

// cell sweeps a span that isn't empty.
func (s *pointSweep) cell(sp span, above account) {
	if sp.inOne() && sp.hi-sp.lo <= 2 {
		s.each(sp, above)
		return
	}
	first, last := s.t.ends(sp)
	first, last = first>>classBits, last>>classBits
	free := uint(bits.Len64(first ^ last)) // bits that differ within the cell
	f := cellFrame(first>>free<<free, free)
	wide := f
	if s.reach != nil {
		var whole bool
		if wide, whole = s.reach.widen(f, classes-1); !whole {
			s.beyond(sp, f, free, above)
			return
		}
	}
	here, start := s.narrow(above, wide, f.south)
	switch {
	case len(here.items) == 0:
		if here.odd {
			s.out.span(s.t, sp)
		}
	case free == 0 || sp.inOne() && sp.hi-sp.lo <= fewEntries:
		s.each(sp, here)
	default:
		s.halves(sp, first, free, here)
	}
	s.items = s.items[:start]
}

// narrow returns the account of the items that touch f, of which cut is a row's southern one, out of one of a frame
// that holds f. The items are in s.items from start on.
func (s *pointSweep) narrow(above account, f frame, cut int64) (here account, start int) {
	start = len(s.items)
	sv := sieve{o: s.o, frame: f, cut: cut, oldWest: above.west, odd: above.odd, keep: &s.items}
	for _, it := range above.items {
		sv.sift(it)
	}
	return account{s.items[start:], sv.odd, f.west}, start
}

// contains says exactly whether p is in the shape or on its edge.
func (s *pointSweep) contains(p orb.Point) bool {
	col, row, ok := units(p)
	if !ok {
		return false
	}
	f := cellFrame(morton(col, row), 0)
	here, start := s.narrow(account{s.o.roots, false, nowhere}, f, f.south)
	s.items = s.items[:start]
	return s.o.holds(p, here.items, here.odd, here.west)
}

// halves sweeps both halves of a cell of so many free bits.
func (s *pointSweep) halves(sp span, first uint64, free uint, above account) {
	below, rest := s.t.cut(sp, wordFrom(first>>free<<free|1<<(free-1)))
	s.cell(below, above)
	s.cell(rest, above)
}

// cellFrame returns the frame of the places whose Morton numbers begin as first does, up to so many free bits.
func cellFrame(first uint64, free uint) frame {
	col, row := unmorton(first)
	return frame{int64(col), int64(row), int64(col) + 1<<((free+1)/2), int64(row) + 1<<(free/2)}
}

// each asks every entry of a span.
func (s *pointSweep) each(sp span, above account) {
	s.t.runs(sp, func(words []uint64, ids []uint32) {
		from := 0 // the entries from here on are in the shape
		for i := range words {
			if !s.one(words[i], &ids[i], &above) {
				if from < i {
					s.out.some(ids[from:i:i])
				}
				from = i + 1
			}
		}
		if from < len(ids) {
			s.out.some(ids[from:len(ids):len(ids)])
		}
	})
}

// one asks one entry whether it is in the shape, with all of its disc if radii count. The id is fetched if need be.
func (s *pointSweep) one(word uint64, id *uint32, above *account) bool {
	f := cellFrame(word>>classBits, 0)
	sv := sieve{o: s.o, frame: f, cut: f.south, oldWest: above.west, odd: above.odd}
	if s.reach != nil {
		wide, whole := s.reach.widen(f, wordClass(word))
		if !whole {
			if s.reach.mayTouch(f, wordClass(word)) {
				s.out.maybe(*id)
			}
			return false
		}
		sv.frame = wide
	}
	for _, it := range above.items {
		if sv.sift(it); !sv.touched {
			continue
		}
		if s.reach != nil {
			s.out.maybe(*id)
			return false
		}
		return s.o.holds(s.at(*id), above.items, above.odd, above.west)
	}
	return sv.odd
}
