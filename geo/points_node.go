package geo

import "github.com/paulmach/orb"

// nodeCap bounds how many blocks a node holds.
const nodeCap = 64

// spreadOver is over how many neighbouring blocks a full one is evened out before there is one more.
const spreadOver = 3

// Node is a run of blocks that are neighbours in Morton order, some thousands of positions. Like a Block, it never
// changes once a copy holds it, nor does anything below it.
type Node struct {
	memo   memo
	epoch  uint64
	box    unitBox
	n      int
	held   int             // positions in all blocks
	first  [nodeCap]uint64 // of each block: its first word,
	counts [nodeCap]uint32 // how many it holds,
	boxes  [nodeCap]unitBox
	blocks [nodeCap]*Block
}

// Blocks returns the blocks of the node in Morton order, at least one. It must not be changed.
func (nd *Node) Blocks() []*Block { return nd.blocks[:nd.n:nd.n] }

// Count returns the number of positions in the node.
func (nd *Node) Count() int { return nd.held }

// Bound returns a box in lon/lat that holds all places of the node, some centimetres wider than the smallest.
func (nd *Node) Bound() orb.Bound { return nd.box.degrees() }

// Memo returns what SetMemo last stored, nil at first. Any number of goroutines may call both.
func (nd *Node) Memo() any { return nd.memo.load() }

// SetMemo keeps v, which must follow from the node and from nothing that changes without Points.Touch.
func (nd *Node) SetMemo(v any) { nd.memo.store(v) }

// newNode returns a node of the given blocks.
func newNode(epoch uint64, blocks []*Block) *Node {
	nd := &Node{epoch: epoch}
	nd.splice(0, 0, blocks)
	return nd
}

// copy returns a node of the same blocks that the writer of epoch owns.
func (nd *Node) copy(epoch uint64) *Node {
	c := &Node{epoch: epoch, box: nd.box, n: nd.n, held: nd.held}
	copy(c.first[:], nd.first[:nd.n])
	copy(c.counts[:], nd.counts[:nd.n])
	copy(c.boxes[:], nd.boxes[:nd.n])
	copy(c.blocks[:], nd.blocks[:nd.n])
	return c
}

// find returns the block where (word, id) is or would be: the last that begins before it, or the first.
func (nd *Node) find(word uint64, id uint32) int {
	i := seekWord(nd.first[:nd.n], word)
	for i < nd.n && nd.first[i] == word && nd.blocks[i].before(word, id) {
		i++
	}
	return max(i-1, 0)
}

// own returns block i ready to be written, copied if it is shared, its memo empty.
func (nd *Node) own(epoch uint64, i int) *Block {
	b := nd.blocks[i]
	if b.epoch != epoch {
		b = b.copy(epoch)
		nd.blocks[i] = b
	}
	b.memo.forget()
	return b
}

// insert adds an entry. The node must be owned. It reports false, having done nothing, when there is no room.
func (nd *Node) insert(epoch, word uint64, id uint32) bool {
	i := nd.find(word, id)
	if nd.counts[i] == blockCap {
		if !nd.makeRoom(epoch, i) {
			return false
		}
		i = nd.find(word, id)
	}
	b := nd.own(epoch, i)
	b.insert(word, id)
	nd.first[i], nd.counts[i], nd.boxes[i] = b.words[0], b.n, b.box
	nd.box.unite(&b.box)
	nd.held++
	return true
}

// remove takes out an entry, which must be there. The node must be owned, and hold another entry.
func (nd *Node) remove(epoch, word uint64, id uint32) {
	i := nd.find(word, id)
	if nd.counts[i] == 1 {
		nd.splice(i, i+1, nil)
		return
	}
	b := nd.own(epoch, i)
	b.remove(word, id)
	shrunk := nd.boxes[i] != b.box
	nd.first[i], nd.counts[i], nd.boxes[i] = b.words[0], b.n, b.box
	nd.held--
	if shrunk {
		nd.measure()
	}
	if b.n < blockCap/2 {
		nd.tighten(epoch, i)
	}
}

// around returns the neighbourhood of block i, at most spreadOver blocks, and how many positions they hold.
func (nd *Node) around(i int) (lo, hi, held int) {
	lo = max(min(i-spreadOver/2, nd.n-spreadOver), 0)
	hi = min(lo+spreadOver, nd.n)
	for _, c := range nd.counts[lo:hi] {
		held += int(c)
	}
	return lo, hi, held
}

// makeRoom sees to it that neither block i nor its neighbours are full: it evens them out, over one block more if
// they are too full for that. It reports false if the node has no place for it.
func (nd *Node) makeRoom(epoch uint64, i int) bool {
	lo, hi, held := nd.around(i)
	into := hi - lo
	if held > into*(blockCap*7/8) {
		if into++; nd.n == nodeCap {
			return false
		}
	}
	nd.even(epoch, lo, hi, held, into)
	return true
}

// tighten puts block i and its neighbours into one block less, if they fit with some room to spare.
func (nd *Node) tighten(epoch uint64, i int) {
	lo, hi, held := nd.around(i)
	if into := hi - lo - 1; into > 0 && held <= into*(blockCap*7/8) {
		nd.even(epoch, lo, hi, held, into)
	}
}

// even puts what blocks lo to hi hold into so many blocks of equal size.
func (nd *Node) even(epoch uint64, lo, hi, held, into int) {
	var words [spreadOver * blockCap]uint64
	var ids [spreadOver * blockCap]uint32
	n := 0
	for _, b := range nd.blocks[lo:hi] {
		copy(words[n:], b.words[:b.n])
		copy(ids[n:], b.ids[:b.n])
		n += int(b.n)
	}
	var fresh [spreadOver + 1]*Block
	for k := range into {
		from, to := k*held/into, (k+1)*held/into
		fresh[k] = newBlock(epoch, words[from:to], ids[from:to])
	}
	nd.splice(lo, hi, fresh[:into])
}

// splice puts other blocks in the place of blocks lo to hi.
func (nd *Node) splice(lo, hi int, with []*Block) {
	n := nd.n - (hi - lo) + len(with)
	copy(nd.blocks[lo+len(with):], nd.blocks[hi:nd.n])
	copy(nd.first[lo+len(with):], nd.first[hi:nd.n])
	copy(nd.counts[lo+len(with):], nd.counts[hi:nd.n])
	copy(nd.boxes[lo+len(with):], nd.boxes[hi:nd.n])
	for k, b := range with {
		nd.blocks[lo+k], nd.first[lo+k], nd.counts[lo+k], nd.boxes[lo+k] = b, b.words[0], b.n, b.box
	}
	clear(nd.blocks[n:max(n, nd.n)])
	nd.n = n
	nd.measure()
}

// measure works out the box and the count of all blocks, at least one.
func (nd *Node) measure() {
	nd.box, nd.held = nd.boxes[0], 0
	for i := range nd.n {
		nd.box.unite(&nd.boxes[i])
		nd.held += int(nd.counts[i])
	}
}
