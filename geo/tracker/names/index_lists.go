package names

import "math/bits"

// lists keeps a list of ids for each key: an open table of keys, and blocks of
// ids whose room doubles. A key with one id, as most have, needs no block. The
// zero value is empty.
type lists struct {
	slots []slotOf
	used  int // slots that ever had a key
	ids   []uint32
	free  [32][]uint32 // blocks given back, by the logarithm of their room
}

type slotOf struct {
	key   uint32 // 0: never used
	count uint32
	ref   uint32 // the id if count is 1, else where its block begins in ids
}

// find returns the slot of a key, or the one where it belongs.
func (l *lists) find(key uint32) *slotOf {
	mask := uint32(len(l.slots) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		if s := &l.slots[i]; s.key == key || s.key == 0 {
			return s
		}
	}
}

// get returns a key's ids, oldest first, valid until the next change; one has
// room for a list of one.
func (l *lists) get(key uint32, one *[1]uint32) []uint32 {
	if len(l.slots) == 0 {
		return nil
	}
	switch s := l.find(key); s.count {
	case 0:
		return nil
	case 1:
		one[0] = s.ref
		return one[:]
	default:
		return l.ids[s.ref : s.ref+s.count]
	}
}

func (l *lists) count(key uint32) int {
	if len(l.slots) == 0 {
		return 0
	}
	return int(l.find(key).count)
}

func (l *lists) add(key, id uint32) {
	if l.used >= len(l.slots)/8*7 {
		l.grow()
	}
	s := l.find(key)
	switch {
	case s.key == 0:
		l.used++
		*s = slotOf{key, 1, id}
		return
	case s.count == 0:
		s.ref = id
	case s.count == 1:
		at := l.block(1)
		l.ids[at], l.ids[at+1] = s.ref, id
		s.ref = at
	case s.count&(s.count-1) == 0: // full
		size := bits.TrailingZeros32(s.count)
		at := l.block(size + 1)
		copy(l.ids[at:], l.ids[s.ref:s.ref+s.count])
		l.free[size] = append(l.free[size], s.ref)
		l.ids[at+s.count] = id
		s.ref = at
	default:
		l.ids[s.ref+s.count] = id
	}
	s.count++
}

// remove takes an id off a key's list; the order of the others is kept.
func (l *lists) remove(key, id uint32) {
	if len(l.slots) == 0 {
		return
	}
	s := l.find(key)
	if s.count == 1 && s.ref == id {
		s.count = 0
		return
	}
	if s.count < 2 {
		return
	}
	list := l.ids[s.ref : s.ref+s.count]
	for i, x := range list {
		if x != id {
			continue
		}
		copy(list[i:], list[i+1:])
		s.count--
		if s.count&(s.count-1) == 0 { // half of its block: what is left moves
			old, size := s.ref, bits.TrailingZeros32(s.count)
			if s.count == 1 {
				s.ref = list[0]
			} else {
				s.ref = l.block(size)
				copy(l.ids[s.ref:], l.ids[old:old+s.count])
			}
			l.free[size+1] = append(l.free[size+1], old)
		}
		return
	}
}

// block finds room for 1<<size ids.
func (l *lists) block(size int) uint32 {
	if free := l.free[size]; len(free) > 0 {
		at := free[len(free)-1]
		l.free[size] = free[:len(free)-1]
		return at
	}
	at := len(l.ids)
	need := at + 1<<size
	if need > cap(l.ids) { // by a quarter, not by half: this is most of the memory
		grown := make([]uint32, at, max(need, at+at/4+1024))
		copy(grown, l.ids)
		l.ids = grown
	}
	l.ids = l.ids[:need]
	return uint32(at)
}

// grow makes room for keys, and forgets those that have no ids.
func (l *lists) grow() {
	live := 0
	for i := range l.slots {
		if l.slots[i].count > 0 {
			live++
		}
	}
	size := 1 << max(10, bits.Len(uint(live*3/2)))
	old := l.slots
	l.slots, l.used = make([]slotOf, size), live
	for _, s := range old {
		if s.count > 0 {
			*l.find(s.key) = s
		}
	}
}
