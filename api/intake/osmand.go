package intake

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aman/geo/tracker"
)

// hdopM is what one unit of horizontal dilution of precision is worth, metres: a
// phone's error of range. OsmAnd itself sends the phone's accuracy under that name,
// which this makes coarser and never finer.
const hdopM = 8

// maxFixes is the most fixes of one delivery.
const maxFixes = 500

// OsmAnd is a delivery by the protocol of OsmAnd and Traccar Client (traccar.org/
// osmand), as it was written. Nothing of it is checked before the device is known.
type OsmAnd struct {
	// Token is what the app calls the device's identifier: Token's form.
	Token string
	fixes []osmAndFix
}

// osmAndFix holds one fix as texts; what wasn't said is empty.
type osmAndFix struct {
	at, lat, lon, accuracy, hdop string
	mock, invalid                bool
	sos                          bool
}

// ReadOsmAnd reads a delivery: parameters in the query, a form, a body of parameters
// without a media type, or the JSON of Traccar Client since version 9. A body's
// parameters win over the query's. Errors: ErrMediaType, *SyntaxError, or a
// tracker.FieldError; the fixes' values are for Inbounds to check.
func ReadOsmAnd(query, contentType string, body []byte) (OsmAnd, error) {
	var o OsmAnd
	q, err := parameters(query)
	if err != nil {
		return o, err
	}
	o.Token = firstValue(q, tokenNames...)
	if len(bytes.TrimSpace(body)) == 0 {
		return o, o.parameters(q)
	}
	media := "application/x-www-form-urlencoded"
	if contentType != "" {
		var params map[string]string
		if media, params, err = mime.ParseMediaType(contentType); err != nil || !UTF8(params) {
			return o, ErrMediaType
		}
	}
	switch media {
	case "application/json":
		return o, whole(body, o.json)
	case "application/x-www-form-urlencoded", "text/plain":
		if !utf8.Valid(body) {
			return o, &SyntaxError{Code: "invalid_utf8", Offset: firstInvalid(body), Detail: "the text is not UTF-8"}
		}
		form, err := parameters(strings.TrimSpace(string(body)))
		if err != nil {
			return o, err
		}
		for name, values := range form {
			q[name] = values
		}
		return o, o.parameters(q)
	default:
		return o, ErrMediaType
	}
}

// parameters reads name=value pairs. The error says nothing of what they hold.
func parameters(text string) (url.Values, error) {
	q, err := url.ParseQuery(text)
	if err != nil {
		return nil, &SyntaxError{Code: "malformed_form", Detail: "the parameters can't be read"}
	}
	return q, nil
}

// tokenNames are what the device's identifier is called.
var tokenNames = []string{"id", "deviceid", "device_id"}

func firstValue(q url.Values, names ...string) string {
	for _, n := range names {
		if v := strings.TrimSpace(q.Get(n)); v != "" {
			return v
		}
	}
	return ""
}

func (o *OsmAnd) parameters(q url.Values) error {
	o.Token = firstValue(q, tokenNames...)
	f := osmAndFix{
		at: firstValue(q, "timestamp", "time"), lat: firstValue(q, "lat", "latitude"), lon: firstValue(q, "lon", "lng", "longitude"),
		accuracy: firstValue(q, "accuracy", "acc"), hdop: firstValue(q, "hdop"),
		mock: isYes(firstValue(q, "mock")), invalid: isNo(firstValue(q, "valid")),
		sos: isSOS(firstValue(q, "alarm")),
	}
	if pair := firstValue(q, "location"); pair != "" && f.lat == "" && f.lon == "" {
		lat, lon, ok := strings.Cut(pair, ",")
		if !ok && !f.sos {
			return under("location", broken("wrong_form", "is not lat,lon"))
		}
		f.lat, f.lon = strings.TrimSpace(lat), strings.TrimSpace(lon)
	}
	// Cell towers and networks alone are no place: nobody is asked where they stand.
	towers := f.lat == "" && f.lon == "" && firstValue(q, "cell", "wifi") != ""
	if f != (osmAndFix{}) && (!towers || f.sos) {
		o.fixes = []osmAndFix{f}
	}
	return nil
}

func isYes(s string) bool { return s == "1" || strings.EqualFold(s, "true") }
func isSOS(s string) bool { return strings.EqualFold(s, "sos") }
func isNo(s string) bool  { return s == "0" || strings.EqualFold(s, "false") }

// json reads {"device_id": …, "location": {…}}, or several locations in an array.
func (o *OsmAnd) json(s *scanner) error {
	return s.members(func(name []byte) (err error) {
		switch string(name) {
		case "device_id", "id", "deviceid":
			o.Token, err = looseText(s)
		case "location", "locations":
			if s.kind() == "array" {
				return s.array(func(n int) error {
					if n >= maxFixes {
						return broken("too_many", fmt.Sprintf("there are more than %d", maxFixes))
					}
					return o.location(s)
				})
			}
			err = o.location(s)
		default:
			err = s.skip()
		}
		return err
	})
}

