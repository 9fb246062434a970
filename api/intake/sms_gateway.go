package intake

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"aman/geo/tracker"
)

// MaxSMSBody is the largest delivery of a gateway, in bytes.
const MaxSMSBody = 64 << 10

// maxSMS is the most messages of one delivery.
const maxSMS = 100

// SMSGateway says how one gateway delivers text messages to us: each has a form of
// its own, so that it is described and not programmed. Its JSON is documented in the
// README. It is read-only once parsed.
type SMSGateway struct {
	// Name stands in the webhook's address: lower-case letters, digits and hyphens.
	Name   string  `json:"name"`
	Auth   SMSAuth `json:"auth"`
	Format string  `json:"format"` // json or form
	// List is the path of an array of messages in a JSON body; empty: the body is one.
	List   string    `json:"list"`
	Fields SMSFields `json:"fields"`
	// Time is the form of Fields.SentAt: unix, unix_ms, rfc3339, or a layout of Go's
	// package time, which is read as UTC. Default rfc3339.
	Time  string   `json:"time"`
	Reply SMSReply `json:"reply"`
}

// SMSAuth is how a gateway shows that it is itself.
type SMSAuth struct {
	// Kind is header (a header holds Secret), hmac (a header holds the HMAC-SHA256 of
	// the body under Secret, in hexadecimal or base64, perhaps after "sha256="), or
	// basic (User and Secret).
	Kind   string `json:"kind"`
	Header string `json:"header"`
	User   string `json:"user"`
	Secret string `json:"secret"`
}

// SMSFields names where the parts of a message stand: a form's field, or a path in
// JSON with points between ("message.from", "parts.0.text"). From and Text must be.
type SMSFields struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	To     string `json:"to"`
	Text   string `json:"text"`
	SentAt string `json:"sent_at"`
}

// SMSReply is what the gateway's request is answered with, for gateways that send that
// back as a message; {text} in Body is the message, escaped for Type. Without a Body
// nothing is said.
type SMSReply struct {
	Type string `json:"type"`
	Body string `json:"body"`
}

var (
	gatewayName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	headerName  = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
)

// leastSecret is the fewest characters of a gateway's secret.
const leastSecret = 16

// ParseSMSGateways reads settings: a JSON array of gateways. Errors name the gateway
// and the setting, never a secret.
func ParseSMSGateways(text []byte) ([]SMSGateway, error) {
	var gs []SMSGateway
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&gs); err != nil {
		var unmarshal *json.UnmarshalTypeError
		switch {
		case errors.As(err, &unmarshal):
			return nil, fmt.Errorf("read SMS gateways: %s is not a %s", unmarshal.Field, unmarshal.Type)
		case strings.HasPrefix(err.Error(), "json: unknown field"):
			return nil, fmt.Errorf("read SMS gateways: %s", strings.TrimPrefix(err.Error(), "json: "))
		default:
			return nil, errors.New("read SMS gateways: not a JSON array of gateways") // the parser's words may quote a secret
		}
	}
	if d.More() {
		return nil, errors.New("read SMS gateways: there is text after the array")
	}
	seen := map[string]bool{}
	for i := range gs {
		g := &gs[i]
		if err := g.check(); err != nil {
			return nil, fmt.Errorf("SMS gateway %d (%.40q): %w", i+1, g.Name, err)
		}
		if seen[g.Name] {
			return nil, fmt.Errorf("SMS gateway %q is there twice", g.Name)
		}
		seen[g.Name] = true
	}
	return gs, nil
}

func (g *SMSGateway) check() error {
	if g.Time == "" {
		g.Time = "rfc3339"
	}
	if g.Reply.Body != "" && g.Reply.Type == "" {
		g.Reply.Type = "text/plain"
	}
	media, _, err := mime.ParseMediaType(g.Reply.Type)
	kinds := []string{"header", "hmac", "basic"}
	switch {
	case !gatewayName.MatchString(g.Name):
		return errors.New("name is not lower-case letters, digits and hyphens")
	case !slices.Contains(kinds, g.Auth.Kind):
		return errors.New("auth.kind is not header, hmac or basic")
	case len(g.Auth.Secret) < leastSecret:
		return fmt.Errorf("auth.secret has fewer than %d characters", leastSecret)
	case g.Auth.Kind == "basic" && g.Auth.User == "":
		return errors.New("auth.user is missing")
	case g.Auth.Kind != "basic" && !headerName.MatchString(g.Auth.Header):
		return errors.New("auth.header is not the name of a header")
	case g.Format != "json" && g.Format != "form":
		return errors.New("format is not json or form")
	case g.Fields.From == "" || g.Fields.Text == "":
		return errors.New("fields.from or fields.text is missing")
	case g.List != "" && g.Format != "json":
		return errors.New("list is for JSON alone")
	case g.Time != "unix" && g.Time != "unix_ms" && g.Time != "rfc3339" && !strings.Contains(g.Time, "06"):
		return errors.New("time is not unix, unix_ms, rfc3339 or a layout with a year in it")
	case g.Reply.Body != "" && (err != nil || !slices.Contains([]string{"text/plain", "application/json", "application/xml", "text/xml", "text/html"}, media)):
		return errors.New("reply.type is not text/plain, application/json, application/xml, text/xml or text/html")
	case g.Reply.Body != "" && !strings.Contains(g.Reply.Body, "{text}"):
		return errors.New("reply.body has no {text}")
	}
	return nil
}

