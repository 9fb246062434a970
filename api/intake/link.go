package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// MaxLinkBody is the largest body of a citizen's report, in bytes.
const MaxLinkBody = 16 << 10

// ErrMediaType: the body is neither a form nor JSON.
var ErrMediaType = fmt.Errorf("%w: the body is neither a form nor JSON", tracker.ErrInvalid)

// LinkReport is what a citizen said on the page of a link, every value checked.
// What was not said is zero.
type LinkReport struct {
	// ID is made by the sender: a retry with it is stored once.
	ID     tracker.ID
	Secret string
	// At most one of Wellbeing and Intention is set.
	Wellbeing tracker.Wellbeing
	Intention tracker.Intention
	// Point is lon, lat in degrees; HasPoint tells whether there is one.
	Point    orb.Point
	HasPoint bool
	// RadiusM is the device's 95 % error in metres; 0 where it gave none.
	RadiusM float64
	// given has bit 0 for a longitude and bit 1 for a latitude.
	given uint8
	// literal is Point as it was written: its digits say how fine it is.
	literal [2]string
	// FixedAt and SentAt are device time.
	FixedAt, SentAt time.Time
	// Place is an airport's code or a city, as Name, CC; Address is free text.
	Place, Address string
	Persons        int // 1..999
	Phone          string
	Note           string
	Lang           string // kk, ru or en
	// Needs are those that a citizen can tick; none ticked says nothing of them.
	Needs tracker.Needs
	// MedicineDays is for how many days the medicine lasts, 0..365; nil: not said.
	MedicineDays *int
	// TellNames says who, for TellNamed.
	Tell      tracker.Tell
	TellNames string
	// Child is the name of a child for whom the sender answers: the report is about
	// them.
	Child string
	// PinM is how far off a point may be that was tapped on a map, metres; 0 for a
	// point that is not from a map.
	PinM float64
}

// linkFields are the members of the contract's LinkReport.
var linkFields = []string{
	"id", "secret", "status", "lon", "lat", "accuracy_m", "fixed_at", "sent_at",
	"place", "address", "persons", "phone", "note", "lang",
	"needs", "medicine_days", "tell", "tell_names", "child", "pin_m",
}

// LinkFields are the names of the fields that a report's form may have.
func LinkFields() []string { return slices.Clone(linkFields) }

// linkRepeats is how often a field of a form may come; once where none is given.
var linkRepeats = map[string]int{"place": 2, "status": 2, "needs": 6}

// DecodeLink reads a report as the page sends it, a form or JSON by contentType.
// typed is what stood in the fields of a form, to be shown again when something
// is wrong; nil for JSON. Errors: ErrMediaType, *SyntaxError, or one or more
// tracker.FieldErrors (see FieldErrors).
func DecodeLink(contentType string, body []byte) (r LinkReport, typed url.Values, err error) {
	media, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil || !UTF8(params):
		return r, nil, ErrMediaType
	case media == "application/json":
		err = r.json(body)
	case media == "application/x-www-form-urlencoded":
		typed, err = r.form(body)
	default:
		return r, nil, ErrMediaType
	}
	if err == nil {
		err = r.whole()
	}
	return r, typed, err
}

// UTF8 tells whether the parameters of a media type leave the text UTF-8, which
// is all that is read here.
func UTF8(params map[string]string) bool {
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}

// FieldErrors lists the broken rules in what DecodeLink returned.
func FieldErrors(err error) []*tracker.FieldError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*tracker.FieldError
		for _, e := range joined.Unwrap() {
			all = append(all, FieldErrors(e)...)
		}
		return all
	}
	var fe *tracker.FieldError
	if errors.As(err, &fe) {
		return []*tracker.FieldError{fe}
	}
	return nil
}

