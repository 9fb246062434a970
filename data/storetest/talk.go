package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"aman/geo/tracker"
)

// newThread is the first version of a line; person may be zero.
func (w *world) newThread(key string, person tracker.ID) tracker.Thread {
	return tracker.Thread{
		ID: tracker.NewID(), Crisis: w.crisis, Channel: tracker.ChannelTelegram, Key: key, Version: 1, Person: person,
		Mission: w.mission, Lang: "kk", State: []byte{0, 1, 0xff}, RecordedAt: w.start,
	}
}

// newMessage is to whom the thread is about, queued since the start.
func (w *world) newMessage(to tracker.Thread, text string) tracker.Message {
	return tracker.Message{
		ID: tracker.NewID(), Crisis: w.crisis, Thread: to.ID, Channel: to.Channel, Person: to.Person, Text: text,
		Author: tracker.NewID(), AuthorName: "Ұлан", CreatedAt: w.start, State: tracker.MessageQueued, NextAt: w.start,
	}
}

func (w *world) newCallback(person tracker.ID) tracker.Callback {
	return tracker.Callback{
		ID: tracker.NewID(), Version: 1, Crisis: w.crisis, Kind: tracker.CallbackHelp, State: tracker.CallbackOpen, Person: person,
		Link: tracker.NewID(), Thread: tracker.NewID(), Mission: w.mission, Phone: "+97150", Text: "көмек\x00\xff", Outcome: "later",
		Author: tracker.NewID(), CreatedAt: w.start, RecordedAt: w.start.Add(time.Second),
	}
}

func (w *world) talk(x tracker.Talk) error {
	_, err := w.s.Commit(w.t.Context(), &tracker.Write{Talk: x, Audit: tracker.Audit{Role: "system", Action: "test.talk"}})
	return err
}

func (w *world) mustTalk(x tracker.Talk) {
	w.t.Helper()
	if err := w.talk(x); err != nil {
		w.t.Fatalf("talk: %v", err)
	}
}

