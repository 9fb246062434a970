package tracker

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/paulmach/orb"

	"aman/geo"
)

// members are the people whose error discs an area holds or touches. They are kept
// by number, so that the table is read in the order of memory.
type members struct {
	inside   bitset // nil: nobody
	possible []matched
}

// matched is one person's verdict.
type matched struct {
	num     uint32
	verdict geo.Verdict
	share   float32
}

// membersOf finds them, of all crises.
func membersOf(a *geo.Area, places *geo.PointSet, table *people) members {
	m := members{inside: newBitset(table.n)}
	places.Visit(a, m.inside.addAll, func(num uint32) {
		h, _ := table.at(num)
		switch v, share := a.Disc(orb.Point{h.lon, h.lat}, float64(h.radius)); v {
		case geo.Inside:
			m.inside.add(num)
		case geo.Possible:
			m.possible = append(m.possible, matched{num, v, max(float32(share), math.SmallestNonzeroFloat32)})
		}
	})
	slices.SortFunc(m.possible, func(a, b matched) int { return cmp.Compare(a.num, b.num) })
	return m
}

// mayBeIn adds to dst whose error discs an area may hold or touch.
func mayBeIn(a *geo.Area, places *geo.PointSet, dst bitset) { places.Visit(a, dst.addAll, dst.add) }

func (m *members) addTo(dst bitset) {
	for i, w := range m.inside {
		dst[i] |= w
	}
	for i := range m.possible {
		dst.add(m.possible[i].num)
	}
}

// verdict is somebody's, Outside for those who aren't members.
func (m *members) verdict(num uint32) matched {
	if m.inside != nil && m.inside.has(num) {
		return matched{num, geo.Inside, 1}
	}
	i, ok := slices.BinarySearchFunc(m.possible, num, func(x matched, n uint32) int { return cmp.Compare(x.num, n) })
	if !ok {
		return matched{num: num}
	}
	return m.possible[i]
}

// bitset is a set of people by number.
type bitset []uint64

func newBitset(n uint32) bitset { return make(bitset, n/64+1) }

func (b bitset) has(num uint32) bool { return b[num/64]&(1<<(num%64)) != 0 }
func (b bitset) add(num uint32)      { b[num/64] |= 1 << (num % 64) }

func (b bitset) addAll(nums []uint32) {
	for _, num := range nums {
		b.add(num)
	}
}

// each calls fn with the members, ascending.
func (b bitset) each(fn func(num uint32)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			fn(uint32(i*64 + bits.TrailingZeros64(w)))
		}
	}
}
