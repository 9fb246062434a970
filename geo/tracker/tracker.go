// Package tracker is the application core: zones, people, positions and the
// live picture of who is in danger, kept as a pure function of what has been
// committed.
//
// Data flows one way. A write goes to the Store, which makes it durable and
// tells of it in the change feed; the Tracker follows the feed, applies each
// commit to the picture and publishes an immutable Snapshot; every list, cell,
// count, export and stream reads a Snapshot. Starting, catching up and
// following along are the same code, for one process or many.
package tracker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// leaseName is the lease of what only one instance may do: derive events and
// commit what the clock causes.
const leaseName = "tracker"

// Options are the Tracker's settings; the zero value is usable.
type Options struct {
	Now      func() time.Time // default time.Now
	Logger   *slog.Logger     // default: discard
	Poll     time.Duration    // how often the feed is looked at unasked; default 2 s
	LeaseTTL time.Duration    // default 10 s
}

// Tracker keeps the live picture. Snapshot and the writes may be used from any
// goroutine once Start has returned.
type Tracker struct {
	store Store
	world *World
	opt   Options
	self  ID

	snap atomic.Pointer[Snapshot]

	// mu guards the picture and what follows from following the feed.
	mu      sync.Mutex
	pic     *picture
	pending []pendingEvents // derived here, not yet seen in the feed
	through int64           // events are stored for all commits up to here, as far as known

	// Used by step alone: when the lease was last asked for, and the answer.
	leaseAsked time.Time
	leaseHeld  bool

	// subMu guards subs and waiters' channel.
	subMu sync.Mutex
	subs  map[*Subscription]struct{}
	moved chan struct{} // closed and replaced at each new snapshot
}

type pendingEvents struct {
	cause  int64
	events []Event
}

// New makes a Tracker over a store and the world's places. Call Start, then Run.
func New(s Store, w *World, o Options) *Tracker {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Poll <= 0 {
		o.Poll = 2 * time.Second
	}
	if o.LeaseTTL <= 0 {
		o.LeaseTTL = 10 * time.Second
	}
	t := &Tracker{
		store: s, world: w, opt: o, self: NewID(),
		subs: map[*Subscription]struct{}{}, moved: make(chan struct{}),
	}
	t.snap.Store(&Snapshot{world: w, nums: newNumbers(), who: newWhoIndex()})
	return t
}

// World is the tracker's places.
func (t *Tracker) World() *World { return t.world }

// Now is the tracker's clock.
func (t *Tracker) Now() time.Time { return t.opt.Now().UTC() }

// Snapshot is the newest picture; never nil, and empty before Start.
func (t *Tracker) Snapshot() *Snapshot { return t.snap.Load() }

// Start loads the picture and catches up with the feed.
func (t *Tracker) Start(ctx context.Context) error {
	if err := t.reload(ctx); err != nil {
		return err
	}
	return t.catchUp(ctx)
}

// Run follows the feed, and does what the lease asks for while this instance
// holds it, until ctx ends. It returns nil then.
func (t *Tracker) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { t.compile(ctx) })
	poll := time.NewTicker(min(t.opt.Poll, time.Second))
	defer poll.Stop()
	for {
		t.step(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-t.store.Wake():
		case <-poll.C:
		}
	}
}

// step is one round: catch up, and the duties of the lease. Errors are logged
// and tried again in the next round.
func (t *Tracker) step(ctx context.Context) {
	if err := t.catchUp(ctx); err != nil {
		t.warn(ctx, "follow the change feed", err)
		return
	}
	t.age()
	if err := t.duties(ctx); err != nil {
		t.warn(ctx, "do the lease's duties", err)
	}
}

// age lets the minutes that went by act on the picture.
func (t *Tracker) age() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pic.age(micros(t.Now())) {
		t.publish()
	}
}

func (t *Tracker) warn(ctx context.Context, doing string, err error) {
	if ctx.Err() == nil {
		t.opt.Logger.WarnContext(ctx, "tracker step did not complete", "doing", doing, "error", err)
	}
}

