package tracker

import (
	"context"
	"time"

	"aman/geo"
)

const (
	// compileAfter is how long zones must have stood still before they are compiled
	// for matching, compileLatest how long a change waits at most. Until then
	// the index answers from what it compiled before and from the changes.
	compileAfter  = time.Second
	compileLatest = 10 * time.Second
)

// compiling decides when the zones are compiled.
type compiling struct {
	// zones and since are the zones when last seen, and since when; waiting is
	// since when the index has been behind at all.
	zones   *zonesSeen
	since   time.Time
	waiting time.Time
	// refused are the zones that were too large to compile.
	refused *zonesSeen
}

// zonesSeen tells one list of zones from the next: a picture replaces its list, and
// writes none.
type zonesSeen = *zoneState

// seen returns which zones s has.
func (s *Snapshot) seen() *zonesSeen {
	if len(s.zones) == 0 {
		return nil
	}
	return &s.zones[0]
}

// due tells whether to compile now an index of these zones that is behind by so
// many changes.
func (c *compiling) due(behind int, zones *zonesSeen, now time.Time) bool {
	if behind == 0 {
		*c = compiling{}
		return false
	}
	if c.waiting.IsZero() {
		c.waiting = now
	}
	if zones != c.zones {
		c.zones, c.since = zones, now
	}
	return zones != c.refused && (now.Sub(c.since) >= compileAfter || now.Sub(c.waiting) >= compileLatest)
}

// compile keeps the zones compiled, one set at a time and beside everything else,
// until ctx ends.
func (t *Tracker) compile(ctx context.Context) {
	tick := time.NewTicker(compileAfter / 2)
	defer tick.Stop()
	var c compiling
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s := t.Snapshot()
			if !s.ready || !c.due(s.index.Behind(), s.seen(), now) {
				continue
			}
			began := time.Now()
			compiled, err := s.index.Compile() // the snapshot's own: nobody writes it
			if err != nil {
				c.refused, c.waiting = c.zones, time.Time{}
				t.opt.Logger.WarnContext(ctx, "zones are matched without being compiled", "error", err)
				continue
			}
			t.adopt(s, compiled)
			c = compiling{}
			t.opt.Logger.DebugContext(ctx, "zones compiled", "zones", s.index.Len(), "took_ms", time.Since(began).Milliseconds())
		}
	}
}

// adopt gives the picture that s was taken of what was compiled of s.
func (t *Tracker) adopt(s *Snapshot, c *geo.Compiled) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pic.cells != s.cells {
		return // it was loaded anew since
	}
	t.pic.index.Adopt(c)
	t.snap.Store(t.pic.snapshot()) // nothing to tell of: the answers are the same
}
