package data

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"aman/geo/tracker"
)

// compareRulings orders rulings by their key, which is longer than a rowKey.
func compareRulings(a, b tracker.Ruling) int {
	return cmp.Or(a.Person.Compare(b.Person), a.Report.Compare(b.Report), cmp.Compare(a.N, b.N))
}

func sortRulings(rs []tracker.Ruling) { slices.SortStableFunc(rs, compareRulings) }

// rule gives a report's fix the flags that a ruling left it.
func rule(r *tracker.Report, ruled map[tracker.ID]tracker.Flags) {
	if flags, ok := ruled[r.ID]; ok && r.Position != nil {
		r.Position.Flags = r.Position.Flags&^tracker.Untrusted | flags
	}
}

// ruling encodes a ruling. Its place among the rows is its report's; those of one
// report are sorted already.
func (s *sealer) ruling(e *encoded, r *tracker.Ruling) error {
	_, aead, err := s.key(r.Person)
	if err != nil {
		return err
	}
	var sealed []byte
	if r.Reason != "" {
		sealed = aead.Seal(nil, nil, []byte(r.Reason), rowAAD("rulings", r.Report, uint64(r.N)))
	}
	e.add(tRulings, keyID(r.Person, r.Report), r.Person[:], r.Report[:], int64(r.N), int64(r.Flags), idArg(r.Author),
		toMicros(r.RecordedAt), blobArg(sealed), nil)
	return nil
}

type storedRuling struct {
	tracker.Ruling
	sealed, wrapped []byte
	commit          tracker.ID
}

var rulingSource = source[storedRuling]{
	query: `SELECT u.person_id, u.report_id, u.n, u.flags, u.author, u.recorded_at, u.sealed, u.commit_id, k.wrapped
		FROM rulings u JOIN person_keys k ON k.person_id = u.person_id WHERE k.wrapped IS NOT NULL`,
	where: `AND`, commit: `u.commit_id`, order: `ORDER BY u.person_id, u.report_id, u.n`,
	dest: func(x *storedRuling) []any {
		return []any{
			&x.Person, &x.Report, num(&x.N), num(&x.Flags), &x.Author,
			intoTime{&x.RecordedAt},
			intoBlob{&x.sealed},
			&x.commit,
			intoBlob{&x.wrapped},
		}
	},
	commitOf:   func(x *storedRuling) tracker.ID { return x.commit },
	supersedes: func(a, b *storedRuling) bool { return a.Report == b.Report },
	open: func(o *opener, x *storedRuling) error {
		x.Reason = ""
		if x.sealed == nil {
			return nil
		}
		b, err := o.open("rulings", x.Person, x.wrapped, x.Report, uint64(x.N), x.sealed)
		if err != nil {
			return fmt.Errorf("ruling %d: %w", x.N, err)
		}
		x.Reason = string(b)
		return nil
	},
}

// RulingsOf implements tracker.Store.
func (d *DB) RulingsOf(ctx context.Context, people []tracker.ID) ([]tracker.Ruling, error) {
	if len(people) == 0 {
		return nil, nil
	}
	xs, err := all(ctx, d.vault, d.readers, &rulingSource, rulingSource.text(d.dialect.inSet(`u.person_id`, `$1`)), d.dialect.idSet(people))
	if err != nil {
		return nil, fmt.Errorf("list rulings: %w", d.unavailable(err))
	}
	rs := make([]tracker.Ruling, len(xs))
	for i := range xs {
		rs[i] = xs[i].Ruling
	}
	slices.SortFunc(rs, func(a, b tracker.Ruling) int { return cmp.Or(a.Report.Compare(b.Report), cmp.Compare(a.N, b.N)) })
	return rs, nil
}
