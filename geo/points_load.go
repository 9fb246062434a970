package geo

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// loadedFill is how full blocks and nodes are that were loaded: some room, so that the first moves split none.
const (
	loadedBlock = blockCap * 7 / 8
	loadedNode  = nodeCap * 7 / 8
)

// Load does what n calls of Set would do, for i from 0, but much faster when x is empty.
func (x *Points) Load(n int, position func(i int) (id uint32, p orb.Point, radiusM float64)) {
	if x.Len() > 0 {
		for i := range n {
			id, p, radiusM := position(i)
			x.Set(id, p, radiusM)
		}
		return
	}
	var entries [pointTrees][]entryWord
	var again []int // whose ids have come before
	for i := range n {
		id, p, radiusM := position(i)
		if _, held := x.words.get(id); held || len(again) > 0 {
			again = append(again, i)
			continue
		}
		word, ok := wordOf(p, radiusM)
		if !ok {
			continue
		}
		x.words.set(id, word)
		c := wordClass(word)
		x.held[c]++
		entries[c.tree()] = append(entries[c.tree()], entryWord{word, id})
	}
	for i := range entries {
		x.trees[i] = loadTree(x.epoch, entries[i])
		entries[i] = nil
	}
	for _, i := range again {
		id, p, radiusM := position(i)
		x.Set(id, p, radiusM)
	}
}

// entryWord is an entry on its way into a tree.
type entryWord struct {
	word uint64
	id   uint32
}

// loadTree makes a tree of entries in any order.
func loadTree(epoch uint64, entries []entryWord) pointTree {
	slices.SortFunc(entries, func(a, b entryWord) int {
		if a.word != b.word {
			return cmp.Compare(a.word, b.word)
		}
		return cmp.Compare(a.id, b.id)
	})
	var blocks []*Block
	var words [loadedBlock]uint64
	var ids [loadedBlock]uint32
	for run := range slices.Chunk(entries, loadedBlock) {
		for i, e := range run {
			words[i], ids[i] = e.word, e.id
		}
		blocks = append(blocks, newBlock(epoch, words[:len(run)], ids[:len(run)]))
	}
	t := pointTree{epoch: epoch}
	for run := range slices.Chunk(blocks, loadedNode) {
		t.nodes = append(t.nodes, newNode(epoch, run))
		t.first = append(t.first, run[0].words[0])
	}
	return t
}
