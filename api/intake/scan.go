// Package intake turns what arrives (JSON, NDJSON, forms) into what the core
// takes, and refuses everything that is not exactly right: a value that can't be
// understood must never become a zero.
package intake

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"aman/geo/tracker"
)

// MaxDepth is how deep arrays and objects may be nested.
const MaxDepth = 64

// SyntaxError says that a body is not JSON at all. Broken rules of a body that
// is JSON are tracker.FieldErrors.
type SyntaxError struct {
	// Code is one of empty_body, malformed_json, trailing_data, invalid_utf8 and too_deep.
	Code   string
	Offset int // in bytes
	Detail string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Detail, e.Offset) }

// Is makes a SyntaxError an ErrInvalid.
func (e *SyntaxError) Is(target error) bool { return target == tracker.ErrInvalid }

// scanner reads one JSON text (RFC 8259) without building values. Methods that
// read a value leave i behind it.
type scanner struct {
	b     []byte
	i     int
	depth int
}

// whole reads exactly one value with read and refuses anything after it.
func whole(b []byte, read func(s *scanner) error) error {
	s := &scanner{b: b}
	if !utf8.Valid(b) {
		return &SyntaxError{Code: "invalid_utf8", Offset: firstInvalid(b), Detail: "the text is not UTF-8"}
	}
	s.space()
	if s.i == len(b) {
		return &SyntaxError{Code: "empty_body", Detail: "there is no JSON text"}
	}
	if err := read(s); err != nil {
		return err
	}
	s.space()
	if s.i < len(b) {
		return &SyntaxError{Code: "trailing_data", Offset: s.i, Detail: "there is text after the JSON value"}
	}
	return nil
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return len(b)
}

func (s *scanner) malformed(what string) error {
	return &SyntaxError{Code: "malformed_json", Offset: s.i, Detail: what}
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// peek skips blanks and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// kind names the type of the value that comes next, as errors name it.
func (s *scanner) kind() string {
	switch c := s.peek(); {
	case c == '{':
		return "object"
	case c == '[':
		return "array"
	case c == '"':
		return "string"
	case c == 't' || c == 'f':
		return "boolean"
	case c == 'n':
		return "null"
	case c == '-' || c >= '0' && c <= '9':
		return "number"
	default:
		return ""
	}
}

// expect checks that a value of the kind comes next; null is never one.
func (s *scanner) expect(want string) error {
	switch got := s.kind(); got {
	case want:
		return nil
	case "":
		return s.malformed("a value is missing")
	case "null":
		if err := s.literal("null"); err != nil {
			return err
		}
		return broken("null", "is null; leave the member out instead")
	default:
		return broken("wrong_type", "is a "+got+", not a "+want)
	}
}

// broken is a FieldError whose path the callers fill in on the way out.
func broken(code, detail string) *tracker.FieldError {
	return &tracker.FieldError{Code: code, Detail: detail}
}

// under puts a member's name or an index before the path of an error.
func under(segment string, err error) error {
	fe, ok := err.(*tracker.FieldError)
	if !ok {
		return err
	}
	if fe.Field != "" && fe.Field[0] != '[' {
		segment += "."
	}
	return &tracker.FieldError{Field: segment + fe.Field, Code: fe.Code, Detail: fe.Detail}
}

func (s *scanner) literal(w string) error {
	if !bytes.HasPrefix(s.b[s.i:], []byte(w)) {
		return s.malformed("unknown word")
	}
	s.i += len(w)
	if s.i < len(s.b) {
		if c := s.b[s.i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' {
			return s.malformed("unknown word")
		}
	}
	return nil
}

// boolean reads true or false.
func (s *scanner) boolean() (bool, error) {
	if err := s.expect("boolean"); err != nil {
		return false, err
	}
	if s.b[s.i] == 't' {
		return true, s.literal("true")
	}
	return false, s.literal("false")
}

// number reads a number and returns its literal.
func (s *scanner) number() (string, error) {
	if err := s.expect("number"); err != nil {
		return "", err
	}
	start := s.i
	digits := func() bool {
		from := s.i
		for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
			s.i++
		}
		return s.i > from
	}
	at := func(set string) bool {
		if s.i < len(s.b) && strings.IndexByte(set, s.b[s.i]) >= 0 {
			s.i++
			return true
		}
		return false
	}
	at("-")
	if at("0") {
		if s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
			return "", s.malformed("a number starts with 0")
		}
	} else if !digits() {
		return "", s.malformed("a number has no digits")
	}
	if at(".") && !digits() {
		return "", s.malformed("a number has no digits after its point")
	}
	if at("eE") {
		at("+-")
		if !digits() {
			return "", s.malformed("a number has no exponent")
		}
	}
	if s.i < len(s.b) && strings.IndexByte(" \t\r\n,]}", s.b[s.i]) < 0 {
		return "", s.malformed("a number ends badly")
	}
	return string(s.b[start:s.i]), nil
}

// float is number as a finite float64; 1e400 is out of range, -0 is 0.
func (s *scanner) float() (x float64, literal string, err error) {
	literal, err = s.number()
	if err != nil {
		return 0, "", err
	}
	x, err = strconv.ParseFloat(literal, 64)
	if err != nil {
		return 0, "", broken("out_of_range", "is too large a number")
	}
	return x + 0, literal, nil
}

// integer is number without point and exponent.
func (s *scanner) integer() (int64, error) {
	literal, err := s.number()
	if err != nil {
		return 0, err
	}
	if strings.ContainsAny(literal, ".eE") {
		return 0, broken("wrong_type", "is not a whole number")
	}
	n, err := strconv.ParseInt(literal, 10, 64)
	if err != nil {
		return 0, broken("out_of_range", "is too large a number")
	}
	return n, nil
}

