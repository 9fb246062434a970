package data

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"aman/geo/tracker"
)

// job is one write on its way to the committer, encoded and sealed by its
// caller's goroutine. After it is queued only the committer touches it, but for
// state.
type job struct {
	rows     tracker.Rows
	encoded  *encoded
	fresh    map[tracker.ID]personKey
	missions map[tracker.ID]bool
	known    map[tracker.ID]bool
	count    int
	audit    tracker.Audit
	key      *idempotencyKey
	lease    *tracker.Lease
	through  int64
	// alone, when set, is the whole of the write but its audit record; it isn't
	// put together with others.
	alone func(ctx context.Context, s *session) error

	// state is waiting, claimed by the committer, or withdrawn by the caller.
	state atomic.Int32
	done  chan struct{}
	out   tracker.Committed
	err   error
}

// lonely tells that a write isn't put together with others: what is alone, and
// erasing, which others must not come in between.
func (j *job) lonely() bool { return j.alone != nil || len(j.rows.Erasures) > 0 }

const (
	waiting int32 = iota
	claimed
	withdrawn
)

// groupRows is the number of rows at which a group takes no further write.
const groupRows = 500

// Commit implements tracker.Store. Rows are normalised (whole microseconds in
// UTC, each slice in the order of its keys). A write with rows needs an
// Audit.Action. When ctx ends while the write still waits, it is withdrawn and
// the error is both ErrUnavailable and ctx's; once the committer has it, Commit
// returns what became of it.
func (d *DB) Commit(ctx context.Context, w *tracker.Write) (tracker.Committed, error) {
	j, err := d.encode(ctx, w)
	if err == nil {
		err = d.submit(ctx, j)
	}
	if err != nil {
		d.stats.refused.Add(1)
		return tracker.Committed{}, fmt.Errorf("commit %s: %w", w.Audit.Action, err)
	}
	return j.out, nil
}

func (d *DB) encode(ctx context.Context, w *tracker.Write) (*job, error) {
	rows, err := normalize(&w.Rows)
	if err != nil {
		return nil, err
	}
	talk, err := normalizeTalk(&w.Talk)
	if err != nil {
		return nil, err
	}
	var c checker
	c.text("audit", w.Audit.Role, w.Audit.Action, w.Audit.Object, w.Audit.Reason)
	j := &job{
		rows: rows, encoded: new(encoded), count: countRows(&rows) + countTalk(&talk), audit: w.Audit,
		lease: w.Lease, through: w.EventsThrough, done: make(chan struct{}),
	}
	if j.count > 0 && w.Audit.Action == "" {
		c.fail("audit.action", "required", "a write must say for the audit what it does")
	}
	if c.err != nil {
		return nil, c.err
	}
	s := d.sealer(ctx, d.hot)
	s.packFrom = d.packFrom
	s.admit(&rows)
	if err := s.encode(&rows, j.encoded); err != nil {
		return nil, err
	}
	if err := s.encodeTalk(&talk, j.encoded); err != nil {
		return nil, err
	}
	j.fresh, j.missions, j.known = s.fresh, s.missions, s.known
	if w.Idempotency != nil {
		if j.key, err = d.vault.idempotencyKey(w.Idempotency); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// change runs f and records au in one transaction, in the committer's turn.
func (d *DB) change(ctx context.Context, au tracker.Audit, f func(ctx context.Context, s *session) error) error {
	j := &job{alone: f, audit: au, encoded: new(encoded), done: make(chan struct{})}
	if err := d.submit(ctx, j); err != nil {
		d.stats.refused.Add(1)
		return err
	}
	return nil
}

// submit queues a job and waits for what becomes of it.
func (d *DB) submit(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", tracker.ErrUnavailable, err)
	}
	if err := d.enqueue(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, withdrawn) {
			return fmt.Errorf("%w: withdrawn while waiting: %w", tracker.ErrUnavailable, ctx.Err())
		}
		<-j.done
	}
	return j.err
}

func (d *DB) enqueue(j *job) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return fmt.Errorf("%w: the store is closed", tracker.ErrUnavailable)
	}
	if d.poisoned.Load() {
		return fmt.Errorf("%w: the disk failed to keep a write", tracker.ErrUnavailable)
	}
	select {
	case d.queue <- j:
		return nil
	default:
		return fmt.Errorf("%w: too many writes are waiting", tracker.ErrUnavailable)
	}
}

// lingerFor is how long a group that is smaller than those before it waits for the
// rest to come: who was answered with the last group asks again within that time, and a
// transaction for each few of them would cost several times as much.
const lingerFor = 4 * time.Millisecond

// commitLoop is the one committer: it takes what is waiting, up to groupRows,
// into one transaction. Under load groups form by themselves while the one before is
// being written; only where groups were larger lately does it wait, for lingerFor at
// most. A single write is as quick as the disk.
func (d *DB) commitLoop() {
	var next []*job // taken from the queue, for the next group
	usual := 0      // writes of a group, lately
	for {
		if len(next) == 0 {
			j, ok := <-d.queue
			if !ok {
				return
			}
			next = append(next, j)
		}
		var group []*job
		group, next = d.gather(next, usual)
		usual = max(len(group), usual-usual/16-1)
		d.run(group)
	}
}

// gather forms a group from next and the queue, and returns what has to wait
// for the group after: a second write with the same idempotency key, so that it
// finds the first one's reply, and writes that go alone. It waits, for lingerFor, until
// there are as many as usual.
func (d *DB) gather(next []*job, usual int) (group, later []*job) {
	var lingered <-chan time.Time
	keys := map[[16]byte]bool{}
	rows := 0
	full := false
	take := func(j *job) {
		switch {
		case j.state.Load() == withdrawn:
		case full, j.lonely() && len(group) > 0, j.key != nil && keys[j.key.digest]:
			later = append(later, j)
			full = full || j.lonely()
		default:
			group = append(group, j)
			rows += max(1, j.count)
			if j.key != nil {
				keys[j.key.digest] = true
			}
			full = j.lonely() || rows >= groupRows
		}
	}
	for _, j := range next {
		take(j)
	}
	for !full {
		select {
		case j, ok := <-d.queue:
			if !ok {
				return group, later
			}
			take(j)
			continue
		default:
		}
		if len(group) >= usual {
			break
		}
		if lingered == nil {
			lingered = time.After(lingerFor)
		}
		select {
		case j, ok := <-d.queue:
			if !ok {
				return group, later
			}
			take(j)
		case <-lingered:
			return group, later
		}
	}
	return group, later
}

// poison stops all writing: after an error of the disk, what it has kept is
// unknown, and asking again may get a wrong yes.
func (d *DB) poison(err error) {
	if d.poisoned.CompareAndSwap(false, true) {
		d.log.Error("the disk failed: no write is accepted until a restart", "error", err)
	}
}

// asRowError is the error of one row in err, or nil.
func asRowError(err error) *rowError {
	var r *rowError
	if errors.As(err, &r) {
		return r
	}
	return nil
}
