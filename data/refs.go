package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"aman/geo/tracker"
)

// refCache remembers missions that are there; none is ever removed.
type refCache struct {
	mu    sync.Mutex
	known map[tracker.ID]bool
}

func (c *refCache) has(id tracker.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[id]
}

func (c *refCache) add(ids map[tracker.ID]bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[tracker.ID]bool{}
	}
	for id := range ids {
		c.known[id] = true
	}
}

func (c *refCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = nil
}

// checkMissions makes sure that the missions are there, which a foreign key
// would check for each of a million rows.
func (s *session) checkMissions(ctx context.Context, ids map[tracker.ID]bool) error {
	for id := range ids {
		if s.d.refs.has(id) {
			continue
		}
		var one int
		err := s.row(ctx, []any{&one}, `SELECT 1 FROM missions WHERE id = $1`, id[:])
		if errors.Is(err, sql.ErrNoRows) {
			return &rowError{isMissing, fmt.Errorf("mission %s: %w", id, tracker.ErrNotFound)}
		}
		if err != nil {
			return fmt.Errorf("read mission: %w", err)
		}
	}
	return nil
}
