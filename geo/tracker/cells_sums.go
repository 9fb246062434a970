package tracker

import (
	"math"

	"aman/geo"
)

// variant is what keeps people of one place apart in sums: level (3 bits), verdict
// (2), whether they are stale, whether they are stranded.
type variant uint8

func newVariant(level uint8, v geo.Verdict, stale, stranded bool) variant {
	n := variant(level)<<4 | variant(v)<<2
	if stale {
		n |= 2
	}
	if stranded {
		n |= 1
	}
	return n
}

func (n variant) level() uint8         { return uint8(n >> 4) }
func (n variant) verdict() geo.Verdict { return geo.Verdict(n >> 2 & 3) }
func (n variant) stale() bool          { return n&2 != 0 }
func (n variant) stranded() bool       { return n&1 != 0 }

// tally is a sum over people. Places are summed in whole nanodegrees, so that
// taking somebody away leaves exactly what was before them.
type tally struct {
	records, persons         int64
	safe, needsHelp, leaving int64 // persons
	lonNano, latNano         int64
}

func tallyOf(h *hot) tally {
	n := int64(h.persons)
	t := tally{records: 1, persons: n}
	switch Wellbeing(h.wellbeing) {
	case Safe:
		t.safe = n
	case NeedsHelp, Injured:
		t.needsHelp = n
	}
	if h.intention == uint8(Leaving) {
		t.leaving = n
	}
	if h.marks&markPlaced != 0 {
		t.lonNano, t.latNano = nano(h.lon), nano(h.lat)
	}
	return t
}

func nano(deg float64) int64 { return int64(math.Round(deg * 1e9)) }

func (t *tally) add(o *tally) {
	t.records += o.records
	t.persons += o.persons
	t.safe += o.safe
	t.needsHelp += o.needsHelp
	t.leaving += o.leaving
	t.lonNano += o.lonNano
	t.latNano += o.latNano
}

func (t *tally) negative() tally {
	return tally{-t.records, -t.persons, -t.safe, -t.needsHelp, -t.leaving, -t.lonNano, -t.latNano}
}

// sums are tallies by variant, ascending; none is of no records.
type sums []variantTally

type variantTally struct {
	variant variant
	tally
}

// add adds a tally, which may be negative, to a variant.
func (s *sums) add(n variant, t *tally) {
	i := 0
	for i < len(*s) && (*s)[i].variant < n {
		i++
	}
	if i == len(*s) || (*s)[i].variant != n {
		*s = append(*s, variantTally{})
		copy((*s)[i+1:], (*s)[i:])
		(*s)[i] = variantTally{variant: n, tally: *t}
		return
	}
	if (*s)[i].tally.add(t); (*s)[i].records == 0 {
		*s = append((*s)[:i], (*s)[i+1:]...)
	}
}

// addAll adds all of o.
func (s *sums) addAll(o sums) {
	for i := range o {
		s.add(o[i].variant, &o[i].tally)
	}
}
