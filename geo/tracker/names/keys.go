package names

import "slices"

// Keys of different kinds never meet but by chance.
const (
	keyPair  uint64 = iota + 1 // the sounds of two words
	keyPart                    // the sound of a word and two codes of another
	keyWord                    // the sound of one word
	keyTour                    // a tour and the sound of a word
	keyBirth                   // a birth date, day and month in either order
	keyPhone
	keyParty
)

// mostKeys of one person are indexed.
const mostKeys = 40

// appendKeys appends the keys by which p is found, each once. Spellings share
// most of theirs.
func (p *Prepared) appendKeys(keys []uint32) []uint32 {
	from := len(keys)
	add := func(kind uint64, a, b uint32) {
		k := mix(kind, a, b)
		if len(keys)-from < mostKeys && !slices.Contains(keys[from:], k) {
			keys = append(keys, k)
		}
	}
	if p.birth != 0 {
		add(keyBirth, min(p.birth, transposed(p.birth)), 0)
	}
	for _, n := range p.phones {
		if n != 0 {
			add(keyPhone, n, 0)
		}
	}
	if p.party != 0 {
		add(keyParty, p.party, 0)
	}
	for i := 0; i < len(p.words); {
		n := spelling(p.words[i:])
		core, m := coreSounds(p.words[i : i+n])
		i += n
		for i, s := range core[:m] {
			add(keyWord, uint32(s), 0)
			if p.tour != 0 {
				add(keyTour, uint32(s), p.tour)
			}
			for _, t := range core[i+1 : m] {
				add(keyPair, uint32(min(s, t)), uint32(max(s, t)))
			}
		}
		for i, s := range core[:min(m, 2)] {
			if m < 2 {
				break
			}
			for _, part := range s.parts() {
				add(keyPart, uint32(core[1-i]), uint32(part))
			}
		}
	}
	return keys
}

// coreSounds are up to three sounds of a spelling's words: surname and given
// name; a patronymic only if there is no more than one of those.
func coreSounds(words []word) (core [3]sound, n int) {
	for _, want := range [...]wordKind{plain, patronymic} {
		for i := range words {
			w := &words[i]
			if w.is(want) && w.sound != 0 && n < len(core) && !slices.Contains(core[:n], w.sound) {
				core[n] = w.sound
				n++
			}
		}
		if n > 1 {
			break
		}
	}
	return core, n
}

// parts are the first two codes, the last two, and the first and the last one:
// one error in a word leaves at least one of them. Of two codes and fewer each
// is a part, too.
func (s sound) parts() [3]sound {
	n := s.len()
	last := s >> (4 * (n - 1))
	if n < 3 {
		return [3]sound{s & 15, last | 0x100, s&15 | last<<4 | 0x200}
	}
	return [3]sound{s & 0xff, s>>(4*(n-2)) | 0x100, s&15 | last<<4 | 0x200}
}

// mix makes a key of 32 bits; never 0.
func mix(kind uint64, a, b uint32) uint32 {
	h := (uint64(a)<<32 | uint64(b)) ^ kind*0x9e3779b97f4a7c15
	h ^= h >> 31
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 29
	h *= 0x94d049bb133111eb
	return max(uint32(h>>32), 1)
}
