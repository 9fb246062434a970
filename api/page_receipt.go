package api

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// pageReceipt is what a browser without scripts carries from the form that it sent
// to the page that thanks for it. It travels in the address, so it is sealed:
// nothing can be read from it, and nobody can make one that says "received". Whoever
// is handed that address can read what the page says, and no more: who the sender is
// goes in a cookie (see guestCookie).
type pageReceipt struct {
	at   time.Time
	code string // as given to the citizen; blank for a call-back
	// placed tells whether the report said where somebody is, help whether that they
	// need help.
	placed, help bool
	// person and report are what was stored; zero for a call-back.
	person, report tracker.ID
}

// receiptCode is the length of a receipt's code.
const receiptCode = 4

// receiptSeal is keyed by what only servers on the same database know of the link.
func receiptSeal(l *auth.Link) cipher.AEAD {
	h := sha256.New()
	h.Write([]byte("aman receipt\x00"))
	h.Write(l.ID[:])
	h.Write(l.SecretHash[:])
	block, err := aes.NewCipher(h.Sum(nil))
	if err != nil {
		panic(err) // can't be: 32 bytes are a key
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // can't be: AES has blocks of 16 bytes
	}
	return seal
}

func (r pageReceipt) seal(l *auth.Link) string {
	seconds := uint64(r.at.Unix()) << 2
	if r.placed {
		seconds |= 1
	}
	if r.help {
		seconds |= 2
	}
	b := binary.BigEndian.AppendUint64(nil, seconds)
	b = append(b, fmt.Sprintf("%*s", receiptCode, r.code)...)
	b = append(b, r.person[:]...)
	b = append(b, r.report[:]...)
	return base64.RawURLEncoding.EncodeToString(receiptSeal(l).Seal(nil, nil, b, nil))
}

// openReceipt reads what seal made; ok is false for anything else.
func openReceipt(text string, l *auth.Link) (r pageReceipt, ok bool) {
	if text == "" || len(text) > 400 {
		return r, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return r, false
	}
	b, err := receiptSeal(l).Open(nil, nil, sealed, nil)
	const fixed = 8 + receiptCode + 16 + 16
	if err != nil || len(b) < fixed {
		return r, false
	}
	seconds := binary.BigEndian.Uint64(b)
	r.at, r.placed, r.help = time.Unix(int64(seconds>>2), 0).UTC(), seconds&1 != 0, seconds&2 != 0
	r.code = strings.TrimSpace(string(b[8 : 8+receiptCode]))
	copy(r.person[:], b[8+receiptCode:])
	copy(r.report[:], b[8+receiptCode+16:])
	return r, true
}

// guestCookie is by what the next form of a campaign's page knows whom the last was
// about, where there is no script: the guest's secret, for a while, for the link alone.
const (
	guestCookie = "guest"
	guestFor    = 2 * time.Hour
)

func (p *linkPages) setGuest(c echo.Context, l *auth.Link, secret string) {
	c.SetCookie(&http.Cookie{
		Name: guestCookie, Value: secret, Path: "/s/" + l.Code, MaxAge: int(guestFor.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: p.public.Scheme == "https",
	})
}

// guestOf is the secret that setGuest gave this browser; empty where it has none.
func guestOf(c echo.Context, l auth.Link) string {
	k, err := c.Cookie(guestCookie)
	if err != nil || len(k.Value) > 64 {
		return ""
	}
	if _, ok := intake.LinkGuest(l, k.Value); !ok {
		return ""
	}
	return k.Value
}

// pageClock is a moment on the clocks of a place, with its zone: "14:32 (UTC+4)".
func pageClock(at time.Time, timeZone string) string {
	if zone, err := time.LoadLocation(timeZone); err == nil {
		at = at.In(zone)
	}
	_, offset := at.Zone()
	minutes := offset / 60
	zone := ""
	if minutes != 0 {
		sign := "+"
		if minutes < 0 {
			sign, minutes = "−", -minutes
		}
		zone = fmt.Sprintf("%s%d", sign, minutes/60)
		if m := minutes % 60; m != 0 {
			zone += fmt.Sprintf(":%02d", m)
		}
	}
	return at.Format("15:04") + " (UTC" + zone + ")"
}
