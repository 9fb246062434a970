package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"aman/geo/tracker"
)

func (w *world) keyed(key string, body byte, reply string) *tracker.Write {
	p := w.newPerson(tracker.NewID().String())
	x := w.write(&tracker.Rows{People: []tracker.Person{p}})
	x.Idempotency = &tracker.Idempotency{Source: "link", Key: key, BodyHash: [32]byte{body}, Reply: []byte(reply)}
	return x
}

func idempotency(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	first, err := s.Commit(t.Context(), w.keyed("k", 1, "one"))
	if err != nil || first.Replay || first.Seq == 0 {
		t.Fatalf("first: %+v %v", first, err)
	}
	again, err := db.Open(t).Commit(t.Context(), w.keyed("k", 1, "two"))
	if err != nil || !again.Replay || string(again.Reply) != "one" || again.Seq != 0 {
		t.Errorf("again: %+v %v", again, err)
	}
	if _, err := s.Commit(t.Context(), w.keyed("k", 2, "three")); !errors.Is(err, tracker.ErrKeyReused) {
		t.Errorf("with another body: %v", err)
	}
	other := w.keyed("k", 2, "four")
	other.Idempotency.Source = "api"
	if c, err := s.Commit(t.Context(), other); err != nil || c.Replay {
		t.Errorf("same key of another source: %+v %v", c, err)
	}
	if c, err := s.Replayed(t.Context(), w.keyed("k", 1, "").Idempotency); err != nil || !c.Replay || string(c.Reply) != "one" {
		t.Errorf("asked for the reply: %+v %v", c, err)
	}
	if _, err := s.Replayed(t.Context(), w.keyed("k", 2, "").Idempotency); !errors.Is(err, tracker.ErrKeyReused) {
		t.Errorf("asked for the reply with another body: %v", err)
	}
	// Asked by the key alone: its source's only.
	key := w.keyed("k", 1, "").Idempotency
	if got, err := s.RepliedTo(t.Context(), key.Source, key.Key); err != nil || string(got) != "one" {
		t.Errorf("replied to: %q %v", got, err)
	}
	for _, x := range [][2]string{{key.Source, "never"}, {key.Source + "x", key.Key}, {"", key.Key}} {
		if _, err := s.RepliedTo(t.Context(), x[0], x[1]); !errors.Is(err, tracker.ErrNotFound) {
			t.Errorf("replied to %q of %q: %v", x[1], x[0], err)
		}
	}
	if _, err := s.Replayed(t.Context(), w.keyed("never", 1, "").Idempotency); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("asked for the reply of a key that isn't there: %v", err)
	}
	// A write that fails must not leave its key behind.
	bad := w.keyed("bad", 1, "x")
	bad.Rows = tracker.Rows{Reports: []tracker.Report{w.newReport(tracker.NewID(), "x")}}
	if _, err := s.Commit(t.Context(), bad); !errors.Is(err, tracker.ErrNotFound) {
		t.Fatalf("bad write: %v", err)
	}
	if c, err := s.Commit(t.Context(), w.keyed("bad", 1, "y")); err != nil || c.Replay {
		t.Errorf("after the bad write: %+v %v", c, err)
	}
	if changes, _ := follow(t, s); len(changes) != 4 {
		t.Errorf("%d feed entries, want 4", len(changes))
	}
}

// idempotencyConcurrent sends every key from many goroutines and two instances
// at once: one write of each key counts, all get its reply.
func idempotencyConcurrent(t *testing.T, db Database) {
	stores := []Store{db.Open(t), db.Open(t)}
	w := newWorld(t, stores[0])
	const keys, senders = 20, 12
	var wrote [keys]atomic.Int32
	var replies [keys][senders]string
	var wait sync.WaitGroup
	for k := range keys {
		for i := range senders {
			x := w.keyed(fmt.Sprint("k", k), 7, fmt.Sprint(k, ".", i))
			wait.Go(func() {
				c, err := stores[i%2].Commit(context.Background(), x)
				switch {
				case err != nil:
					t.Errorf("key %d: %v", k, err)
				case c.Replay:
					replies[k][i] = string(c.Reply)
				default:
					wrote[k].Add(1)
					replies[k][i] = string(x.Idempotency.Reply)
				}
			})
		}
	}
	wait.Wait()
	for k := range keys {
		if n := wrote[k].Load(); n != 1 {
			t.Errorf("key %d was written %d times", k, n)
		}
		for i := range senders {
			if replies[k][i] != replies[k][0] {
				t.Errorf("key %d has replies %q and %q", k, replies[k][0], replies[k][i])
			}
		}
	}
	if _, rows := load(t, stores[0]); len(rows.People) != keys {
		t.Errorf("%d people, want %d", len(rows.People), keys)
	}
}

