package intake

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"aman/api/auth"
	"aman/geo/tracker"
)

// MaxDeviceBody is the largest delivery of a tracking app that is taken in, in bytes.
const MaxDeviceBody = 64 << 10

// deviceIDLen is the length of a device's id: 128 bits in hexadecimal.
const deviceIDLen = 32

// DeviceState is what is kept of a tracking device, in its thread's State.
type DeviceState struct {
	// Hash is the SHA-256 of the device's secret, in hexadecimal; the secret itself is
	// kept nowhere.
	Hash string    `json:"hash"`
	Made time.Time `json:"made"`
	// Ended is when somebody put an end to it; zero: it may send.
	Ended time.Time `json:"ended,omitzero"`
}

// NewDevice makes the credentials of a device: an id of 128 bits, which is its
// thread's key, and a secret of 256 bits.
func NewDevice(now time.Time) (id, secret string, state DeviceState) {
	var b [deviceIDLen / 2]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	secret, hash := auth.NewToken()
	return hex.EncodeToString(b[:]), secret, DeviceState{Hash: hex.EncodeToString(hash[:]), Made: now}
}

// DeviceID tells whether a text can be the id of a device.
func DeviceID(s string) bool {
	return len(s) == deviceIDLen && strings.Trim(s, "0123456789abcdef") == ""
}

// Token is id and secret as the one text that apps with a single field send.
func Token(id, secret string) string { return id + "." + secret }

// CutToken takes a token apart; ok is false for what can't be one.
func CutToken(token string) (id, secret string, ok bool) {
	id, secret, ok = strings.Cut(token, ".")
	return id, secret, ok && DeviceID(id)
}

// Encode is the state as it is stored.
func (s DeviceState) Encode() []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("encode a device's state: " + err.Error()) // a text and times: always possible
	}
	return text
}

// ReadDevice reads a thread's State; one that is no device's verifies nothing.
func ReadDevice(state []byte) DeviceState {
	var s DeviceState
	if json.Unmarshal(state, &s) != nil {
		return DeviceState{}
	}
	return s
}

// Verify tells whether secret is the device's and the device may still send. It
// takes as long for a wrong one as for the right one.
func (s DeviceState) Verify(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	want, err := hex.DecodeString(s.Hash)
	same := subtle.ConstantTimeCompare(sum[:], want) == 1
	return err == nil && same && s.Ended.IsZero()
}

// fix is a position as a tracking app told it.
type fix struct {
	at      time.Time // zero: not said
	lon     float64
	lat     float64
	literal [2]string // lon, lat as they were written
	// accuracyM is as the phone said it, metres; 0: not said.
	accuracyM float64
	mock      bool
}

// position is where the fix says that the device was. Errors: FieldErrors named as
// the channel names its fields.
func (f *fix) position(ch tracker.Channel, lonName, latName string) (*tracker.Position, error) {
	if !(math.Abs(f.lat) <= 90) {
		return nil, under(latName, broken("out_of_range", "is not in -90 to 90"))
	}
	if !(math.Abs(f.lon) <= 180) {
		return nil, under(lonName, broken("out_of_range", "is not in -180 to 180"))
	}
	p := &tracker.Position{Point: orb.Point{f.lon + 0, f.lat + 0}, Method: tracker.GNSS}
	radiusM, ok := Accuracy95(ch, f.accuracyM)
	if !ok {
		radiusM = gnssRadiusM
	}
	// A phone that rounds knows no better than what it leaves.
	p.RadiusM = math.Min(math.Max(radiusM, quantumM(f.literal[0], f.literal[1])), maxRadiusM)
	if p.RadiusM > gnssRadiusM {
		p.Method = tracker.Network
	}
	if f.mock {
		p.Flags |= tracker.FlagMock
	}
	if f.lon == 0 && f.lat == 0 {
		p.Flags |= tracker.FlagImplausible // what a receiver without a fix says
	}
	return p, nil
}

// deliveryID names a device's delivery: the same for one that comes again, and for no
// other. Without a time it is empty: whoever comes back to a place says the same as
// before, and a report twice does less harm than one too few. The device's id, which
// nobody can guess, keeps places from being found out by trying.
func deliveryID(device, kind string, at time.Time, said ...string) string {
	if at.IsZero() {
		return ""
	}
	h := sha256.New()
	for _, s := range append([]string{device, kind}, said...) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	sum := h.Sum(nil)
	return kind + "/" + at.Format("20060102T150405.000Z") + "/" + hex.EncodeToString(sum[:8])
}

// unixTime is a time that is counted from 1970: seconds, or milliseconds or
// microseconds where seconds would be past the year 5138. Errors: a FieldError
// without a path.
func unixTime(n float64) (time.Time, error) {
	switch {
	case math.Abs(n) >= 1e14:
		n /= 1e6
	case math.Abs(n) >= 1e11:
		n /= 1e3
	}
	if !(n > 0) || n > 7_258_118_400 { // 2200
		return time.Time{}, broken("out_of_range", "is not a time between 1970 and 2200")
	}
	whole, rest := math.Modf(n)
	return time.Unix(int64(whole), int64(math.Round(rest*1e6))*1000).UTC(), nil
}
