package geo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep values may nest that are not part of a shape.
const maxDepth = 100

// jsonReader reads strict JSON (RFC 8259) piece by piece. Errors travel by panic(refusal) within this package and
// are turned back where the reading began: the grammar is recursive, and every step of it may fail.
type jsonReader struct {
	r    io.Reader
	buf  []byte
	at   int // the next byte
	mark int // start of what is being recorded, -1 if nothing
	gone int // bytes dropped from the front of buf
	eof  bool
	max  int // most bytes to read, 0 for no limit
	path []pathStep
}

// pathStep is a member's name or, when that is empty, an index.
type pathStep struct {
	name  string
	index int
}

// refusal carries an error up to where the reading began.
type refusal struct{ err error }

func newJSONReader(r io.Reader, maxBytes int) *jsonReader {
	return &jsonReader{r: r, mark: -1, max: maxBytes}
}

// rescue turns a refusal into *err. Defer it.
func rescue(err *error) {
	switch p := recover().(type) {
	case nil:
	case refusal:
		*err = p.err
	default:
		panic(p)
	}
}

// where renders the path of what is being read: features[3].geometry.coordinates[0][2].
func (j *jsonReader) where() string {
	var b []byte
	for _, s := range j.path {
		if s.name == "" {
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(s.index), 10)
			b = append(b, ']')
			continue
		}
		if len(b) > 0 {
			b = append(b, '.')
		}
		b = append(b, s.name...)
	}
	return string(b)
}

// refuse stops the reading with a *ShapeError at the current path.
func (j *jsonReader) refuse(rule, format string, args ...any) {
	panic(refusal{&ShapeError{Path: j.where(), Rule: rule, Detail: fmt.Sprintf(format, args...)}})
}

// malformed stops the reading: this is not JSON.
func (j *jsonReader) malformed(what string) {
	j.refuse("bad_json", "%s at byte %d", what, j.gone+j.at)
}

// fill reads more, keeping everything from mark (or at) on. It returns false at the end.
func (j *jsonReader) fill() bool {
	if j.eof {
		return false
	}
	keep := j.at
	if j.mark >= 0 {
		keep = j.mark
		j.mark = 0
	}
	j.gone += keep
	n := copy(j.buf, j.buf[keep:])
	j.at -= keep
	if n > len(j.buf)/2 || len(j.buf) == 0 {
		j.buf = append(make([]byte, 0, max(64<<10, 2*len(j.buf))), j.buf[:n]...)
	}
	j.buf = j.buf[:n]
	for range 100 {
		m, err := j.r.Read(j.buf[n:cap(j.buf)])
		j.buf = j.buf[:n+m]
		if j.max > 0 && j.gone+len(j.buf) > j.max {
			panic(refusal{&ShapeError{Rule: "too_large", Detail: fmt.Sprintf("more than %d bytes", j.max)}})
		}
		if err != nil {
			j.eof = true
			if !errors.Is(err, io.EOF) {
				panic(refusal{fmt.Errorf("read shapes: %w", err)})
			}
			return m > 0
		}
		if m > 0 {
			return true
		}
	}
	panic(refusal{fmt.Errorf("read shapes: %w", io.ErrNoProgress)})
}

// peek returns the next byte, or 0 at the end (a 0 byte is legal nowhere in JSON).
func (j *jsonReader) peek() byte {
	if j.at == len(j.buf) && !j.fill() {
		return 0
	}
	return j.buf[j.at]
}

// begin skips a byte order mark, which RFC 8259 allows to ignore.
func (j *jsonReader) begin() {
	if j.peek() == 0xEF {
		for _, c := range []byte("\xEF\xBB\xBF") {
			if j.peek() != c {
				j.malformed("no value")
			}
			j.at++
		}
	}
}

// end refuses anything but white space.
func (j *jsonReader) end() {
	if j.token(); j.at < len(j.buf) {
		j.path = nil
		j.refuse("trailing_data", "data after the end at byte %d", j.gone+j.at)
	}
}