// reload builds the picture anew from the store.
func (t *Tracker) reload(ctx context.Context) error {
	p := newPicture(t.world)
	began := time.Now()
	at, err := t.store.Load(ctx, func(rows *Rows) error {
		p.load(rows)
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("load the live picture: %w", err)
	}
	p.epoch, p.seq, p.at, p.loaded = at.Epoch, at.Seq, at.At, true
	if c, err := p.index.Compile(); err == nil {
		p.index.Adopt(c) // everybody is about to be matched
	}
	p.settleAll()
	p.age(micros(t.Now()))
	p.watch(micros(t.Now()))
	go p.who.build()
	if len(p.events) > 0 {
		p.dropped = max(p.dropped, p.events[0].Seq-1) // Load gives the newest only
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pic, t.pending, t.through = p, nil, at.Seq
	t.publish()
	t.opt.Logger.InfoContext(ctx, "live picture loaded", "people", p.people.n, "zones", len(p.zones),
		"seq", p.seq, "took_ms", time.Since(began).Milliseconds())
	return nil
}

// catchUp applies everything that the feed holds beyond the picture.
func (t *Tracker) catchUp(ctx context.Context) error {
	for {
		t.mu.Lock()
		seq, epoch := t.pic.seq, t.pic.epoch
		t.mu.Unlock()
		now, cs, err := t.store.Changes(ctx, seq, 256)
		if err != nil {
			return fmt.Errorf("read the change feed: %w", err)
		}
		if now != epoch {
			t.opt.Logger.WarnContext(ctx, "the database was restored: loading anew")
			if err := t.reload(ctx); err != nil {
				return err
			}
			continue
		}
		if len(cs) == 0 {
			return nil
		}
		if err := t.applyAll(ctx, cs); err != nil {
			return err
		}
	}
}

// applyAll applies entries of the feed and publishes one snapshot for them.
func (t *Tracker) applyAll(ctx context.Context, cs []Change) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	applied := false
	defer func() {
		if applied {
			t.publish()
		}
	}()
	for _, c := range cs {
		if c.Seq <= t.pic.seq {
			continue // somebody else was faster
		}
		rows, err := t.store.Read(ctx, c)
		if err != nil {
			return fmt.Errorf("read commit %d: %w", c.Seq, err)
		}
		refold, err := t.standing(ctx, rows)
		if err != nil {
			return fmt.Errorf("read commit %d: %w", c.Seq, err)
		}
		ch := t.pic.apply(c, rows, refold)
		t.pic.crowd.settled(rows.Rulings)
		applied = true
		for _, e := range rows.Events {
			t.through = max(t.through, e.Cause)
		}
		t.pending = dropThrough(t.pending, t.through)
		if es := t.pic.derive(ch); len(es) > 0 && c.Seq > t.through {
			t.pending = append(t.pending, pendingEvents{c.Seq, es})
		}
	}
	return nil
}

// standing takes in what rows merge and reads the reports that still stand of
// every record whose reports rows change: by retracting or ruling on one, or by
// merging records. mu is held.
func (t *Tracker) standing(ctx context.Context, rows *Rows) (map[ID][]Report, error) {
	if len(rows.Retractions)+len(rows.Rulings)+len(rows.Merges) == 0 {
		return nil, nil
	}
	p := t.pic
	roots := map[uint32]bool{}
	touch := func(id ID) {
		if num, ok := p.nums.get(id); ok {
			roots[p.aliases.root(num)] = true
		}
	}
	out := map[ID][]Report{}
	for _, num := range p.takeMerges(rows.Merges) {
		_, c := p.people.at(num)
		if p.aliases.root(num) != num {
			out[c.id] = nil // its reports count elsewhere
		} else {
			roots[num] = true
		}
	}
	for i := range rows.Retractions {
		touch(rows.Retractions[i].Person)
	}
	for i := range rows.Rulings {
		touch(rows.Rulings[i].Person)
	}
	for num := range roots {
		var keep []Report
		for _, m := range p.aliases.members(num) {
			_, c := p.people.at(m)
			rs, err := t.standingOf(ctx, c.id)
			if err != nil {
				return nil, err
			}
			keep = append(keep, rs...)
		}
		_, c := p.people.at(num)
		out[c.id] = keep
	}
	return out, nil
}

// standingOf reads the reports of one record that were not taken back.
func (t *Tracker) standingOf(ctx context.Context, id ID) ([]Report, error) {
	reports, gone, err := t.store.ReportsOf(ctx, id, 0)
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	retracted := map[ID]bool{}
	for _, g := range gone {
		retracted[g.Report] = true
	}
	return slices.DeleteFunc(reports, func(r Report) bool { return retracted[r.ID] }), nil
}

func dropThrough(ps []pendingEvents, through int64) []pendingEvents {
	for len(ps) > 0 && ps[0].cause <= through {
		ps = ps[1:]
	}
	return ps
}

// publish freezes the picture for readers; mu is held.
func (t *Tracker) publish() {
	t.snap.Store(t.pic.snapshot())
	t.subMu.Lock()
	defer t.subMu.Unlock()
	close(t.moved)
	t.moved = make(chan struct{})
	for s := range t.subs {
		select {
		case s.c <- struct{}{}:
		default: // it has one waiting already
		}
	}
}

// duties derives events and does what the clock causes, if this instance holds
// the lease.
func (t *Tracker) duties(ctx context.Context) error {
	lease := Lease{Name: leaseName, Holder: t.self}
	// Asking is a write: a holder renews at a third of the time, others ask at
	// every poll. Commit checks the lease again, so an old answer does no harm.
	wait := min(t.opt.Poll, time.Second) / 2
	if t.leaseHeld {
		wait = t.opt.LeaseTTL / 3
	}
	if now := t.opt.Now(); now.Sub(t.leaseAsked) >= wait {
		ok, err := t.store.Acquire(ctx, lease, t.opt.LeaseTTL)
		if err != nil {
			return fmt.Errorf("acquire the lease: %w", err)
		}
		t.leaseHeld, t.leaseAsked = ok, now
	}
	if !t.leaseHeld {
		return nil
	}
	if err := t.storeEvents(ctx, &lease); err != nil {
		return err
	}
	if err := t.storeRulings(ctx, &lease); err != nil {
		return err
	}
	due := Rows{Marks: t.dueMarks(), Airports: t.dueAirports()}
	if len(due.Marks)+len(due.Airports) == 0 {
		return nil
	}
	_, err := t.store.Commit(ctx, &Write{
		Rows:  due,
		Audit: Audit{Role: "system", Action: "clock", Object: fmt.Sprintf("%d zones, %d airports", len(due.Marks), len(due.Airports))},
		Lease: &lease,
	})
	if err != nil {
		return t.lost(fmt.Errorf("store what the clock caused: %w", err))
	}
	return t.catchUp(ctx)
}

// settleEvery is after how many commits without events the store is told that
// there were none, so that a restart need not replay them.
const settleEvery = 256

func (t *Tracker) storeEvents(ctx context.Context, lease *Lease) error {
	t.mu.Lock()
	seq := t.pic.seq
	var es []Event
	for _, p := range t.pending {
		es = append(es, p.events...)
	}
	behind := seq - t.through
	t.mu.Unlock()
	if len(es) == 0 && behind < settleEvery {
		return nil
	}
	for i := range es {
		es[i].ID = NewID()
	}
	_, err := t.store.Commit(ctx, &Write{
		Rows:          Rows{Events: es},
		Audit:         Audit{Role: "system", Action: "events.store", Object: fmt.Sprintf("%d events", len(es))},
		Lease:         lease,
		EventsThrough: seq,
	})
	if err != nil {
		return t.lost(fmt.Errorf("store events: %w", err))
	}
	t.mu.Lock()
	t.through = max(t.through, seq)
	t.pending = dropThrough(t.pending, t.through)
	t.mu.Unlock()
	return t.catchUp(ctx)
}

// lost handles a failed commit under the lease: after a conflict somebody else
// may hold it, so it is asked for again in the next round.
func (t *Tracker) lost(err error) error {
	if !errors.Is(err, ErrConflict) {
		return err
	}
	t.leaseHeld, t.leaseAsked = false, time.Time{}
	return nil
}

// dueMarks lists the zones whose validity began or ended by now.
func (t *Tracker) dueMarks() []ZoneMark {
	now := t.Now()
	s := t.Snapshot()
	var out []ZoneMark
	for _, z := range s.zones {
		switch a := z.active; {
		case a == nil || z.ended:
		case !a.ValidTo.IsZero() && !now.Before(a.ValidTo):
			out = append(out, ZoneMark{Zone: a.ID, Version: a.Version, At: a.ValidTo})
		case !z.began && !now.Before(a.ValidFrom):
			out = append(out, ZoneMark{Zone: a.ID, Version: a.Version, Begin: true, At: a.ValidFrom})
		}
	}
	return out
}

// dueAirports lists the next state of the airports whose state was given until a
// time that has come: nobody knows then how they are.
func (t *Tracker) dueAirports() []AirportState {
	now := t.Now()
	var out []AirportState
	for _, st := range t.Snapshot().airports {
		if st.Until.IsZero() || now.Before(st.Until) {
			continue
		}
		st.Version++
		st.Status, st.Reason, st.Until = AirportUnknown, "its time has passed", time.Time{}
		st.Author, st.RecordedAt = ID{}, now
		out = append(out, st)
	}
	return out
}

// Wait returns when the live picture holds the commit with number seq, or ctx
// ends (its error).
func (t *Tracker) Wait(ctx context.Context, seq int64) error {
	for {
		t.subMu.Lock()
		moved := t.moved
		t.subMu.Unlock()
		if t.Snapshot().Seq() >= seq {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Subscription tells of new snapshots.
type Subscription struct {
	t *Tracker
	c chan struct{}
}

// Subscribe returns a Subscription; Close it.
func (t *Tracker) Subscribe() *Subscription {
	s := &Subscription{t: t, c: make(chan struct{}, 1)}
	t.subMu.Lock()
	t.subs[s] = struct{}{}
	t.subMu.Unlock()
	return s
}

// C gets a value after a new snapshot; several may be merged into one.
func (s *Subscription) C() <-chan struct{} { return s.c }

// Close ends the subscription; C gets nothing more.
func (s *Subscription) Close() {
	s.t.subMu.Lock()
	delete(s.t.subs, s)
	s.t.subMu.Unlock()
}

// Audit records something that wrote nothing: a list that was read, a search.
func (t *Tracker) Audit(ctx context.Context, au Audit) error {
	_, err := t.store.Commit(ctx, &Write{Audit: au})
	return err
}
