package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// plusDigits are the digits of Open Location Codes ("Open Location Code
// Specification", version 1.1): base 20, without letters that are misread.
const plusDigits = "23456789CFGHJMPQRVWX"

// findPlusCode finds the first full plus code in a text: "7HQQ7832+FR". Short codes,
// which need a place to start from, are none.
func findPlusCode(text string) (foundPoint, bool) {
	for at := 0; ; {
		k := strings.IndexByte(text[at:], '+')
		if k < 0 {
			return foundPoint{}, false
		}
		plus := at + k
		if f, ok := plusCodeAt(text, plus); ok {
			return f, true
		}
		at = plus + 1
	}
}

// plusCodeAt reads the code whose separator is at byte plus.
func plusCodeAt(text string, plus int) (foundPoint, bool) {
	start, end := plus-8, plus+1
	if start < 0 {
		return foundPoint{}, false
	}
	for end < len(text) && plusDigit(text[end]) >= 0 && end-plus <= 7 {
		end++
	}
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	after, _ := utf8.DecodeRuneInString(text[end:])
	joins := func(r rune) bool {
		return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '+')
	}
	if joins(before) || joins(after) || end-plus == 2 { // one digit alone after the sign is no code
		return foundPoint{}, false
	}
	code := text[start:plus] + text[plus+1:end]
	padded := strings.TrimRight(code[:8], "0")
	if len(padded) < 8 {
		// Zeros stand for digits that weren't given; then nothing follows.
		if len(padded) < 2 || len(padded)%2 != 0 || end != plus+1 {
			return foundPoint{}, false
		}
		code = padded
	}
	lat, lon, dLat, dLon := -90.0, -180.0, 400.0, 400.0
	for i := 0; i < len(code); i++ {
		d := float64(plusDigit(code[i]))
		switch {
		case d < 0:
			return foundPoint{}, false
		case i < 10 && i%2 == 0:
			dLat /= 20
			lat += d * dLat
		case i < 10:
			dLon /= 20
			lon += d * dLon
		default: // a grid of five rows and four columns
			dLat, dLon = dLat/5, dLon/4
			lat += float64(int(d)/4) * dLat
			lon += float64(int(d)%4) * dLon
		}
	}
	if lat >= 90 || lon >= 180 {
		return foundPoint{}, false
	}
	return foundPoint{
		point: orb.Point{lon + dLon/2, lat + dLat/2}, quantumM: quantumOf(max(dLat, dLon)),
		start: start, end: end,
	}, true
}

// plusDigit is the value of a digit, of either case, or -1.
func plusDigit(c byte) int {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	return strings.IndexByte(plusDigits, c)
}
