package intake

import (
	"mime"
	"unicode/utf8"

	"aman/geo/tracker"
)

// DeviceAsk is the wish to have a tracking app set up.
type DeviceAsk struct {
	// Secret is the link's own, or a guest's.
	Secret string
	// App is ChannelOwnTracks or ChannelOsmAnd.
	App  tracker.Channel
	Lang string // kk, ru or en; empty: not said
}

var deviceAskFields = []string{"secret", "app", "lang"}

// DecodeDeviceAsk reads a form or JSON; form tells which it was. Errors: ErrMediaType,
// *SyntaxError, or a tracker.FieldError.
func DecodeDeviceAsk(contentType string, body []byte) (a DeviceAsk, form bool, err error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !UTF8(params) {
		return a, false, ErrMediaType
	}
	switch media {
	case "application/json":
		err = whole(body, func(s *scanner) error {
			_, err := s.object(deviceAskFields, func(i int) error {
				text, err := s.text()
				if err != nil {
					return err
				}
				return a.set(deviceAskFields[i], text)
			})
			return err
		})
	case "application/x-www-form-urlencoded":
		form = true
		if !utf8.Valid(body) {
			return a, form, &SyntaxError{Code: "invalid_utf8", Offset: firstInvalid(body), Detail: "the text is not UTF-8"}
		}
		q, bad := parameters(string(body))
		if bad != nil {
			return a, form, bad
		}
		for _, name := range deviceAskFields {
			if text := q.Get(name); text != "" && err == nil {
				err = under(name, a.set(name, text))
			}
		}
	default:
		return a, false, ErrMediaType
	}
	if err == nil && a.App == 0 {
		err = under("app", broken("required", "is missing"))
	}
	return a, form, err
}

func (a *DeviceAsk) set(field, text string) error {
	switch field {
	case "secret":
		a.Secret = text
		return atMost(text, 64)
	case "app":
		ch, err := tracker.ParseChannel(text)
		if err != nil || ch != tracker.ChannelOwnTracks && ch != tracker.ChannelOsmAnd {
			return broken("not_one_of", "is not one of owntracks, osmand")
		}
		a.App = ch
	case "lang":
		if text != "kk" && text != "ru" && text != "en" {
			return broken("not_one_of", "is not one of kk, ru, en")
		}
		a.Lang = text
	}
	return nil
}