func (r *LinkReport) json(body []byte) error {
	return whole(body, func(s *scanner) error {
		_, err := s.object(linkFields, func(i int) (err error) {
			var text string
			switch linkFields[i] {
			case "lon", "lat", "accuracy_m":
				_, text, err = s.float()
			case "needs":
				return s.array(func(int) error {
					word, err := s.text()
					if err != nil {
						return err
					}
					return r.set("needs", word)
				})
			case "pin_m":
				_, text, err = s.float()
			case "persons", "medicine_days":
				var n int64
				n, err = s.integer()
				text = strconv.FormatInt(n, 10)
			default:
				text, err = s.text()
			}
			if err != nil {
				return err
			}
			return r.set(linkFields[i], text)
		})
		return err
	})
}

// form reads a form. An empty field says nothing. Two fields may come twice, and the
// second wins: the place from the list and, after it, as free text, which is the
// more exact; the status as it was before a mistake, and the button pressed now.
// Each need that is ticked comes by itself.
func (r *LinkReport) form(body []byte) (url.Values, error) {
	typed, err := ReadForm(body)
	if err != nil {
		return nil, err
	}
	var errs []error
	known := 0
	for _, name := range linkFields {
		values, there := typed[name]
		if there {
			known++
		}
		if len(values) > max(linkRepeats[name], 1) {
			errs = append(errs, under(name, broken("duplicate_key", "is given twice")))
			continue
		}
		for _, v := range values {
			if !utf8.ValidString(v) {
				errs = append(errs, under(name, broken("invalid_utf8", "is not UTF-8 text")))
			} else if strings.TrimSpace(v) != "" {
				if err := r.set(name, v); err != nil {
					errs = append(errs, under(name, err))
				}
			}
		}
	}
	if known < len(typed) {
		for name := range typed {
			if !isLinkField(name) {
				errs = append(errs, under(shown([]byte(strings.ToValidUTF8(name, "?"))), broken("unknown_member", "is not a known field")))
				break
			}
		}
	}
	return typed, errors.Join(errs...)
}

// ReadForm takes a form apart. Errors: *SyntaxError.
func ReadForm(body []byte) (url.Values, error) {
	if !utf8.Valid(body) {
		return nil, &SyntaxError{Code: "invalid_utf8", Offset: firstInvalid(body), Detail: "the text is not UTF-8"}
	}
	typed, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &SyntaxError{Code: "malformed_form", Detail: "the form can't be read"}
	}
	return typed, nil
}

func isLinkField(name string) bool {
	for _, n := range linkFields {
		if n == name {
			return true
		}
	}
	return false
}

// set reads the value of one field; its errors have no path yet.
func (r *LinkReport) set(field, text string) (err error) {
	switch field {
	case "id":
		if r.ID, err = tracker.ParseID(text); err != nil || r.ID.IsZero() {
			return broken("wrong_form", "is not a UUID")
		}
	case "secret":
		r.Secret, err = text, atMost(text, 64)
	case "status":
		return r.status(text)
	case "lon":
		err = r.coordinate(0, text, 180)
	case "lat":
		err = r.coordinate(1, text, 90)
	case "accuracy_m":
		r.RadiusM, err = decimal(text)
		if err == nil && (r.RadiusM < 0 || r.RadiusM > maxRadiusM) {
			err = broken("out_of_range", "is not in 0 to 1000000")
		}
	case "fixed_at":
		r.FixedAt, err = Time(text)
	case "sent_at":
		r.SentAt, err = Time(text)
	case "place":
		r.Place, err = said(text, 100)
	case "address":
		r.Address, err = said(text, 300)
	case "persons":
		n, bad := strconv.Atoi(strings.TrimSpace(text))
		if bad != nil {
			return broken("wrong_type", "is not a whole number")
		}
		if n < 1 || n > 999 {
			return broken("out_of_range", "is not in 1 to 999")
		}
		r.Persons = n
	case "phone":
		if r.Phone, err = said(text, 40); err == nil && r.Phone != "" {
			err = dialled(r.Phone)
		}
	case "note":
		r.Note, err = said(text, 500)
	case "lang":
		if text != "kk" && text != "ru" && text != "en" {
			return broken("not_one_of", "is not one of kk, ru, en")
		}
		r.Lang = text
	case "needs", "medicine_days", "tell", "tell_names", "child", "pin_m":
		return r.setMore(field, text)
	}
	return err
}

