package api

import (
	"context"
	"time"

	"aman/geo/tracker"
)

const (
	// leaseFor is how long what one instance does alone stands still after it died.
	leaseFor = 10 * time.Second
	// leaseAsk is how often an instance that waits asks for it.
	leaseAsk = time.Second
)

// whileLeased does work on one instance at a time, until ctx ends: work runs while
// this one holds the lease, with a context that ends when it is lost. It may be called
// again and again, and its two last calls on two instances may overlap for a moment:
// it must be harmless to do a thing twice.
func (s *Server) whileLeased(ctx context.Context, name string, work func(context.Context)) {
	lease := tracker.Lease{Name: name, Holder: tracker.NewID()}
	for ctx.Err() == nil {
		if held, err := s.store.Acquire(ctx, lease, leaseFor); err != nil || !held {
			pause(ctx, leaseAsk)
			continue
		}
		s.leased(ctx, lease, work)
	}
}

// leased runs work once, and renews the lease until it returns.
func (s *Server) leased(ctx context.Context, lease tracker.Lease, work func(context.Context)) {
	holding, lost := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer lost()
		renewed := time.Now()
		for pause(holding, leaseFor/3) {
			switch held, err := s.store.Acquire(holding, lease, leaseFor); {
			case err == nil && held:
				renewed = time.Now()
			case err == nil, time.Since(renewed) > leaseFor: // somebody else's now, or as good as
				return
			}
		}
	}()
	work(holding)
	lost()
	<-done
	// Another instance need not wait for it to run out.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = s.store.Acquire(after, lease, -1)
}
