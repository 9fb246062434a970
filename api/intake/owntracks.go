package intake

import (
	"bytes"
	"strconv"
	"strings"

	"aman/geo/tracker"
)

// ownTracks is what is read of a message of the OwnTracks apps (owntracks.org/booklet,
// "JSON format"); they have some thirty members more.
type ownTracks struct {
	kind, event, desc string
	fix
	hasLon, hasLat bool
	stamp          string // tst as it was written
}

// DecodeOwnTracks reads one message of an OwnTracks app in HTTP mode, of the device
// with that id. ok is false for what says nothing about where somebody is and is
// taken all the same, or the app would send it again for ever: an empty body, a
// waypoint (a place to watch, not to be at), a last will, a card, a command, a status,
// what is encrypted, and types that came after this was written.
//
// created_at is when the message was written, not when it was sent: a phone that was
// offline for hours sends it late. So it says nothing about the phone's clock and is
// not read.
//
// Errors: *SyntaxError, or a tracker.FieldError.
func DecodeOwnTracks(body []byte, device string) (in Inbound, ok bool, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return Inbound{}, false, nil
	}
	var m ownTracks
	if err := whole(body, m.read); err != nil {
		return Inbound{}, false, err
	}
	if m.kind != "location" && m.kind != "transition" {
		return Inbound{}, false, nil
	}
	if !m.hasLat && !m.hasLon && m.kind == "transition" {
		return Inbound{}, false, nil // of a beacon: near it, wherever it is
	}
	if !m.hasLat {
		return Inbound{}, false, under("lat", broken("required", "is missing"))
	}
	if !m.hasLon {
		return Inbound{}, false, under("lon", broken("required", "is missing"))
	}
	p, err := m.position(tracker.ChannelOwnTracks, "lon", "lat")
	if err != nil {
		return Inbound{}, false, err
	}
	return Inbound{
		Channel: tracker.ChannelOwnTracks, Thread: device, Position: p, FixedAt: m.at, Quiet: true,
		ID: deliveryID(device, m.kind, m.at, m.stamp, m.literal[0], m.literal[1], m.event, m.desc),
	}, true, nil
}

func (m *ownTracks) read(s *scanner) error {
	seen := map[string]bool{}
	return s.members(func(name []byte) (err error) {
		if seen[string(name)] {
			return broken("duplicate_key", "is given twice")
		}
		seen[string(name)] = true
		switch string(name) {
		case "_type":
			m.kind, err = s.text()
		case "event":
			m.event, err = looseText(s)
		case "desc":
			m.desc, err = looseText(s)
		case "lat":
			m.lat, m.literal[1], m.hasLat, err = looseNumber(s)
		case "lon":
			m.lon, m.literal[0], m.hasLon, err = looseNumber(s)
		case "acc":
			m.accuracyM, _, _, err = looseNumber(s)
		case "tst":
			var n float64
			var given bool
			if n, m.stamp, given, err = looseNumber(s); err == nil && given {
				m.at, err = unixTime(n)
			}
		default:
			err = s.skip()
		}
		return err
	})
}

// looseNumber reads a number that some apps write as a text, or as null where they
// have none.
func looseNumber(s *scanner) (x float64, literal string, given bool, err error) {
	switch s.kind() {
	case "null":
		return 0, "", false, s.skip()
	case "string":
		if literal, err = s.text(); err != nil {
			return 0, "", false, err
		}
		if strings.TrimSpace(literal) == "" {
			return 0, "", false, nil
		}
		x, err = decimal(literal)
		return x, strings.TrimSpace(literal), true, err
	default:
		x, literal, err = s.float()
		return x, literal, true, err
	}
}

// looseText reads a text, or anything else as none.
func looseText(s *scanner) (string, error) {
	if s.kind() == "string" {
		return s.text()
	}
	return "", s.skip()
}

// OwnTracksConfig is a configuration that the apps take from a link (owntracks.org/
// booklet, "Remote configuration"): mode 3 is HTTP; monitoring 1 sends when the phone
// has moved far, to spare its battery; cmd off and no friends' cards, for nobody is
// to be seen by others.
func OwnTracksConfig(address, id, secret string) string {
	q := strconv.Quote // ids, tokens and addresses are plain ASCII
	return `{"_type":"configuration","mode":3,"url":` + q(address) + `,"auth":true,"username":` + q(id) + `,"password":` + q(secret) +
		`,"deviceId":"phone","tid":"KZ","monitoring":1,"cmd":false,"allowRemoteLocation":false,"pubExtendedData":false,"extendedData":false}`
}