func threads(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p, q := w.newPerson("p"), w.newPerson("q")
	mine, unknown, group := w.newThread("chat 1", p.ID), w.newThread("chat 2", tracker.ID{}), w.newThread("chat -3", tracker.ID{})
	group.Group, unknown.State, unknown.Mission = true, nil, tracker.ID{}
	// A person may be new in the same write, and nothing of it is in the feed.
	x := w.write(&tracker.Rows{People: []tracker.Person{p, q}})
	x.Threads = []tracker.Thread{group, unknown, mine}
	if _, err := s.Commit(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Commit(t.Context(), &tracker.Write{Talk: tracker.Talk{Threads: []tracker.Thread{w.newThread("chat 4", q.ID)}}}); !errors.Is(err, tracker.ErrInvalid) {
		t.Errorf("talk without audit: %+v %v", c, err)
	}
	other := db.Open(t)
	for _, want := range []tracker.Thread{mine, unknown, group} {
		if got, err := other.ThreadByKey(t.Context(), w.crisis, want.Channel, want.Key); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("thread: %v\n got %+v\nwant %+v", err, got, want)
		}
	}
	for _, x := range []struct {
		name   string
		crisis tracker.ID
		ch     tracker.Channel
		key    string
	}{
		{"another key", w.crisis, mine.Channel, "chat 10"},
		{"another channel", w.crisis, tracker.ChannelSMS, mine.Key},
		{"another crisis", tracker.NewID(), mine.Channel, mine.Key},
	} {
		if _, err := s.ThreadByKey(t.Context(), x.crisis, x.ch, x.key); !errors.Is(err, tracker.ErrNotFound) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
	list := func(what string, want []tracker.Thread) func([]tracker.Thread, error) {
		return func(got []tracker.Thread, err error) {
			t.Helper()
			if err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v\n got %+v\nwant %+v", what, err, got, want)
			}
		}
	}
	list("groups", []tracker.Thread{group})(other.Groups(t.Context(), w.crisis))
	list("groups of another crisis", nil)(other.Groups(t.Context(), tracker.NewID()))
	list("of both", []tracker.Thread{mine})(other.ThreadsOf(t.Context(), []tracker.ID{p.ID, q.ID}))
	list("of nobody", nil)(other.ThreadsOf(t.Context(), nil))
	// The line turns out to be another's: the last version alone counts.
	second, known := mine, unknown
	second.Version, second.Person, second.Lang, second.State = 2, q.ID, "ru", []byte("s")
	known.Version, known.Person = 2, q.ID
	w.mustTalk(tracker.Talk{Threads: []tracker.Thread{second, known}})
	list("of whom it was", nil)(s.ThreadsOf(t.Context(), []tracker.ID{p.ID}))
	list("of whom they are", []tracker.Thread{second, known})(s.ThreadsOf(t.Context(), []tracker.ID{q.ID, p.ID}))
	if got, err := s.ThreadByKey(t.Context(), w.crisis, mine.Channel, mine.Key); err != nil || !reflect.DeepEqual(got, second) {
		t.Errorf("last version: %v %+v", err, got)
	}
	change := func(f func(*tracker.Thread)) tracker.Thread {
		x := second
		x.Version = 3
		f(&x)
		return x
	}
	thief := w.newThread(mine.Key, tracker.ID{})
	for _, x := range []struct {
		name   string
		thread tracker.Thread
		want   error
	}{
		{"a version again", second, tracker.ErrConflict},
		{"the first version again", mine, tracker.ErrConflict},
		{"another thread with its key", thief, tracker.ErrConflict},
		{"a gap", change(func(x *tracker.Thread) { x.Version = 4 }), tracker.ErrNotFound},
		{"another key", change(func(x *tracker.Thread) { x.Key = "chat 9" }), tracker.ErrNotFound},
		{"another channel", change(func(x *tracker.Thread) { x.Channel = tracker.ChannelSMS }), tracker.ErrNotFound},
		{"a second version of nothing", change(func(x *tracker.Thread) { x.ID = tracker.NewID() }), tracker.ErrNotFound},
		{"about nobody there is", change(func(x *tracker.Thread) { x.Person = tracker.NewID() }), tracker.ErrNotFound},
		{"of no mission there is", change(func(x *tracker.Thread) { x.Mission = tracker.NewID() }), tracker.ErrNotFound},
		{"without a key", change(func(x *tracker.Thread) { x.Key = "" }), tracker.ErrInvalid},
		{"too long a state", change(func(x *tracker.Thread) { x.State = make([]byte, 4097) }), tracker.ErrInvalid},
		{"as long a state as may be", change(func(x *tracker.Thread) { x.State = make([]byte, 4096) }), nil},
	} {
		if err := w.talk(tracker.Talk{Threads: []tracker.Thread{x.thread}}); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", x.name, err, x.want)
		}
	}
	if changes, _ := follow(t, s); len(changes) != 2 {
		t.Errorf("%d feed entries, want those of the crisis and the people", len(changes))
	}
}

// talkAtomic: rows and talk of a write are kept together or not at all, and a
// retry says nothing twice.
func talkAtomic(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("p")
	line := w.newThread("chat", p.ID)
	x := w.write(&tracker.Rows{People: []tracker.Person{p}})
	x.Threads = []tracker.Thread{line}
	x.Messages = []tracker.Message{w.newMessage(line, "hello")}
	x.Idempotency = &tracker.Idempotency{Source: "telegram", Key: "7", Reply: []byte("r")}
	if c, err := s.Commit(t.Context(), x); err != nil || c.Replay {
		t.Fatal(c, err)
	}
	if c, err := db.Open(t).Commit(t.Context(), x); err != nil || !c.Replay {
		t.Errorf("a retry: %+v %v", c, err)
	}
	if ms, err := s.MessagesTo(t.Context(), []tracker.ID{p.ID}, 0); err != nil || len(ms) != 1 {
		t.Errorf("after a retry: %v, %d messages", err, len(ms))
	}
	for name, talk := range map[string]tracker.Talk{
		"a version that is taken": {Threads: []tracker.Thread{line}},
		"a message on no thread":  {Messages: []tracker.Message{w.newMessage(tracker.Thread{ID: tracker.NewID()}, "lost")}},
		"a message that is there": {Messages: x.Messages},
		"a call-back's gap":       {Callbacks: []tracker.Callback{{ID: tracker.NewID(), Version: 2, Crisis: w.crisis}}},
	} {
		y := w.write(&tracker.Rows{Reports: []tracker.Report{w.newReport(p.ID, "")}})
		y.Talk = talk
		y.Idempotency = &tracker.Idempotency{Source: "telegram", Key: "8"}
		if _, err := s.Commit(t.Context(), y); err == nil {
			t.Errorf("%s is stored", name)
		}
		if rs, _, err := s.ReportsOf(t.Context(), p.ID, 0); err != nil || len(rs) != 0 {
			t.Errorf("%s: %v, %d reports are left", name, err, len(rs))
		}
		if _, err := s.Replayed(t.Context(), y.Idempotency); !errors.Is(err, tracker.ErrNotFound) {
			t.Errorf("%s: its key is kept: %v", name, err)
		}
	}
}

