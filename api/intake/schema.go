package intake

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aman/geo/tracker"
)

// Schema is what the contract says about one value. The zero Schema takes any
// JSON value. It is read-only once made.
type Schema struct {
	// Type is object, array, string, number, integer or boolean; empty: any.
	Type string

	// Of an object. Names and Members go together; any other member is refused,
	// unless Open.
	Names         []string
	Members       []*Schema
	Required      []string
	Open          bool
	MinProperties int

	// Of an array. Max 0: no limit.
	Items              *Schema
	MinItems, MaxItems int

	// Of a string; lengths in characters. MaxLength 0: no limit. A string without
	// enum, pattern and format is text that people read: blanks around it don't
	// count for MinLength, and it holds no control characters (see readable).
	MinLength, MaxLength int
	Pattern              *regexp.Regexp
	Enum                 []string
	// Format is date-time, date or uuid; another only says that it isn't plain text.
	Format string

	// Of a number, both included.
	Min, Max float64
}

// Check reads b, which must be one JSON text that the schema describes. Errors:
// *SyntaxError, or *tracker.FieldError with the path of the offending member.
func (sc *Schema) Check(b []byte) error {
	return whole(b, func(s *scanner) error { return sc.read(s) })
}

func (sc *Schema) read(s *scanner) error {
	switch sc.Type {
	case "object":
		return sc.object(s)
	case "array":
		n := 0
		err := s.array(func(i int) error {
			n = i + 1
			if sc.MaxItems > 0 && n > sc.MaxItems {
				return broken("too_many", fmt.Sprintf("there are more than %d", sc.MaxItems))
			}
			return sc.Items.read(s)
		})
		if err == nil && n < sc.MinItems {
			return broken("too_few", fmt.Sprintf("there are fewer than %d", sc.MinItems))
		}
		return err
	case "string":
		t, err := s.text()
		if err != nil {
			return err
		}
		return sc.text(t)
	case "number":
		x, _, err := s.float()
		if err != nil {
			return err
		}
		return sc.number(x)
	case "integer":
		n, err := s.integer()
		if err != nil {
			return err
		}
		return sc.number(float64(n))
	case "boolean":
		_, err := s.boolean()
		return err
	default:
		return s.skip()
	}
}

func (sc *Schema) object(s *scanner) error {
	if sc.Open {
		if err := s.expect("object"); err != nil {
			return err
		}
		return s.skip()
	}
	seen, err := s.object(sc.Names, func(i int) error { return sc.Members[i].read(s) })
	if err != nil {
		return err
	}
	n := 0
	for i, name := range sc.Names {
		if seen&(1<<i) != 0 {
			n++
		} else if slices.Contains(sc.Required, name) {
			return under(name, broken("required", "is missing"))
		}
	}
	if n < sc.MinProperties {
		return broken("too_few", "has no member")
	}
	return nil
}

func (sc *Schema) text(t string) error {
	n := utf8.RuneCountInString(t)
	if sc.Format == "" && sc.Pattern == nil && len(sc.Enum) == 0 {
		if err := readable(t); err != nil {
			return err
		}
		if sc.MinLength > 0 && (sc.MaxLength == 0 || n <= sc.MaxLength) {
			n = utf8.RuneCountInString(bare(t))
		}
	}
	switch {
	case len(sc.Enum) > 0 && !slices.Contains(sc.Enum, t):
		return broken("not_one_of", "is not one of "+strings.Join(sc.Enum, ", "))
	case n < sc.MinLength && n == 0:
		return broken("too_short", "is empty")
	case n < sc.MinLength:
		return broken("too_short", fmt.Sprintf("has fewer than %d characters", sc.MinLength))
	case sc.MaxLength > 0 && n > sc.MaxLength:
		return broken("too_long", fmt.Sprintf("has more than %d characters", sc.MaxLength))
	case sc.Pattern != nil && !sc.Pattern.MatchString(t):
		return broken("wrong_form", "does not have the form "+sc.Pattern.String())
	}
	switch sc.Format {
	case "date-time":
		_, err := Time(t)
		return err
	case "date":
		_, err := time.Parse(time.DateOnly, t)
		if err != nil {
			return broken("wrong_form", "is not a date like 2026-03-01")
		}
	case "uuid":
		if _, err := tracker.ParseID(t); err != nil {
			return broken("wrong_form", "is not a UUID")
		}
	}
	return nil
}

func (sc *Schema) number(x float64) error {
	if math.IsNaN(x) || x < sc.Min || x > sc.Max {
		return broken("out_of_range", fmt.Sprintf("is not in %v to %v", sc.Min, sc.Max))
	}
	return nil
}

// CheckText holds a query parameter, header or path segment against the schema;
// an array is written with commas. Errors are FieldErrors for name.
func (sc *Schema) CheckText(name, t string) error {
	if !utf8.ValidString(t) || strings.IndexByte(t, 0) >= 0 {
		return under(name, broken("invalid_utf8", "is not UTF-8 text"))
	}
	return under(name, sc.plain(t))
}

func (sc *Schema) plain(t string) error {
	switch sc.Type {
	case "array":
		parts := strings.Split(t, ",")
		if len(parts) < sc.MinItems || sc.MaxItems > 0 && len(parts) > sc.MaxItems {
			return broken("wrong_form", fmt.Sprintf("takes %d to %d values with commas between", sc.MinItems, sc.MaxItems))
		}
		for i, p := range parts {
			if err := sc.Items.plain(p); err != nil {
				return under("["+strconv.Itoa(i)+"]", err)
			}
		}
		return nil
	case "string":
		return sc.text(t)
	case "number":
		x, err := strconv.ParseFloat(t, 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) || strings.ContainsAny(t, "xX_pP") {
			return broken("wrong_type", "is not a number")
		}
		return sc.number(x)
	case "integer":
		n, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			return broken("wrong_type", "is not a whole number")
		}
		return sc.number(float64(n))
	case "boolean":
		if t != "true" && t != "false" {
			return broken("wrong_type", "is neither true nor false")
		}
	}
	return nil
}
