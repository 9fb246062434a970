package geo

import (
	"math"
	"math/bits"

	"github.com/paulmach/orb"
)

// orientExact is orient without the floating-point filter. Coordinates in the usual range take an expansion of
// doubles; those so small that products would underflow take fixed point.
func orientExact(a, b, c orb.Point) int {
	if a == c || b == c {
		return 0 // the commonest case: neighbouring edges, and places on a corner
	}
	if !expandable(a) || !expandable(b) || !expandable(c) {
		return orientFixed(a, b, c)
	}
	if s, ok := orientProducts(a, b, c); ok {
		return s
	}
	return orientExpansion(a, b, c)
}

// orientProducts serves where no difference of coordinates has to be rounded, as is nearly always so for places in
// doubt, which are near the edge. Then the determinant is l - r, and both products are known exactly.
func orientProducts(a, b, c orb.Point) (s int, ok bool) {
	ax, axLo := twoSum(a[0], -c[0])
	by, byLo := twoSum(b[1], -c[1])
	ay, ayLo := twoSum(a[1], -c[1])
	bx, bxLo := twoSum(b[0], -c[0])
	if axLo != 0 || byLo != 0 || ayLo != 0 || bxLo != 0 {
		return 0, false
	}
	l, lLo := twoProduct(ax, by)
	r, rLo := twoProduct(ay, bx)
	if l == r {
		l, r = lLo, rLo
	}
	switch { // rounding keeps order: what is greater rounded is greater
	case l > r:
		return 1, true
	case l < r:
		return -1, true
	}
	return 0, true
}

// expandable reports whether no product of two differences of such coordinates can underflow or overflow: all are
// zero or of magnitude in [2^-400, 2^400], hence multiples of 2^-452, hence products multiples of 2^-904.
func expandable(p orb.Point) bool {
	for _, v := range p {
		if v = math.Abs(v); v != 0 && (v < 0x1p-400 || v > 0x1p400) {
			return false
		}
	}
	return true
}

// twoSum returns a+b as a rounded sum and its exact rounding error (Knuth).
func twoSum(a, b float64) (hi, lo float64) {
	hi = a + b
	bv := hi - a
	av := hi - bv
	return hi, (a - av) + (b - bv)
}

// twoProduct returns a*b as a rounded product and its exact rounding error.
func twoProduct(a, b float64) (hi, lo float64) {
	hi = float64(a * b)
	return hi, math.FMA(a, b, -hi)
}

// grow adds b to the nonoverlapping expansion e[:n], least component first, and returns its new length
// (Shewchuk's GROW-EXPANSION with zero elimination).
func grow(e *[16]float64, n int, b float64) int {
	m := 0
	q := b
	for i := range n {
		var lo float64
		q, lo = twoSum(q, e[i])
		if lo != 0 {
			e[m] = lo
			m++
		}
	}
	if q != 0 {
		e[m] = q
		m++
	}
	return m
}

// orientExpansion evaluates the determinant exactly as a sum of at most sixteen doubles; the sign of a
// nonoverlapping expansion is the sign of its largest component.
func orientExpansion(a, b, c orb.Point) int {
	var e [16]float64
	n := 0
	add := func(x, y [2]float64, sign float64) {
		for _, xv := range x {
			for _, yv := range y {
				if hi, lo := twoProduct(sign*xv, yv); hi != 0 {
					n = grow(&e, n, lo)
					n = grow(&e, n, hi)
				}
			}
		}
	}
	diff := func(x, y float64) [2]float64 {
		hi, lo := twoSum(x, -y)
		return [2]float64{hi, lo}
	}
	add(diff(a[0], c[0]), diff(b[1], c[1]), 1)
	add(diff(a[1], c[1]), diff(b[0], c[0]), -1)
	switch {
	case n == 0:
		return 0
	case e[n-1] > 0:
		return 1
	}
	return -1
}

// fixed is a magnitude in fixed point, least word first, in units of 2^-1074, the smallest double. 34 words hold
// the difference of any two doubles.
type fixed [34]uint64

// setFixed stores |x - y| exactly and returns its sign.
func setFixed(f *fixed, x, y float64) int {
	switch {
	case x == y:
		return 0
	case x < y:
		return -setFixed(f, y, x)
	}
	// x > y: add the magnitudes that count upwards and take away the others, in two's complement.
	f.add(x)
	f.add(-y)
	return 1
}

// add adds the double v, modulo 2^(64*34).
func (f *fixed) add(v float64) {
	u := math.Float64bits(v)
	mant, exp := u&(1<<52-1), int(u>>52&0x7ff)
	if exp > 0 {
		mant |= 1 << 52
		exp--
	}
	w, s := exp/64, uint(exp%64)
	lo, hi := mant<<s, mant>>(64-s) // a shift by 64 gives 0
	var c uint64
	if u>>63 == 0 {
		f[w], c = bits.Add64(f[w], lo, 0)
		f[w+1], c = bits.Add64(f[w+1], hi, c)
		for i := w + 2; c != 0 && i < len(f); i++ {
			f[i], c = bits.Add64(f[i], 0, c)
		}
		return
	}
	f[w], c = bits.Sub64(f[w], lo, 0)
	f[w+1], c = bits.Sub64(f[w+1], hi, c)
	for i := w + 2; c != 0 && i < len(f); i++ {
		f[i], c = bits.Sub64(f[i], 0, c)
	}
}

// product is the product of two fixed magnitudes, in units of 2^-2148.
type product [2 * len(fixed{})]uint64

func (p *product) mul(x, y *fixed) {
	for i, xv := range x {
		if xv == 0 {
			continue
		}
		var carry uint64
		for j, yv := range y {
			hi, lo := bits.Mul64(xv, yv)
			var c uint64
			lo, c = bits.Add64(lo, p[i+j], 0)
			hi += c
			lo, c = bits.Add64(lo, carry, 0)
			p[i+j], carry = lo, hi+c
		}
		p[i+len(y)] = carry
	}
}

// orientFixed evaluates the determinant in fixed point. It is slow (about a microsecond) and serves only shapes
// smaller than 2^-400 degrees, which no map has and any test may.
func orientFixed(a, b, c orb.Point) int {
	var ax, by, ay, bx fixed
	ls := setFixed(&ax, a[0], c[0]) * setFixed(&by, b[1], c[1])
	rs := setFixed(&ay, a[1], c[1]) * setFixed(&bx, b[0], c[0])
	if ls != rs || ls == 0 {
		return sign(ls - rs)
	}
	var l, r product
	l.mul(&ax, &by)
	r.mul(&ay, &bx)
	for i := len(l) - 1; i >= 0; i-- {
		if l[i] != r[i] {
			if l[i] > r[i] {
				return ls
			}
			return -ls
		}
	}
	return 0
}

func sign(i int) int {
	switch {
	case i > 0:
		return 1
	case i < 0:
		return -1
	}
	return 0
}
