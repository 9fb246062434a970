package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"time"
)

// CodeLen is the number of characters of a link's code: 50 bits.
const CodeLen = 10

// crockford is Crockford's base 32: no I, L, O, U, so that a code can be read out.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewLinkCode makes a random code of CodeLen characters.
func NewLinkCode() string {
	var b [CodeLen]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	for i, x := range b {
		b[i] = crockford[x&31]
	}
	return string(b[:])
}

// NormalLinkCode reads a code as people write it: lower case, O for 0, I or L for
// 1, dashes and blanks anywhere. ok is false for what can't be a code.
func NormalLinkCode(s string) (code string, ok bool) {
	if len(s) > 4*CodeLen {
		return "", false
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		switch r {
		case '-', ' ':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if r >= 0x80 || !strings.ContainsRune(crockford, r) {
			return "", false
		}
		b.WriteRune(r)
	}
	return b.String(), b.Len() == CodeLen
}

// LinkState is whether a link may still be used.
type LinkState uint8

const (
	LinkInForce LinkState = iota
	LinkExpired
	LinkRevoked
)

func (s LinkState) String() string {
	switch s {
	case LinkInForce:
		return "in_force"
	case LinkExpired:
		return "expired"
	default:
		return "revoked"
	}
}

// State tells whether the link may be used at now: [CreatedAt, ExpiresAt), unless revoked.
func (l *Link) State(now time.Time) LinkState {
	switch {
	case !l.RevokedAt.IsZero():
		return LinkRevoked
	case !now.Before(l.ExpiresAt):
		return LinkExpired
	default:
		return LinkInForce
	}
}

// Verify tells whether secret is the link's own. A link without a secret (a
// campaign's) verifies nothing: whoever holds its code is a stranger.
func (l *Link) Verify(secret string) bool {
	hash, ok := HashToken(secret)
	return ok && l.HasSecret && subtle.ConstantTimeCompare(hash[:], l.SecretHash[:]) == 1
}

// Address is the link as it is sent; the secret travels in the fragment, which
// browsers keep to themselves. base is the service's public address.
func (l *Link) Address(base, secret string) string {
	a := strings.TrimSuffix(base, "/") + "/s/" + l.Code
	if secret != "" {
		a += "#" + secret
	}
	return a
}
