package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// KeyPrefix starts every API key, so that scanners for leaked secrets know it.
const KeyPrefix = "aman_"

// tokenLen is the length of 256 bits in base64url without padding.
const tokenLen = 43

// NewToken makes a 256-bit secret in base64url and the SHA-256 of that text,
// which is all that is ever kept of it.
func NewToken() (token string, hash [32]byte) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails: it ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, sha256.Sum256([]byte(token))
}

// NewKeyToken is NewToken for an API key: "aman_…".
func NewKeyToken() (token string, hash [32]byte) {
	t, _ := NewToken()
	token = KeyPrefix + t
	return token, sha256.Sum256([]byte(token))
}

// HashToken returns the hash under which a token is kept; ok is false for a text
// that can't be one, which needs no look-up.
func HashToken(token string) (hash [32]byte, ok bool) {
	body := strings.TrimPrefix(token, KeyPrefix)
	if len(body) != tokenLen {
		return hash, false
	}
	return sha256.Sum256([]byte(token)), true
}
