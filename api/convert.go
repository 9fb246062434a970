package api

import (
	"context"
	"sync"
	"time"

	"aman/api/openapi"
	"aman/geo/tracker"
)

// The functions below write the core's values in the contract's words. What was
// not said is left out, never sent as a zero.

func countOf(c tracker.Count) openapi.Count {
	return openapi.Count{Records: c.Records, Persons: c.Persons}
}

func asOf(v tracker.View) openapi.AsOf {
	a := v.AsOf()
	return openapi.AsOf{Time: a.Time.UTC(), Seq: a.Seq, Epoch: a.Epoch}
}

func namesOf(n tracker.Names) openapi.Names { return openapi.Names{Kk: n.KK, Ru: n.RU, En: n.EN} }

func coreNames(n openapi.Names) tracker.Names { return tracker.Names{KK: n.Kk, RU: n.Ru, EN: n.En} }

// labelOf is a label, or nil where there is none.
func labelOf(n tracker.Names) *openapi.Names {
	if n == (tracker.Names{}) {
		return nil
	}
	o := namesOf(n)
	return &o
}

// some is a pointer to x, or nil when x is its type's zero value.
func some[T comparable](x T) *T {
	var zero T
	if x == zero {
		return nil
	}
	return &x
}

// moment is a time in UTC, or nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func orZero[T any](p *T) (x T) {
	if p != nil {
		x = *p
	}
	return x
}

// authorNames remembers what accounts and keys are called; they are few.
type authorNames struct {
	mu    sync.Mutex
	names map[tracker.ID]string // guarded by mu
}

// author is the name of the account that wrote something: "system" for none.
func (s *Server) author(ctx context.Context, id tracker.ID) string {
	if id.IsZero() {
		return "system"
	}
	s.authors.mu.Lock()
	name, ok := s.authors.names[id]
	s.authors.mu.Unlock()
	if ok {
		return name
	}
	name = id.String()
	if a, err := s.store.AccountByID(ctx, id); err == nil {
		name = a.Name
	} else if in := callOf(ctx); in.ID == id {
		name = in.Name // a key, writing now
	}
	s.authors.mu.Lock()
	defer s.authors.mu.Unlock()
	if s.authors.names == nil || len(s.authors.names) > 10_000 {
		s.authors.names = map[tracker.ID]string{}
	}
	s.authors.names[id] = name
	return name
}