// token skips white space and returns the next byte without taking it.
func (j *jsonReader) token() byte {
	for {
		switch c := j.peek(); c {
		case ' ', '\t', '\n', '\r':
			j.at++
		default:
			return c
		}
	}
}

// expect takes the token c.
func (j *jsonReader) expect(c byte) {
	if j.token() != c {
		j.unexpected(fmt.Sprintf("want %q", c))
	}
	j.at++
}

// unexpected stops at the current byte.
func (j *jsonReader) unexpected(want string) {
	if j.at == len(j.buf) {
		j.malformed("unexpected end, " + want)
	}
	j.malformed(fmt.Sprintf("unexpected %q, %s", j.buf[j.at], want))
}

// object reads an object. For each member it calls member, with the path extended by the name; member must read
// the value. Names that occur twice, and names that differ from a known one by case only, are refused.
func (j *jsonReader) object(known []string, member func(name string)) {
	j.expect('{')
	if j.token() == '}' {
		j.at++
		return
	}
	var names nameSet
	for {
		if j.token() != '"' {
			j.unexpected("want a member's name")
		}
		name := j.text()
		j.path = append(j.path, pathStep{name: shown(name)})
		if !names.add(name) {
			j.refuse("duplicate_key", "the name %q occurs twice", name)
		}
		for _, k := range known {
			if name != k && strings.EqualFold(name, k) {
				j.refuse("wrong_case", "the name %q must be written %q", name, k)
			}
		}
		j.expect(':')
		member(name)
		j.path = j.path[:len(j.path)-1]
		switch j.token() {
		case ',':
			j.at++
		case '}':
			j.at++
			return
		default:
			j.unexpected("want , or }")
		}
	}
}

// array reads an array. For each element it calls element, with the path extended by the index; element must read
// the value.
func (j *jsonReader) array(element func(i int)) {
	j.expect('[')
	if j.token() == ']' {
		j.at++
		return
	}
	for i := 0; ; i++ {
		j.path = append(j.path, pathStep{index: i})
		element(i)
		j.path = j.path[:len(j.path)-1]
		switch j.token() {
		case ',':
			j.at++
		case ']':
			j.at++
			return
		default:
			j.unexpected("want , or ]")
		}
	}
}

// skip reads any value.
func (j *jsonReader) skip(depth int) {
	if depth > maxDepth {
		j.refuse("too_deep", "nested deeper than %d", maxDepth)
	}
	switch c := j.token(); {
	case c == '{':
		j.object(nil, func(string) { j.skip(depth + 1) })
	case c == '[':
		j.array(func(int) { j.skip(depth + 1) })
	case c == '"':
		j.text()
	case c == 't':
		j.word("true")
	case c == 'f':
		j.word("false")
	case c == 'n':
		j.word("null")
	default:
		j.number()
	}
}

// raw reads any value and returns its bytes.
func (j *jsonReader) raw() []byte {
	j.token()
	outer := j.mark
	if outer < 0 {
		j.mark = j.at
	}
	start := j.at - j.mark // fill moves both
	j.skip(0)
	b := bytes.Clone(j.buf[j.mark+start : j.at])
	if outer < 0 {
		j.mark = -1
	}
	return b
}

func (j *jsonReader) word(w string) {
	for i := range len(w) {
		if j.peek() != w[i] {
			j.unexpected("want " + w)
		}
		j.at++
	}
	if c := j.peek(); c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' {
		j.unexpected("want the end of " + w)
	}
}