// raw reads a string and returns what stands between its quotes.
func (s *scanner) raw() (text []byte, escaped bool, err error) {
	if err := s.expect("string"); err != nil {
		return nil, false, err
	}
	s.i++
	start := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			text = s.b[start:s.i]
			s.i++
			return text, escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return nil, false, err
			}
		case c < 0x20:
			return nil, false, s.malformed("a string holds a control character")
		default:
			s.i++
		}
	}
	return nil, false, s.malformed("a string has no end")
}

// escape checks one escape sequence; half a surrogate pair is not a character.
func (s *scanner) escape() error {
	if s.i+1 >= len(s.b) {
		return s.malformed("a string has no end")
	}
	switch s.b[s.i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i += 2
		return nil
	case 'u':
	default:
		return s.malformed("unknown escape")
	}
	r, ok := hex4(s.b[s.i+2:])
	if !ok {
		return s.malformed("unknown escape")
	}
	if !utf16.IsSurrogate(r) {
		s.i += 6
		return nil
	}
	if rest := s.b[s.i+6:]; len(rest) > 2 && rest[0] == '\\' && rest[1] == 'u' {
		if low, ok := hex4(rest[2:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
			s.i += 12
			return nil
		}
	}
	return &SyntaxError{Code: "invalid_utf8", Offset: s.i, Detail: "an escape is half a surrogate pair"}
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// text reads a string. NUL is refused: a database can't keep it.
func (s *scanner) text() (string, error) {
	raw, escaped, err := s.raw()
	if err != nil {
		return "", err
	}
	if !escaped {
		return string(raw), nil
	}
	t := unescape(raw)
	if strings.IndexByte(t, 0) >= 0 {
		return "", broken("control_character", "holds the character U+0000")
	}
	return t, nil
}

// unescape decodes what raw has checked.
func unescape(raw []byte) string {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			continue
		}
		i++
		switch c := raw[i]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(raw[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low, _ := hex4(raw[i+3:])
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// nest enters an array or object; the caller leaves with depth--.
func (s *scanner) nest() error {
	if s.depth++; s.depth > MaxDepth {
		return &SyntaxError{Code: "too_deep", Offset: s.i, Detail: fmt.Sprintf("nested deeper than %d", MaxDepth)}
	}
	s.i++
	return nil
}

// array reads an array, calling item for every value in it; item must read it.
func (s *scanner) array(item func(n int) error) error {
	if err := s.expect("array"); err != nil {
		return err
	}
	if err := s.nest(); err != nil {
		return err
	}
	if s.peek() == ']' {
		s.i++
		s.depth--
		return nil
	}
	for n := 0; ; n++ {
		if err := item(n); err != nil {
			return under("["+strconv.Itoa(n)+"]", err)
		}
		switch s.peek() {
		case ',':
			s.i++
		case ']':
			s.i++
			s.depth--
			return nil
		default:
			return s.malformed("an array goes on without a comma")
		}
	}
}

// members reads an object's members one by one: member gets each name and must
// read the value; it also finds duplicates.
func (s *scanner) members(member func(name []byte) error) error {
	if err := s.expect("object"); err != nil {
		return err
	}
	if err := s.nest(); err != nil {
		return err
	}
	if s.peek() == '}' {
		s.i++
		s.depth--
		return nil
	}
	for {
		if s.peek() != '"' {
			return s.malformed("a member has no name")
		}
		name, escaped, err := s.raw()
		if err != nil {
			return err
		}
		if escaped {
			name = []byte(unescape(name))
		}
		if s.peek() != ':' {
			return s.malformed("a member has no value")
		}
		s.i++
		if err := member(name); err != nil {
			return under(shown(name), err)
		}
		switch s.peek() {
		case ',':
			s.i++
		case '}':
			s.i++
			s.depth--
			return nil
		default:
			return s.malformed("an object goes on without a comma")
		}
	}
}

// shown is a member's name as an error shows it: names come from outside.
func shown(name []byte) string {
	if len(name) > 60 {
		return strings.ToValidUTF8(string(name[:60]), "") + "…"
	}
	return string(name)
}

// object reads an object that knows its members: known calls back with the index
// in names, after refusing unknown, misspelt and repeated names. seen has a bit
// for every member that was there; there are at most 64.
func (s *scanner) object(names []string, known func(i int) error) (seen uint64, err error) {
	err = s.members(func(name []byte) error {
		for i, n := range names {
			if n == string(name) {
				if seen&(1<<i) != 0 {
					return broken("duplicate_key", "is given twice")
				}
				seen |= 1 << i
				return known(i)
			}
		}
		for _, n := range names {
			if strings.EqualFold(n, string(name)) {
				return broken("wrong_case", "is written "+n)
			}
		}
		return broken("unknown_member", "is not a known member")
	})
	return seen, err
}

// skip reads any value and checks its form alone; names may not repeat.
func (s *scanner) skip() error {
	switch s.kind() {
	case "object":
		names := map[string]bool{}
		return s.members(func(name []byte) error {
			if names[string(name)] {
				return broken("duplicate_key", "is given twice")
			}
			names[string(name)] = true
			return s.skip()
		})
	case "array":
		return s.array(func(int) error { return s.skip() })
	case "string":
		_, err := s.text()
		return err
	case "number":
		_, _, err := s.float()
		return err
	case "boolean":
		_, err := s.boolean()
		return err
	case "null":
		return s.literal("null")
	default:
		return s.malformed("a value is missing")
	}
}
