package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"aman/api/openapi"
	"aman/geo/tracker"
)

const (
	// pictureEvery is the least time between two messages about the picture: a
	// browser that fetches again at every commit would do nothing else.
	pictureEvery = 200 * time.Millisecond
	// heartbeat keeps proxies from closing a quiet stream, and is when the caller's
	// session is looked at again.
	heartbeat = 15 * time.Second
	// slowAfter drops a reader that doesn't take what it is sent; it comes back
	// and resumes.
	slowAfter = 10 * time.Second
)

// StreamEvents implements the contract's streamEvents.
func (s *Server) StreamEvents(ctx context.Context, r openapi.StreamEventsRequestObject) (openapi.StreamEventsResponseObject, error) {
	c, err := s.crisis(s.view(ctx), r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	if !s.open.enter(callOf(ctx).ID) {
		return nil, &refusal{
			status: http.StatusTooManyRequests, code: "too_many_streams", detail: "This account has too many streams open.", retry: heartbeat,
		}
	}
	return &stream{s: s, ctx: ctx, crisis: c.ID, lastID: orZero(r.Params.LastEventID)}, nil
}

// stream is one open event stream.
type stream struct {
	s      *Server
	ctx    context.Context // of the request; the generated interface has no place for it
	crisis tracker.ID
	lastID string

	w     http.ResponseWriter
	rc    *http.ResponseController
	epoch string
	seq   int64 // of the newest event sent, or of the picture told of
}

// maxStreams is how many streams one account or key may have open: each tab of
// the console has one.
const maxStreams = 32

// openStreams counts the open streams of each caller.
type openStreams struct {
	mu sync.Mutex
	n  map[tracker.ID]int // guarded by mu
}

func (o *openStreams) enter(id tracker.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n[id] >= maxStreams {
		return false
	}
	if o.n == nil {
		o.n = map[tracker.ID]int{}
	}
	o.n[id]++
	return true
}

func (o *openStreams) leave(id tracker.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n[id]--; o.n[id] <= 0 {
		delete(o.n, id)
	}
}

// errStreamOver ends a stream for a reason that is nobody's fault.
var errStreamOver = errors.New("stream is over")

// VisitStreamEventsResponse writes messages until the reader goes, the session
// ends or the server stops.
func (t *stream) VisitStreamEventsResponse(w http.ResponseWriter) error {
	t.w, t.rc = w, http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx must pass messages on at once
	defer t.s.open.leave(callOf(t.ctx).ID)
	t.s.metrics.streams.Inc()
	defer t.s.metrics.streams.Dec()
	// Whatever the connection's read deadline was, this request has been read.
	_ = t.rc.SetReadDeadline(time.Time{}) // a transport without deadlines has none to lift
	w.WriteHeader(http.StatusOK)
	err := t.run()
	if errors.Is(err, errStreamOver) || t.ctx.Err() != nil {
		return nil
	}
	// The answer has begun, so the error can't be told; a write that failed means
	// that the reader is gone or slow.
	t.s.log.InfoContext(t.ctx, "event stream dropped", "request_id", callOf(t.ctx).requestID)
	return nil
}

func (t *stream) run() error {
	sub := t.s.tracker.Subscribe()
	defer sub.Close()
	if err := t.begin(); err != nil {
		return err
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var wait <-chan time.Time // set while a message about the picture is held back
	var told time.Time
	for {
		select {
		case <-t.ctx.Done():
			return errStreamOver
		case <-t.s.closing:
			return errStreamOver
		case <-beat.C:
			if err := t.s.accounts.Recheck(t.ctx, callOf(t.ctx).Principal); err != nil {
				return errStreamOver
			}
			if err := t.send(": still here\n\n"); err != nil {
				return err
			}
		case <-sub.C():
			if wait == nil {
				wait = time.After(max(0, pictureEvery-time.Since(told)))
			}
		case <-wait:
			wait, told = nil, time.Now()
			if err := t.tell(); err != nil {
				return err
			}
		}
	}
}

// begin resumes after the last message that the reader had, or starts from now.
func (t *stream) begin() error {
	v := t.s.view(t.ctx)
	a := v.AsOf()
	t.epoch, t.seq = a.Epoch, a.Seq
	if t.lastID == "" {
		return t.send(t.message("picture", asOf(v)))
	}
	epoch, seq, ok := cutEventID(t.lastID)
	if !ok || epoch != a.Epoch || seq > a.Seq {
		return t.send(t.message("resync", asOf(v)))
	}
	t.seq = seq
	return t.tell()
}

// tell sends the events since the last message, and that the picture moved on.
func (t *stream) tell() error {
	v := t.s.view(t.ctx)
	a := v.AsOf()
	if a.Epoch != t.epoch {
		t.epoch, t.seq = a.Epoch, a.Seq
		return t.send(t.message("resync", asOf(v)))
	}
	es, complete := v.EventsAfter(t.crisis, t.seq)
	if !complete {
		t.seq = a.Seq
		return t.send(t.message("resync", asOf(v)))
	}
	var b strings.Builder
	for i := range es {
		// Several events may share a feed position: the id moves on with the last
		// of them, so that a reader who is cut off between gets all of them again.
		if i+1 == len(es) || es[i+1].Seq != es[i].Seq {
			t.seq = es[i].Seq
		}
		b.WriteString(t.message("event", eventOf(&es[i])))
	}
	t.seq = max(t.seq, a.Seq)
	b.WriteString(t.message("picture", asOf(v)))
	return t.send(b.String())
}

func (t *stream) message(kind string, data any) string {
	b, err := json.Marshal(data)
	if err != nil {
		panic("encode a message: " + err.Error()) // a type of the contract that can't be encoded is a programming error
	}
	return fmt.Sprintf("id: %s:%d\nevent: %s\ndata: %s\n\n", t.epoch, t.seq, kind, b)
}

func (t *stream) send(text string) error {
	// A recorder has no deadlines; a connection has.
	_ = t.rc.SetWriteDeadline(time.Now().Add(slowAfter))
	if _, err := t.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	if err := t.rc.Flush(); err != nil {
		return fmt.Errorf("flush message: %w", err)
	}
	return nil
}

// cutEventID reads "epoch:seq".
func cutEventID(id string) (epoch string, seq int64, ok bool) {
	i := strings.LastIndexByte(id, ':')
	if i < 0 {
		return "", 0, false
	}
	seq, err := strconv.ParseInt(id[i+1:], 10, 64)
	return id[:i], seq, err == nil && seq >= 0
}
