package tracker

import (
	"math"
	"slices"
)

const (
	// leafLen is how many people a leaf of a cell tree holds before it is divided.
	leafLen = 32
	// treeDepth is the depth of the smallest cells: those of zoom 18.
	treeDepth = 20
)

// cellTree sums people by map cell, for every zoom at once:
//
//	depth 2 (zoom 0)   ┌────┬────┬────┬────┐   a node is a cell of the web map and
//	                   │    │    │ ▪▪ │    │   knows the sums of all people below;
//	      3 (zoom 1)   ├────┼────┼─┬──┼────┤   a leaf holds up to leafLen people,
//	                   │    │    │ │▪ │    │   or any number in a smallest cell
//	                   └────┴────┴─┴──┴────┘
//
// Sums follow from the people of a table at a moment. A person who changes is
// taken out as they were and put in as they are: change. Nodes note when the next of their
// people grows stale or is stranded, so that time too touches only whom it concerns.
type cellTree struct {
	root cellNode
	// ask says how somebody who is in the tree counts now.
	ask  func(num uint32) counted
	full []fullLeaf
	// crossed is the latest moment up to now at which anybody put in grew stale or
	// was stranded, µs.
	crossed int64
}

// counted is how one person counts.
type counted struct {
	x, y    uint32 // web mercator, 32 bits an axis
	variant variant
	tally   tally
	// next is when the variant changes by itself, µs; math.MaxInt64: never. last is
	// when it last did, 0: never.
	next, last int64
}

type cellNode struct {
	sums sums
	kids *[4]cellNode // nil: a leaf
	nums []uint32     // of a leaf
	next int64        // not later than the next of anybody below
}

// kid is the child of a node of depth d that holds (x, y).
func kid(x, y uint32, d int) int { return int(x>>(31-d)&1 | y>>(31-d)&1<<1) }

// change puts somebody in who was not there (was is nil), takes somebody out (is is
// nil), or has them count otherwise. The tree is whole again after settle.
func (t *cellTree) change(num uint32, was, is *counted) {
	n, d := &t.root, 0
	for was != nil && is != nil {
		n.recount(was, is)
		if n.kids == nil {
			t.crossed = max(t.crossed, is.last)
			return
		}
		from, to := kid(was.x, was.y, d), kid(is.x, is.y, d)
		d++
		if from != to {
			t.take(&n.kids[from], d, num, was)
			t.put(&n.kids[to], d, num, is)
			return
		}
		n = &n.kids[to]
	}
	if was != nil {
		t.take(n, d, num, was)
	}
	if is != nil {
		t.put(n, d, num, is)
	}
}

// recount corrects the sums for somebody who stays below the node.
func (n *cellNode) recount(was, is *counted) {
	delta := was.tally.negative()
	if was.variant == is.variant {
		delta.add(&is.tally)
		for i := range n.sums {
			if n.sums[i].variant == is.variant {
				n.sums[i].tally.add(&delta)
				break
			}
		}
	} else {
		n.sums.add(was.variant, &delta)
		n.sums.add(is.variant, &is.tally)
	}
	n.next = min(n.next, is.next)
}

// put puts somebody in below n, a node of depth d.
func (t *cellTree) put(n *cellNode, d int, num uint32, c *counted) {
	t.crossed = max(t.crossed, c.last)
	for ; ; d++ {
		n.sums.add(c.variant, &c.tally)
		n.next = min(n.next, c.next)
		if n.kids == nil {
			n.nums = append(n.nums, num)
			if len(n.nums) == leafLen+1 && d < treeDepth {
				t.full = append(t.full, fullLeaf{n, d})
			}
			return
		}
		n = &n.kids[kid(c.x, c.y, d)]
	}
}

// take takes somebody out below n who was put in as c; next stays early where it
// was theirs.
func (t *cellTree) take(n *cellNode, d int, num uint32, c *counted) {
	minus := c.tally.negative()
	for ; ; d++ {
		n.sums.add(c.variant, &minus)
		if n.kids == nil {
			if i := slices.Index(n.nums, num); i >= 0 {
				last := len(n.nums) - 1
				n.nums[i] = n.nums[last]
				n.nums = n.nums[:last]
			}
			return
		}
		n = &n.kids[kid(c.x, c.y, d)]
	}
}

