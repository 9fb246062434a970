package api

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// The door is where everything comes in that isn't a request of staff or a report by
// a link: a channel decodes its bytes to intake.Inbound, and take stores what that
// comes to, once. To add a channel:
//
//	in, err := intake.DecodeX(body)            // pure
//	got, err := s.take(ctx, "x", in, func(l line) (turn, error) {
//		// pure, and perhaps called again: the line moved on meanwhile
//		return turn{filings: …, reply: …}, nil
//	})
//	// got.reply is what reply made, also for a second delivery; it is durable by now
//
// A 2xx goes out after take has returned, and only then.

// line is where something came in on.
type line struct {
	crisis tracker.ID
	now    time.Time
	// thread is the version that a turn may store, with what is known of the line:
	// the last version's successor, or the first version of one that is new. Put it
	// into a filing (it gets the filing's person where it has none) or into the talk.
	thread tracker.Thread
	// known tells whether the line was stored before, and heard when it last was.
	known bool
	heard time.Time
	// gone is somebody whom an earlier try of this turn was about, and who is no
	// longer there; or zero.
	gone tracker.ID
}

// turn is what a delivery comes to.
type turn struct {
	// filings and talk are stored together or not at all; both may be empty.
	filings []tracker.Filing
	talk    tracker.Talk
	// reply makes what is kept as the answer; rs has a receipt for each filing. nil:
	// nothing is answered.
	reply func(rs []tracker.Receipt) []byte
}

// taken is how a delivery ended: everything of it is durable.
type taken struct {
	reply []byte
	// replay is true for a second delivery, of which nothing was stored.
	replay bool
	seq    int64
}

// turns bounds how often a delivery is tried whose line moves on under it.
const turns = 4

// doorLocks make deliveries on one line wait for each other within this process, so
// that they rarely conflict in the store.
type doorLocks [1024]sync.Mutex

func (d *doorLocks) of(source, thread string) *sync.Mutex {
	h := fnv.New32a()
	_, _ = h.Write([]byte(source + "\x00" + thread)) // never fails
	return &d[h.Sum32()%uint32(len(d))]
}

// take stores one delivery: it finds the line by in.Channel and in.Thread, asks for a
// turn and submits it under the idempotency key (source, in.ID), with no key where
// in.ID is empty. A person who was erased meanwhile is forgotten by the line, and the
// turn made anew. Errors: tracker.ErrUnavailable (also while there is no crisis, or the
// picture is being loaded), make's own, and a FieldError for a filing that breaks a
// rule.
func (s *Server) take(ctx context.Context, source string, in intake.Inbound, make func(line) (turn, error)) (taken, error) {
	if !s.tracker.Snapshot().Ready() {
		return taken{}, fmt.Errorf("%w: the picture is being loaded", tracker.ErrUnavailable)
	}
	crisis, ok := s.tracker.Snapshot().Crisis("")
	if !ok {
		return taken{}, fmt.Errorf("%w: there is no crisis", tracker.ErrUnavailable)
	}
	lock := s.doors.of(source, in.Thread)
	lock.Lock()
	defer lock.Unlock()
	key, forgotten := in.ID, tracker.ID{}
	for try := 1; ; try++ {
		got, err := s.takeOnce(ctx, source, key, &in, crisis.ID, &forgotten, make)
		switch {
		case errors.Is(err, tracker.ErrKeyReused) && key == in.ID:
			// Providers count anew now and then, and nothing that somebody said may be
			// lost by it: under this key it is stored once too.
			h := in.Hash()
			key += "/" + hex.EncodeToString(h[:8])
		case errors.Is(err, tracker.ErrConflict) && try < turns:
		case errors.Is(err, tracker.ErrConflict):
			return taken{}, fmt.Errorf("%w: the line is busy: %w", tracker.ErrUnavailable, err)
		case errors.Is(err, errForgotten) && try < turns:
		default:
			return got, err
		}
	}
}

// errForgotten: whom it is about is no longer there; look again.
var errForgotten = errors.New("the person is gone")