// number reads a number and returns it as written. The bytes are good until the next read.
func (j *jsonReader) number() []byte {
	outer := j.mark
	if outer < 0 {
		j.mark = j.at
	}
	start := j.at - j.mark
	digits := func() {
		if c := j.peek(); c < '0' || c > '9' {
			j.unexpected("want a digit")
		}
		for c := j.peek(); c >= '0' && c <= '9'; c = j.peek() {
			j.at++
		}
	}
	if j.peek() == '-' {
		j.at++
	}
	switch c := j.peek(); {
	case c == '0':
		j.at++
		if c := j.peek(); c >= '0' && c <= '9' {
			j.malformed("a number begins with 0")
		}
	case c >= '1' && c <= '9':
		digits()
	default:
		j.unexpected("want a value")
	}
	if j.peek() == '.' {
		j.at++
		digits()
	}
	if c := j.peek(); c == 'e' || c == 'E' {
		j.at++
		if c := j.peek(); c == '+' || c == '-' {
			j.at++
		}
		digits()
	}
	switch c := j.peek(); c {
	case ',', ']', '}', ' ', '\t', '\n', '\r', ':', 0:
	default:
		j.unexpected("want the end of a number")
	}
	b := j.buf[j.mark+start : j.at]
	if outer < 0 {
		j.mark = -1
	}
	return b
}

// text reads a string. Bytes that are not UTF-8, and escapes that are half a character, are refused.
func (j *jsonReader) text() string {
	j.at++ // the opening quote
	var b []byte
	for {
		if j.at == len(j.buf) && !j.fill() {
			j.unexpected("want the end of a string")
		}
		// The plain run up to the next byte that means something.
		i := j.at
		for i < len(j.buf) && j.buf[i] != '"' && j.buf[i] != '\\' && j.buf[i] >= ' ' {
			i++
		}
		b = append(b, j.buf[j.at:i]...)
		j.at = i
		if i == len(j.buf) {
			continue
		}
		switch c := j.buf[i]; {
		case c == '"':
			j.at++
			if !utf8.Valid(b) {
				j.refuse("invalid_utf8", "a string is not UTF-8 before byte %d", j.gone+j.at)
			}
			return string(b)
		case c == '\\':
			j.at++
			b = j.escape(b)
		default:
			j.malformed("a control character in a string")
		}
	}
}

// escape appends what follows a backslash.
func (j *jsonReader) escape(b []byte) []byte {
	c := j.peek()
	switch c {
	case '"', '\\', '/':
		b = append(b, c)
	case 'b':
		b = append(b, '\b')
	case 'f':
		b = append(b, '\f')
	case 'n':
		b = append(b, '\n')
	case 'r':
		b = append(b, '\r')
	case 't':
		b = append(b, '\t')
	case 'u':
		j.at++
		r := j.hex4()
		if utf16.IsSurrogate(r) {
			if j.peek() != '\\' {
				j.refuse("invalid_utf8", "half a surrogate pair before byte %d", j.gone+j.at)
			}
			j.at++
			if j.peek() != 'u' {
				j.refuse("invalid_utf8", "half a surrogate pair before byte %d", j.gone+j.at)
			}
			j.at++
			if r = utf16.DecodeRune(r, j.hex4()); r == utf8.RuneError {
				j.refuse("invalid_utf8", "half a surrogate pair before byte %d", j.gone+j.at)
			}
		}
		return utf8.AppendRune(b, r)
	default:
		j.unexpected("want an escape")
	}
	j.at++
	return b
}

func (j *jsonReader) hex4() rune {
	var r rune
	for range 4 {
		c := j.peek()
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			j.unexpected("want a hexadecimal digit")
		}
		j.at++
	}
	return r
}

// nameSet holds the names of one object.
type nameSet struct {
	few  []string
	many map[string]struct{}
}

// add returns false if the name was there.
func (s *nameSet) add(name string) bool {
	if s.many != nil {
		if _, ok := s.many[name]; ok {
			return false
		}
		s.many[name] = struct{}{}
		return true
	}
	for _, n := range s.few {
		if n == name {
			return false
		}
	}
	s.few = append(s.few, name)
	if len(s.few) > 16 {
		s.many = make(map[string]struct{}, 64)
		for _, n := range s.few {
			s.many[n] = struct{}{}
		}
	}
	return true
}

// shown is a name as a step of a path: short, and never empty.
func shown(name string) string {
	if name == "" {
		return `""`
	}
	if len(name) > 40 {
		n := 40
		for !utf8.RuneStart(name[n]) {
			n--
		}
		return name[:n] + "…"
	}
	return name
}
