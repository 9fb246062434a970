package tracker

import "maps"

// aliases says which records count with another, by number: Gone -> Kept, one step
// at a time, so that undoing one merge leaves those before it as they were. It is
// replaced, never written, once shared.
type aliases map[uint32]uint32

// root is the record that num counts with in the end; num itself for most.
func (a aliases) root(num uint32) uint32 {
	for {
		kept, ok := a[num]
		if !ok {
			return num
		}
		num = kept
	}
}

// members lists num and all that count with it, in no order.
func (a aliases) members(num uint32) []uint32 {
	out := []uint32{num}
	for i := 0; i < len(out); i++ {
		for gone, kept := range a {
			if kept == out[i] {
				out = append(out, gone)
			}
		}
	}
	return out
}

// takeMerges takes in merges and un-mergings in their order and lists the records
// whose reports have to be folded anew. What can't be (a record merged into
// itself by way of others) is left out; writers see to it that none is.
func (p *picture) takeMerges(ms []Merge) (touched []uint32) {
	if len(ms) == 0 {
		return nil
	}
	next := maps.Clone(p.aliases)
	if next == nil {
		next = aliases{}
	}
	counts := maps.Clone(p.mergeN)
	if counts == nil {
		counts = map[ID]int{}
	}
	for i := range ms {
		m := &ms[i]
		counts[m.Crisis] = max(counts[m.Crisis], m.N)
		gone, ok := p.nums.get(m.Gone)
		if !ok {
			continue // erased
		}
		before, merged := next[gone]
		if merged {
			touched = append(touched, next.root(before), gone)
			delete(next, gone)
		}
		if kept, ok := p.nums.get(m.Kept); ok && !m.Kept.IsZero() && next.root(kept) != gone {
			next[gone] = kept
			touched = append(touched, next.root(kept), gone)
		}
		h, c := p.people.edit(gone)
		_, merged = next[gone]
		setMark(h, markGone, merged || c.erased)
	}
	p.aliases, p.mergeN = next, counts
	for _, num := range touched {
		p.joinTexts(num)
	}
	return touched
}

// joinTexts lets search find a record by the spellings of those merged into it.
func (p *picture) joinTexts(num uint32) {
	_, c := p.people.edit(num)
	if c.text == nil {
		return
	}
	var others []*entry
	for _, m := range p.aliases.members(num)[1:] {
		_, o := p.people.at(m)
		others = append(others, o.text)
	}
	c.text = c.text.with(others)
}
