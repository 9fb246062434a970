package geo

// ParseDecimal reads digits, perhaps with a sign before and a point among them, into the double that is nearest, the
// one that strconv.ParseFloat gives, in a fraction of its time. It takes what a double and one division get right (Clinger, "How to read floating
// point numbers accurately", 1990): digits that make a whole number of at most 2^53, of which it divides away a power
// of ten that is itself exact. ok is false for everything else, good or bad.
func ParseDecimal(field []byte) (v float64, ok bool) {
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