// Verify tells whether a request with these headers and this body is the gateway's.
// It takes as long for a wrong secret as for the right one.
func (g *SMSGateway) Verify(h http.Header, body []byte) bool {
	same := func(a, b []byte) bool {
		x, y := sha256.Sum256(a), sha256.Sum256(b) // of one length
		return subtle.ConstantTimeCompare(x[:], y[:]) == 1
	}
	switch g.Auth.Kind {
	case "header":
		return same([]byte(h.Get(g.Auth.Header)), []byte(g.Auth.Secret))
	case "basic":
		user, password, ok := (&http.Request{Header: h}).BasicAuth()
		right := same([]byte(user+"\x00"+password), []byte(g.Auth.User+"\x00"+g.Auth.Secret))
		return ok && right
	default:
		given := strings.TrimPrefix(strings.TrimSpace(h.Get(g.Auth.Header)), "sha256=")
		mac, err := hex.DecodeString(given)
		if err != nil {
			mac, err = base64.StdEncoding.DecodeString(given)
		}
		sum := hmac.New(sha256.New, []byte(g.Auth.Secret))
		sum.Write(body)
		return hmac.Equal(mac, sum.Sum(nil)) && err == nil
	}
}

// Decode reads a delivery that Verify has let through. Errors: ErrMediaType, *SyntaxError, or
// tracker.FieldErrors named as the gateway names its fields; messages of a list that
// could be read are returned beside those of the others.
func (g *SMSGateway) Decode(contentType string, body []byte) ([]Inbound, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !UTF8(params) {
		return nil, ErrMediaType
	}
	if g.Format == "form" {
		if media != "application/x-www-form-urlencoded" {
			return nil, ErrMediaType
		}
		form, err := parameters(string(body))
		if err != nil {
			return nil, err
		}
		in, err := g.message(func(field string) (string, bool) { return formValue(form, field) })
		if err != nil {
			return nil, err
		}
		return []Inbound{in}, nil
	}
	if media != "application/json" {
		return nil, ErrMediaType
	}
	if err := whole(body, (*scanner).skip); err != nil {
		return nil, err
	}
	var doc any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		return nil, &SyntaxError{Code: "malformed_json", Detail: "the body is not JSON"}
	}
	docs := []any{doc}
	if g.List != "" {
		list, _ := pathValue(doc, g.List)
		var ok bool
		if docs, ok = list.([]any); !ok {
			return nil, under(g.List, broken("wrong_type", "is not an array"))
		}
		if len(docs) > maxSMS {
			return nil, under(g.List, broken("too_many", fmt.Sprintf("there are more than %d", maxSMS)))
		}
	}
	// One that can't be read must not keep the others out.
	var ins []Inbound
	var bad []error
	for i, doc := range docs {
		in, err := g.message(func(field string) (string, bool) { return textAt(doc, field) })
		switch {
		case err == nil:
			ins = append(ins, in)
		case g.List == "":
			bad = append(bad, err)
		default:
			bad = append(bad, under(g.List, under("["+strconv.Itoa(i)+"]", err)))
		}
	}
	return ins, errors.Join(bad...)
}

func formValue(form url.Values, field string) (string, bool) {
	if vs := form[field]; len(vs) > 0 {
		return vs[0], true
	}
	return "", false
}

// pathValue follows a path with points between through objects and arrays.
func pathValue(doc any, path string) (any, bool) {
	for _, name := range strings.Split(path, ".") {
		switch x := doc.(type) {
		case map[string]any:
			v, ok := x[name]
			if !ok {
				return nil, false
			}
			doc = v
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			doc = x[i]
		default:
			return nil, false
		}
	}
	return doc, true
}