func (o *OsmAnd) location(s *scanner) error {
	var f osmAndFix
	if s.kind() == "null" {
		return s.skip()
	}
	number := func(into *string) error {
		_, text, _, err := looseNumber(s)
		*into = text
		return err
	}
	err := s.members(func(name []byte) (err error) {
		switch string(name) {
		case "timestamp":
			if s.kind() == "string" {
				f.at, err = s.text()
				return err
			}
			return number(&f.at)
		case "mock":
			if s.kind() == "boolean" {
				f.mock, err = s.boolean()
				return err
			}
			return s.skip()
		case "alarm":
			return f.alarm(s)
		case "extras": // where Traccar Client puts the button that it has for this
			if s.kind() != "object" {
				return s.skip()
			}
			return s.members(func(name []byte) error {
				if string(name) == "alarm" {
					return f.alarm(s)
				}
				return s.skip()
			})
		case "coords":
			if s.kind() == "null" {
				return s.skip()
			}
			return s.members(func(name []byte) error {
				switch string(name) {
				case "latitude":
					return number(&f.lat)
				case "longitude":
					return number(&f.lon)
				case "accuracy":
					return number(&f.accuracy)
				default:
					return s.skip()
				}
			})
		default:
			return s.skip()
		}
	})
	if err == nil {
		o.fixes = append(o.fixes, f)
	}
	return err
}

// alarm reads what the app raises an alarm for; only one is a person's cry for help.
func (f *osmAndFix) alarm(s *scanner) error {
	text, err := looseText(s)
	f.sos = f.sos || isSOS(text)
	return err
}

// Inbounds are the delivery's fixes, of the device with that id. Fixes that the phone
// itself calls invalid are left out: none may be left. A cry for help (alarm "sos") is
// never left out nor refused: it comes with ChoiceHelp, and without a position or a
// time where that can't be read. Errors: a tracker.FieldError, and then nothing of the
// delivery is to be stored.
func (o *OsmAnd) Inbounds(device string) ([]Inbound, error) {
	var ins []Inbound
	for _, f := range o.fixes {
		if f.invalid && !f.sos {
			continue
		}
		in, err := f.inbound(device)
		if f.sos {
			in, err = f.cry(device, in, err)
		}
		if err != nil {
			return nil, err
		}
		ins = append(ins, in)
	}
	return ins, nil
}

// cry makes a cry for help of what the fix came to, well or not.
func (f *osmAndFix) cry(device string, in Inbound, bad error) (Inbound, error) {
	in.Channel, in.Thread, in.Choice = tracker.ChannelOsmAnd, device, ChoiceHelp
	if bad != nil || f.invalid {
		in.Position = nil
		if at, err := deviceTime(f.at); err == nil {
			in.FixedAt = at
		}
	}
	in.ID = deliveryID(device, "sos", in.FixedAt, f.at, f.lon, f.lat)
	return in, nil
}

func (f *osmAndFix) inbound(device string) (Inbound, error) {
	x := fix{literal: [2]string{f.lon, f.lat}, mock: f.mock}
	for _, v := range []struct {
		name, text string
		into       *float64
	}{{"lat", f.lat, &x.lat}, {"lon", f.lon, &x.lon}} {
		if v.text == "" {
			return Inbound{}, under(v.name, broken("required", "is missing"))
		}
		n, err := decimal(v.text)
		if err != nil {
			return Inbound{}, under(v.name, err)
		}
		*v.into = n
	}
	// What the phone says of its own error is worth a try, not a refusal.
	if n, err := decimal(f.accuracy); err == nil {
		x.accuracyM = n
	}
	if n, err := decimal(f.hdop); err == nil && !(x.accuracyM > 0) {
		x.accuracyM = n * hdopM
	}
	if f.at != "" {
		at, err := deviceTime(f.at)
		if err != nil {
			return Inbound{}, under("timestamp", err)
		}
		x.at = at
	}
	p, err := x.position(tracker.ChannelOsmAnd, "lon", "lat")
	if err != nil {
		return Inbound{}, err
	}
	return Inbound{
		Channel: tracker.ChannelOsmAnd, Thread: device, Position: p, FixedAt: x.at, Quiet: true,
		ID: deliveryID(device, "fix", x.at, f.at, f.lon, f.lat),
	}, nil
}

// errNotATime is what every unreadable time is.
var errNotATime = errors.New("not a time")

// deviceTime reads a time as the apps write it: seconds or milliseconds since 1970,
// ISO 8601 with a zone or without (then it is UTC), or "2026-03-01 12:00:00" in UTC.
// In a query the plus of a zone has often become a blank. Errors: a FieldError
// without a path.
func deviceTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "0123456789.") == "" && s != "" {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return time.Time{}, broken("wrong_form", "is not a time")
		}
		return unixTime(n)
	}
	t, err := isoTime(s)
	if err != nil {
		return time.Time{}, broken("wrong_form", "is not a time like 1772366400 or 2026-03-01T12:00:00Z")
	}
	t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < 1970 || t.Year() > 2200 {
		return time.Time{}, broken("out_of_range", "is not a time between 1970 and 2200")
	}
	return t, nil
}

func isoTime(s string) (time.Time, error) {
	if n := len(s); n > 6 && s[n-6] == ' ' && s[n-3] == ':' && strings.Contains(s[:n-6], "T") {
		s = s[:n-6] + "+" + s[n-5:]
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
		time.DateTime, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z0700",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errNotATime
}
