package tracker

import "sync"

const (
	// keptFilters bounds how many filters and scopes have their cells kept, and
	// keptPeople how many people they mean together: each takes some 20 bytes.
	keptFilters = 24
	keptPeople  = 6_000_000
)

// cellCache keeps the cells of the filters and scopes that were asked for last. It
// belongs to one picture and is shared by its snapshots.
type cellCache struct {
	journal journal

	// mu guards the rest.
	mu   sync.Mutex
	kept map[cellsKey]*keptCells
	used map[cellsKey]uint64 // the turn of the last use
	turn uint64
}

func newCellCache() *cellCache {
	return &cellCache{kept: map[cellsKey]*keptCells{}, used: map[cellsKey]uint64{}}
}

// of returns the cells to answer q from. Those used longest ago make room.
func (c *cellCache) of(q *query) *keptCells {
	key := q.cellsKey()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	k, ok := c.kept[key]
	if !ok {
		k = newKeptCells(q)
		c.kept[key] = k
	}
	c.used[key] = c.turn
	for len(c.kept) > 1 {
		var people int64
		oldest := key
		for o, k := range c.kept {
			people += k.size.Load()
			if c.used[o] < c.used[oldest] {
				oldest = o
			}
		}
		if len(c.kept) <= keptFilters && people <= keptPeople {
			break
		}
		delete(c.kept, oldest)
		delete(c.used, oldest)
	}
	return k
}

// publish notes who changed with a new version and lets go of cells that are too
// far behind to follow, for they hold on to an old table.
func (c *cellCache) publish(version uint64, changed []uint32) {
	oldest := c.journal.add(version, changed)
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, k := range c.kept {
		if !k.mu.TryLock() {
			continue // in use: it will follow, or start anew
		}
		if k.built && k.version < oldest {
			delete(c.kept, key)
			delete(c.used, key)
		}
		k.mu.Unlock()
	}
}
