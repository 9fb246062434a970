package data

import (
	"context"
	"fmt"
	"sync"

	"aman/geo/tracker"
)

// Wake implements tracker.Store. All callers share one channel: a second reader
// takes wakes from the first, and both poll.
func (d *DB) Wake() <-chan struct{} { return d.wake }

func (d *DB) signal() {
	select {
	case d.wake <- struct{}{}:
	default: // one is waiting already
	}
}

// Changes implements tracker.Store; limit <= 0 lists nothing but the epoch.
func (d *DB) Changes(ctx context.Context, after int64, limit int) (epoch string, cs []tracker.Change, err error) {
	rows, err := d.readers.QueryContext(ctx, `SELECT h.epoch, `+schemaVersion+`, COALESCE(f.seq, 0), f.commit_id, COALESCE(f.at, 0), COALESCE(f.kinds, 0)
		FROM head h LEFT JOIN (SELECT seq, commit_id, at, kinds FROM feed WHERE seq > $1 ORDER BY seq LIMIT $2) f ON 1 = 1
		ORDER BY f.seq`, after, max(0, limit))
	if err != nil {
		return "", nil, fmt.Errorf("read feed: %w", d.unavailable(err))
	}
	defer rows.Close()
	for rows.Next() {
		var c tracker.Change
		var schema int64
		if err := rows.Scan(intoText{&epoch}, &schema, &c.Seq, &c.Commit, intoTime{&c.At}, num(&c.Kinds)); err != nil {
			return "", nil, fmt.Errorf("read feed: %w", err)
		}
		if err := d.outgrown(schema); err != nil {
			return "", nil, fmt.Errorf("read feed: %w", err)
		}
		if c.Seq > 0 {
			cs = append(cs, c)
		}
	}
	if err := rows.Err(); err != nil {
		return "", nil, fmt.Errorf("read feed: %w", d.unavailable(err))
	}
	return epoch, cs, nil
}

// rowCache keeps the rows of this process's latest commits, so that following
// along costs no query and no unsealing.
type rowCache struct {
	// mu guards what is below.
	mu    sync.Mutex
	byID  map[tracker.ID]*tracker.Rows
	order []tracker.ID // oldest first
	rows  int
}

// cachedRows bounds the cache.
const cachedRows = 20_000

// put takes rows over.
func (c *rowCache) put(id tracker.ID, seq int64, r *tracker.Rows) {
	n := countRows(r)
	if n > cachedRows/2 {
		return
	}
	for i := range r.Events {
		r.Events[i].Seq = seq
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil {
		c.byID = map[tracker.ID]*tracker.Rows{}
	}
	c.byID[id] = r
	c.order = append(c.order, id)
	c.rows += n
	for c.rows > cachedRows {
		old := c.order[0]
		c.order = c.order[1:]
		c.rows -= countRows(c.byID[old])
		delete(c.byID, old)
	}
}

// get returns a copy whose slices are the caller's.
func (c *rowCache) get(id tracker.ID) (*tracker.Rows, bool) {
	c.mu.Lock()
	r, ok := c.byID[id]
	c.mu.Unlock()
	if !ok {
		return nil, false
	}
	out := new(tracker.Rows)
	appendRows(out, r)
	return out, true
}

func (c *rowCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byID, c.order, c.rows = nil, nil, 0
}

func (c *rowCache) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rows
}
