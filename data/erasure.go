package data

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"aman/geo/tracker"
)

func (s *sealer) erasure(e *encoded, x *tracker.Erasure) error {
	k, _, err := s.key(x.Person)
	if err != nil {
		return err
	}
	if k.crisis != x.Crisis {
		return fmt.Errorf("person %s in crisis %s: %w", x.Person, x.Crisis, tracker.ErrNotFound)
	}
	e.add(tErasures, erasureKey(x), x.Person[:], x.Crisis[:], x.Reason, idArg(x.Author), toMicros(x.RecordedAt), nil)
	return nil
}

type storedErasure struct {
	tracker.Erasure
	commit tracker.ID
}

var erasureSource = source[storedErasure]{
	query: `SELECT x.crisis_id, x.person_id, x.reason, x.author, x.recorded_at, x.commit_id FROM erasures x`,
	where: `WHERE`, commit: `x.commit_id`, order: `ORDER BY x.person_id`,
	dest: func(x *storedErasure) []any {
		return []any{&x.Crisis, &x.Person, intoText{&x.Reason}, &x.Author, intoTime{&x.RecordedAt}, &x.commit}
	},
	commitOf: func(x *storedErasure) tracker.ID { return x.commit },
}

// erase takes out what the row of an erasure is about; the rows of the same write
// are there already. Rows of the feed stay, sealed under a key that is no more.
func (s *session) erase(ctx context.Context, r row) error {
	person, at := tracker.ID(r.args[0].([]byte)), r.args[4]
	if err := s.dropIdentifiers(ctx, person); err != nil {
		return err
	}
	lines, err := s.linesOf(ctx, person)
	if err != nil {
		return err
	}
	in, set := s.d.dialect.inSet, s.d.dialect.idSet(lines)
	for _, x := range []struct {
		what, text string
		args       []any
	}{
		{"key", `UPDATE person_keys SET wrapped = NULL WHERE person_id = $1`, nil},
		{"messages", `DELETE FROM messages WHERE person_id = $1 OR ` + in(`thread_id`, `$2`), []any{set}},
		// That somebody asked to be rung stays, for the queue's figures.
		{"call-backs", `UPDATE callbacks SET sealed = NULL, person_id = NULL, thread_id = NULL
			WHERE id IN (SELECT c.id FROM callbacks c WHERE c.person_id = $1 OR ` + in(`c.thread_id`, `$2`) + `
				OR c.link_id IN (SELECT l.id FROM links l WHERE l.person_id = $1))`, []any{set}},
		{"versions of threads", `DELETE FROM thread_versions WHERE person_id = $1 OR ` + in(`thread_id`, `$2`), []any{set}},
		{"threads", `DELETE FROM threads WHERE ` + in(`id`, `$1`), nil},
		{"readings", `DELETE FROM readings WHERE person_id = $1`, nil},
		{"links", `UPDATE links SET label = '', revoked_at = CASE WHEN revoked_at = 0 THEN $2 ELSE revoked_at END
			WHERE person_id = $1`, []any{at}},
	} {
		args := append([]any{person[:]}, x.args...)
		if x.what == "threads" {
			args = []any{set}
		}
		if _, err := s.exec(ctx, x.text, args...); err != nil {
			return fmt.Errorf("erase %s of person %s: %w", x.what, person, err)
		}
	}
	return nil
}

// dropIdentifiers deletes a person's digests. They are made again from what the
// last version holds: the table, of millions, has no index by person.
func (s *session) dropIdentifiers(ctx context.Context, person tracker.ID) error {
	xs, err := all(ctx, s.d.vault, s.conn, &personSource, personSource.text(`p.id = $1`), person[:])
	if err != nil {
		return fmt.Errorf("read person %s: %w", person, err)
	}
	if len(xs) == 0 {
		return refuse(fmt.Errorf("person %s: %w", person, tracker.ErrNotFound))
	}
	p := &xs[len(xs)-1].Person
	for _, x := range s.d.vault.identifiers(p.Crisis, &p.Details) {
		if _, err := s.exec(ctx, tables[tDropped].text, identifierRow(p.Crisis, p.ID, x).args...); err != nil {
			return fmt.Errorf("erase identifier of person %s: %w", person, err)
		}
	}
	return nil
}