func (s *Server) takeOnce(ctx context.Context, source, key string, in *intake.Inbound, crisis tracker.ID, forgotten *tracker.ID, make func(line) (turn, error)) (taken, error) {
	l, err := s.lineOf(ctx, crisis, in.Channel, in.Thread)
	if err != nil {
		return taken{}, err
	}
	if l.gone = *forgotten; l.thread.Person == l.gone {
		l.thread.Person = tracker.ID{}
	}
	t, err := make(l)
	if err != nil {
		return taken{}, err
	}
	encode := func(rs []tracker.Receipt, _ []error) []byte {
		if t.reply == nil {
			return nil
		}
		return t.reply(rs)
	}
	if len(t.filings)+len(t.talk.Threads)+len(t.talk.Messages)+len(t.talk.Callbacks) == 0 {
		return taken{reply: encode(nil, nil)}, nil
	}
	sub := tracker.Submission{
		Actor: tracker.Actor{Role: in.Channel.String(), Scope: tracker.Scope{All: true}}, Crisis: crisis,
		Filings: t.filings, Talk: t.talk, Whole: true, Encode: encode, Action: in.Channel.String() + ".report",
	}
	if key != "" {
		sub.Idempotency = &tracker.Idempotency{Source: source, Key: key, BodyHash: in.Hash()}
	}
	done, err := s.tracker.Submit(ctx, sub)
	if err != nil {
		return taken{}, err
	}
	if !done.Replay {
		if err := errors.Join(done.Errors...); err != nil {
			for i := range t.filings {
				if about := t.filings[i].Report.Person; errors.Is(done.Errors[i], tracker.ErrNotFound) && !about.IsZero() && about != *forgotten {
					*forgotten = about
					return taken{}, errForgotten
				}
			}
			return taken{}, err
		}
	}
	got := taken{reply: done.Reply, replay: done.Replay, seq: done.Seq}
	if key == "" {
		got.reply = encode(done.Receipts, done.Errors)
	}
	return got, nil
}

// lineOf finds a line, or makes the first version of it.
func (s *Server) lineOf(ctx context.Context, crisis tracker.ID, ch tracker.Channel, key string) (line, error) {
	now := s.now().UTC().Truncate(time.Microsecond)
	l := line{crisis: crisis, now: now, known: true}
	th, err := s.store.ThreadByKey(ctx, crisis, ch, key)
	switch {
	case err == nil:
		l.thread, l.heard = th, th.RecordedAt
		l.thread.Version++
	case errors.Is(err, tracker.ErrNotFound):
		l.known = false
		l.thread = tracker.Thread{ID: tracker.NewID(), Crisis: crisis, Channel: ch, Key: key, Version: 1}
	default:
		return l, fmt.Errorf("find the line: %w", err)
	}
	l.thread.RecordedAt = now
	return l, nil
}

// linkFor finds the link that a code leads to, in force or not; ok is false where
// there is none. Errors: the store's.
func (s *Server) linkFor(ctx context.Context, code string) (l auth.Link, ok bool, err error) {
	normal, ok := auth.NormalLinkCode(code)
	if !ok {
		return l, false, nil
	}
	l, err = s.store.LinkByCode(ctx, normal)
	switch {
	case errors.Is(err, tracker.ErrNotFound):
		return l, false, nil
	case err != nil:
		return l, false, fmt.Errorf("find the link: %w", err)
	}
	return l, true, nil
}

// linkInForce is the link of a code, if it is in force and of the crisis whose lines
// are served; nil for any other code, and for none. Whoever writes is never told which
// codes there are. Errors: the store's.
func (s *Server) linkInForce(ctx context.Context, code string) (link *auth.Link, err error) {
	if code == "" {
		return link, nil
	}
	l, ok, err := s.linkFor(ctx, code)
	if err != nil || !ok || l.State(s.now()) != auth.LinkInForce {
		return link, err
	}
	if crisis, known := s.tracker.Snapshot().Crisis(""); known && l.Crisis == crisis.ID {
		link = &l
	}
	return link, nil
}
