package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// table reads rows of named columns from CSV or NDJSON: a run of lines at a
// time, parsed on all cores, handed on in the order of the file.
type table struct {
	batches interface {
		next() (*batch, error)
		recycle(b *batch)
	}
	// header of a CSV; nil for NDJSON, whose lines name their columns.
	header []string
	known  []string
	// whole lines of NDJSON are wanted as they are.
	whole bool
}

// newTable reads the header of a CSV. A column that isn't known is an error:
// what it says would be lost without a word.
func newTable(r io.Reader, format string, known, required []string) (*table, error) {
	t := &table{known: known}
	if format == "ndjson" {
		t.batches = newLineReader(r)
		return t, nil
	}
	br := newBatchReader(r)
	cells, err := br.header()
	if err != nil {
		return nil, err
	}
	for _, c := range cells {
		name := string(bytes.TrimSpace(c))
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("header: the column %q is not one of %s", name, strings.Join(known, ", "))
		}
		if slices.Contains(t.header, name) {
			return nil, fmt.Errorf("header: the column %q occurs twice", name)
		}
		t.header = append(t.header, name)
	}
	for _, name := range required {
		if !slices.Contains(t.header, name) {
			return nil, fmt.Errorf("header: there is no column %q", name)
		}
	}
	t.batches = br
	return t, nil
}

// cells are one row: what each column says, without blanks around it.
type cells struct {
	line          int
	names, values []string
	// text is the row itself, where the table is of whole lines. It is gone when
	// parse returns.
	text []byte
}

// get is what a column says; ok is false when it says nothing, or isn't there. It
// looks through few short names: a map for every row would cost more than all
// else that is done with it.
func (c *cells) get(name string) (value string, ok bool) {
	for i, n := range c.names {
		if n == name {
			return c.values[i], c.values[i] != ""
		}
	}
	return "", false
}

// of is get where nothing is as good as an empty text.
func (c *cells) of(name string) string {
	v, _ := c.get(name)
	return v
}

// eachRow calls parse for every row, on several goroutines at once, and take for
// every batch, in order and in the caller's goroutine, with what parse made of
// its rows. A row that can't be split goes to bad. Errors: of the file, of take,
// or ctx's.
func eachRow[T any](ctx context.Context, t *table, parse func(cells) T, bad func(line int, reason string) T, take func([]T) error) error {
	type task struct {
		b    *batch
		out  []T
		done chan struct{}
	}
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	work, order := make(chan *task, workers), make(chan *task, 2*workers)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	var readErr error // set before order is closed
	wg.Go(func() {
		defer close(order)
		defer close(work)
		for {
			b, err := t.batches.next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					readErr = err
				}
				return
			}
			x := &task{b: b, done: make(chan struct{})}
			for _, c := range []chan *task{order, work} {
				select {
				case c <- x:
				case <-ctx.Done():
					readErr = ctx.Err()
					return
				}
			}
		}
	})
	for range workers {
		wg.Go(func() {
			for x := range work {
				if ctx.Err() == nil {
					t.rows(x.b, func(c cells) { x.out = append(x.out, parse(c)) },
						func(line int, reason string) { x.out = append(x.out, bad(line, reason)) })
				}
				close(x.done)
			}
		})
	}
	for x := range order {
		<-x.done
		if ctx.Err() != nil {
			break
		}
		if err := take(x.out); err != nil {
			return err
		}
		t.batches.recycle(x.b)
	}
	if readErr != nil {
		return readErr
	}
	return ctx.Err()
}

// rows splits a batch.
func (t *table) rows(b *batch, row func(cells), bad func(line int, reason string)) {
	line, rest := b.line, b.data
	var fields [][]byte
	for len(rest) > 0 {
		if t.header == nil {
			text, after, _ := bytes.Cut(rest, []byte{'\n'})
			rest = after
			if text = bytes.TrimSpace(text); len(text) > 0 && t.whole {
				row(cells{line: line, text: text})
			} else if len(text) > 0 {
				c, reason := t.object(text)
				if reason != "" {
					bad(line, reason)
				} else {
					c.line = line
					row(c)
				}
			}
			line++
			continue
		}
		var n int
		var problem string
		fields, n, problem = splitRow(fields[:0], rest)
		at := line
		line += countLines(rest[:n])
		rest = rest[n:]
		switch {
		case problem != "":
			bad(at, problem)
		case len(fields) == 1 && len(bytes.TrimSpace(fields[0])) == 0: // an empty line
		case len(fields) != len(t.header):
			bad(at, fmt.Sprintf("the row has %d fields, the header %d", len(fields), len(t.header)))
		default:
			c := cells{line: at, names: t.header, values: make([]string, len(fields))}
			for i, f := range fields {
				c.values[i] = string(bytes.TrimSpace(f))
			}
			row(c)
		}
	}
}

// object reads a line of NDJSON: an object with the columns as members. Lists
// are joined by semicolons, as they are written in CSV.
func (t *table) object(text []byte) (c cells, problem string) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return c, "the line is not a JSON object"
	}
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return c, "the line is not JSON"
		}
		name, _ := tok.(string) // a key is a string, or Token fails
		if !slices.Contains(t.known, name) {
			return c, fmt.Sprintf("%q is not one of %s", name, strings.Join(t.known, ", "))
		}
		if slices.Contains(c.names, name) {
			return c, name + ": is given twice"
		}
		var v any
		if err := d.Decode(&v); err != nil {
			return c, "the line is not JSON"
		}
		s, ok := cellOf(v)
		if !ok {
			return c, name + ": is not a text, a number or a list of texts"
		}
		c.names, c.values = append(c.names, name), append(c.values, strings.TrimSpace(s))
	}
	if _, err := d.Token(); err != nil {
		return c, "the line is not JSON"
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c, "something follows the object"
	}
	return c, ""
}

func cellOf(v any) (s string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case []any:
		var parts []string
		for _, x := range v {
			t, ok := x.(string)
			if !ok || strings.Contains(t, ";") {
				return "", false
			}
			parts = append(parts, t)
		}
		return strings.Join(parts, ";"), true
	default:
		return "", false
	}
}

// lineReader cuts a file into runs of whole lines.
type lineReader struct {
	r    *bufio.Reader
	line int
	free chan *batch
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, maxRowBytes), line: 1, free: make(chan *batch, 64)}
}

func (l *lineReader) recycle(b *batch) {
	select {
	case l.free <- b:
	default:
	}
}

// next returns the next lines, or io.EOF. A line that is too long is an error of
// the file: where the next one starts may be gigabytes away.
func (l *lineReader) next() (*batch, error) {
	var b *batch
	select {
	case b = <-l.free:
		*b = batch{data: b.data[:0]}
	default:
		b = &batch{}
	}
	b.line = l.line
	for len(b.data) < batchBytes {
		text, err := l.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("line %d is longer than %d bytes", l.line, maxRowBytes)
		}
		if len(text) > 0 {
			b.data = append(b.data, text...)
			l.line++
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if len(b.data) == 0 {
		return nil, io.EOF
	}
	if b.line == 1 {
		b.data = bytes.TrimPrefix(b.data, []byte("\xEF\xBB\xBF"))
	}
	return b, nil
}
