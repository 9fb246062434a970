package intake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// MaxWhatsAppBody is the largest delivery that is taken in, in bytes: Meta sends up
// to 3 MiB.
const MaxWhatsAppBody = 3 << 20

// WhatsAppSigned tells whether the X-Hub-Signature-256 header of a delivery is the
// HMAC-SHA-256 of its raw body under the app's secret.
func WhatsAppSigned(header string, body []byte, secret string) bool {
	text, ok := strings.CutPrefix(header, "sha256=")
	if !ok {
		return false
	}
	given, err := hex.DecodeString(text)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}

// whatsAppDelivery is what is read of a delivery; Meta puts several messages, of
// several numbers, into one.
type whatsAppDelivery struct {
	Object string `json:"object"`
	Entry  []struct {
		Changes []struct {
			Field string `json:"field"`
			Value struct {
				Metadata struct {
					PhoneNumberID string `json:"phone_number_id"`
				} `json:"metadata"`
				Contacts []struct {
					Profile struct {
						Name string `json:"name"`
					} `json:"profile"`
					WaID string `json:"wa_id"`
				} `json:"contacts"`
				Messages []json.RawMessage `json:"messages"`
			} `json:"value"`
		} `json:"changes"`
	} `json:"entry"`
}

type whatsAppMessage struct {
	From      string `json:"from"`
	ID        string `json:"id"`
	Timestamp string `json:"timestamp"`
	Type      string `json:"type"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Location *struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
		Name      string  `json:"name"`
		Address   string  `json:"address"`
	} `json:"location"`
	Contacts []struct {
		Name struct {
			FormattedName string `json:"formatted_name"`
		} `json:"name"`
		Phones []struct {
			Phone string `json:"phone"`
		} `json:"phones"`
	} `json:"contacts"`
	Interactive struct {
		ButtonReply struct {
			ID string `json:"id"`
		} `json:"button_reply"`
		ListReply struct {
			ID string `json:"id"`
		} `json:"list_reply"`
	} `json:"interactive"`
	Button struct {
		Payload string `json:"payload"`
		Text    string `json:"text"`
	} `json:"button"`
	Context struct {
		Forwarded           bool `json:"forwarded"`
		FrequentlyForwarded bool `json:"frequently_forwarded"`
	} `json:"context"`
	Image, Video, Document struct {
		Caption string `json:"caption"`
	}
	Referral json.RawMessage `json:"referral"`
}

// DecodeWhatsApp reads one delivery of the Cloud API's webhook, whose signature was
// checked. number is our phone_number_id: what is for another isn't ours. Messages
// come back in the order in which they were sent along; notices of delivery are left
// out, and a single message that can't be read is one that is Odd. Errors: *SyntaxError.
func DecodeWhatsApp(body []byte, number string) ([]Inbound, error) {
	var d whatsAppDelivery
	if err := json.Unmarshal(body, &d); err != nil {
		return nil, notOurs("whatsapp_delivery", err)
	}
	if d.Object != "whatsapp_business_account" {
		return nil, &SyntaxError{Code: "not_a_whatsapp_delivery", Detail: "object is not whatsapp_business_account"}
	}
	var ins []Inbound
	for _, e := range d.Entry {
		for _, c := range e.Changes {
			if c.Field != "messages" || c.Value.Metadata.PhoneNumberID != number {
				continue
			}
			names := map[string]string{}
			for _, x := range c.Value.Contacts {
				names[x.WaID] = nameOf(x.Profile.Name)
			}
			for _, raw := range c.Value.Messages {
				if in, ok := decodeWhatsAppMessage(raw, names); ok {
					ins = append(ins, in)
				}
			}
		}
	}
	return ins, nil
}

// decodeWhatsAppMessage reads one message; false for what nobody said, and for what
// doesn't tell who said it.
func decodeWhatsAppMessage(raw json.RawMessage, names map[string]string) (Inbound, bool) {
	in := Inbound{Channel: tracker.ChannelWhatsApp}
	var m whatsAppMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		// Of another shape than documented: whom it is from is enough to answer.
		var who struct {
			From string `json:"from"`
			ID   string `json:"id"`
		}
		if json.Unmarshal(raw, &who) != nil {
			return in, false
		}
		m = whatsAppMessage{From: who.From, ID: who.ID, Type: "unsupported"}
	}
	if m.ID == "" || len(m.ID) > 512 || len(m.From) < 5 || len(m.From) > 20 || strings.Trim(m.From, "0123456789") != "" {
		return in, false
	}
	in.ID, in.Thread, in.Phone, in.Name = m.ID, "+"+m.From, "+"+m.From, names[m.From]
	if seconds, err := strconv.ParseInt(m.Timestamp, 10, 64); err == nil {
		in.FixedAt = unix(seconds)
	}
	switch m.Type {
	case "reaction", "system", "request_welcome":
		return in, false // nobody speaks to us
	case "text":
		in.Text = clean(m.Text.Body)
	case "location":
		in.whatsAppPlace(&m)
	case "contacts":
		in.whatsAppContacts(&m)
	case "interactive":
		in.Choice = atMostRunes(clean(m.Interactive.ButtonReply.ID+m.Interactive.ListReply.ID), 64)
		in.Odd = in.Choice == ""
	case "button": // of a message template of the ministry's: what it says counts
		in.Text = clean(m.Button.Text)
	case "image", "video", "document":
		in.Text = clean(m.Image.Caption + m.Video.Caption + m.Document.Caption)
		in.Odd = true
	default: // audio, voice, sticker, order, unsupported, and what is yet to come
		in.Odd = true
	}
	if m.Context.Forwarded || m.Context.FrequentlyForwarded {
		in.whatsAppForwarded()
	}
	if command, rest := commandOf(in.Text); command == "start" {
		in.Start = atMostRunes(rest, 64)
	}
	return in, true
}

// whatsAppPlace takes a location. WhatsApp doesn't say how sure it is, or whether it
// was picked on the map, so it counts as picked by hand.
func (in *Inbound) whatsAppPlace(m *whatsAppMessage) {
	l := m.Location
	if l == nil || !(math.Abs(l.Longitude) <= 180 && math.Abs(l.Latitude) <= 90) {
		in.Odd = true
		return
	}
	in.Place = atMostRunes(clean(strings.Trim(l.Name+", "+l.Address, ", ")), 300)
	in.Position = &tracker.Position{Point: orb.Point{l.Longitude, l.Latitude}, Method: tracker.Pin, RadiusM: pinRadiusM}
}

// whatsAppContacts takes somebody else's contacts as a note.
func (in *Inbound) whatsAppContacts(m *whatsAppMessage) {
	in.Aside = true
	var lines []string
	for _, c := range m.Contacts {
		words := []string{"☎", nameOf(c.Name.FormattedName)}
		for _, p := range c.Phones {
			words = append(words, clean(p.Phone))
		}
		if len(lines) < 10 {
			lines = append(lines, atMostRunes(strings.Join(words, " "), 300))
		}
	}
	in.Text = strings.Join(lines, "\n")
	in.Odd = in.Text == ""
}

// whatsAppForwarded makes a note of what was passed on: it is about somebody else, or
// somewhere else.
func (in *Inbound) whatsAppForwarded() {
	in.Aside = true
	in.Flags |= tracker.FlagLowTrust
	if p := in.Position; p != nil {
		in.Text = strings.TrimSpace(in.Text + "\n" + strconv.FormatFloat(p.Point[1], 'f', 5, 64) + ", " + strconv.FormatFloat(p.Point[0], 'f', 5, 64))
		in.Position = nil
	}
	if in.Text != "" {
		in.Text = "↪ " + in.Text
	}
}
