package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

const (
	batchBytes = 128 << 10
	// maxRowBytes is how long a row may be. A quote that is never closed would otherwise take the rest of the file.
	maxRowBytes = 1 << 20
)

// batch is a run of whole rows and, later, what became of them.
type batch struct {
	data []byte
	line int // of the first row, from 1

	done    chan struct{} // closed when the fields below are set
	out     []byte
	errs    []byte
	skipped int
}

// batchReader cuts a CSV file into batches. Only recycle may be called by another goroutine.
type batchReader struct {
	r    io.Reader
	rest []byte // read, but not handed out yet
	line int
	err  error // of r
	free chan *batch
}

func newBatchReader(r io.Reader) *batchReader {
	return &batchReader{r: r, line: 1, free: make(chan *batch, 64)}
}

// recycle takes back a batch that nobody uses any more.
func (br *batchReader) recycle(b *batch) {
	select {
	case br.free <- b:
	default:
	}
}

// read appends up to n bytes to dst; it stops early at the end of the file only.
func (br *batchReader) read(dst []byte, n int) []byte {
	for n > 0 && br.err == nil {
		if cap(dst)-len(dst) < n {
			dst = append(make([]byte, 0, len(dst)+n), dst...)
		}
		m, err := br.r.Read(dst[len(dst) : len(dst)+n])
		dst, n, br.err = dst[:len(dst)+m], n-m, err
	}
	return dst
}

// header reads the first row.
func (br *batchReader) header() ([][]byte, error) {
	br.rest = br.read(nil, batchBytes)
	if br.err != nil && !errors.Is(br.err, io.EOF) {
		return nil, br.err
	}
	br.rest = bytes.TrimPrefix(br.rest, []byte("\xEF\xBB\xBF"))
	if len(br.rest) == 0 {
		return nil, errors.New("the file is empty")
	}
	row, n, problem := splitRow(nil, br.rest)
	if problem != "" {
		return nil, fmt.Errorf("header: %s", problem)
	}
	for i := range row {
		row[i] = bytes.Clone(row[i])
	}
	br.line += countLines(br.rest[:n])
	br.rest = br.rest[n:]
	return row, nil
}

// next returns the next rows, or io.EOF.
func (br *batchReader) next() (*batch, error) {
	var b *batch
	select {
	case b = <-br.free:
		*b = batch{data: b.data[:0], out: b.out[:0], errs: b.errs[:0]}
	default:
		b = &batch{}
	}
	b.done = make(chan struct{})
	b.data = append(b.data, br.rest...)
	for {
		if len(b.data) < batchBytes {
			b.data = br.read(b.data, batchBytes-len(b.data))
		}
		if br.err != nil && !errors.Is(br.err, io.EOF) {
			return nil, br.err
		}
		if len(b.data) == 0 {
			return nil, io.EOF
		}
		end := wholeRows(b.data, br.err != nil)
		if end == 0 && br.err == nil && len(b.data) <= maxRowBytes {
			b.data = br.read(b.data, batchBytes)
			continue
		}
		if end == 0 { // no row ends: hand out its first line as the bad row it is, and begin again behind it
			end = bytes.IndexByte(b.data, '\n') + 1
			for end == 0 && br.err == nil { // forget the rest of a line that is too long
				b.data = br.read(b.data[:maxRowBytes+1], batchBytes)
				end = bytes.IndexByte(b.data, '\n') + 1
			}
			if end == 0 {
				end = len(b.data)
			}
		}
		br.rest = append(br.rest[:0], b.data[end:]...)
		b.data = b.data[:end]
		b.line = br.line
		br.line += countLines(b.data)
		return b, nil
	}
}

// wholeRows returns where the last whole row of b ends. At the end of the file the last row needs no line end.
func wholeRows(b []byte, eof bool) int {
	if bytes.IndexByte(b, '"') < 0 {
		if eof {
			return len(b)
		}
		return bytes.LastIndexByte(b, '\n') + 1
	}
	end := 0
	var fields [][]byte
	for end < len(b) {
		if n := plainRow(b[end:]); n > 0 && (eof || b[end+n-1] == '\n') {
			end += n
			continue
		}
		if _, closed := rowEnd(b[end:]); !closed && !eof {
			break
		}
		var n int
		if fields, n, _ = splitRow(fields[:0], b[end:]); !eof && b[end+n-1] != '\n' {
			break
		}
		end += n
	}
	return end
}

// plainRow returns the length of the first row of b, its line end included, when there is no quote in it: then it is
// the first line. It returns 0 for others, and for rows that are too long.
func plainRow(b []byte) int {
	n := lineEnd(b)
	if n > maxRowBytes || bytes.IndexByte(b[:n], '"') >= 0 {
		return 0
	}
	return n
}

// splitPlain appends the fields of a row without quotes to dst.
func splitPlain(dst [][]byte, row []byte) [][]byte {
	if n := len(row); n > 0 && row[n-1] == '\n' {
		row = row[:n-1]
	}
	if n := len(row); n > 0 && row[n-1] == '\r' {
		row = row[:n-1]
	}
	for {
		end := bytes.IndexByte(row, ',')
		if end < 0 {
			return append(dst, row)
		}
		dst = append(dst, row[:end])
		row = row[end+1:]
	}
}

