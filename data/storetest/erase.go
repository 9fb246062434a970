package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"aman/api/auth"
	"aman/geo/tracker"
)

// erasing takes a person out of everything: after it each question is answered as
// for somebody who was never there, by this instance and by others, whatever they
// remember; and nothing of anybody else is touched.
func erasing(t *testing.T, db Database) {
	s, other := db.Open(t), db.Open(t)
	w := newWorld(t, s)
	gone, stays := w.newPerson("gone"), w.newPerson("stays")
	r, kept := w.newReport(gone.ID, "x"), w.newReport(stays.ID, "x")
	x := w.write(&tracker.Rows{
		People: []tracker.Person{gone, stays}, Reports: []tracker.Report{r, kept},
		Merges:  []tracker.Merge{w.newMerge(gone.ID, stays.ID)},
		Rulings: []tracker.Ruling{{Report: r.ID, Person: gone.ID, N: 1}},
	})
	line, stray, theirs := w.newThread("chat 1", tracker.ID{}), w.newThread("chat 2", gone.ID), w.newThread("chat 3", stays.ID)
	ask, call := w.newCallback(tracker.ID{}), w.newCallback(stays.ID)
	ask.Thread = line.ID
	x.Threads = []tracker.Thread{line, stray, theirs}
	x.Messages = []tracker.Message{w.newMessage(line, "who are you?"), w.newMessage(stray, "hi"), w.newMessage(theirs, "hi")}
	x.Callbacks = []tracker.Callback{ask, call}
	if _, err := s.Commit(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	// line turns out to be theirs, stray somebody else's; the identifiers change.
	line.Version, line.Person = 2, gone.ID
	stray.Version, stray.Person = 2, stays.ID
	gone.Version, gone.Details.Passport = 2, "NEW"
	y := w.write(&tracker.Rows{People: []tracker.Person{gone}})
	y.Threads = []tracker.Thread{line, stray}
	if _, err := other.Commit(t.Context(), y); err != nil { // which then has the key at hand
		t.Fatal(err)
	}
	personal := auth.Link{ID: tracker.NewID(), Crisis: w.crisis, Code: "PERSONAL", Person: gone.ID, Label: "CANARYLABEL", CreatedAt: w.start}
	poster := auth.Link{ID: tracker.NewID(), Crisis: w.crisis, Code: "POSTER", Label: "hall", CreatedAt: w.start}
	if err := s.CreateLinks(t.Context(), []auth.Link{personal, poster}, staff); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkRead(t.Context(), []tracker.Reading{{Person: gone.ID, Report: r.ID, At: w.start}, {Person: stays.ID, Report: kept.ID, At: w.start}}, staff); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(db.Raw(t), []byte("CANARYLABEL")) {
		t.Fatal("the scan doesn't find what is there in plain")
	}

	erasure := w.newErasure(gone.ID)
	z := w.write(&tracker.Rows{Erasures: []tracker.Erasure{erasure}})
	ask.Version, ask.Person, ask.State = 2, gone.ID, tracker.CallbackDone // the request is closed with it
	z.Callbacks = []tracker.Callback{ask}
	if _, err := s.Commit(t.Context(), z); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(db.Raw(t), []byte("CANARYLABEL")) {
		t.Error("what was deleted can still be read in what the database keeps")
	}

	notFound := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, tracker.ErrNotFound) {
			t.Errorf("%s: %v, want not found", what, err)
		}
	}
	for name, s := range map[string]Store{"who erased": s, "another": other, "a new one": db.Open(t)} {
		about := func(what string, rows tracker.Rows, talk tracker.Talk) {
			x := w.write(&rows)
			x.Talk = talk
			_, err := s.Commit(t.Context(), x)
			notFound(name+": "+what, err)
		}
		about("a report", tracker.Rows{Reports: []tracker.Report{w.newReport(gone.ID, "")}}, tracker.Talk{})
		third := gone
		third.Version = 3
		about("a version", tracker.Rows{People: []tracker.Person{third}}, tracker.Talk{})
		about("a merge", tracker.Rows{Merges: []tracker.Merge{{Crisis: w.crisis, N: 99, Gone: stays.ID, Kept: gone.ID}}}, tracker.Talk{})
		about("an erasure", tracker.Rows{Erasures: []tracker.Erasure{erasure}}, tracker.Talk{})
		about("a thread", tracker.Rows{}, tracker.Talk{Threads: []tracker.Thread{w.newThread("chat 9", gone.ID)}})
		about("a thread of theirs", tracker.Rows{}, tracker.Talk{Threads: []tracker.Thread{func() tracker.Thread {
			x := line
			x.Version, x.Person = 3, tracker.ID{}
			return x
		}()}})
		about("a call-back", tracker.Rows{}, tracker.Talk{Callbacks: []tracker.Callback{w.newCallback(gone.ID)}})
		link := auth.Link{ID: tracker.NewID(), Crisis: w.crisis, Code: "AGAIN", Person: gone.ID}
		notFound(name+": a link", s.CreateLinks(t.Context(), []auth.Link{link}, staff))
		notFound(name+": a reading", s.MarkRead(t.Context(), []tracker.Reading{{Person: gone.ID, Report: r.ID}}, staff))

		_, err := s.PersonVersion(t.Context(), gone.ID)
		notFound(name+": person", err)
		for kind, value := range map[string]string{"iin": "IINgone", "passport": "NEW", "phone": "+7701gone"} {
			_, err = s.FindIdentifier(t.Context(), w.crisis, kind, value)
			notFound(name+": "+kind, err)
		}
		_, err = s.ThreadByKey(t.Context(), w.crisis, line.Channel, line.Key)
		notFound(name+": thread", err)
		_, err = s.ReadingOf(t.Context(), gone.ID, r.ID)
		notFound(name+": reading", err)
		if rs, back, err := s.ReportsOf(t.Context(), gone.ID, 0); err != nil || len(rs)+len(back) != 0 {
			t.Errorf("%s: reports %v %+v", name, err, rs)
		}
		if us, err := s.RulingsOf(t.Context(), []tracker.ID{gone.ID}); err != nil || len(us) != 0 {
			t.Errorf("%s: rulings %v %+v", name, err, us)
		}
		if ts, err := s.ThreadsOf(t.Context(), []tracker.ID{gone.ID, stays.ID}); err != nil || !reflect.DeepEqual(ts, []tracker.Thread{stray, theirs}) {
			t.Errorf("%s: threads %v %+v", name, err, ts)
		}
		if ms, err := s.MessagesTo(t.Context(), []tracker.ID{gone.ID, stays.ID}, 0); err != nil || len(ms) != 1 || ms[0].ID != x.Messages[2].ID {
			t.Errorf("%s: messages %v %+v", name, err, ms)
		}
		if ms, _, err := s.MessagesDue(t.Context(), w.start, 0); err != nil || len(ms) != 1 {
			t.Errorf("%s: messages due %v %+v", name, err, ms)
		}
		want := ask
		want.Person, want.Thread, want.Phone, want.Text, want.Outcome = tracker.ID{}, tracker.ID{}, "", "", ""
		if c, err := s.CallbackByID(t.Context(), ask.ID); err != nil || !reflect.DeepEqual(c, want) {
			t.Errorf("%s: call-back %v\n got %+v\nwant %+v", name, err, c, want)
		}
		if c, err := s.CallbackByID(t.Context(), call.ID); err != nil || !reflect.DeepEqual(c, call) {
			t.Errorf("%s: another's call-back %v %+v", name, err, c)
		}
		if l, err := s.LinkByCode(t.Context(), personal.Code); err != nil || l.RevokedAt.IsZero() || l.Label != "" {
			t.Errorf("%s: link %v %+v", name, err, l)
		}
		if l, err := s.LinkByCode(t.Context(), poster.Code); err != nil || l != poster {
			t.Errorf("%s: another link %v %+v", name, err, l)
		}
		if _, err := s.ReadingOf(t.Context(), stays.ID, kept.ID); err != nil {
			t.Errorf("%s: another's reading %v", name, err)
		}
		changes, read := follow(t, s)
		if len(changes) != 4 || changes[3].Kinds != tracker.KindErasure {
			t.Errorf("%s: feed %+v", name, changes)
		}
		all := new(tracker.Rows)
		for _, r := range read {
			add(all, r)
		}
		_, loaded := load(t, s)
		for _, rows := range []*tracker.Rows{all, loaded} {
			if len(rows.People) != 1 || len(rows.Reports) != 1 || len(rows.Rulings) != 0 || len(rows.Merges) != 1 ||
				!reflect.DeepEqual(rows.Erasures, []tracker.Erasure{erasure}) {
				t.Errorf("%s: rows %+v", name, rows)
			}
		}
	}
	// What was theirs is free: the same human may come again, on the same line.
	again := w.newPerson("gone")
	line = w.newThread(line.Key, again.ID)
	x = w.write(&tracker.Rows{People: []tracker.Person{again}})
	x.Threads = []tracker.Thread{line}
	if _, err := other.Commit(t.Context(), x); err != nil {
		t.Errorf("the same human again: %v", err)
	}
}

