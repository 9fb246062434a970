package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

// patience bounds waits for what must happen; nothing is asserted about how long
// it took.
const patience = 20 * time.Second

func (h *harness) eventually(what string, done func() bool) {
	h.t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("%s did not happen", what)
		}
	}
}

// note counts an answer that the harness did not send itself.
func (h *harness) note(operation string, status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen[operation] == nil {
		h.seen[operation] = map[int]int{}
	}
	h.seen[operation][status]++
}

type message struct{ id, event, data string }

// stream is an open event stream.
type stream struct {
	t        testing.TB
	cancel   context.CancelFunc
	messages chan message // closed when the stream ends
}

func (c caller) stream(lastID string) *stream {
	c.h.t.Helper()
	ctx, cancel := context.WithCancel(c.h.t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", c.h.http.URL+"/api/v1/events/stream", nil)
	must(c.h.t, err)
	req.Header.Set("Authorization", "Bearer "+c.token)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := c.h.http.Client().Do(req)
	must(c.h.t, err)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		c.h.t.Fatalf("stream: status %d, %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	s := &stream{t: c.h.t, cancel: cancel, messages: make(chan message, 1000)}
	go func() {
		defer close(s.messages)
		defer res.Body.Close()
		var m message
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				m.id = value
			case "event":
				m.event = value
			case "data":
				m.data = value
			case "":
				if m != (message{}) {
					s.messages <- m
				}
				m = message{}
			}
		}
	}()
	c.h.t.Cleanup(cancel)
	return s
}

// next waits for a message of a kind, passing over others.
func (s *stream) next(kind string) message {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case m, ok := <-s.messages:
			if !ok {
				s.t.Fatalf("the stream ended before a %q", kind)
			}
			if m.event == kind {
				return m
			}
		case <-timeout:
			s.t.Fatalf("no %q came", kind)
		}
	}
}

func (s *stream) close() { s.cancel() }

// ended waits until the server has ended the stream.
func (s *stream) ended() {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case _, ok := <-s.messages:
			if !ok {
				return
			}
		case <-timeout:
			s.t.Fatal("the stream did not end")
		}
	}
}

// TestStreamTellsAndResumes: a reader who was away gets the events that it
// missed, each once.
func TestStreamTellsAndResumes(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	s := analyst.stream("")
	first := s.next("picture")
	z := analyst.activeZone(zoneInput(3, 55.3, 25.2, 0.2))
	e := s.next("event")
	if !strings.Contains(e.data, z.Id.String()) {
		t.Errorf("the event is not about the zone: %s", e.data)
	}
	s.close()

	again := analyst.stream(first.id)
	if got := again.next("event"); got.data != e.data {
		t.Errorf("resumed with %s, want %s", got.data, e.data)
	}
	last := again.next("picture")
	again.close()

	// Resuming after everything tells nothing old: the first message is the picture.
	if m := <-analyst.stream(last.id).messages; m.event != "picture" {
		t.Errorf("resumed at the end with %+v", m)
	}
	for _, id := range []string{"other-epoch:1", first.id[:strings.LastIndex(first.id, ":")] + ":999999999", "nonsense"} {
		if m := <-analyst.stream(id).messages; m.event != "resync" {
			t.Errorf("after %q: %+v, want resync", id, m)
		}
	}
}

// TestStreamIsScoped: an embassy is told of its own people's events only.
func TestStreamIsScoped(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	doha := h.key(auth.RoleEmbassy, h.doha).stream("")
	abuDhabi := h.key(auth.RoleEmbassy, h.abuDhabi).stream("")
	analyst.activeZone(zoneInput(3, 55.3, 25.2, 0.2))
	doha.next("event") // the zone itself is told to all
	abuDhabi.next("event")
	r := analyst.file(at("In Dubai", 55.3, 25.2))
	if e := abuDhabi.next("event"); !strings.Contains(e.data, r.PersonId.String()) {
		t.Errorf("Abu Dhabi is told %s", e.data)
	}
	// Something that Doha is told of afterwards: all before it must be silence.
	analyst.want(200, "PUT", "/api/v1/airports/DOH/state", object{"status": "limited", "reason": "test"})
	if e := doha.next("event"); strings.Contains(e.data, r.PersonId.String()) || !strings.Contains(e.data, "airport_state") {
		t.Errorf("Doha is told %s", e.data)
	}
}

// TestShutdownEndsStreams: http.Server.Shutdown must not wait for them.
func TestShutdownEndsStreams(t *testing.T) {
	h := newHarness(t)
	s := h.key(auth.RoleAnalyst, tracker.ID{}).stream("")
	s.next("picture")
	h.server.Shutdown()
	h.server.Shutdown() // idempotent
	s.ended()
}

// TestStreamsOfOneCaller: a caller can't hold any number of streams, and one that
// was closed makes room.
func TestStreamsOfOneCaller(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleAnalyst, tracker.ID{})
	var open []*stream
	for range 32 {
		s := c.stream("")
		s.next("picture")
		open = append(open, s)
	}
	if a := c.want(http.StatusTooManyRequests, "GET", "/api/v1/events/stream", nil); a.code(t) != "too_many_streams" {
		t.Errorf("one more: %s", a.body)
	}
	open[0].close()
	h.eventually("room", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", h.http.URL+"/api/v1/events/stream", nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+c.token)
		res, err := h.http.Client().Do(req)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}
