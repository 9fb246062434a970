package geo

import (
	"slices"
	"sync/atomic"

	"github.com/paulmach/orb"
)

// blockCap makes a block just fill one of the allocator's sizes, 1536 bytes.
const blockCap = 124

// Block is a run of positions that are neighbours in Morton order. It never changes once a copy holds it, so its
// address stands for its content: whoever has worked out something about it may keep that in its memo.
type Block struct {
	memo  memo
	epoch uint64 // of the writer that made it
	box   unitBox
	n     uint32
	words [blockCap]uint64
	ids   [blockCap]uint32
}

// IDs returns the ids in the block, in Morton order of their places. It must not be changed.
func (b *Block) IDs() []uint32 { return b.ids[:b.n:b.n] }

// Bound returns a box in lon/lat that holds all places of the block, some centimetres wider than the smallest.
func (b *Block) Bound() orb.Bound { return b.box.degrees() }

// Memo returns what SetMemo last stored, nil at first. Any number of goroutines may call both.
func (b *Block) Memo() any { return b.memo.load() }

// SetMemo keeps v, which must follow from the block and from nothing that changes without Points.Touch.
func (b *Block) SetMemo(v any) { b.memo.store(v) }

// memo keeps a value that readers work out.
type memo struct{ p atomic.Pointer[any] }

func (m *memo) load() any {
	if v := m.p.Load(); v != nil {
		return *v
	}
	return nil
}

func (m *memo) store(v any) { m.p.Store(&v) }

// forget is for the writer, whose own searches may have left something before the first copy.
func (m *memo) forget() {
	if m.p.Load() != nil {
		m.p.Store(nil)
	}
}

// degrees returns the box in lon/lat of all places in the units of b, with room to spare.
func (b *unitBox) degrees() orb.Bound {
	lo, hi := cellBox(b.west, b.south, 0), cellBox(b.east, b.north, 0)
	return orb.Bound{Min: lo.Min, Max: hi.Max}
}

// copy returns a block of the same entries that the writer of epoch owns.
func (b *Block) copy(epoch uint64) *Block {
	c := &Block{epoch: epoch, box: b.box, n: b.n}
	copy(c.words[:b.n], b.words[:b.n])
	copy(c.ids[:b.n], b.ids[:b.n])
	return c
}

// newBlock returns a block of the given entries, at least one and at most blockCap.
func newBlock(epoch uint64, words []uint64, ids []uint32) *Block {
	b := &Block{epoch: epoch, n: uint32(len(words))}
	copy(b.words[:], words)
	copy(b.ids[:], ids)
	b.measure()
	return b
}

// measure works out the box.
func (b *Block) measure() {
	col, row := wordUnit(b.words[0])
	b.box = unitBox{col, row, col, row}
	for _, w := range b.words[1:b.n] {
		b.box.add(wordUnit(w))
	}
}

// seek returns the place of the first entry that isn't before (word, id).
func (b *Block) seek(word uint64, id uint32) int {
	i := seekWord(b.words[:b.n], word)
	for i < int(b.n) && b.words[i] == word && b.ids[i] < id {
		// Thousands may be at one place, the same airport: as many steps as they fill blocks would be too many.
		same := seekWord(b.words[i:b.n], word+1)
		k, _ := slices.BinarySearch(b.ids[i:i+same], id)
		return i + k
	}
	return i
}

// seekWord returns the place of the first word that isn't below w.
func seekWord(words []uint64, w uint64) int {
	lo, n := 0, len(words)
	for n > 0 {
		half := n / 2
		if words[lo+half] < w {
			lo += half + 1
			n -= half + 1
		} else {
			n = half
		}
	}
	return lo
}

// insert adds an entry to a block that is owned and has room.
func (b *Block) insert(word uint64, id uint32) {
	i := b.seek(word, id)
	copy(b.words[i+1:b.n+1], b.words[i:b.n])
	copy(b.ids[i+1:b.n+1], b.ids[i:b.n])
	b.words[i], b.ids[i] = word, id
	b.n++
	b.box.add(wordUnit(word))
}

// remove takes out the entry (word, id), which must be there, of a block that is owned and holds another one.
func (b *Block) remove(word uint64, id uint32) {
	i := b.seek(word, id)
	copy(b.words[i:], b.words[i+1:b.n])
	copy(b.ids[i:], b.ids[i+1:b.n])
	b.n--
	if b.box.borders(wordUnit(word)) {
		b.measure()
	}
}

// before reports whether the first entry of b comes before (word, id), or is it.
func (b *Block) before(word uint64, id uint32) bool {
	return b.words[0] < word || b.words[0] == word && b.ids[0] <= id
}
