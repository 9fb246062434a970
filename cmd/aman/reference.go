package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aman/data"
	"aman/geo/tracker"
)

// reference is what stands for itself in the store: a command that needs a
// mission's code needn't load a million people.
type reference struct {
	crises   []tracker.Crisis // newest version of each
	missions []tracker.Mission
	zoneRefs map[tracker.ID]map[string]bool // by crisis, those that came from files
	// people tells whether the feed tells of any.
	people bool
}

// readReference follows the feed from its beginning and reads the commits that
// hold such rows.
func readReference(ctx context.Context, db *data.DB) (reference, error) {
	ref := reference{zoneRefs: map[tracker.ID]map[string]bool{}}
	const page = 4096
	for after := int64(0); ; {
		_, cs, err := db.Changes(ctx, after, page)
		if err != nil {
			return ref, fmt.Errorf("read the change feed: %w", err)
		}
		for _, c := range cs {
			after = c.Seq
			ref.people = ref.people || c.Kinds&tracker.KindPerson != 0
			if c.Kinds&(tracker.KindCrisis|tracker.KindMission|tracker.KindZone) == 0 {
				continue
			}
			rows, err := db.Read(ctx, c)
			if err != nil {
				return ref, fmt.Errorf("read commit %d: %w", c.Seq, err)
			}
			ref.take(rows)
		}
		if len(cs) < page {
			return ref, nil
		}
	}
}

func (ref *reference) take(rows *tracker.Rows) {
	for _, c := range rows.Crises {
		ref.crises = replaced(ref.crises, c, func(x *tracker.Crisis) tracker.ID { return x.ID })
	}
	for _, m := range rows.Missions {
		ref.missions = replaced(ref.missions, m, func(x *tracker.Mission) tracker.ID { return x.ID })
	}
	for _, z := range rows.Zones {
		if z.Ref == "" {
			continue
		}
		if ref.zoneRefs[z.Crisis] == nil {
			ref.zoneRefs[z.Crisis] = map[string]bool{}
		}
		ref.zoneRefs[z.Crisis][z.Ref] = true
	}
}

// replaced puts x in place of the element with its id, or at the end.
func replaced[T any](xs []T, x T, id func(*T) tracker.ID) []T {
	for i := range xs {
		if id(&xs[i]) == id(&x) {
			xs[i] = x
			return xs
		}
	}
	return append(xs, x)
}

// crisis finds a crisis by slug; the empty slug is the default one's.
func (ref *reference) crisis(slug string) (tracker.Crisis, error) {
	for _, c := range ref.crises {
		if slug == "" && c.Default || slug != "" && c.Slug == slug {
			return c, nil
		}
	}
	return tracker.Crisis{}, fmt.Errorf("%w: no crisis %q", tracker.ErrNotFound, slug)
}

// mission finds a mission by its code; the empty code is none.
func (ref *reference) mission(code string) (tracker.ID, error) {
	if code == "" {
		return tracker.ID{}, nil
	}
	for _, m := range ref.missions {
		if m.Code == code {
			return m.ID, nil
		}
	}
	return tracker.ID{}, fmt.Errorf("%w: no mission has the code %q; import missions first", tracker.ErrNotFound, code)
}

// defaultCrisis is the one that is made where there is none.
func defaultCrisis(now time.Time) tracker.Crisis {
	return tracker.Crisis{
		ID: tracker.NewID(), Slug: "default", Default: true, Starts: now.UTC().Truncate(time.Microsecond),
		Names: tracker.Names{KK: "Дағдарыс", RU: "Кризис", EN: "Crisis"},
	}
}

// ensureCrisis makes a first crisis where there is none, so that there is
// something that people and zones can belong to. made tells whether it did.
func ensureCrisis(ctx context.Context, db *data.DB, ref *reference, now time.Time) (made bool, err error) {
	if len(ref.crises) > 0 {
		return false, nil
	}
	c := defaultCrisis(now)
	_, err = db.Commit(ctx, &tracker.Write{
		Rows:  tracker.Rows{Crises: []tracker.Crisis{c}},
		Audit: tracker.Audit{Role: "system", Action: "crisis.create", Object: "crisis " + c.ID.String()},
	})
	if errors.Is(err, tracker.ErrConflict) { // another instance was faster
		*ref, err = readReference(ctx, db)
		return false, err
	}
	if err != nil {
		return false, fmt.Errorf("create the default crisis: %w", err)
	}
	ref.crises = append(ref.crises, c)
	return true, nil
}
