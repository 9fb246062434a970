package data

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"aman/geo/tracker"
)

// tries is how often a group is tried that others got in the way of.
const tries = 10

// reconnects is how often a group is tried whose connection breaks.
const reconnects = 4

// result is what an attempt made of one job; it counts once the attempt commits.
type result struct {
	out   tracker.Committed
	err   error
	wrote bool
}

// run commits a group and tells every caller in it. Jobs are claimed only when
// the connection is free: until an import is done with it, callers may withdraw.
func (d *DB) run(jobs []*job) {
	s := <-d.sessions
	defer func() { d.sessions <- s }()
	group := jobs[:0]
	for _, j := range jobs {
		if j.state.CompareAndSwap(waiting, claimed) {
			group = append(group, j)
		}
	}
	if len(group) == 0 {
		return
	}
	results, err := d.tryAll(s, group)
	for i, j := range group {
		switch {
		case err != nil:
			j.err = fmt.Errorf("%w: %w", tracker.ErrUnavailable, err)
		default:
			j.out, j.err = results[i].out, results[i].err
		}
		close(j.done)
	}
}

// tryAll tries a group until it commits. At first all rows are written together;
// when one of them is refused, write by write, so that only the guilty fail.
func (d *DB) tryAll(s *session, group []*job) ([]result, error) {
	ctx := context.Background()
	if p := d.dialect.patience; p > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p)
		defer cancel()
	}
	careful := false
	for n := 1; ; n++ {
		if d.poisoned.Load() {
			return nil, errors.New("the disk failed to keep a write")
		}
		a := &attempt{d: d, group: group, careful: careful, commit: tracker.NewID(), results: make([]result, len(group))}
		ambiguous, err := s.writing(ctx, a.run)
		if err == nil || errors.Is(err, errNothing) {
			a.publish()
			if len(a.rows.Erasures) > 0 {
				s.scrub(ctx)
			}
			return a.results, nil
		}
		kind := d.dialect.classify(err)
		if kind == isBroken {
			d.poison(err)
			return nil, err
		}
		if ambiguous && a.seq > 0 && d.arrived(a.commit) {
			a.publish()
			return a.results, nil
		}
		switch {
		case asRowError(err) != nil && !careful:
			careful = true
			continue
		case kind == isBusy && n < tries && ctx.Err() == nil:
			d.stats.retries.Add(1)
			time.Sleep(time.Duration(rand.Int64N(int64(2*time.Millisecond) << min(n, 6))))
			continue
		case kind == isDown && !ambiguous && d.dialect.patience > 0 && asRowError(err) == nil && n < reconnects && ctx.Err() == nil:
			// The connection was lost before the commit was asked for, so nothing
			// was kept: a new one may do.
			d.stats.retries.Add(1)
			time.Sleep(time.Duration(n*n) * 50 * time.Millisecond)
			continue
		}
		d.log.Error("a group of writes could not be stored", "writes", len(group), "error", err)
		return nil, err
	}
}

// arrived finds out whether a commit took effect whose answer was lost.
func (d *DB) arrived(commit tracker.ID) bool {
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		var n int
		err := d.readers.QueryRowContext(ctx, `SELECT COUNT(*) FROM feed WHERE commit_id = $1`, commit[:]).Scan(&n)
		cancel()
		if err == nil && n > 0 {
			return true
		}
		time.Sleep(200 * time.Millisecond)
	}
	return false
}

// errNothing rolls a transaction back that has nothing to keep.
var errNothing = errors.New("nothing to write")

// attempt is one try to commit a group.
type attempt struct {
	d       *DB
	group   []*job
	careful bool
	commit  tracker.ID
	results []result
	// erased are those of the people whom the group is about that are gone.
	erased map[tracker.ID]bool

	// What it came to: the merged rows, its place in the feed.
	rows  tracker.Rows
	seq   int64
	epoch string
}

