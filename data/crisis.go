package data

import (
	"context"

	"aman/geo/tracker"
)

func (e *encoded) crisis(c *tracker.Crisis) {
	e.add(tCrises, crisisKey(c), c.ID[:], c.Slug)
	// The second argument is found when it is written: see nextCrisisVersion.
	e.add(tCrisisVersions, crisisKey(c), c.ID[:], int64(0), jsonArg(c.Names), c.Region, c.Default,
		toMicros(c.Starts), toMicros(c.Ends), c.Slug, nil)
}

// nextCrisisVersion numbers a crisis's row: a crisis carries no version of its
// own, and its history is kept all the same.
func (s *session) nextCrisisVersion(ctx context.Context, r row) error {
	var n int64
	if err := s.row(ctx, []any{&n}, `SELECT COALESCE(MAX(n), 0) + 1 FROM crisis_versions WHERE crisis_id = $1`, r.args[0]); err != nil {
		return err
	}
	r.args[1] = n
	return nil
}

type storedCrisis struct {
	tracker.Crisis
	n      int
	commit tracker.ID
}

var crisisSource = source[storedCrisis]{
	query: `SELECT c.crisis_id, c.n, c.names, c.region, c.is_default, c.starts, c.ends, c.slug, c.commit_id
		FROM crisis_versions c`,
	where: `WHERE`, commit: `c.commit_id`, order: `ORDER BY c.crisis_id, c.n`,
	dest: func(x *storedCrisis) []any {
		return []any{
			&x.ID, num(&x.n),
			intoNames{&x.Names},
			intoText{&x.Region},
			intoBool{&x.Default},
			intoTime{&x.Starts},
			intoTime{&x.Ends},
			intoText{&x.Slug},
			&x.commit,
		}
	},
	commitOf:   func(x *storedCrisis) tracker.ID { return x.commit },
	supersedes: func(a, b *storedCrisis) bool { return a.ID == b.ID },
}
