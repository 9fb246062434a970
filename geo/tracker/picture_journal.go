package tracker

import (
	"slices"
	"sync"
)

// journalKept bounds how many changes are remembered: beyond that, working out a
// sum anew costs less than following.
const journalKept = 100_000

// journal remembers who changed from one snapshot to the next, so that whoever
// keeps sums over everybody can follow instead of adding up again. Versions number
// the snapshots of one picture from 1.
type journal struct {
	mu sync.Mutex
	// entries[i] are the people who changed between the versions first+i-1 and first+i.
	first   uint64
	entries [][]uint32
	size    int
}

// add notes who changed, perhaps more than once, since the version before, and
// returns the oldest version from which one can still follow.
func (j *journal) add(version uint64, changed []uint32) (oldest uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) == 0 {
		j.first = version
	}
	j.entries = append(j.entries, changed)
	j.size += len(changed)
	for j.size > journalKept {
		j.size -= len(j.entries[0])
		j.entries = slices.Delete(j.entries, 0, 1)
		j.first++
	}
	return j.first - 1
}

// between lists who changed between two versions, ascending, each once; ok is false
// when that is no longer known. The order of the versions doesn't matter.
func (j *journal) between(a, b uint64) (nums []uint32, ok bool) {
	a, b = min(a, b), max(a, b)
	j.mu.Lock()
	defer j.mu.Unlock()
	if a == b {
		return nil, true
	}
	if a+1 < j.first || b >= j.first+uint64(len(j.entries)) {
		return nil, false
	}
	for _, e := range j.entries[a+1-j.first : b+1-j.first] {
		nums = append(nums, e...)
	}
	slices.Sort(nums)
	return slices.Compact(nums), true
}
