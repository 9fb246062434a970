package api

import (
	"context"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"aman/api/intake"
	"aman/geo/tracker"
)

// What is answered to a message is sent after the message is durable, as well as can
// be: who hears nothing writes again, and loses nothing by it. What staff write goes
// another way (outbox.go).
const (
	replyLanes   = 8   // answers on one line keep their order
	replyQueue   = 256 // that wait, a lane
	replyTries   = 3
	replyWait    = time.Second
	replyMostly  = 20 * time.Second // the longest wait between tries
	repliesKnown = 20_000           // deliveries that are known to be answered
)

// answering is what one delivery is answered.
type answering struct {
	channel tracker.Channel
	to      string
	replies []intake.Reply
	// answer is acknowledged first; may be empty.
	answer string
}

// replyDesk sends answers in the background. Make it with newReplyDesk; run it once.
type replyDesk struct {
	senders map[tracker.Channel]messenger
	log     *slog.Logger
	lanes   [replyLanes]chan answering

	mu sync.Mutex
	// done and order are the deliveries that this process has answered, the oldest
	// first; guarded by mu.
	done  map[string]bool
	order []string
}

func newReplyDesk(log *slog.Logger) *replyDesk {
	d := &replyDesk{senders: map[tracker.Channel]messenger{}, log: log, done: map[string]bool{}}
	for i := range d.lanes {
		d.lanes[i] = make(chan answering, replyQueue)
	}
	return d
}

// put queues the answer to the delivery id, unless this process has answered it
// before: a provider that delivers again may not have got our 2xx, and its user not
// our answer. A full queue drops it.
func (d *replyDesk) put(ctx context.Context, id string, a answering) {
	if len(a.replies) == 0 && a.answer == "" || d.senders[a.channel] == nil || !d.first(a.channel.String()+" "+id) {
		return
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(a.to)) // never fails
	select {
	case d.lanes[h.Sum32()%replyLanes] <- a:
	default:
		d.log.WarnContext(ctx, "answers wait in too long a queue: one is left out", "channel", a.channel.String())
	}
}

// first tells whether a delivery is answered for the first time, and remembers it.
func (d *replyDesk) first(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done[id] {
		return false
	}
	if len(d.order) >= repliesKnown {
		half := d.order[:repliesKnown/2]
		for _, old := range half {
			delete(d.done, old)
		}
		d.order = append([]string{}, d.order[len(half):]...)
	}
	d.done[id], d.order = true, append(d.order, id)
	return true
}

// run sends until ctx ends; what waits then is left.
func (d *replyDesk) run(ctx context.Context) {
	var lanes sync.WaitGroup
	for _, lane := range d.lanes {
		lanes.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case a := <-lane:
					d.send(ctx, a)
				}
			}
		})
	}
	lanes.Wait()
}

func (d *replyDesk) send(ctx context.Context, a answering) {
	m := d.senders[a.channel]
	if a.answer != "" {
		// The button stops spinning; without it the answer below still comes.
		_ = within(ctx, func(ctx context.Context) error { return m.acknowledge(ctx, a.answer) })
	}
	for _, r := range a.replies {
		for try := 1; ; try++ {
			err := within(ctx, func(ctx context.Context) error { return m.say(ctx, a.to, r) })
			if err == nil {
				break
			}
			f := failureOf(err)
			if f.permanent || try == replyTries {
				d.log.WarnContext(ctx, "an answer was not sent", "channel", a.channel.String(), "why", f.code)
				return
			}
			if !pause(ctx, min(max(f.retry, replyWait<<(try-1)), replyMostly)) {
				return
			}
		}
	}
}

// within bounds one call to a provider.
func within(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, providerWithin)
	defer cancel()
	return f(ctx)
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
