package data

import (
	"context"
	"runtime"
	"sync"
)

// inOrder passes batches from produce through workers to consume, which gets
// them in the order in which they were produced. produce runs in a goroutine of
// its own, consume in the caller's; newWork makes one worker's function. The
// first error ends all three. Few batches are under way at a time.
func inOrder[T any](ctx context.Context, produce func(ctx context.Context, emit func(T) error) error, newWork func() func(T) error, consume func(T) error) error {
	type task struct {
		batch T
		err   error
		ready chan struct{}
	}
	workers := max(2, runtime.GOMAXPROCS(0))
	ctx, cancel := context.WithCancelCause(ctx)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel(nil)
	todo := make(chan *task, workers)
	ordered := make(chan *task, 2*workers)
	wait.Go(func() {
		defer close(ordered)
		defer close(todo)
		if err := produce(ctx, func(b T) error {
			t := &task{batch: b, ready: make(chan struct{})}
			for _, c := range []chan *task{todo, ordered} {
				select {
				case c <- t:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			return nil
		}); err != nil {
			cancel(err)
		}
	})
	for range workers {
		wait.Go(func() {
			work := newWork()
			for t := range todo {
				if ctx.Err() == nil {
					t.err = work(t.batch)
				}
				close(t.ready)
			}
		})
	}
	for t := range ordered {
		<-t.ready
		if ctx.Err() != nil {
			break
		}
		if t.err != nil {
			return t.err
		}
		if err := consume(t.batch); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}
