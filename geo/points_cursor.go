package geo

// cursor is a place between entries of a tree: the number of the block, counted as if every node had nodeCap of
// them, and the entry in it. Cursors compare like the entries they stand before.
type cursor int64

const cursorBits = 8 // more than blockCap

func newCursor(node, block, entry int) cursor {
	return cursor(node*nodeCap+block)<<cursorBits | cursor(entry)
}

func (c cursor) node() int  { return int(c>>cursorBits) / nodeCap }
func (c cursor) block() int { return int(c>>cursorBits) % nodeCap }
func (c cursor) entry() int { return int(c & (1<<cursorBits - 1)) }

// span is the entries of a tree from lo up to hi. Unless it is empty, lo stands before an entry of its block and hi
// behind one of its own.
type span struct{ lo, hi cursor }

func (s span) empty() bool { return s.lo >= s.hi }

// inOne reports whether all of s lies in one block.
func (s span) inOne() bool { return s.lo>>cursorBits == s.hi>>cursorBits }

// all returns the span of all entries.
func (t *pointTree) all() span {
	if len(t.nodes) == 0 {
		return span{}
	}
	nd := t.nodes[len(t.nodes)-1]
	return span{0, newCursor(len(t.nodes)-1, nd.n-1, int(nd.counts[nd.n-1]))}
}

// cut parts s, which is not empty, at the first entry whose word isn't below w.
func (t *pointTree) cut(s span, w uint64) (below, rest span) {
	lo, hi := s.lo, s.hi
	if s.inOne() {
		b := t.block(lo)
		at := lo + cursor(seekWord(b.words[lo.entry():hi.entry()], w))
		return span{lo, at}, span{at, hi}
	}
	// The block is the last that begins below w, if there is any behind that of lo.
	node, from := lo.node(), lo.block()
	if to := hi.node(); to > node {
		if k := seekWord(t.first[node+1:to+1], w); k > 0 {
			node, from = node+k, 0
		}
	}
	nd := t.nodes[node]
	to := nd.n
	if node == hi.node() {
		to = hi.block() + 1
	}
	block := from + seekWord(nd.first[from+1:to], w)
	at := newCursor(node, block, 0)
	n := int(nd.counts[block])
	if at>>cursorBits == hi>>cursorBits {
		n = hi.entry()
	}
	first := 0
	if at < lo {
		first = lo.entry()
	}
	at += cursor(first + seekWord(nd.blocks[block].words[first:n], w))
	below, rest = span{lo, at}, span{at, hi}
	if at < hi && at.entry() == n {
		if block++; block < nd.n {
			rest.lo = newCursor(node, block, 0)
		} else {
			rest.lo = newCursor(node+1, 0, 0)
		}
	}
	return below, rest
}

// cutNear is cut for a w that is likely to be near the beginning of s: it looks there first.
func (t *pointTree) cutNear(s span, w uint64) (below, rest span) {
	nd, block := t.nodes[s.lo.node()], s.lo.block()
	if !s.inOne() && (block+1 == nd.n || nd.first[block+1] < w) {
		return t.cut(s, w)
	}
	n := int(nd.counts[block])
	if s.inOne() {
		n = s.hi.entry()
	}
	from := s.lo.entry()
	words := nd.blocks[block].words[from:n]
	step := 1
	for step < len(words) && words[step] < w {
		step *= 2
	}
	k := step / 2
	if k += seekWord(words[k:min(step, len(words))], w); from+k < n || s.inOne() {
		at := s.lo + cursor(k)
		return span{s.lo, at}, span{at, s.hi}
	}
	return span{s.lo, s.lo + cursor(k)}, span{newCursor(s.lo.node(), block+1, 0), s.hi}
}

// within returns the span of the entries whose Morton numbers are first or above, and below end.
func (t *pointTree) within(first, end uint64) span {
	s := t.all()
	if !s.empty() {
		_, s = t.cut(s, wordFrom(first))
	}
	if !s.empty() {
		s, _ = t.cut(s, wordFrom(end))
	}
	return s
}

// block returns the block that c lies in.
func (t *pointTree) block(c cursor) *Block { return t.nodes[c.node()].blocks[c.block()] }

// ends returns the first and the last word of a span that isn't empty.
func (t *pointTree) ends(s span) (first, last uint64) {
	return t.block(s.lo).words[s.lo.entry()], t.block(s.hi).words[s.hi.entry()-1]
}

// runs calls yield with the entries of s, block by block.
func (t *pointTree) runs(s span, yield func(words []uint64, ids []uint32)) {
	if s.empty() {
		return
	}
	for node, block := s.lo.node(), s.lo.block(); ; {
		nd := t.nodes[node]
		for ; block < nd.n; block++ {
			b := nd.blocks[block]
			at := newCursor(node, block, 0)
			from, to := max(s.lo-at, 0), min(s.hi-at, cursor(b.n))
			yield(b.words[from:to], b.ids[from:to])
			if s.hi-at <= cursor(b.n) {
				return
			}
		}
		node, block = node+1, 0
	}
}

// count returns the number of entries of s, mostly from what nodes know of their blocks.
func (t *pointTree) count(s span) int {
	if s.empty() {
		return 0
	}
	if s.inOne() {
		return int(s.hi - s.lo)
	}
	// Whole blocks from that of lo up to that of hi, less the entries before lo, and those of hi.
	n := s.hi.entry() - s.lo.entry()
	node, block := s.lo.node(), s.lo.block()
	for last := s.hi.node(); node <= last; node, block = node+1, 0 {
		nd := t.nodes[node]
		to := nd.n
		if node == last {
			to = s.hi.block()
		} else if block == 0 {
			n += nd.held
			continue
		}
		for _, c := range nd.counts[block:to] {
			n += int(c)
		}
	}
	return n
}