// erasingConcurrent writes about somebody from two instances while they are
// erased. What was acknowledged after the erasure would be lost, so nothing may
// be; and nobody else's write may suffer.
func erasingConcurrent(t *testing.T, db Database) {
	stores := []Store{db.Open(t), db.Open(t)}
	w := newWorld(t, stores[0])
	const people, writers, writes = 4, 6, 20
	ps := make([]tracker.Person, people)
	for i := range ps {
		ps[i] = w.newPerson(fmt.Sprint(i))
	}
	w.mustCommit(&tracker.Rows{People: ps})
	bystander := ps[people-1].ID
	var erased [people]atomic.Int64 // the feed's number of the erasure
	var stored atomic.Int64
	var wait sync.WaitGroup
	for i := range writers {
		var xs []*tracker.Write
		for n := range writes {
			r := w.newReport(ps[(i+n)%people].ID, "")
			x := w.write(&tracker.Rows{Reports: []tracker.Report{r}})
			x.Threads = []tracker.Thread{w.newThread(fmt.Sprint(i, ".", n), r.Person)}
			xs = append(xs, x)
		}
		wait.Go(func() {
			for n, x := range xs {
				k := (i + n) % people
				before := erased[k].Load()
				c, err := stores[i%2].Commit(context.Background(), x)
				switch {
				case err == nil && before > 0:
					t.Errorf("person %d: a report is acknowledged at %d after the erasure at %d", k, c.Seq, before)
				case err != nil && (!errors.Is(err, tracker.ErrNotFound) || x.Reports[0].Person == bystander):
					t.Errorf("person %d: %v", k, err)
				case err == nil && x.Reports[0].Person == bystander:
					stored.Add(1)
				}
			}
		})
	}
	for k := range people - 1 {
		x := w.write(&tracker.Rows{Erasures: []tracker.Erasure{w.newErasure(ps[k].ID)}})
		wait.Go(func() {
			c, err := stores[k%2].Commit(context.Background(), x)
			if err != nil {
				t.Errorf("erase %d: %v", k, err)
			}
			erased[k].Store(c.Seq)
		})
	}
	wait.Wait()
	changes, rows := follow(t, db.Open(t))
	seqs := map[tracker.ID]int64{}
	for i, r := range rows {
		for _, x := range r.Erasures {
			seqs[x.Person] = changes[i].Seq
		}
	}
	if len(seqs) != people-1 {
		t.Errorf("%d erasures in the feed", len(seqs))
	}
	if rs, _, err := stores[1].ReportsOf(t.Context(), bystander, 0); err != nil || int64(len(rs)) != stored.Load() {
		t.Errorf("%v: %d reports of the bystander, %d acknowledged", err, len(rs), stored.Load())
	}
	for k := range people - 1 {
		if ts, err := stores[0].ThreadsOf(t.Context(), []tracker.ID{ps[k].ID}); err != nil || len(ts) != 0 {
			t.Errorf("person %d: %v, %d threads", k, err, len(ts))
		}
		if _, err := stores[0].ThreadByKey(t.Context(), w.crisis, tracker.ChannelTelegram, fmt.Sprint(k, ".0")); !errors.Is(err, tracker.ErrNotFound) {
			t.Errorf("a line of person %d: %v", k, err)
		}
	}
}