// textAt is a text or number at a path.
func textAt(doc any, path string) (string, bool) {
	v, ok := pathValue(doc, path)
	if !ok {
		return "", false
	}
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	default:
		return "", false
	}
}

// message makes an Inbound of one message's fields.
func (g *SMSGateway) message(get func(field string) (string, bool)) (Inbound, error) {
	in := Inbound{Channel: tracker.ChannelSMS, Flags: tracker.FlagLowTrust}
	from, ok := get(g.Fields.From)
	if !ok || strings.TrimSpace(from) == "" {
		return in, under(g.Fields.From, broken("required", "is missing"))
	}
	text, ok := get(g.Fields.Text)
	if !ok {
		return in, under(g.Fields.Text, broken("required", "is missing"))
	}
	var err error
	if in.Text, err = said(strings.ToValidUTF8(text, "�"), longestText); err != nil {
		return in, under(g.Fields.Text, err)
	}
	if from, err = said(strings.ToValidUTF8(from, "�"), 60); err != nil {
		return in, under(g.Fields.From, err)
	}
	in.Phone = senderPhone(from)
	in.Thread = in.Phone
	if in.Thread == "" {
		in.Handle = "sms:" + from
	}
	minute := ""
	if g.Fields.SentAt != "" {
		if s, ok := get(g.Fields.SentAt); ok && s != "" {
			// The network's clock, not the phone's: it orders messages that come late.
			if in.FixedAt, err = g.time(s); err != nil {
				return in, under(g.Fields.SentAt, err)
			}
			minute = in.FixedAt.Format("2006-01-02T15:04")
		}
	}
	id := ""
	if g.Fields.ID != "" {
		id, _ = get(g.Fields.ID)
	}
	// Keyed, for providers put numbers into their ids and numbers can be tried out.
	h := hmac.New(sha256.New, []byte(g.Auth.Secret))
	if id != "" {
		fmt.Fprintf(h, "id\x00%s", id)
	} else {
		fmt.Fprintf(h, "said\x00%s\x00%s\x00%s", from, minute, in.Text)
	}
	if id != "" || minute != "" {
		in.ID = hex.EncodeToString(h.Sum(nil)[:16])
	}
	return in, nil
}

func (g *SMSGateway) time(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	switch g.Time {
	case "unix", "unix_ms":
		n, err := decimal(s)
		if err != nil {
			return time.Time{}, err
		}
		if g.Time == "unix_ms" && n < 1e11 {
			return time.Time{}, broken("out_of_range", "is not in milliseconds")
		}
		return unixTime(n)
	case "rfc3339":
		return Time(s)
	default:
		t, err := time.Parse(g.Time, s)
		if err != nil || t.Year() < 1970 || t.Year() > 2200 {
			return time.Time{}, broken("wrong_form", "is not a time like "+g.Time)
		}
		return t.UTC().Truncate(time.Microsecond), nil
	}
}

// senderPhone is a sender's number in E.164; empty for a name or a short number, which
// nobody can be rung at. Gateways leave the plus out.
func senderPhone(from string) string {
	digits := strings.Trim(from, "+0123456789 ()-")
	if digits != "" {
		return ""
	}
	bare := strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, from)
	if len(bare) < 9 || len(bare) > 15 {
		return ""
	}
	number := "+" + strings.TrimPrefix(bare, "00")
	if len(bare) == 11 && bare[0] == '8' {
		number = bare // "8 701 …", as it is dialled at home
	}
	phone, err := Phone(number)
	if err != nil {
		return ""
	}
	return phone
}

// Answer is what the gateway is answered so that it sends text back; ok is false when
// it doesn't.
func (g *SMSGateway) Answer(text string) (contentType string, body []byte, ok bool) {
	if g.Reply.Body == "" || text == "" {
		return "", nil, false
	}
	media, _, _ := mime.ParseMediaType(g.Reply.Type) // checked when it was set
	switch media {
	case "application/json":
		quoted, err := json.Marshal(text)
		if err != nil {
			panic("quote a text: " + err.Error()) // a text: always possible
		}
		text = string(quoted[1 : len(quoted)-1])
	case "application/xml", "text/xml", "text/html":
		text = html.EscapeString(text)
	}
	return g.Reply.Type, []byte(strings.ReplaceAll(g.Reply.Body, "{text}", text)), true
}

// SignsBody tells whether Verify needs the body.
func (g *SMSGateway) SignsBody() bool { return g.Auth.Kind == "hmac" }