// linesOf lists the threads that are about a person now.
func (s *session) linesOf(ctx context.Context, person tracker.ID) ([]tracker.ID, error) {
	ids, err := s.ids(ctx, `SELECT v.thread_id FROM thread_versions v WHERE v.person_id = $1
		AND v.version = (SELECT MAX(x.version) FROM thread_versions x WHERE x.thread_id = v.thread_id)`, person[:])
	if err != nil {
		return nil, fmt.Errorf("list threads of person %s: %w", person, err)
	}
	return ids, nil
}

// ids reads a query of one id a row.
func (s *session) ids(ctx context.Context, query string, args ...any) (ids []tracker.ID, err error) {
	st, err := s.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id tracker.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// erasedSet bounds how many ids one query is asked about.
const erasedSet = 10_000

// eraseScan is the number of people from which reading a few more rows is worth a
// request of its own.
const eraseScan = 200

// erasedAmong tells who of the people was erased. Where several write, nobody is
// erased from here on until the transaction ends: a row sealed by a key that is
// being destroyed would be lost after it was acknowledged.
func (s *session) erasedAmong(ctx context.Context, people map[tracker.ID]bool) (map[tracker.ID]bool, error) {
	gone := map[tracker.ID]bool{}
	if len(people) >= eraseScan || s.d.dialect.watch == "" {
		// Few are ever erased: reading who was is quicker than asking for each of many.
		if s.d.dialect.watch != "" {
			if _, err := s.exec(ctx, s.d.dialect.watch); err != nil {
				return nil, fmt.Errorf("lock erasures: %w", err)
			}
		}
		ids, err := s.ids(ctx, `SELECT x.person_id FROM erasures x LIMIT $1`, len(people)+1)
		if err != nil {
			return nil, fmt.Errorf("look for erased people: %w", err)
		}
		if len(ids) <= len(people) {
			for _, id := range ids {
				if people[id] {
					gone[id] = true
				}
			}
			return gone, nil
		}
	}
	for part := range slices.Chunk(slices.Collect(maps.Keys(people)), erasedSet) {
		ids, err := s.ids(ctx, `SELECT x.person_id FROM erasures x WHERE `+s.d.dialect.inSet(`x.person_id`, `$1`)+s.d.dialect.share,
			s.d.dialect.idSet(part))
		if err != nil {
			return nil, fmt.Errorf("look for erased people: %w", err)
		}
		for _, id := range ids {
			gone[id] = true
		}
	}
	return gone, nil
}

// mustBeThere refuses a write about somebody who was erased.
func (s *session) mustBeThere(ctx context.Context, people map[tracker.ID]bool) error {
	gone, err := s.erasedAmong(ctx, people)
	if err != nil {
		return err
	}
	for id := range gone {
		return refuse(fmt.Errorf("person %s: %w", id, tracker.ErrNotFound))
	}
	return nil
}

// findErased looks up who of the group's people is gone. It comes before all that
// locks something: whoever erases holds the table that it reads.
func (a *attempt) findErased(ctx context.Context, s *session) error {
	people := map[tracker.ID]bool{}
	for _, j := range a.group {
		maps.Copy(people, j.known)
		if len(j.rows.Erasures) > 0 && a.d.dialect.only != "" {
			if _, err := s.exec(ctx, a.d.dialect.only); err != nil {
				return fmt.Errorf("lock erasures: %w", err)
			}
		}
	}
	var err error
	a.erased, err = s.erasedAmong(ctx, people)
	a.d.forget(slices.Collect(maps.Keys(a.erased))) // another process erased them
	return err
}

// scrub empties the database's log of what was there before. Readers of the moment
// before keep it from doing so; the log is then overwritten in time.
func (s *session) scrub(ctx context.Context) {
	if s.d.dialect.scrub == "" || s.conn == nil {
		return
	}
	if _, err := s.conn.ExecContext(ctx, s.d.dialect.scrub); err != nil {
		s.d.log.Warn("the log still holds what was erased", "error", err)
	}
}

// forget drops what this process remembers of people who were erased.
func (d *DB) forget(people []tracker.ID) {
	if len(people) == 0 {
		return
	}
	for _, id := range people {
		d.keys.forget(id)
	}
	d.cache.clear()
}

func erasedPeople(r *tracker.Rows) (people []tracker.ID) {
	for i := range r.Erasures {
		people = append(people, r.Erasures[i].Person)
	}
	return people
}
