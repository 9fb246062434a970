package geo

import "slices"

// pointTree is the sequence of nodes of one range of radii. The slices are shared with copies until epoch is the
// writer's.
type pointTree struct {
	epoch uint64
	nodes []*Node
	first []uint64 // the first word of each node
}

// find returns the node where (word, id) is or would be: the last that begins before it, or the first.
func (t *pointTree) find(word uint64, id uint32) int {
	i := seekWord(t.first, word)
	for i < len(t.first) && t.first[i] == word && t.nodes[i].blocks[0].before(word, id) {
		i++
	}
	return max(i-1, 0)
}

// own returns node i ready to be written, copied if it is shared, its memo empty.
func (t *pointTree) own(epoch uint64, i int) *Node {
	t.ownSlices(epoch)
	nd := t.nodes[i]
	if nd.epoch != epoch {
		nd = nd.copy(epoch)
		t.nodes[i] = nd
	}
	nd.memo.forget()
	return nd
}

func (t *pointTree) ownSlices(epoch uint64) {
	if t.epoch != epoch {
		t.nodes, t.first, t.epoch = slices.Clone(t.nodes), slices.Clone(t.first), epoch
	}
}

// insert adds an entry, which must not be there.
func (t *pointTree) insert(epoch, word uint64, id uint32) {
	if len(t.nodes) == 0 {
		t.splice(epoch, 0, 0, newNode(epoch, []*Block{newBlock(epoch, []uint64{word}, []uint32{id})}))
		return
	}
	i := t.find(word, id)
	if nd := t.own(epoch, i); !nd.insert(epoch, word, id) {
		half := nd.n / 2
		t.splice(epoch, i, i+1, newNode(epoch, nd.blocks[:half]), newNode(epoch, nd.blocks[half:nd.n]))
		i = t.find(word, id)
		t.nodes[i].insert(epoch, word, id)
	}
	t.first[i] = t.nodes[i].first[0]
}

// remove takes out an entry, which must be there.
func (t *pointTree) remove(epoch, word uint64, id uint32) {
	i := t.find(word, id)
	if t.nodes[i].held == 1 {
		t.splice(epoch, i, i+1)
		return
	}
	nd := t.own(epoch, i)
	nd.remove(epoch, word, id)
	t.first[i] = nd.first[0]
	if nd.n < nodeCap/4 && len(t.nodes) > 1 {
		t.tighten(epoch, i)
	}
}

// tighten makes one node of node i and a neighbour, if they fit with some room to spare.
func (t *pointTree) tighten(epoch uint64, i int) {
	i = min(i, len(t.nodes)-2)
	a, b := t.nodes[i], t.nodes[i+1]
	if a.n+b.n <= nodeCap*3/4 {
		t.splice(epoch, i, i+2, newNode(epoch, slices.Concat(a.Blocks(), b.Blocks())))
	}
}

// touch owns the block and the node of an entry, which must be there.
func (t *pointTree) touch(epoch, word uint64, id uint32) {
	nd := t.own(epoch, t.find(word, id))
	nd.own(epoch, nd.find(word, id))
}

// splice puts other nodes in the place of nodes lo to hi.
func (t *pointTree) splice(epoch uint64, lo, hi int, with ...*Node) {
	t.ownSlices(epoch)
	first := make([]uint64, len(with))
	for i, nd := range with {
		first[i] = nd.first[0]
	}
	t.nodes = slices.Replace(t.nodes, lo, hi, with...)
	t.first = slices.Replace(t.first, lo, hi, first...)
}