// status reads which of the four buttons was pressed.
func (r *LinkReport) status(text string) error {
	r.Wellbeing, r.Intention = 0, 0
	switch text {
	case "safe":
		r.Wellbeing = tracker.Safe
	case "help":
		r.Wellbeing = tracker.NeedsHelp
	case "leaving":
		r.Intention = tracker.Leaving
	case "away":
		r.Intention = tracker.Left
	default:
		return broken("not_one_of", "is not one of safe, help, leaving, away")
	}
	return nil
}

func (r *LinkReport) coordinate(axis int, text string, limit float64) error {
	x, err := decimal(text)
	if err != nil {
		return err
	}
	if math.Abs(x) > limit {
		return broken("out_of_range", fmt.Sprintf("is not in %v to %v", -limit, limit))
	}
	r.Point[axis] = x
	r.literal[axis] = strings.TrimSpace(text)
	r.given |= 1 << axis
	return nil
}

// whole checks what concerns several fields.
func (r *LinkReport) whole() error {
	switch r.given {
	case 1:
		return under("lat", broken("required", "is missing"))
	case 2:
		return under("lon", broken("required", "is missing"))
	case 3:
		r.HasPoint = true
	}
	if r.TellNames != "" && r.Tell == 0 {
		r.Tell = tracker.TellNamed // whoever names people means them
	}
	if r.Wellbeing == 0 && r.Intention == 0 && !r.HasPoint && r.Place == "" && r.Address == "" && r.Note == "" && !r.saysMore() {
		return under("status", broken("required", "is missing, and so are a place and a note"))
	}
	return nil
}

// Hash tells a retry from another report under the same ID: it is the same for
// reports that say the same, whenever they were sent and with whatever secret.
func (r *LinkReport) Hash() [32]byte {
	h := sha256.New()
	number := func(n uint64) { _ = binary.Write(h, binary.BigEndian, n) }
	number(uint64(r.Wellbeing)<<8 | uint64(r.Intention))
	number(uint64(r.given))
	for _, x := range []float64{r.Point[0], r.Point[1], r.RadiusM} {
		number(math.Float64bits(x))
	}
	number(uint64(r.FixedAt.UnixMicro()))
	number(uint64(r.Persons))
	for _, t := range []string{r.Place, r.Address, r.Phone, r.Note} {
		number(uint64(len(t)))
		h.Write([]byte(t))
	}
	if more := r.more(); more != nil {
		h.Write(more)
	}
	return [32]byte(h.Sum(nil))
}

// said cleans a text that a person wrote: no control characters but line feeds,
// none that turn the direction of text (a number copied from an address book has
// them, and nobody sees why it would be refused), no blanks around it.
func said(text string, most int) (string, error) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c != '\n' && unicode.IsControl(c):
			return ' '
		case turns(c):
			return -1
		}
		return c
	}, text))
	return text, atMost(text, most)
}

func atMost(text string, n int) error {
	if utf8.RuneCountInString(text) > n {
		return broken("too_long", fmt.Sprintf("has more than %d characters", n))
	}
	return nil
}

// dialled checks that a text can be rung at all. It is lenient: a number that
// nobody can read out exactly is worth more than none.
func dialled(text string) error {
	digits := 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune("+-–()./ \u00a0", c):
			return broken("not_a_phone", "is not a phone number")
		}
	}
	if digits < 5 {
		return broken("not_a_phone", "is not a phone number")
	}
	return nil
}

// decimal reads a finite decimal number.
func decimal(text string) (float64, error) {
	text = strings.TrimSpace(text)
	x, err := strconv.ParseFloat(text, 64)
	if strings.Trim(text, "0123456789+-.eE") != "" || err != nil && !math.IsInf(x, 0) {
		return 0, broken("wrong_type", "is not a number")
	}
	if math.IsInf(x, 0) {
		return 0, broken("out_of_range", "is too large a number")
	}
	return x + 0, nil // -0 is 0
}
