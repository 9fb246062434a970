package auth

import (
	"sync"
	"time"
)

// A Throttle is a set of token buckets by name, bounded in memory: names that
// were quiet for a while are forgotten. It is safe for concurrent use.
type Throttle struct {
	rate  float64 // tokens a second
	burst float64
	max   int // names of one generation

	// mu guards what is below.
	mu       sync.Mutex
	now, old map[string]bucket // two generations: old is dropped as a whole
}

type bucket struct {
	tokens float64
	at     time.Time
}

// NewThrottle lets each name through burst times at once and perSecond times a
// second in the long run, and remembers at most about 2·max names. When more
// than that are active at a time, the quietest start over with a full bucket.
func NewThrottle(perSecond, burst float64, max int) *Throttle {
	return &Throttle{rate: perSecond, burst: burst, max: max, now: map[string]bucket{}, old: map[string]bucket{}}
}

// Allow takes one token of name's bucket at the moment now. When there is none
// it says how long until there is.
func (t *Throttle) Allow(name string, now time.Time) (ok bool, retry time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.bucket(name, now)
	if ok = b.tokens >= 1; ok {
		b.tokens--
	} else {
		retry = time.Duration((1 - b.tokens) / t.rate * float64(time.Second))
	}
	t.put(name, b)
	return ok, retry
}

// Reset fills the bucket of name.
func (t *Throttle) Reset(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.now, name)
	delete(t.old, name)
}

func (t *Throttle) bucket(name string, now time.Time) bucket {
	b, ok := t.now[name]
	if !ok {
		b, ok = t.old[name]
	}
	if !ok {
		return bucket{tokens: t.burst, at: now}
	}
	if d := now.Sub(b.at).Seconds(); d > 0 {
		b.tokens = min(t.burst, b.tokens+d*t.rate)
		b.at = now
	}
	return b
}

func (t *Throttle) put(name string, b bucket) {
	if _, ok := t.now[name]; !ok && len(t.now) >= t.max {
		t.old, t.now = t.now, make(map[string]bucket, t.max)
	}
	t.now[name] = b
}
