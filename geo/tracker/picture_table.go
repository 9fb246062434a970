package tracker

import (
	"slices"

	"github.com/paulmach/orb"
)

// The table of everybody is a tree of fixed depth that is written by copying: what
// a snapshot may be reading is never changed, and a change copies what lies on
// the way to one person, not those beside them.
//
//	people ── pages ──┬── page ── chunks ──┬── chunk: hot ×4, exp ×4, cold ×4 ──┬── cold
//	                  ├── page             ├── chunk                            ├── cold
//	                  …                    …                                    …
//
// What follows from where somebody is (hot and the exposures) stands in the chunk
// itself: a zone that is published changes both for thousands and nothing else.
const (
	// chunkLen is how many people one chunk holds. A change copies a chunk, so small
	// is cheap to write; a pass over everybody goes from chunk to chunk, so large
	// is cheap to read.
	chunkLen = 4
	// pageLen is how many chunks a page lists. A snapshot copies the list of pages,
	// a round of writing the pages in which anything changed.
	pageLen = 32
	// pagePeople is how many people one page leads to.
	pagePeople = chunkLen * pageLen
)

// chunk is a fixed block of people; what holds pointers comes first, so that
// the garbage collector stops before what is hot.
type chunk struct {
	// owner is the round of writing that made it: of an earlier round, it is shared
	// with snapshots and is copied first.
	owner uint64
	cold  [chunkLen]*cold
	exp   [chunkLen][]exposure // ascending by zone number, none outside; replaced, never written
	hot   [chunkLen]hot
}

// page lists the chunks of neighbouring numbers.
type page struct {
	owner  uint64
	chunks [pageLen]*chunk
}

// people is the table of everybody, by number.
type people struct {
	pages []*page
	n     uint32
	round uint64
	// changed are the people edited in this round, some more than once, if logged.
	changed []uint32
	logged  bool
}

// chunk is the chunk of a number and the number's place in it.
func (p *people) chunk(num uint32) (*chunk, uint32) {
	return p.pages[num/pagePeople].chunks[num/chunkLen%pageLen], num % chunkLen
}

func (p *people) at(num uint32) (*hot, *cold) {
	c, i := p.chunk(num)
	return &c.hot[i], c.cold[i]
}

// point is where somebody is, if they are placed.
func (p *people) point(num uint32) orb.Point {
	c, i := p.chunk(num)
	return orb.Point{c.hot[i].lon, c.hot[i].lat}
}

// exposures are a person's verdicts that aren't outside, ascending by zone number;
// they must not be changed.
func (p *people) exposures(num uint32) []exposure {
	c, i := p.chunk(num)
	return c.exp[i]
}

// record is a person of the table as queries see them.
type record struct {
	num  uint32
	hot  *hot
	cold *cold
	exp  []exposure
}

func (p *people) record(num uint32) record {
	c, i := p.chunk(num)
	return record{num, &c.hot[i], c.cold[i], c.exp[i]}
}

// edit is at for writing; both results are the writer's own until share.
func (p *people) edit(num uint32) (*hot, *cold) {
	c, i := p.editChunk(num)
	if k := c.cold[i]; k.owner != p.round {
		own := *k
		own.owner = p.round
		c.cold[i] = &own
	}
	return &c.hot[i], c.cold[i]
}

// editPlace is edit for what follows from a person's place, at less cost. The
// exposures are replaced, not written.
func (p *people) editPlace(num uint32) (*hot, *[]exposure) {
	c, i := p.editChunk(num)
	return &c.hot[i], &c.exp[i]
}

func (p *people) editChunk(num uint32) (*chunk, uint32) {
	if p.logged {
		p.changed = append(p.changed, num)
	}
	pg := p.pages[num/pagePeople]
	if pg.owner != p.round {
		own := *pg
		own.owner = p.round
		pg = &own
		p.pages[num/pagePeople] = pg
	}
	c := pg.chunks[num/chunkLen%pageLen]
	if c.owner != p.round {
		own := *c
		own.owner = p.round
		c = &own
		pg.chunks[num/chunkLen%pageLen] = c
	}
	return c, num % chunkLen
}

// add appends an empty person and returns their number.
func (p *people) add() uint32 {
	num := p.n
	if num%pagePeople == 0 {
		p.pages = append(p.pages, &page{owner: p.round})
	}
	if num%chunkLen == 0 {
		pg := p.pages[num/pagePeople]
		if pg.owner != p.round {
			own := *pg
			own.owner = p.round
			pg = &own
			p.pages[num/pagePeople] = pg
		}
		pg.chunks[num/chunkLen%pageLen] = &chunk{owner: p.round}
	}
	p.n++
	c, i := p.editChunk(num)
	c.cold[i] = &cold{owner: p.round}
	return num
}

// share returns a copy for readers, and who was edited since the last, if that is
// logged. The next edit of anything copies it first.
func (p *people) share() (copied people, changed []uint32) {
	p.round++
	changed = p.changed
	p.changed = make([]uint32, 0, min(cap(changed), 4096))
	return people{pages: slices.Clone(p.pages), n: p.n}, changed
}

// each calls fn with everybody from number lo up to but without hi, until fn
// returns false. The record is good until fn returns.
func (p *people) each(lo, hi uint32, fn func(r *record) bool) {
	var r record
	for num := lo; num < min(hi, p.n); {
		c, i := p.chunk(num)
		for ; i < chunkLen && num < min(hi, p.n); i, num = i+1, num+1 {
			r = record{num, &c.hot[i], c.cold[i], c.exp[i]}
			if !fn(&r) {
				return
			}
		}
	}
}
