package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// errMissing says that a peer isn't on this machine.
var errMissing = errors.New("not installed (make bench-deps)")

// answers are the zones of consecutive points: those of the k-th are ids[ends[k-1]:ends[k]], in any order.
type answers struct {
	ids  []uint32
	ends []uint32
}

func (a *answers) reset() { a.ids, a.ends = a.ids[:0], a.ends[:0] }

// end closes the answer for one point.
func (a *answers) end() { a.ends = append(a.ends, uint32(len(a.ids))) }

// of returns the answer for the k-th point.
func (a *answers) of(k int) []uint32 {
	start := uint32(0)
	if k > 0 {
		start = a.ends[k-1]
	}
	return a.ids[start:a.ends[k]]
}

// sorted returns the answers each in ascending order and without repetitions.
func (a *answers) sorted() *answers {
	to := &answers{ids: make([]uint32, 0, len(a.ids)), ends: make([]uint32, 0, len(a.ends))}
	for k := range a.ends {
		ids := a.of(k)
		slices.Sort(ids)
		to.ids = append(to.ids, slices.Compact(ids)...)
		to.end()
	}
	return to
}

// contestant answers which zones the first points of a list are in.
type contestant interface {
	// run answers for the first n points and returns the CPU time of that alone.
	run(n int) (time.Duration, error)
	// answers returns the zones of the first n points.
	answers(n int) (*answers, error)
	close()
}

// contender prepares a contestant for zones and points; where it isn't installed, the error is errMissing.
type contender struct {
	name string
	load func(zs []zone, pts []orb.Point) (contestant, error)
}

// matcher is a contestant in this process.
type matcher interface {
	// match appends the answers for points lo to hi-1.
	match(lo, hi int, a *answers)
	close()
}

// local runs a matcher in portions whose answers stay in the cache.
type local struct {
	matcher
	room answers
}

const portion = 4096

func (l *local) run(n int) (time.Duration, error) {
	return onThread(func() {
		for lo := 0; lo < n; lo += portion {
			l.room.reset()
			l.match(lo, min(lo+portion, n), &l.room)
		}
	}), nil
}

func (l *local) answers(n int) (*answers, error) {
	a := new(answers)
	l.match(0, n, a)
	return a, nil
}

// result is what a contestant needed.
type result struct {
	name   string
	cost   float64 // ns a point, or us a zone
	points int
	err    error // it took no part
}

// entry is a contestant in a contest.
type entry struct {
	result
	contestant
	rounds []float64 // ns a point
}

// checker compares a contestant's answers for the first n points with ours.
type checker func(name string, ours, theirs *answers, n int)

// turn is about the CPU time that a slow contestant gets in a round: it answers for fewer points then, which spares it
// cache misses.
const turn = 1500 * time.Millisecond

// contest gives each contestant its turn, rounds times over, and returns the medians in the order of contenders. The
// first is ours; before, check gets its answers together with those of each, itself first.
func contest(cs []contender, zs []zone, pts []orb.Point, rounds int, check checker) ([]result, error) {
	entries := make([]entry, len(cs))
	defer func() {
		for _, e := range entries {
			if e.contestant != nil {
				e.close()
			}
		}
	}()
	var ours *answers
	for i, c := range cs {
		e := &entries[i]
		e.name = c.name
		if e.contestant, e.err = c.load(zs, pts); e.err != nil {
			if i == 0 {
				return nil, fmt.Errorf("load %s: %w", c.name, e.err)
			}
			e.contestant = nil
			continue
		}
		if err := e.size(len(pts)); err != nil {
			return nil, fmt.Errorf("size %s: %w", c.name, err)
		}
		got, err := e.answers(e.points)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", c.name, err)
		}
		got = got.sorted()
		if i == 0 {
			ours = got
		}
		check(c.name, ours, got, e.points)
	}
	for range rounds {
		for i := range entries {
			e := &entries[i]
			if e.contestant == nil {
				continue
			}
			d, err := e.run(e.points)
			if err != nil {
				return nil, fmt.Errorf("run %s: %w", e.name, err)
			}
			e.rounds = append(e.rounds, float64(d)/float64(e.points))
		}
	}
	results := make([]result, len(cs))
	for i := range entries {
		if e := &entries[i]; e.contestant != nil {
			e.cost = median(e.rounds)
		}
		results[i] = entries[i].result
	}
	return results, nil
}

// size decides for how many of n points the contestant answers in a turn.
func (e *entry) size(n int) error {
	sample := min(n, 2000)
	var d time.Duration
	for range 2 { // the first is cold
		var err error
		if d, err = e.run(sample); err != nil {
			return err
		}
	}
	e.points = min(n, max(sample, int(float64(sample)*float64(turn)/float64(max(d, 1)))))
	return nil
}

// best returns the quickest of the peers; ok is false when none took part.
func best(peers []result) (r result, ok bool) {
	for _, p := range peers {
		if p.err == nil && (!ok || p.cost < r.cost) {
			r, ok = p, true
		}
	}
	return r, ok
}