func (a *attempt) run(ctx context.Context, s *session) error {
	now := a.d.micros()
	err := a.findErased(ctx, s)
	if err != nil {
		return err
	}
	if a.careful {
		err = a.oneByOne(ctx, s, now)
	} else {
		err = a.together(ctx, s, now)
	}
	if err != nil {
		return err
	}
	audits := make([]tracker.Audit, 0, len(a.group))
	through := int64(-1)
	wrote := false
	for i, j := range a.group {
		if !a.results[i].wrote {
			continue
		}
		wrote = true
		if len(a.group) == 1 {
			a.rows = j.rows // a large write's rows aren't copied
		} else {
			appendRows(&a.rows, &j.rows)
		}
		if j.audit.Action != "" {
			audits = append(audits, j.audit)
		}
		if j.through > 0 {
			through = max(through, j.through)
		}
	}
	if !wrote {
		return errNothing
	}
	sortRows(&a.rows)
	kinds := kindsOf(&a.rows)
	if kinds == 0 && len(audits) == 0 && through < 0 {
		return nil // a lease, a session's last use: nothing that the head tells of
	}
	return a.close(ctx, s, now, kinds, audits, through)
}

// together writes all rows of the group in the order of their keys.
func (a *attempt) together(ctx context.Context, s *session, now int64) error {
	replays, err := s.rememberAll(ctx, a.keys(), now)
	if err != nil {
		return err
	}
	var es []*encoded
	for i, j := range a.group {
		r := &a.results[i]
		write, err := a.first(ctx, s, j, r, func() (bool, replay, error) {
			if j.lease != nil {
				return s.remember(ctx, j.key, now)
			}
			reply, known := replays[j.key]
			return known, reply, nil
		})
		if err != nil {
			return err
		}
		r.wrote = write
		if write {
			es = append(es, j.encoded)
		}
	}
	if len(es) == 0 {
		return nil
	}
	e := mergeEncoded(es)
	if from := a.d.packFrom; from > 0 && len(e[tReports]) >= from {
		if err := e.pack(); err != nil {
			return err
		}
	}
	if err := s.write(ctx, e, a.commit); err != nil {
		return err
	}
	for i, j := range a.group {
		if a.results[i].wrote {
			if err := s.checkMissions(ctx, j.missions); err != nil {
				return err
			}
		}
	}
	return nil
}

// keys are the idempotency keys of the group, but of writes that may yet be refused
// before theirs counts: about somebody who is gone, or under a lease.
func (a *attempt) keys() []*idempotencyKey {
	var ks []*idempotencyKey
	for _, j := range a.group {
		if j.key != nil && j.lease == nil && !a.aboutErased(j) {
			ks = append(ks, j.key)
		}
	}
	return ks
}

// oneByOne writes each job within a savepoint; what is wrong with one is its own.
func (a *attempt) oneByOne(ctx context.Context, s *session, now int64) error {
	for i, j := range a.group {
		r := &a.results[i]
		if _, err := s.exec(ctx, `SAVEPOINT one`); err != nil {
			return fmt.Errorf("set savepoint: %w", err)
		}
		write, err := a.first(ctx, s, j, r, func() (bool, replay, error) { return s.remember(ctx, j.key, now) })
		if err == nil && write {
			r.wrote = true
			if err = s.write(ctx, j.encoded, a.commit); err == nil {
				err = s.checkMissions(ctx, j.missions)
			}
		}
		if bad := asRowError(err); bad != nil {
			*r = result{err: bad.err}
			if _, err := s.exec(ctx, `ROLLBACK TO SAVEPOINT one`); err != nil {
				return fmt.Errorf("roll back to savepoint: %w", err)
			}
		} else if err != nil {
			return err
		}
		if _, err := s.exec(ctx, `RELEASE SAVEPOINT one`); err != nil {
			return fmt.Errorf("release savepoint: %w", err)
		}
	}
	return nil
}

// aboutErased tells whether a job is about somebody who is gone.
func (a *attempt) aboutErased(j *job) bool {
	for person := range a.erased {
		if j.known[person] {
			return true
		}
	}
	return false
}