// badRows mixes good writes with bad ones so that they share groups.
func badRows(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	taken := w.newPerson("taken")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{taken}})
	var wait sync.WaitGroup
	var good atomic.Int32
	for i := range 200 {
		p := w.newPerson(fmt.Sprint("n", i))
		x, want := w.write(&tracker.Rows{People: []tracker.Person{p}, Reports: []tracker.Report{w.newReport(p.ID, "")}}), error(nil)
		switch i % 10 {
		case 3:
			x.People[0] = taken
			x.Reports = nil
			want = tracker.ErrConflict
		case 6:
			x.People[0].Mission = tracker.NewID()
			want = tracker.ErrNotFound
		case 9:
			x.People[0].Details.IIN = taken.Details.IIN
			want = tracker.ErrConflict
		}
		wait.Go(func() {
			c, err := s.Commit(context.Background(), x)
			if !errors.Is(err, want) {
				t.Errorf("write %d: %v, want %v", i, err, want)
			}
			if err == nil {
				good.Add(1)
				if c.Seq == 0 {
					t.Errorf("write %d has no place in the feed", i)
				}
			}
		})
	}
	wait.Wait()
	_, rows := load(t, s)
	if n := int(good.Load()); n != 140 || len(rows.People) != n+1 || len(rows.Reports) != n {
		t.Errorf("%d good writes, %d people, %d reports", n, len(rows.People), len(rows.Reports))
	}
}

