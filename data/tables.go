package data

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"aman/geo/tracker"
)

// tableID numbers the tables in the order in which a transaction writes them,
// so that what is referred to comes first.
type tableID int

const (
	tCrises tableID = iota
	tCrisisVersions
	tMissions
	tMissionVersions
	tZones
	tMarks
	tKeys
	tPeople
	tDropped
	tIdentifiers
	tAssignments
	tReports
	tPacks
	tRetractions
	tAirports
	tEvents
	tMerges
	tRulings
	tThreads
	tThreadVersions
	tMessages
	tTried
	tCallbacks
	tSuperseded
	tErasures // last: it takes out what the same write put in
	tableCount
)

// table says how the rows of one table are written.
type table struct {
	name    string
	columns []string
	// text is the statement for one row; positional the same with ? for $n, which
	// modernc binds without looking each name up. Bulk tables have it.
	text, positional string
	// bulk tables hold a row for each person or report: many at a time are loaded
	// by COPY, or past database/sql. Their arguments are driver values as they are.
	bulk bool
	// stamped tables have commit_id as their last column.
	stamped bool
	// matching texts write only where what they refer to is there: a row that
	// changes nothing is refused.
	matching bool
	// ofReport tables name in their first two columns a person and a report of theirs,
	// which must be there.
	ofReport bool
	// what names a row in an error, without personal data.
	what func(args []any) string
}

// row is one row to write, its arguments in the order of the columns.
type row struct {
	key  rowKey
	args []any
}

// encoded is what a write puts into each table.
type encoded [tableCount][]row

func (e *encoded) add(t tableID, k rowKey, args ...any) {
	e[t] = append(e[t], row{k, args})
}

func idArg(id tracker.ID) any {
	if id.IsZero() {
		return nil
	}
	return id[:]
}