// first does what comes before a job's rows; write is false for a replay or a
// write that is refused without harm to the transaction. remember stores the job's
// idempotency key, or tells what it answered before.
func (a *attempt) first(ctx context.Context, s *session, j *job, r *result, remember func() (bool, replay, error)) (write bool, err error) {
	if a.aboutErased(j) {
		r.err = fmt.Errorf("write about somebody who was erased: %w", tracker.ErrNotFound)
		return false, nil
	}
	if j.lease != nil {
		held, err := s.holds(ctx, *j.lease)
		if err != nil {
			return false, err
		}
		if !held {
			r.err = fmt.Errorf("%w: lease %q is lost", tracker.ErrConflict, j.lease.Name)
			return false, nil
		}
	}
	if j.key != nil {
		known, reply, err := remember()
		if err != nil {
			return false, err
		}
		if known {
			r.out, r.err = reply.out, reply.err
			return false, nil
		}
	}
	if j.alone != nil {
		if err := j.alone(ctx, s); err != nil {
			return false, err
		}
	}
	return true, nil
}

// close takes the group's place in the feed and the audit. The head row is
// locked here, last, and held until the commit: numbers without gaps, in the
// order in which transactions become visible.
func (a *attempt) close(ctx context.Context, s *session, now int64, kinds tracker.Kinds, audits []tracker.Audit, through int64) error {
	step := int64(0)
	if kinds != 0 {
		step = 1
	}
	var h auditHead
	var at int64
	if err := s.row(ctx, []any{&a.seq, &at, intoText{&a.epoch}, &h.seq, &h.hash}, `UPDATE head SET seq = seq + $1,
		at = CASE WHEN at < $2 THEN $2 ELSE at END,
		events_through = CASE WHEN COALESCE(events_through, -1) < $3 THEN $3 ELSE events_through END
		WHERE one = 1 RETURNING seq, at, epoch, audit_seq, audit_hash`, step, now, through); err != nil {
		return fmt.Errorf("lock head: %w", err)
	}
	if err := s.audit(ctx, &h, at, audits); err != nil {
		return err
	}
	if len(audits) > 0 {
		if _, err := s.exec(ctx, `UPDATE head SET audit_seq = $1, audit_hash = $2 WHERE one = 1`, h.seq, h.hash); err != nil {
			return fmt.Errorf("store head of audit: %w", err)
		}
	}
	if kinds == 0 {
		a.seq = 0
		return nil
	}
	if _, err := s.exec(ctx, `INSERT INTO feed (seq, commit_id, at, kinds) VALUES ($1, $2, $3, $4)`,
		a.seq, a.commit[:], at, int64(kinds)); err != nil {
		return fmt.Errorf("store feed entry: %w", err)
	}
	if text := a.d.dialect.notify; text != "" {
		if _, err := s.exec(ctx, text); err != nil {
			return fmt.Errorf("notify: %w", err)
		}
	}
	return nil
}

// publish makes a commit known in this process, after it is durable.
func (a *attempt) publish() {
	d := a.d
	if a.epoch != "" && a.epoch != d.epoch {
		// Another database, or a restored one, stands behind the URL now.
		if d.epoch != "" {
			d.cache.clear()
			d.keys.clear()
			d.refs.clear()
		}
		d.epoch = a.epoch
	}
	d.stats.groups.Add(1)
	for i, j := range a.group {
		r := &a.results[i]
		if r.err != nil {
			continue
		}
		d.stats.writes.Add(1)
		if !r.wrote {
			continue
		}
		if kindsOf(&j.rows) != 0 {
			r.out.Seq = a.seq
		}
		for person, k := range j.fresh {
			d.keys.put(person, k)
		}
		d.refs.add(j.missions)
	}
	d.forget(erasedPeople(&a.rows))
	if a.seq > 0 {
		// Who erases may write about those who go in the same write, which only the
		// tables know how to leave out.
		if len(a.rows.Erasures) == 0 {
			d.cache.put(a.commit, a.seq, &a.rows)
		}
		d.signal()
	}
}
