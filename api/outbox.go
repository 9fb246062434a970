package api

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"aman/api/intake"
	"aman/geo/tracker"
)

// What staff write is durable before it is sent. A worker on one instance, which holds
// a lease, sends what is queued: in order on each line, again after a while when the
// provider can't take it, and for a day at most. A message is marked when the provider
// has taken it; where the process dies in between, it is sent a second time.
const (
	outboxLease   = "messages"
	outboxEvery   = time.Second
	outboxBatch   = 1000
	outboxAtOnce  = 8 // lines that are sent on at the same time
	outboxFirst   = 5 * time.Second
	outboxMostly  = 10 * time.Minute
	outboxGivesUp = 24 * time.Hour
)

// RunMessengers sends and polls for the messengers that are on, until ctx ends and all
// it started has stopped. Without any it returns at once.
func (s *Server) RunMessengers(ctx context.Context) {
	if len(s.replies.senders) == 0 {
		return
	}
	var running sync.WaitGroup
	running.Go(func() { s.replies.run(ctx) })
	running.Go(func() { s.whileLeased(ctx, outboxLease, s.runOutbox) })
	if s.telegram != nil {
		running.Go(func() { s.telegram.run(ctx) })
	}
	running.Wait()
}

// runOutbox sends what is due until ctx ends.
func (s *Server) runOutbox(ctx context.Context) {
	tick := time.NewTicker(outboxEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := s.sendDue(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "messages were not sent", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-s.outbox: // something was written just now
		}
	}
}

// queued is one message with its line as it is now.
type queued struct {
	m  tracker.Message
	th tracker.Thread
}

// sendDue sends what may be sent now. Messages that wait for their next try are read
// too, for those behind them on the same line wait with them.
func (s *Server) sendDue(ctx context.Context) error {
	ms, ths, err := s.store.MessagesDue(ctx, s.now().Add(outboxGivesUp), outboxBatch)
	if err != nil {
		return err
	}
	lines := map[tracker.ID][]queued{}
	for i := range ms {
		lines[ms[i].Thread] = append(lines[ms[i].Thread], queued{ms[i], ths[i]})
	}
	var running sync.WaitGroup
	room := make(chan struct{}, outboxAtOnce)
	for _, q := range lines {
		slices.SortFunc(q, func(a, b queued) int {
			return cmp.Or(a.m.CreatedAt.Compare(b.m.CreatedAt), a.m.ID.Compare(b.m.ID))
		})
		if q[0].m.NextAt.After(s.now()) {
			continue
		}
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			running.Wait()
			return ctx.Err()
		}
		running.Go(func() {
			defer func() { <-room }()
			for i := range q {
				if ctx.Err() != nil || !s.sendOne(ctx, &q[i]) {
					return
				}
			}
		})
	}
	running.Wait()
	return nil
}

// sendOne tries one message and marks how far it has got; false when those behind it on
// the line must wait.
func (s *Server) sendOne(ctx context.Context, q *queued) bool {
	m := q.m
	m.Attempts++
	failure := s.deliver(ctx, q)
	if ctx.Err() != nil {
		return false // stopped in the midst: it is tried again
	}
	now := s.now().UTC()
	switch {
	case failure == nil:
		m.State, m.SentAt, m.Failure = tracker.MessageSent, now, ""
	case failure.permanent:
		m.State, m.Failure = tracker.MessageFailed, failure.code
	case now.Sub(m.CreatedAt) >= outboxGivesUp:
		m.State, m.Failure = tracker.MessageFailed, "expired"
	default:
		wait := outboxFirst << min(m.Attempts-1, 8)
		m.NextAt, m.Failure = now.Add(max(min(wait, outboxMostly), failure.retry)), failure.code
	}
	if err := s.store.MessageTried(ctx, m); err != nil {
		s.log.ErrorContext(ctx, "how far a message got was not stored", "message", m.ID.String(), "error", err)
		return false
	}
	return m.State != tracker.MessageQueued
}

// deliver hands a message to its provider, unless it must not be sent any more.
func (s *Server) deliver(ctx context.Context, q *queued) *sendError {
	sender := s.replies.senders[q.th.Channel]
	ok, why := intake.Reachable(&q.th)
	switch {
	case !ok:
		return &sendError{code: why, permanent: true}
	case q.th.Group && q.th.Mission.IsZero():
		return &sendError{code: "gone", permanent: true}
	case sender == nil: // switched off since; perhaps on again tomorrow
		return &sendError{code: "unavailable"}
	}
	if !q.m.Person.IsZero() {
		mourning, err := s.inMourning(q.m.Crisis, q.m.Person, q.th.Person)
		if err != nil {
			return &sendError{code: "unavailable"}
		}
		if mourning {
			return &sendError{code: "withheld", permanent: true}
		}
	}
	err := within(ctx, func(ctx context.Context) error { return sender.say(ctx, q.th.Key, intake.Reply{Text: q.m.Text}) })
	if err != nil {
		return failureOf(err)
	}
	return nil
}

// wakeOutbox tells the worker of this process that there is something to send. The
// worker of another looks every second.
func (s *Server) wakeOutbox() {
	select {
	case s.outbox <- struct{}{}:
	default: // it was told already
	}
}