// rowEnd returns the length of the first row of b, its line end included; closed is false when b ends within
// quotes.
func rowEnd(b []byte) (n int, closed bool) {
	for i := 0; i < len(b); {
		if b[i] == '"' { // a quoted field: up to a quote that is not doubled
			i++
			for {
				q := bytes.IndexByte(b[i:], '"')
				if q < 0 {
					return len(b), false
				}
				i += q + 1
				if i < len(b) && b[i] == '"' {
					i++
					continue
				}
				break
			}
		}
		for i < len(b) && b[i] != ',' && b[i] != '\n' {
			i++
		}
		if i < len(b) && b[i] == '\n' {
			return i + 1, true
		}
		i++ // the comma
	}
	return len(b), true
}

// splitRow appends the fields of the first row of b to dst and returns the row's length, its line end included. A
// row that can't be split has a problem, in words, and is one line long: a stray quote must not take good rows with
// it. Fields may share memory with b.
func splitRow(dst [][]byte, b []byte) (fields [][]byte, n int, problem string) {
	n, closed := rowEnd(b)
	if !closed {
		return dst, lineEnd(b), "a quote is not closed"
	}
	if n > maxRowBytes {
		return dst, lineEnd(b), fmt.Sprintf("the row is longer than %d bytes", maxRowBytes)
	}
	row := b[:n]
	if n > 0 && row[n-1] == '\n' {
		row = row[:n-1]
	}
	if len(row) > 0 && row[len(row)-1] == '\r' {
		row = row[:len(row)-1]
	}
	for {
		var field []byte
		if len(row) > 0 && row[0] == '"' {
			field, row = unquote(row)
			if len(row) > 0 && row[0] != ',' {
				return dst, lineEnd(b), fmt.Sprintf("field %d goes on after its closing quote", len(dst)+1)
			}
		} else {
			end := bytes.IndexByte(row, ',')
			if end < 0 {
				end = len(row)
			}
			field, row = row[:end], row[end:]
			if bytes.IndexByte(field, '"') >= 0 {
				return dst, lineEnd(b), fmt.Sprintf("field %d has a quote within", len(dst)+1)
			}
		}
		dst = append(dst, field)
		if len(row) == 0 {
			return dst, n, ""
		}
		row = row[1:]
	}
}

// lineEnd returns the length of the first line of b, its end included.
func lineEnd(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

// unquote returns what the quoted field at the start of row says, and what follows it. The field is closed.
func unquote(row []byte) (field, rest []byte) {
	row = row[1:]
	end := bytes.IndexByte(row, '"')
	if end+1 == len(row) || row[end+1] != '"' {
		return row[:end], row[end+1:]
	}
	for {
		field = append(field, row[:end]...)
		row = row[end+1:]
		if len(row) == 0 || row[0] != '"' {
			return field, row
		}
		field = append(field, '"')
		row = row[1:]
		end = bytes.IndexByte(row, '"')
	}
}

func countLines(b []byte) int { return bytes.Count(b, []byte{'\n'}) }

// columns says in which columns a point's fields are; radius is -1 when there is none.
type columns struct {
	n                    int
	id, lon, lat, radius int
}

// parseHeader finds the columns. Their order is free, others are ignored.
func parseHeader(header [][]byte) (columns, error) {
	c := columns{n: len(header), id: -1, lon: -1, lat: -1, radius: -1}
	named := map[string]*int{"id": &c.id, "lon": &c.lon, "lat": &c.lat, "radius_m": &c.radius}
	for i, name := range header {
		col, ok := named[string(bytes.TrimSpace(name))]
		if !ok {
			continue
		}
		if *col >= 0 {
			return c, fmt.Errorf("header: the column %q occurs twice", bytes.TrimSpace(name))
		}
		*col = i
	}
	for _, name := range [3]string{"id", "lon", "lat"} {
		if *named[name] < 0 {
			hint := ""
			if len(header) == 1 && bytes.ContainsAny(header[0], ";\t|") {
				hint = "; columns are separated by commas"
			} else if slices.ContainsFunc(header, func(h []byte) bool { return strings.EqualFold(string(bytes.TrimSpace(h)), name) }) {
				hint = "; names are in small letters"
			}
			return c, fmt.Errorf("header: there is no column %q (want id, lon, lat and optionally radius_m%s)", name, hint)
		}
	}
	return c, nil
}

// point is a row.
type point struct {
	id      []byte
	at      orb.Point
	radiusM float64 // 0 for a point
}

// parse reads a row; problem says what is wrong with which field, if anything is.
func (c *columns) parse(fields [][]byte) (pt point, field, problem string) {
	if len(fields) != c.n {
		return pt, "", fmt.Sprintf("the row has %d fields, the header %d", len(fields), c.n)
	}
	if pt.id = fields[c.id]; len(pt.id) == 0 {
		return pt, "id", "is empty"
	}
	if pt.at[0], problem = number(fields[c.lon], -180, 180); problem != "" {
		return pt, "lon", problem
	}
	if pt.at[1], problem = number(fields[c.lat], -90, 90); problem != "" {
		return pt, "lat", problem
	}
	if c.radius >= 0 && len(fields[c.radius]) > 0 && len(bytes.TrimSpace(fields[c.radius])) > 0 {
		if pt.radiusM, problem = number(fields[c.radius], 0, math.MaxFloat64); problem != "" {
			return pt, "radius_m", problem
		}
	}
	return pt, "", ""
}
