package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"aman/geo"
)

// number reads a decimal number within lo and hi; problem says what else it is.
func number(field []byte, lo, hi float64) (v float64, problem string) {
	if v, ok := geo.ParseDecimal(field); ok && v >= lo && v <= hi {
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

// quoted shows a field in a message, the start of it if it is long.
func quoted(field []byte) string {
	if len(field) > 40 {
		return fmt.Sprintf("%q…", field[:40])
	}
	return fmt.Sprintf("%q", field)
}
