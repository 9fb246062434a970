package data

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"aman/geo/tracker"
)

// ImportOptions go with an import.
type ImportOptions struct {
	// Audit is the one record of the whole import; its Action is required.
	Audit tracker.Audit
}

// importChunk is the number of rows that are sealed and written together.
const importChunk = 4000

// chunk is a part of an import on its way through the pipeline.
type chunk struct {
	rows    tracker.Rows
	encoded encoded
}

// Import writes any number of rows in one transaction, all or nothing, with one
// feed entry and one audit record. next calls yield for part after part, in an
// order in which a person comes before or together with what is about them;
// yield copies what it is given, and its error must be returned. Parts are
// sealed on all processors while earlier ones are written. On SQLite other
// writes wait until the import ends. Errors are Commit's; one for a row fails
// the whole import.
func (d *DB) Import(ctx context.Context, o ImportOptions, next func(yield func(*tracker.Rows) error) error) (tracker.Committed, error) {
	if o.Audit.Action == "" {
		return tracker.Committed{}, &tracker.FieldError{Field: "audit.action", Code: "required", Detail: "an import must say for the audit what it does"}
	}
	if err := d.open(); err != nil {
		return tracker.Committed{}, err
	}
	defer d.done.Done()
	im := &importing{d: d, ctx: ctx, next: next, commit: tracker.NewID(), fresh: map[tracker.ID]personKey{}, audit: o.Audit}
	var s *session
	select {
	case s = <-d.imports:
		defer func() { d.imports <- s }()
	case <-ctx.Done():
		return tracker.Committed{}, fmt.Errorf("import: %w: %w", tracker.ErrUnavailable, ctx.Err())
	}
	ambiguous, err := s.writing(ctx, im.run)
	if err != nil && ambiguous && d.arrived(im.commit) {
		err = nil
	}
	if errors.Is(err, errNothing) {
		return tracker.Committed{}, nil
	}
	if err != nil {
		return tracker.Committed{}, fmt.Errorf("import: %w", d.importError(err))
	}
	d.signal()
	return tracker.Committed{Seq: im.seq}, nil
}

// open holds the store open for somebody who will call d.done.Done.
func (d *DB) open() error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed || d.poisoned.Load() {
		return fmt.Errorf("%w: the store takes no writes", tracker.ErrUnavailable)
	}
	d.done.Add(1)
	return nil
}

// importError puts an error of an import in the words of the contract.
func (d *DB) importError(err error) error {
	for _, ours := range []error{tracker.ErrInvalid, tracker.ErrConflict, tracker.ErrNotFound, tracker.ErrUnavailable} {
		if errors.Is(err, ours) {
			return err
		}
	}
	if _, ok := errors.AsType[*callerError](err); ok {
		return err
	}
	return d.unavailable(err)
}

// callerError is an error of the caller's own next.
type callerError struct{ error }

func (e *callerError) Unwrap() error { return e.error }

type importing struct {
	d *DB
	// ctx is the caller's: its end stops the import between parts.
	ctx    context.Context
	next   func(yield func(*tracker.Rows) error) error
	commit tracker.ID
	audit  tracker.Audit
	seq    int64

	// fresh are the keys of the people that the import made so far.
	// mu guards it: it grows as parts are read and is read as they are sealed.
	mu    sync.RWMutex
	fresh map[tracker.ID]personKey

	// What only the writing goroutine touches.
	kinds       tracker.Kinds
	missions    map[tracker.ID]bool
	known       map[tracker.ID]bool
	identifiers []heldIdentifier
}

// heldIdentifier is a row of identifiers, kept small: an import holds many back.
type heldIdentifier struct {
	crisis, person tracker.ID
	digest         [16]byte
	kind           identifierKind
}

// heldIdentifiers is how many are held back to be written in order.
const heldIdentifiers = 1 << 20

func (im *importing) run(ctx context.Context, s *session) error {
	if text := im.d.dialect.unlimited; text != "" {
		if _, err := s.exec(ctx, text); err != nil {
			return fmt.Errorf("lift time limits: %w", err)
		}
	}
	im.missions, im.known = map[tracker.ID]bool{}, map[tracker.ID]bool{}
	var wanted sync.Mutex
	if err := inOrder(ctx,
		func(ctx context.Context, emit func(*chunk) error) error { return im.read(ctx, emit) },
		func() func(*chunk) error {
			return func(c *chunk) error { return im.seal(ctx, c, &wanted) }
		},
		func(c *chunk) error { return im.write(ctx, s, c) }); err != nil {
		return err
	}
	if im.kinds == 0 {
		return errNothing
	}
	if err := im.writeIdentifiers(ctx, s); err != nil {
		return err
	}
	if err := s.checkMissions(ctx, im.missions); err != nil {
		return err
	}
	// Last, so that erasing waits for an import's end alone.
	if err := s.mustBeThere(ctx, im.known); err != nil {
		return err
	}
	a := &attempt{d: im.d, commit: im.commit}
	err := a.close(ctx, s, im.d.micros(), im.kinds, []tracker.Audit{im.audit}, -1)
	im.seq = a.seq
	return err
}