func blobArg(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

var tables = [tableCount]table{
	tCrises: {name: "crises", text: `INSERT INTO crises (id, slug) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET slug = excluded.slug`, what: func([]any) string { return "crisis slug" }},
	tCrisisVersions: insertInto("crisis_versions", "crisis", single,
		"crisis_id", "n", "names", "region", "is_default", "starts", "ends", "slug", "commit_id"),
	tMissions: {name: "missions", text: `INSERT INTO missions (id, code) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET code = excluded.code`, what: func([]any) string { return "mission code" }},
	tMissionVersions: insertInto("mission_versions", "mission", single,
		"mission_id", "version", "code", "names", "countries", "area", "duty_phone", "commit_id"),
	tZones: insertInto("zones", "zone", single,
		"id", "version", "crisis_id", "state", "withdrawing", "level", "action", "kind", "floor_m", "ceiling_m",
		"valid_from", "valid_to", "names", "advice", "source", "reason", "country", "shape", "ref",
		"author", "confirmer", "confirmed_at", "recorded_at", "commit_id"),
	tMarks: insertInto("zone_marks", "zone mark", single, "zone_id", "version", "begins", "at", "commit_id"),
	tKeys:  insertInto("person_keys", "person", bulk, "person_id", "crisis_id", "wrapped"),
	tPeople: insertInto("people", "person", bulk,
		"id", "version", "crisis_id", "category", "stay", "persons", "needs", "country",
		"party_id", "guardian_id", "mission_id", "author", "recorded_at", "sealed", "commit_id"),
	tDropped: {
		name: "identifiers", text: `DELETE FROM identifiers
		WHERE crisis_id = $1 AND kind = $2 AND digest = $3 AND slot = $4 AND person_id = $5`,
		what: func([]any) string { return "identifier" },
	},
	tIdentifiers: insertInto("identifiers", "identifier", bulk, "crisis_id", "kind", "digest", "slot", "person_id"),
	tAssignments: insertInto("assignments", "assignment", bulk,
		"person_id", "n", "mission_id", "author", "recorded_at", "sealed", "commit_id"),
	tReports: insertInto("reports", "report", bulk,
		"person_id", "id", "crisis_id", "channel", "source_id", "fixed_at", "sent_at", "received_at", "effective_at",
		"wellbeing", "intention", "contact", "persons", "needs", "has_needs", "country", "onward_until",
		"method", "flags", "sealed", "commit_id"),
	tPacks: insertInto("report_packs", "pack of reports", bulk, "people", "body", "commit_id"),
	tRetractions: insertInto("retractions", "retraction", single,
		"person_id", "report_id", "author", "recorded_at", "sealed", "commit_id"),
	tAirports: insertInto("airport_states", "airport state", single,
		"crisis_id", "airport", "version", "status", "reason", "until", "author", "recorded_at", "commit_id"),
	tEvents: insertInto("events", "event", single,
		"cause", "n", "id", "crisis_id", "kind", "at", "zone_id", "zone_version", "airport", "level", "moves", "commit_id"),
	tMerges: insertInto("merges", "merge", single,
		"crisis_id", "n", "gone", "kept", "author", "recorded_at", "sealed", "commit_id"),
	tRulings: insertInto("rulings", "ruling", single,
		"person_id", "report_id", "n", "flags", "author", "recorded_at", "sealed", "commit_id"),
	tThreads:        insertInto("threads", "thread", single, "id", "crisis_id", "channel", "digest"),
	tThreadVersions: threadVersions,
	tMessages: insertInto("messages", "message", single,
		"id", "crisis_id", "thread_id", "channel", "person_id", "author", "created_at", "state", "attempts",
		"next_at", "sent_at", "failure", "sealed"),
	tTried: tried,
	tCallbacks: insertInto("callbacks", "call-back", single,
		"id", "version", "latest", "crisis_id", "kind", "state", "person_id", "link_id", "thread_id", "mission_id",
		"author", "created_at", "recorded_at", "sealed"),
	tSuperseded: superseded,
	tErasures: insertInto("erasures", "erasure", single,
		"person_id", "crisis_id", "reason", "author", "recorded_at", "commit_id"),
}

// bulk and single say how many rows of a table a write may have.
const (
	bulk   = true
	single = false
)

func insertInto(name, what string, isBulk bool, columns ...string) table {
	marks := make([]string, len(columns))
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	into := `INSERT INTO ` + name + ` (` + strings.Join(columns, ", ") + `) VALUES (`
	t := table{
		name: name, columns: columns, bulk: isBulk,
		text:       into + strings.Join(marks, ", ") + `)`,
		positional: into + `?` + strings.Repeat(`, ?`, len(columns)-1) + `)`,
		stamped:    columns[len(columns)-1] == "commit_id",
	}
	switch name {
	case "retractions", "rulings":
		t.ofReport = true
	}
	switch name {
	case "identifiers":
		t.what = func(args []any) string { return identifierKind(args[1].(int64)).String() }
	default:
		t.what = func(args []any) string { return describe(what, args) }
	}
	return t
}

// describe names a row by its kind and the first two parts of its key.
func describe(what string, args []any) string {
	for _, a := range args[:min(2, len(args))] {
		switch v := a.(type) {
		case []byte:
			if len(v) == 16 {
				what += " " + tracker.ID(v).String()
			}
		case int64:
			what += " version " + strconv.FormatInt(v, 10)
		case string:
			what += " " + v
		}
	}
	return what
}

// copyFrom is the number of rows from which loading in bulk is quicker than a
// round trip for each.
const copyFrom = 5

// rowError is an error that belongs to one row, not to the database.
type rowError struct {
	kind errorKind
	err  error
}

func (e *rowError) Error() string { return e.err.Error() }
func (e *rowError) Unwrap() error { return e.err }

// write puts the rows into their tables under a commit's id. An error that a row
// caused is a *rowError, in the words of the contract.
func (s *session) write(ctx context.Context, e *encoded, commit tracker.ID) error {
	for t := range e {
		rows := e[t]
		if len(rows) == 0 {
			continue
		}
		tb := &tables[t]
		if tb.stamped {
			id := any(commit[:])
			for _, r := range rows {
				r.args[len(r.args)-1] = id
			}
		}
		if tb.bulk && len(rows) >= copyFrom {
			if err := s.load(ctx, tb, rows); err != nil {
				return err
			}
			continue
		}
		for _, r := range rows {
			if tableID(t) == tCrisisVersions {
				if err := s.nextCrisisVersion(ctx, r); err != nil {
					return err
				}
			}
			if tb.ofReport {
				if err := s.reportThere(ctx, tracker.ID(r.args[0].([]byte)), tracker.ID(r.args[1].([]byte)), commit); err != nil {
					return err
				}
			}
			if tb.matching {
				if err := s.update(ctx, tb.what(r.args), tb.text, r.args...); err != nil {
					return err
				}
				continue
			}
			if _, err := s.exec(ctx, tb.text, r.args...); err != nil {
				return s.rowError(err, tb.what(r.args))
			}
			if tableID(t) == tErasures {
				if err := s.erase(ctx, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// load puts many rows into a bulk table in the database's quickest way.
func (s *session) load(ctx context.Context, tb *table, rows []row) error {
	if s.d.dialect.copyIn != nil {
		return s.copy(ctx, tb, rows)
	}
	return s.insertAll(tb, rows, nil)
}

func (s *session) rowError(err error, what string) error {
	switch k := s.d.dialect.classify(err); k {
	case isTaken, isMissing, isBad:
		return &rowError{k, k.ours(what, err)}
	default:
		return fmt.Errorf("store %s: %w", what, err)
	}
}

func (s *session) copy(ctx context.Context, tb *table, rows []row) (err error) {
	st, err := s.conn.PrepareContext(ctx, s.d.dialect.copyIn(tb.name, tb.columns...))
	if err != nil {
		return fmt.Errorf("copy %s: %w", tb.name, err)
	}
	defer func() {
		if e := st.Close(); err == nil && e != nil {
			err = s.rowError(e, tb.name)
		}
	}()
	for _, r := range rows {
		if _, err := st.ExecContext(ctx, r.args...); err != nil {
			return s.rowError(err, tb.name)
		}
	}
	if _, err := st.ExecContext(ctx); err != nil {
		return s.rowError(err, tb.name)
	}
	return nil
}

// insertAll runs a prepared insert for many rows on the driver itself: what
// database/sql does around each call would be a third of the work.
// What each did, done is told; it may be nil.
func (s *session) insertAll(tb *table, rows []row, done func(i int, changed int64)) error {
	return s.conn.Raw(func(c any) error {
		st, err := c.(driver.Conn).Prepare(tb.positional)
		if err != nil {
			return fmt.Errorf("prepare insert into %s: %w", tb.name, err)
		}
		defer st.Close()
		// Without a context that can end, the driver starts no goroutine to watch it.
		ctx, exec := context.Background(), st.(driver.StmtExecContext)
		args := make([]driver.NamedValue, len(tb.columns))
		for i, r := range rows {
			for k, a := range r.args {
				args[k] = driver.NamedValue{Ordinal: k + 1, Value: a}
			}
			res, err := exec.ExecContext(ctx, args)
			if err != nil {
				return s.rowError(err, tb.what(r.args))
			}
			if done != nil {
				n, err := res.RowsAffected()
				if err != nil {
					return fmt.Errorf("count rows of %s: %w", tb.name, err)
				}
				done(i, n)
			}
		}
		return nil
	})
}

// mergeEncoded puts several writes' rows together, in the order of their keys.
func mergeEncoded(es []*encoded) *encoded {
	if len(es) == 1 {
		return es[0]
	}
	out := new(encoded)
	for t := range out {
		for _, e := range es {
			out[t] = append(out[t], e[t]...)
		}
		slices.SortStableFunc(out[t], func(a, b row) int { return bytes.Compare(a.key[:], b.key[:]) })
	}
	return out
}
