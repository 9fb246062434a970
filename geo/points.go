package geo

import (
	"github.com/paulmach/orb"
)

// Points holds live positions, each with an error radius, and finds them by place and by area. It is made for
// millions that move all the time:
//
//	Points ─ two trees: one for radii up to a city's, one for the rest, so that they don't blur the others
//	   tree      ┌──────────────┬──────────────┬─ …   as many nodes as it takes
//	   Node      ├─┬─┬─┬─ … ≤64 ├─┬─┬─ …
//	   Block     ▪ ▪ ▪ ▪        ▪ ▪ ▪         entries of 12 bytes, ≤124 a block, by word, then id
//
//	   word      60 bits: the unit of the place in Morton order │ 4 bits: the class of the radius
//
// An entry holds the place to its unit, some centimetres; that decides nearly everything. What it cannot decide is
// asked of the function that was given: exact places stay with their owner.
//
// One goroutine may write. Copy publishes what there is: a PointSet never changes, and any number may read it while
// the writer goes on. What the two share is copied when it is written.
//
// Invariants: the entries of a tree ascend strictly by (word, id); no node or block is empty, and every one knows
// the box of its places and its first word; words holds the word of every id held, and nothing else.
type Points struct {
	PointSet
	words table[uint64] // of the writer alone, so never copied
	epoch uint64        // what was made before it is shared
}

// NewPoints returns an empty index. at gives the place of an id that is held, exactly as it was last Set; it is
// called by the searches of the PointSet inside, not while writing.
func NewPoints(at func(id uint32) orb.Point) *Points {
	return &Points{PointSet: PointSet{at: at}, words: newTable[uint64](), epoch: 1}
}

// Set puts id at p with an error radius in metres, from wherever it was. A radius that is zero, negative or NaN is
// a point. A p that is no place on earth is nowhere: it is as if id had been deleted.
func (x *Points) Set(id uint32, p orb.Point, radiusM float64) {
	word, ok := wordOf(p, radiusM)
	if !ok {
		x.Delete(id)
		return
	}
	if old, held := x.words.get(id); held {
		if old == word {
			return
		}
		x.remove(old, id)
	}
	x.words.set(id, word)
	c := wordClass(word)
	x.held[c]++
	x.trees[c.tree()].insert(x.epoch, word, id)
}

// Delete removes id, if it is there.
func (x *Points) Delete(id uint32) {
	if old, held := x.words.get(id); held {
		x.remove(old, id)
		x.words.delete(id)
	}
}

func (x *Points) remove(word uint64, id uint32) {
	c := wordClass(word)
	x.held[c]--
	x.trees[c.tree()].remove(x.epoch, word, id)
}

// Touch puts a fresh block and node in the place of those that hold id, unless no copy has them yet, and empties
// their memos: something about id has changed that isn't its place. It reports whether id is held.
func (x *Points) Touch(id uint32) bool {
	word, held := x.words.get(id)
	if held {
		x.trees[wordClass(word).tree()].touch(x.epoch, word, id)
	}
	return held
}

// Has reports whether id is held.
func (x *Points) Has(id uint32) bool {
	_, held := x.words.get(id)
	return held
}

// Copy returns what is held now, for good. at is to the copy what NewPoints' is to x: it must go on giving the
// places of this moment. Its cost depends on what is written afterwards, not on how many points there are. Only the
// writer may call it.
func (x *Points) Copy(at func(id uint32) orb.Point) *PointSet {
	x.epoch++
	c := x.PointSet
	c.at = at
	return &c
}
