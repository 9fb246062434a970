package names

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// Index finds who may be the human of a record among many. Ids are small dense
// numbers: memory goes by the greatest. Methods may be called by many goroutines
// at once. The zero value is empty and ready.
type Index struct {
	mu     sync.RWMutex
	people []*Prepared // by id
	lists  lists
	size   int
}

// Suggestion is somebody who may be the one.
type Suggestion struct {
	ID      uint32
	Score   float64 // 0..1, see Score
	Reasons Reasons
}

// LeastScore is what Suggest leaves out below.
const LeastScore = 0.1

// What one Suggest looks at, however many people there are.
const (
	mostRead   = 4096 // entries of lists, the shortest lists first
	mostOfList = 512  // of one list, the newest
	mostScored = 512
)

// Add puts somebody in, in place of whoever had the id. A nil p only removes.
func (x *Index) Add(id uint32, p *Prepared) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
	if p == nil {
		return
	}
	if int(id) >= len(x.people) {
		x.people = slices.Grow(x.people, int(id)+1-len(x.people))[:id+1]
	}
	x.people[id] = p
	x.size++
	var room [mostKeys]uint32
	for _, k := range p.appendKeys(room[:0]) {
		x.lists.add(k, id)
	}
}

// Remove takes somebody out; an unknown id changes nothing.
func (x *Index) Remove(id uint32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
}

func (x *Index) remove(id uint32) {
	if int(id) >= len(x.people) || x.people[id] == nil {
		return
	}
	var room [mostKeys]uint32
	for _, k := range x.people[id].appendKeys(room[:0]) {
		x.lists.remove(k, id)
	}
	x.people[id] = nil
	x.size--
}

// Len is how many people are in.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.size
}

// Suggest returns up to n people who score LeastScore or more with p, best first,
// equals by id. Somebody who is in under an id of their own is suggested to
// themselves: leave that id out. The work is bounded: of people with a common
// name and nothing else in common, only the newest are seen.
func (x *Index) Suggest(p *Prepared, n int) []Suggestion {
	if n <= 0 {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	c := candidates.Get().(*candidateSet)
	defer candidates.Put(c)
	x.gather(p, c)
	var best []Suggestion
	for _, id := range c.most(mostScored) {
		score, why := Score(p, x.people[id])
		if score < LeastScore {
			continue
		}
		s := Suggestion{id, score, why}
		i, _ := slices.BinarySearchFunc(best, s, func(a, b Suggestion) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
		})
		if i == n {
			continue
		}
		if len(best) == n {
			best = best[:n-1]
		}
		best = slices.Insert(best, i, s)
	}
	return best
}

// gather reads the lists of p's keys, the shortest first: a rare key says more.
func (x *Index) gather(p *Prepared, c *candidateSet) {
	c.reset()
	type list struct{ key, count uint32 }
	var room [mostKeys]uint32
	var lists [mostKeys]list
	n := 0
	for _, k := range p.appendKeys(room[:0]) {
		if count := x.lists.count(k); count > 0 {
			lists[n] = list{k, uint32(count)}
			n++
		}
	}
	slices.SortFunc(lists[:n], func(a, b list) int {
		return cmp.Or(cmp.Compare(a.count, b.count), cmp.Compare(a.key, b.key))
	})
	all := bits.Len(uint(x.size))
	read := 0
	for _, l := range lists[:n] {
		var one [1]uint32
		ids := x.lists.get(l.key, &one)
		if most := min(mostOfList, mostRead-read); len(ids) > most {
			ids = ids[len(ids)-most:]
		}
		weight := uint32(1 + all - bits.Len32(l.count))
		for _, id := range ids {
			c.add(id, weight)
		}
		if read += len(ids); read >= mostRead {
			break
		}
	}
}

// candidateSet counts what speaks for each id: a small open table.
type candidateSet struct {
	ids, weights [2 * mostRead]uint32 // ids are one more than they are
	filled       []uint32             // slots in use
}

var candidates = sync.Pool{New: func() any { return new(candidateSet) }}

func (c *candidateSet) reset() {
	for _, i := range c.filled {
		c.ids[i], c.weights[i] = 0, 0
	}
	c.filled = c.filled[:0]
}

func (c *candidateSet) add(id, weight uint32) {
	i := id * 0x9e3779b1 >> (32 - 13) // 13 bits: 2 * mostRead
	for c.ids[i] != 0 && c.ids[i] != id+1 {
		i = (i + 1) % (2 * mostRead)
	}
	if c.ids[i] == 0 {
		c.ids[i] = id + 1
		c.filled = append(c.filled, i)
	}
	c.weights[i] += weight
}

// most returns up to n ids, those with the greatest weight; equals by id.
func (c *candidateSet) most(n int) []uint32 {
	if len(c.filled) > n {
		slices.SortFunc(c.filled, func(a, b uint32) int {
			return cmp.Or(cmp.Compare(c.weights[b], c.weights[a]), cmp.Compare(c.ids[a], c.ids[b]))
		})
	}
	found := make([]uint32, 0, min(n, len(c.filled)))
	for _, i := range c.filled[:min(n, len(c.filled))] {
		found = append(found, c.ids[i]-1)
	}
	return found
}