// messages compares what is due, and what was said to whom, with a plain filter
// and sort of what was written.
func messages(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p, q := w.newPerson("p"), w.newPerson("q")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p, q}})
	lines := []tracker.Thread{w.newThread("1", p.ID), w.newThread("2", q.ID), w.newThread("3", tracker.ID{})}
	w.mustTalk(tracker.Talk{Threads: lines})
	var all []tracker.Message
	for i := range 40 {
		m := w.newMessage(lines[w.r.IntN(len(lines))], fmt.Sprint("сәлем ", i))
		m.CreatedAt = w.start.Add(time.Duration(w.r.IntN(5)) * time.Minute)
		m.NextAt = w.start.Add(time.Duration(w.r.IntN(5)) * time.Minute)
		m.State = tracker.MessageState(1 + w.r.IntN(3))
		m.Attempts, m.SentAt, m.Failure = w.r.IntN(3), w.start, "blocked"
		all = append(all, m)
	}
	w.mustTalk(tracker.Talk{Messages: slices.Clone(all)})
	check := func() {
		t.Helper()
		now := w.start.Add(2 * time.Minute)
		want := []tracker.Message{}
		for _, m := range all {
			if m.State == tracker.MessageQueued && !m.NextAt.After(now) {
				want = append(want, m)
			}
		}
		slices.SortFunc(want, func(a, b tracker.Message) int { return cmp.Or(a.NextAt.Compare(b.NextAt), a.ID.Compare(b.ID)) })
		for _, limit := range []int{0, 3} {
			cut := want
			if limit > 0 {
				cut = want[:min(limit, len(want))]
			}
			ms, ts, err := s.MessagesDue(t.Context(), now, limit)
			if err != nil || len(ms)+len(cut) > 0 && !reflect.DeepEqual(ms, cut) {
				t.Errorf("due: %v\n got %+v\nwant %+v", err, ms, cut)
			}
			for i := range ms {
				if ts[i].ID != ms[i].Thread || ts[i].Key == "" {
					t.Errorf("message %d has thread %+v", i, ts[i])
				}
			}
		}
		want = want[:0]
		for _, m := range all {
			if m.Person == p.ID {
				want = append(want, m)
			}
		}
		slices.SortFunc(want, func(a, b tracker.Message) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID)) })
		want = want[:min(5, len(want))]
		if got, err := s.MessagesTo(t.Context(), []tracker.ID{p.ID}, 5); err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("to p: %v\n got %+v\nwant %+v", err, got, want)
		}
	}
	check()
	for range 10 {
		m := &all[w.r.IntN(len(all))]
		m.State, m.Attempts, m.Failure = tracker.MessageState(1+w.r.IntN(3)), m.Attempts+1, ""
		m.NextAt, m.SentAt = w.start.Add(time.Duration(w.r.IntN(5))*time.Minute), time.Time{}
		if err := s.MessageTried(t.Context(), *m); err != nil {
			t.Fatal(err)
		}
	}
	check()
	if got, err := s.MessagesTo(t.Context(), nil, 0); err != nil || len(got) != 0 {
		t.Errorf("to nobody: %v %+v", err, got)
	}
	if err := s.MessageTried(t.Context(), w.newMessage(lines[0], "")); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("tried a message that isn't there: %v", err)
	}
	if err := w.talk(tracker.Talk{Messages: []tracker.Message{w.newMessage(lines[0], strings.Repeat("ү", 2001))}}); !errors.Is(err, tracker.ErrInvalid) {
		t.Errorf("a message of 2001 characters: %v", err)
	}
	w.mustTalk(tracker.Talk{Messages: []tracker.Message{w.newMessage(lines[0], strings.Repeat("ү", 2000))}})
}

