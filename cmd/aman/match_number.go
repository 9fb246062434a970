package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// number reads a decimal number within lo and hi; problem says what else it is.
func number(field []byte, lo, hi float64) (v float64, problem string) {
	if v, ok := decimal(field); ok && v >= lo && v <= hi {
		return v, ""
	}
	field = bytes.TrimSpace(field)
	if len(field) == 0 {
		return 0, "is empty"
	}
	plain := true
	for _, c := range field {
		plain = plain && (c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E')
	}
	v, err := strconv.ParseFloat(string(field), 64)
	switch {
	case err == nil && (math.IsNaN(v) || math.IsInf(v, 0)), errors.Is(err, strconv.ErrRange) && math.IsInf(v, 0):
		return 0, quoted(field) + " is not finite"
	case !plain || err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, quoted(field) + " is not a number"
	case v < lo && lo == 0:
		return 0, quoted(field) + " is negative"
	case v < lo || v > hi:
		return 0, fmt.Sprintf("%s is not within %v and %v", quoted(field), lo, hi)
	}
	return v, ""
}

// decimal reads digits, perhaps with a sign before and a point among them, into the double that is nearest, the one
// that strconv.ParseFloat gives. It takes what a double and one division get right (Clinger, "How to read floating
// point numbers accurately", 1990): digits that make a whole number of at most 2^53, of which it divides away a power
// of ten that is itself exact. ok is false for everything else, good or bad.
func decimal(field []byte) (v float64, ok bool) {
	if len(field) == 0 || len(field) > 19 { // nineteen digits fit a uint64
		return 0, false
	}
	digits := field
	if digits[0] == '-' || digits[0] == '+' {
		digits = digits[1:]
	}
	var whole uint64
	point := -1
	for i, c := range digits {
		if d := c - '0'; d <= 9 {
			whole = whole*10 + uint64(d)
		} else if c == '.' && point < 0 {
			point = i
		} else {
			return 0, false
		}
	}
	places := 0
	if point >= 0 {
		places = len(digits) - 1 - point
	}
	if whole > 1<<53 || len(digits) == 0 || point >= 0 && len(digits) == 1 {
		return 0, false
	}
	v = float64(whole) / powersOfTen[places]
	if field[0] == '-' {
		v = -v
	}
	return v, true
}

// powersOfTen are doubles without an error: 5^22 has less than 53 bits.
var powersOfTen = [19]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// quoted shows a field in a message, the start of it if it is long.
func quoted(field []byte) string {
	if len(field) > 40 {
		return fmt.Sprintf("%q…", field[:40])
	}
	return fmt.Sprintf("%q", field)
}