// settle divides the leaves that changes have filled. It comes after all changes of
// a round, for it asks how everybody in a leaf counts now.
func (t *cellTree) settle() {
	for _, f := range t.full {
		if len(f.leaf.nums) > leafLen && f.leaf.kids == nil {
			t.divide(f.leaf, f.depth)
		}
	}
	t.full = t.full[:0]
}

type fullLeaf struct {
	leaf  *cellNode
	depth int
}

// divide turns a leaf into four.
func (t *cellTree) divide(n *cellNode, d int) {
	nums := n.nums
	n.nums, n.kids = nil, newKids()
	for _, num := range nums {
		c := t.ask(num)
		k := &n.kids[kid(c.x, c.y, d)]
		k.sums.add(c.variant, &c.tally)
		k.next = min(k.next, c.next)
		k.nums = append(k.nums, num)
	}
	for i := range n.kids {
		if k := &n.kids[i]; len(k.nums) > leafLen && d+1 < treeDepth {
			t.divide(k, d+1)
		}
	}
}

func newKids() *[4]cellNode {
	k := new([4]cellNode)
	for i := range k {
		k[i].next = math.MaxInt64
	}
	return k
}

// fill puts many in, at less cost than one by one.
func (t *cellTree) fill(all []placedNum) {
	t.root = cellNode{next: math.MaxInt64}
	t.fillNode(&t.root, 0, all)
}

// placedNum is somebody by their place.
type placedNum struct{ x, y, num uint32 }

func (t *cellTree) fillNode(n *cellNode, d int, all []placedNum) {
	n.next = math.MaxInt64
	if len(all) <= leafLen || d == treeDepth {
		n.nums = make([]uint32, len(all))
		for i := range all {
			n.nums[i] = all[i].num
		}
		t.sumLeaf(n)
		return
	}
	n.kids = newKids()
	north := split(all, func(p *placedNum) bool { return p.y>>(31-d)&1 == 0 })
	for i, half := range [2][]placedNum{all[:north], all[north:]} {
		west := split(half, func(p *placedNum) bool { return p.x>>(31-d)&1 == 0 })
		t.fillNode(&n.kids[2*i], d+1, half[:west])
		t.fillNode(&n.kids[2*i+1], d+1, half[west:])
	}
	n.sumKids()
}

// split puts those of whom first is true before the others and returns how many
// they are.
func split(all []placedNum, first func(*placedNum) bool) int {
	i, j := 0, len(all)
	for i < j {
		if first(&all[i]) {
			i++
			continue
		}
		j--
		all[i], all[j] = all[j], all[i]
	}
	return i
}

// sumLeaf works out a leaf's sums anew.
func (t *cellTree) sumLeaf(n *cellNode) {
	n.sums, n.next = n.sums[:0], math.MaxInt64
	for _, num := range n.nums {
		c := t.ask(num)
		n.sums.add(c.variant, &c.tally)
		n.next = min(n.next, c.next)
		t.crossed = max(t.crossed, c.last)
	}
}

// sumKids works out an inner node's sums anew.
func (n *cellNode) sumKids() {
	n.sums, n.next = n.sums[:0], math.MaxInt64
	for i := range n.kids {
		n.sums.addAll(n.kids[i].sums)
		n.next = min(n.next, n.kids[i].next)
	}
}

// forward brings the sums to the moment now, µs, which must not be before that of
// the last call.
func (t *cellTree) forward(now int64) { t.forwardNode(&t.root, now) }

func (t *cellTree) forwardNode(n *cellNode, now int64) {
	if n.next > now {
		return
	}
	if n.kids == nil {
		t.sumLeaf(n)
		return
	}
	for i := range n.kids {
		t.forwardNode(&n.kids[i], now)
	}
	n.sumKids()
}
