package data

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// session is one writing connection with the statements prepared on it. One
// goroutine has it at a time.
type session struct {
	d     *DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// lend makes the writing sessions; they connect when first used. Where the
// database has one writer, the committer and imports take turns.
func (d *DB) lend(oneWriter bool) {
	d.sessions = make(chan *session, 1)
	d.sessions <- &session{d: d}
	d.imports = d.sessions
	if !oneWriter {
		d.imports = make(chan *session, 1)
		d.imports <- &session{d: d}
	}
}

// writing runs f in one transaction and commits when f returns nil. ambiguous is
// true when the commit failed in a way that leaves open whether it took effect.
func (s *session) writing(ctx context.Context, f func(ctx context.Context, s *session) error) (ambiguous bool, err error) {
	if s.d.dialect.patience == 0 {
		// The database is in this process: no call can hang, and the driver needs
		// no goroutine for each to watch for an end.
		ctx = context.WithoutCancel(ctx)
	}
	if err := s.begin(ctx); err != nil {
		return false, err
	}
	if err := f(ctx, s); err != nil {
		s.rollback()
		return false, err
	}
	if _, err := s.exec(ctx, `COMMIT`); err != nil {
		s.rollback()
		kind := s.d.dialect.classify(err)
		return kind == isDown || kind == isBroken, fmt.Errorf("commit: %w", err)
	}
	return false, nil
}

const rollbackPatience = 5 * time.Second

func (s *session) begin(ctx context.Context) (err error) {
	if s.conn == nil {
		if s.conn, err = s.d.writers.Conn(ctx); err != nil {
			s.conn = nil
			return fmt.Errorf("connect: %w", err)
		}
		s.stmts = map[string]*sql.Stmt{}
	}
	if _, err := s.exec(ctx, s.d.dialect.begin); err != nil {
		if s.d.dialect.classify(err) != isBusy {
			s.close()
		}
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// rollback leaves the session without a transaction, if need be by dropping
// its connection.
func (s *session) rollback() {
	if s.conn == nil {
		return
	}
	ctx := context.Background()
	if s.d.dialect.patience > 0 { // over a network it may never come back
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, rollbackPatience)
		defer cancel()
	}
	if _, err := s.conn.ExecContext(ctx, `ROLLBACK`); err != nil && !strings.Contains(err.Error(), "no transaction is active") {
		s.close()
	}
}

func (s *session) close() {
	if s.conn == nil {
		return
	}
	for _, st := range s.stmts {
		st.Close()
	}
	// The driver is told that the connection is bad, so that the pool doesn't
	// hand it out again in the middle of a transaction.
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	s.conn.Close()
	s.conn, s.stmts = nil, nil
}

func (s *session) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if st := s.stmts[query]; st != nil {
		return st, nil
	}
	st, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.stmts[query] = st
	return st, nil
}

func (s *session) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if len(args) == 0 {
		return s.conn.ExecContext(ctx, query)
	}
	st, err := s.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

// row runs a query of one row and scans it; sql.ErrNoRows where there is none.
func (s *session) row(ctx context.Context, dest []any, query string, args ...any) error {
	st, err := s.prepare(ctx, query)
	if err != nil {
		return err
	}
	return st.QueryRowContext(ctx, args...).Scan(dest...)
}

// clock is the time by which leases run out, in microseconds.
func (s *session) clock(ctx context.Context) (int64, error) {
	if s.d.dialect.clock == "" {
		return s.d.micros(), nil
	}
	var us int64
	err := s.row(ctx, []any{&us}, s.d.dialect.clock)
	return us, err
}
