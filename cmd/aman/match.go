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
	index *geo.Index
	zones [][]byte // the zones' ids as CSV fields, by number in the index, which is their order in the file
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
	if err := m.loadZones(zones); err != nil {
		return exitError{2, fmt.Errorf("read zones: %w", err)}
	}
	br := newBatchReader(points)
	header, err := br.header()
	if err == nil {
		m.cols, err = parseHeader(header)
	}
	if err != nil {
		return exitError{2, fmt.Errorf("read points: %w", err)}
	}
	if _, err := io.WriteString(out, "point_id,zone_id,verdict\n"); err != nil {
		return exitError{2, fmt.Errorf("write matches: %w", err)}
	}
	return m.stream(ctx, br, out, errs)
}

// loadZones reads all zones; a bad one refuses all.
func (m *matcher) loadZones(r io.Reader) error {
	m.index = geo.NewIndex()
	seen := map[string]int{}
	err := geo.EachFeature(r, geo.Limits{}, func(f geo.Feature) error {
		if first, ok := seen[f.ID]; ok {
			return &geo.ShapeError{
				Path: fmt.Sprintf("features[%d]", f.Index), Rule: "duplicate_zone_id",
				Detail: fmt.Sprintf("the id %q is that of features[%d]", f.ID, first),
			}
		}
		seen[f.ID] = f.Index
		m.index.Set(uint32(len(m.zones)), geo.NewArea(f.Shape))
		m.zones = append(m.zones, appendField(nil, []byte(f.ID)))
		return nil
	})
	var bad *geo.ShapeError
	if errors.As(err, &bad) {
		return fmt.Errorf("%w (rule %s)", err, bad.Rule)
	}
	return err
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
	fields [][]byte
	hits   []geo.Hit
	id     []byte
}

// match fills in b's results.
func (w *matchWorker) match(m *matcher, b *batch) {
	line, rest := b.line, b.data
	for len(rest) > 0 {
		var n int
		var problem string
		w.fields, n, problem = splitRow(w.fields[:0], rest)
		row := rest[:n]
		rest = rest[n:]
		w.row(m, b, line, problem)
		line += countLines(row)
	}
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
	w.hits = m.index.Match(w.hits[:0], pt.at, pt.radiusM)
	if len(w.hits) == 0 {
		return
	}
	w.id = appendField(w.id[:0], pt.id)
	for _, h := range w.hits {
		b.out = append(b.out, w.id...)
		b.out = append(b.out, ',')
		b.out = append(b.out, m.zones[h.ID]...)
		b.out = append(b.out, ',')
		b.out = append(b.out, h.Verdict.String()...)
		b.out = append(b.out, '\n')
	}
}

// appendField appends a field of CSV, quoted where it must be (RFC 4180, and where spaces would be lost).
func appendField(dst, field []byte) []byte {
	if len(field) > 0 && !bytes.ContainsAny(field, ",\"\r\n") && len(bytes.TrimSpace(field)) == len(field) {
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
