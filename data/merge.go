package data

import (
	"context"
	"fmt"

	"aman/geo/tracker"
)

// merge encodes who is whom; the reason under the key of who is gone.
func (s *sealer) merge(e *encoded, m *tracker.Merge) error {
	if !m.Kept.IsZero() {
		k, _, err := s.key(m.Kept)
		if err != nil {
			return err
		}
		if k.crisis != m.Crisis {
			return fmt.Errorf("person %s in crisis %s: %w", m.Kept, m.Crisis, tracker.ErrNotFound)
		}
	}
	k, aead, err := s.key(m.Gone)
	if err != nil {
		return err
	}
	if k.crisis != m.Crisis {
		return fmt.Errorf("person %s in crisis %s: %w", m.Gone, m.Crisis, tracker.ErrNotFound)
	}
	var sealed []byte
	if m.Reason != "" {
		sealed = aead.Seal(nil, nil, []byte(m.Reason), rowAAD("merges", m.Crisis, uint64(m.N)))
	}
	e.add(tMerges, mergeKey(m), m.Crisis[:], int64(m.N), m.Gone[:], idArg(m.Kept), idArg(m.Author),
		toMicros(m.RecordedAt), blobArg(sealed), nil)
	return nil
}

type storedMerge struct {
	tracker.Merge
	sealed, wrapped []byte
	commit          tracker.ID
}

// mergeSource gives merges of the erased too, without their reasons: the numbers
// after theirs build on them.
var mergeSource = source[storedMerge]{
	query: `SELECT m.crisis_id, m.n, m.gone, m.kept, m.author, m.recorded_at, m.sealed, m.commit_id, k.wrapped
		FROM merges m JOIN person_keys k ON k.person_id = m.gone`,
	where: `WHERE`, commit: `m.commit_id`, order: `ORDER BY m.crisis_id, m.n`,
	dest: func(x *storedMerge) []any {
		return []any{
			&x.Crisis, num(&x.N), &x.Gone, &x.Kept, &x.Author,
			intoTime{&x.RecordedAt},
			intoBlob{&x.sealed},
			&x.commit,
			intoBlob{&x.wrapped},
		}
	},
	commitOf: func(x *storedMerge) tracker.ID { return x.commit },
	open: func(o *opener, x *storedMerge) error {
		x.Reason = ""
		if x.sealed == nil || x.wrapped == nil {
			return nil
		}
		b, err := o.open("merges", x.Gone, x.wrapped, x.Crisis, uint64(x.N), x.sealed)
		x.Reason = string(b)
		return err
	},
}

// MergesOf implements tracker.Store; they come by crisis and N. Of the erased
// the reason is empty.
func (d *DB) MergesOf(ctx context.Context, people []tracker.ID) ([]tracker.Merge, error) {
	if len(people) == 0 {
		return nil, nil
	}
	in := d.dialect.inSet
	xs, err := all(ctx, d.vault, d.readers, &mergeSource, mergeSource.text(in(`m.gone`, `$1`)+` OR `+in(`m.kept`, `$1`)),
		d.dialect.idSet(people))
	if err != nil {
		return nil, fmt.Errorf("list merges: %w", d.unavailable(err))
	}
	ms := make([]tracker.Merge, len(xs))
	for i := range xs {
		ms[i] = xs[i].Merge
	}
	return ms, nil
}