// keyOrders lets two instances write the same keys in opposite orders, which
// locks in the order of writing would turn into deadlocks. For each key one
// write wins.
func keyOrders(t *testing.T, db Database) {
	stores := []Store{db.Open(t), db.Open(t)}
	w := newWorld(t, stores[0])
	const people, rounds = 8, 6
	ps := make([]tracker.Person, people)
	for i := range ps {
		ps[i] = w.newPerson(fmt.Sprint(i))
	}
	w.mustCommit(&tracker.Rows{People: ps})
	for round := range rounds {
		var wait sync.WaitGroup
		var won atomic.Int32
		for i := range 2 {
			x := w.write(&tracker.Rows{})
			for _, p := range ps {
				p.Version = round + 2
				x.People = append(x.People, p)
			}
			if i == 1 {
				slices.Reverse(x.People)
			}
			wait.Go(func() {
				_, err := stores[i].Commit(context.Background(), x)
				switch {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, tracker.ErrConflict):
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wait.Wait()
		if won.Load() != 1 {
			t.Errorf("round %d: %d writes won", round, won.Load())
		}
	}
}

// feedGaps writes from many goroutines of two instances, one write in ten bad,
// while a reader follows by Seq > last. The oracle is the sets of people that
// were acknowledged: the reader must meet each once, under numbers without gaps.
func feedGaps(t *testing.T, db Database) {
	stores := []Store{db.Open(t), db.Open(t)}
	w := newWorld(t, stores[0])
	reader := db.Open(t)
	const writers, writes = 16, 25
	var wait sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[tracker.ID]int64{}
	ends := make(chan struct{})
	seen := map[tracker.ID]int64{}
	var following sync.WaitGroup
	following.Go(func() {
		last, ended := int64(0), false
		for {
			_, cs, err := reader.Changes(context.Background(), last, 1000)
			if err != nil {
				t.Errorf("changes: %v", err)
				return
			}
			for _, c := range cs {
				if c.Seq != last+1 {
					t.Errorf("feed goes from %d to %d", last, c.Seq)
				}
				last = c.Seq
				rows, err := reader.Read(context.Background(), c)
				if err != nil {
					t.Errorf("read: %v", err)
					return
				}
				for _, p := range rows.People {
					if seen[p.ID] != 0 {
						t.Errorf("person %s came twice", p.ID)
					}
					seen[p.ID] = c.Seq
				}
			}
			if ended && len(cs) == 0 {
				return
			}
			select {
			case <-ends:
				ended = true
			default:
			}
		}
	})
	for i := range writers {
		var xs []*tracker.Write
		for n := range writes {
			p := w.newPerson(fmt.Sprint(i, "x", n))
			if (i*writes+n)%10 == 0 {
				p.Mission = tracker.NewID()
			}
			xs = append(xs, w.write(&tracker.Rows{People: []tracker.Person{p}}))
		}
		wait.Go(func() {
			for _, x := range xs {
				c, err := stores[i%2].Commit(context.Background(), x)
				if err != nil {
					continue
				}
				mu.Lock()
				acknowledged[x.People[0].ID] = c.Seq
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	close(ends)
	following.Wait()
	if want := writers * writes * 9 / 10; len(acknowledged) != want {
		t.Errorf("%d writes acknowledged, want %d", len(acknowledged), want)
	}
	for id, seq := range acknowledged {
		if seen[id] != seq {
			t.Errorf("person %s was acknowledged at %d and seen at %d", id, seq, seen[id])
		}
	}
	if len(seen) != len(acknowledged) {
		t.Errorf("%d people seen, %d acknowledged", len(seen), len(acknowledged))
	}
}

// withdrawn cancels callers at random: a write whose error is a context's is
// nowhere, one that was acknowledged is there.
func withdrawn(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	var wait sync.WaitGroup
	var mu sync.Mutex
	kept := map[tracker.ID]bool{}
	for i := range 150 {
		p := w.newPerson(fmt.Sprint(i))
		x := w.write(&tracker.Rows{People: []tracker.Person{p}})
		ctx, cancel := context.WithCancel(context.Background())
		if i%3 == 0 {
			cancel()
		} else if i%3 == 1 {
			spin := rand.IntN(20000)
			wait.Go(func() {
				for range spin {
					_ = tracker.NewID()
				}
				cancel()
			})
		}
		wait.Go(func() {
			defer cancel()
			_, err := s.Commit(ctx, x)
			if err != nil && !errors.Is(err, tracker.ErrUnavailable) {
				t.Errorf("write %d: %v", i, err)
			}
			mu.Lock()
			kept[p.ID] = err == nil
			mu.Unlock()
		})
	}
	wait.Wait()
	_, rows := load(t, s)
	there := map[tracker.ID]bool{}
	for _, p := range rows.People {
		there[p.ID] = true
	}
	for id, k := range kept {
		if there[id] != k {
			t.Errorf("person %s: acknowledged %v, there %v", id, k, there[id])
		}
	}
}

// closedStore closes while writes wait: each is acknowledged and there, or
// refused and not.
func closedStore(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	var wait sync.WaitGroup
	var mu sync.Mutex
	kept := map[tracker.ID]bool{}
	for i := range 100 {
		x := w.write(&tracker.Rows{People: []tracker.Person{w.newPerson(fmt.Sprint(i))}})
		wait.Go(func() {
			_, err := s.Commit(context.Background(), x)
			if err != nil && !errors.Is(err, tracker.ErrUnavailable) {
				t.Errorf("write %d: %v", i, err)
			}
			mu.Lock()
			kept[x.People[0].ID] = err == nil
			mu.Unlock()
		})
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	wait.Wait()
	if _, err := s.Commit(t.Context(), w.write(&tracker.Rows{Zones: []tracker.Zone{w.newZone(1)}})); !errors.Is(err, tracker.ErrUnavailable) {
		t.Errorf("commit after close: %v", err)
	}
	_, rows := load(t, db.Open(t))
	there := map[tracker.ID]bool{}
	for _, p := range rows.People {
		there[p.ID] = true
	}
	for id, k := range kept {
		if there[id] != k {
			t.Errorf("person %s: acknowledged %v, there %v", id, k, there[id])
		}
	}
}
