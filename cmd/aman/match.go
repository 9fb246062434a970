package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"aman/geo"
)

// matchCmd says which zones each point of a file is, or may be, in: without a server, a database or limits of size.
type matchCmd struct {
	Zones  string `required:"" placeholder:"FILE" help:"GeoJSON file of the zones: polygons and multipolygons."`
	Points string `required:"" placeholder:"FILE" help:"CSV file of the points, with a header: id, lon, lat and optionally radius_m (metres). - is stdin."`
}

// Run exits 0 when all went well, 1 when rows were skipped, 2 when nothing could be matched.
func (c *matchCmd) Run(ctx context.Context) error {
	zones, err := os.Open(c.Zones)
	if err != nil {
		return exitError{2, fmt.Errorf("open zones: %w", err)}
	}
	defer zones.Close()
	points := os.Stdin
	if c.Points != "-" {
		if points, err = os.Open(c.Points); err != nil {
			return exitError{2, fmt.Errorf("open points: %w", err)}
		}
		defer points.Close()
	}
	return match(ctx, zones, points, os.Stdout, os.Stderr)
}

// matcher holds what does not change while points stream by.
type matcher struct {
	zones zoneSet
	cols  columns
}

// match reads zones and points and writes a row of CSV for every zone that a point is inside, or possibly inside:
// points in their order, zones in theirs. Nothing is written to out unless all zones and the points' header are
// good. Rows that can't be used are skipped and named on errs.
//
// The memory it takes depends on the zones, not on the points: batches of points are matched on all cores and
// written in order.
func match(ctx context.Context, zones, points io.Reader, out, errs io.Writer) error {
	var m matcher
	if err := m.zones.load(zones); err != nil {
		return exitError{2, fmt.Errorf("read zones: %w", err)}
	}
	return m.points(ctx, points, out, errs)
}

// points reads points and writes what they match, once there are zones.
func (m *matcher) points(ctx context.Context, points io.Reader, out, errs io.Writer) error {
	br := newBatchReader(points)
	header, err := br.header()
	if err == nil {
		m.cols, err = parseHeader(header)
	}
	if err != nil {
		return exitError{2, fmt.Errorf("read points: %w", err)}
	}
	m.zones.compileFor(rowsIn(points, br.rest))
	if _, err := io.WriteString(out, "point_id,zone_id,verdict\n"); err != nil {
		return exitError{2, fmt.Errorf("write matches: %w", err)}
	}
	return m.stream(ctx, br, out, errs)
}

// stream matches batch after batch. One goroutine reads, as many as there are cores match, and the caller's writes.
// When it returns early, the reader may still be waiting for its input; it stops at the next batch, and the others
// with it.
func (m *matcher) stream(ctx context.Context, br *batchReader, out, errs io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	work, order := make(chan *batch, workers), make(chan *batch, 2*workers)
	var wg sync.WaitGroup
	defer cancel()

	var readErr error // set before order is closed
	wg.Go(func() {
		defer close(order)
		defer close(work)
		for {
			b, err := br.next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					readErr = err
				}
				return
			}
			for _, c := range [2]chan *batch{order, work} {
				select {
				case c <- b:
				case <-ctx.Done():
					readErr = ctx.Err()
					return
				}
			}
		}
	})
	for range workers {
		wg.Go(func() {
			var w matchWorker
			for b := range work {
				w.match(m, b)
				close(b.done)
				m.zones.compileOnceWorth()
			}
		})
	}

	skipped := 0
	for b := range order {
		select {
		case <-b.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if len(b.errs) > 0 {
			_, _ = errs.Write(b.errs) // nowhere is left to tell that stderr is gone; the exit code still does
		}
		if _, err := out.Write(b.out); err != nil {
			return exitError{2, fmt.Errorf("write matches: %w", err)}
		}
		skipped += b.skipped
		br.recycle(b)
	}
	wg.Wait()
	switch {
	case readErr != nil:
		return exitError{2, fmt.Errorf("read points: %w", readErr)}
	case skipped == 1:
		return exitError{1, errors.New("1 row was skipped")}
	case skipped > 1:
		return exitError{1, fmt.Errorf("%d rows were skipped", skipped)}
	}
	return nil
}

// matchWorker is what one goroutine uses again and again.
type matchWorker struct {
	index  *geo.Index // of the batch
	fields [][]byte
	ids    []uint32
	hits   []geo.Hit
}

// match fills in b's results.
func (w *matchWorker) match(m *matcher, b *batch) {
	w.index = m.zones.index.Load()
	line, rest := b.line, b.data
	for len(rest) > 0 {
		if n := plainRow(rest); n > 0 { // the most usual case, and the quickest
			w.fields = splitPlain(w.fields[:0], rest[:n])
			w.row(m, b, line, "")
			rest = rest[n:]
			line++
			continue
		}
		var n int
		var problem string
		w.fields, n, problem = splitRow(w.fields[:0], rest)
		row := rest[:n]
		rest = rest[n:]
		w.row(m, b, line, problem)
		line += countLines(row)
	}
	m.zones.rows.Add(int64(line - b.line))
}

// row matches the row in w.fields.
func (w *matchWorker) row(m *matcher, b *batch, line int, problem string) {
	if problem == "" && len(w.fields) == 1 && len(w.fields[0]) == 0 {
		return // an empty line
	}
	var pt point
	field := ""
	if problem == "" {
		pt, field, problem = m.cols.parse(w.fields)
	}
	if problem != "" {
		b.skipped++
		if field != "" {
			field += ": "
		}
		b.errs = fmt.Appendf(b.errs, "points line %d: %s%s\n", line, field, problem)
		return
	}
	if pt.radiusM > 0 {
		w.hits = w.index.Match(w.hits[:0], pt.at, pt.radiusM)
	} else {
		w.ids = w.index.Containing(w.ids[:0], pt.at)
		w.hits = w.hits[:0]
		for _, id := range w.ids {
			w.hits = append(w.hits, geo.Hit{ID: id, Verdict: geo.Inside})
		}
	}
	if len(w.hits) == 0 {
		return
	}
	from := len(b.out)
	b.out = appendField(b.out, pt.id)
	id := len(b.out) - from
	for i, h := range w.hits {
		if i > 0 {
			b.out = append(b.out, b.out[from:from+id]...)
		}
		b.out = append(b.out, m.zones.ends[h.ID][h.Verdict]...)
	}
}

// appendField appends a field of CSV, quoted where it must be (RFC 4180, and where spaces would be lost).
func appendField(dst, field []byte) []byte {
	if staysBare(field) {
		return append(dst, field...)
	}
	dst = append(dst, '"')
	for _, c := range field {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// staysBare reports whether a field needs no quotes.
func staysBare(field []byte) bool {
	for _, c := range field {
		if c == ',' || c == '"' || c == '\r' || c == '\n' {
			return false
		}
	}
	n := len(field)
	if n == 0 {
		return false
	}
	graphic := func(c byte) bool { return c > ' ' && c < 0x7f }
	return graphic(field[0]) && graphic(field[n-1]) || len(bytes.TrimSpace(field)) == n
}