// callbacks compares the queue with a plain filter of the last versions.
func callbacks(t *testing.T, db Database) {
	s := db.Open(t)
	w := newWorld(t, s)
	p := w.newPerson("p")
	w.mustCommit(&tracker.Rows{People: []tracker.Person{p}})
	var last []tracker.Callback
	links := []tracker.ID{tracker.NewID(), tracker.NewID()}
	for i := range 12 {
		c := w.newCallback([]tracker.ID{p.ID, {}}[i%2])
		c.Link = links[w.r.IntN(2)]
		c.CreatedAt = w.start.Add(time.Duration(w.r.IntN(4)) * time.Minute)
		w.mustTalk(tracker.Talk{Callbacks: []tracker.Callback{c}})
		for range w.r.IntN(4) {
			c.Version++
			c.State = tracker.CallbackState(1 + w.r.IntN(4))
			c.Outcome, c.Author, c.RecordedAt = fmt.Sprint("try ", c.Version), tracker.NewID(), c.RecordedAt.Add(time.Minute)
			w.mustTalk(tracker.Talk{Callbacks: []tracker.Callback{c}})
		}
		last = append(last, c)
	}
	slices.SortFunc(last, func(a, b tracker.Callback) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), a.ID.Compare(b.ID)) })
	open := slices.DeleteFunc(slices.Clone(last), func(c tracker.Callback) bool { return c.State > tracker.CallbackTried })
	heads := func(cs []tracker.Callback) []tracker.Callback {
		cs = slices.Clone(cs)
		for i := range cs {
			cs[i].Phone, cs[i].Text, cs[i].Outcome = "", "", ""
		}
		return cs
	}
	for _, x := range []struct {
		name string
		all  bool
		want []tracker.Callback
	}{{"open", false, open}, {"all", true, last}} {
		got, err := db.Open(t).CallbackHeads(t.Context(), w.crisis, x.all)
		if want := heads(x.want); err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", x.name, err, got, want)
		}
	}
	if got, err := s.CallbackHeads(t.Context(), tracker.NewID(), true); err != nil || len(got) != 0 {
		t.Errorf("of another crisis: %v %+v", err, got)
	}
	some := last[:len(last)/2]
	ids := []tracker.ID{tracker.NewID()}
	for i := range some {
		ids = append(ids, some[len(some)-1-i].ID)
	}
	if got, err := s.CallbacksByID(t.Context(), ids); err != nil || !reflect.DeepEqual(got, some) {
		t.Errorf("by ids: %v\n got %+v\nwant %+v", err, got, some)
	}
	if got, err := s.CallbacksByID(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("by no ids: %v %+v", err, got)
	}
	for _, limit := range []int{1, 1000} {
		for _, link := range append(links, tracker.NewID()) {
			var want []tracker.Callback
			for i := range open {
				if open[i].Link == link && len(want) < limit {
					want = append(want, open[i])
				}
			}
			if got, err := s.CallbacksByLink(t.Context(), w.crisis, link, tracker.CallbackSee, limit); err != nil || len(got) != 0 {
				t.Errorf("of another kind: %v %+v", err, got)
			}
			if got, err := s.CallbacksByLink(t.Context(), w.crisis, link, tracker.CallbackHelp, limit); err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Errorf("by link, at most %d: %v\n got %+v\nwant %+v", limit, err, got, want)
			}
		}
	}
	c := last[0]
	if got, err := s.CallbackByID(t.Context(), c.ID); err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("by id: %v %+v", err, got)
	}
	if _, err := s.CallbackByID(t.Context(), tracker.NewID()); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("no call-back: %v", err)
	}
	if err := w.talk(tracker.Talk{Callbacks: []tracker.Callback{c}}); !errors.Is(err, tracker.ErrConflict) {
		t.Errorf("a version again: %v", err)
	}
	c.Version += 2
	if err := w.talk(tracker.Talk{Callbacks: []tracker.Callback{c}}); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("a gap: %v", err)
	}
}