// read takes the caller's parts and cuts them to size.
func (im *importing) read(ctx context.Context, emit func(*chunk) error) error {
	var stopped error
	err := im.next(func(r *tracker.Rows) error {
		if stopped = cmp.Or(ctx.Err(), im.ctx.Err()); stopped != nil {
			return stopped
		}
		var rows tracker.Rows
		if rows, stopped = normalize(r); stopped != nil {
			return stopped
		}
		if len(rows.Erasures) > 0 {
			stopped = &tracker.FieldError{Field: "erasures", Code: "not_allowed", Detail: "nobody is erased by an import"}
			return stopped
		}
		im.admit(&rows)
		for _, part := range cut(&rows, importChunk) {
			if stopped = emit(&chunk{rows: part}); stopped != nil {
				return stopped
			}
		}
		return nil
	})
	switch {
	case stopped != nil:
		return stopped
	case err != nil:
		return &callerError{err}
	}
	return nil
}

func (im *importing) admit(r *tracker.Rows) {
	s := sealer{fresh: map[tracker.ID]personKey{}}
	s.admit(r)
	im.mu.Lock()
	defer im.mu.Unlock()
	for id, k := range s.fresh {
		if _, ok := im.fresh[id]; !ok { // a second first version will be refused as taken
			im.fresh[id] = k
		}
	}
}

func (im *importing) seal(ctx context.Context, c *chunk, wanted *sync.Mutex) error {
	s := im.d.sealer(ctx, im.d.readers)
	find := s.find
	s.find = func(person tracker.ID) (personKey, error) {
		im.mu.RLock()
		k, ok := im.fresh[person]
		im.mu.RUnlock()
		if ok {
			return k, nil
		}
		return find(person)
	}
	findAll := s.findAll
	s.findAll = func(people []tracker.ID) (map[tracker.ID]personKey, error) {
		found := make(map[tracker.ID]personKey, len(people))
		im.mu.RLock()
		earlier := people[:0]
		for _, p := range people {
			if k, ok := im.fresh[p]; ok {
				found[p] = k
			} else {
				earlier = append(earlier, p)
			}
		}
		im.mu.RUnlock()
		if len(earlier) == 0 {
			return found, nil
		}
		more, err := findAll(earlier)
		maps.Copy(found, more)
		return found, err
	}
	if err := s.encode(&c.rows, &c.encoded); err != nil {
		return err
	}
	wanted.Lock()
	defer wanted.Unlock()
	for id := range s.missions {
		im.missions[id] = true
	}
	for id := range s.known {
		im.known[id] = true
	}
	return nil
}

func (im *importing) write(ctx context.Context, s *session, c *chunk) error {
	im.kinds |= kindsOf(&c.rows)
	for _, r := range c.encoded[tIdentifiers] {
		// Copied: the arguments point into the part that they came with, and
		// would keep all of it.
		im.identifiers = append(im.identifiers, heldIdentifier{
			crisis: tracker.ID(r.args[0].([]byte)), kind: identifierKind(r.args[1].(int64)),
			digest: [16]byte(r.args[2].([]byte)), person: tracker.ID(r.args[4].([]byte)),
		})
	}
	c.encoded[tIdentifiers] = nil
	if err := s.write(ctx, &c.encoded, im.commit); err != nil {
		return err
	}
	if len(im.identifiers) >= heldIdentifiers {
		return im.writeIdentifiers(ctx, s)
	}
	return nil
}

// writeIdentifiers writes what is held back, sorted: digests come in no order,
// and written so each would touch a page of its own.
func (im *importing) writeIdentifiers(ctx context.Context, s *session) error {
	slices.SortFunc(im.identifiers, func(a, b heldIdentifier) int {
		return cmp.Or(a.crisis.Compare(b.crisis), cmp.Compare(a.kind, b.kind), bytes.Compare(a.digest[:], b.digest[:]))
	})
	for part := range slices.Chunk(im.identifiers, importChunk) {
		var e encoded
		for i := range part {
			h := &part[i]
			e.identifier(h.crisis, h.person, identifier{h.kind, h.digest[:]})
		}
		if err := s.write(ctx, &e, im.commit); err != nil {
			return err
		}
	}
	im.identifiers = im.identifiers[:0]
	return nil
}

// cut splits rows into parts of at most n of each kind; what a row refers to is
// in the same part or an earlier one.
func cut(r *tracker.Rows, n int) []tracker.Rows {
	var parts []tracker.Rows
	put := func(r tracker.Rows) {
		if countRows(&r) > 0 {
			parts = append(parts, r)
		}
	}
	put(tracker.Rows{Crises: r.Crises, Missions: r.Missions, Zones: r.Zones, Marks: r.Marks, Airports: r.Airports})
	for p := range slices.Chunk(r.People, n) {
		put(tracker.Rows{People: p})
	}
	for p := range slices.Chunk(r.Assignments, n) {
		put(tracker.Rows{Assignments: p})
	}
	for p := range slices.Chunk(r.Reports, n) {
		put(tracker.Rows{Reports: p})
	}
	put(tracker.Rows{Merges: r.Merges, Retractions: r.Retractions, Rulings: r.Rulings, Events: r.Events})
	return parts
}
