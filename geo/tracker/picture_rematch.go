package tracker

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/paulmach/orb"

	"aman/geo"
)

// rematch works out again, for the zones that changed with a commit, who is in
// them. Nobody has moved: no country, airport or other zone is asked, and nobody is
// written whose verdict against the zone stays the same. The outcome is that of
// settling everybody.
func (p *picture) rematch(ch *changes) {
	for _, num := range slices.Sorted(maps.Keys(ch.before)) {
		p.rematchZone(ch.before[num], p.zones[num], ch)
	}
}

// rematchZone does so for one zone, whose state was old (nil: none) before. Who is
// concerned is gathered first and then written by number: the table is read in the
// order of memory, and the moves come nearly in the order that events want.
func (p *picture) rematchZone(old, now *zoneState, ch *changes) {
	r := &rematching{p: p, ch: ch, zone: now}
	was, is := old != nil && old.matches(), now.matches()
	concerned, inside := newBitset(p.people.n), newBitset(p.people.n)
	var possible []matched
	if is {
		p.places.Visit(now.area, func(nums []uint32) {
			for _, num := range nums {
				concerned.add(num)
				inside.add(num)
			}
		}, func(num uint32) {
			h, _ := p.people.at(num)
			if v, share := now.area.Disc(orb.Point{h.lon, h.lat}, float64(h.radius)); v != geo.Outside {
				concerned.add(num)
				possible = append(possible, matched{num, v, max(float32(share), math.SmallestNonzeroFloat32)})
			}
		})
		slices.SortFunc(possible, func(a, b matched) int { return cmp.Compare(a.num, b.num) })
	}
	if was && !(is && old.area == now.area) { // whoever the new area doesn't reach falls out
		p.places.Visit(old.area, func(nums []uint32) {
			for _, num := range nums {
				concerned.add(num)
			}
		}, concerned.add)
	}
	concerned.each(func(num uint32) {
		switch {
		case inside.has(num):
			r.set(num, geo.Inside, 1)
		case len(possible) > 0 && possible[0].num == num:
			r.set(num, possible[0].verdict, possible[0].share)
			possible = possible[1:]
		default:
			r.set(num, geo.Outside, 0)
		}
	})
}

// matched is a verdict that isn't outside.
type matched struct {
	num     uint32
	verdict geo.Verdict
	share   float32
}

// rematching writes the new verdicts against one zone.
type rematching struct {
	p    *picture
	ch   *changes
	zone *zoneState
	slab []exposure
}

// set is called with people whose verdict is not outside, or perhaps was not
// before.
func (r *rematching) set(num uint32, v geo.Verdict, share float32) {
	p, z := r.p, r.zone
	x := p.people.record(num)
	if x.hot.crisis != z.crisis {
		return
	}
	at, held := slices.BinarySearchFunc(x.exp, z.num, func(e exposure, n uint32) int { return int(int64(e.zone) - int64(n)) })
	from := geo.Outside
	var exp []exposure
	switch {
	case !held && v == geo.Outside:
		return
	case v == geo.Outside:
		from = x.exp[at].verdict
		exp = r.exposures(len(x.exp) - 1)
		copy(exp, x.exp[:at])
		copy(exp[at:], x.exp[at+1:])
	default:
		e := exposure{zone: z.num, share: share, verdict: v, since: max(z.since, p.fixAt(x.hot, num))}
		if held {
			from = x.exp[at].verdict
			exp = x.exp
			if e != x.exp[at] {
				exp = r.exposures(len(x.exp))
				copy(exp, x.exp)
				exp[at] = e
			}
			break
		}
		exp = r.exposures(len(x.exp) + 1)
		copy(exp, x.exp[:at])
		exp[at] = e
		copy(exp[at+1:], x.exp[at:])
	}
	if from != v && x.hot.marks&markGone == 0 {
		r.ch.moves = append(r.ch.moves, move{z.num, num, from, v})
	}
	p.expose(num, exp)
}

// exposures is room for n of them. It is cut from slabs, which a few people share:
// a zone is published for thousands, and one allocation each would cost more than
// all the rest.
func (r *rematching) exposures(n int) []exposure {
	const slab = 16
	if n == 0 {
		return nil
	}
	if n > slab/2 {
		return make([]exposure, n)
	}
	if n > len(r.slab) {
		r.slab = make([]exposure, slab)
	}
	out := r.slab[:n:n]
	r.slab = r.slab[n:]
	return out
}

// expose replaces somebody's exposures, and what follows from them.
func (p *picture) expose(num uint32, exp []exposure) {
	x := p.people.record(num)
	g := *x.hot
	g.level, g.verdict = p.top(exp)
	if was, is := x.hot.freshFor(), g.freshFor(); was != is {
		if p.knownFix(x.hot) {
			g.staleAt += is - was
		} else {
			g.staleAt = p.staleAt(&g, x.cold)
		}
	}
	same := len(exp) == len(x.exp) && (len(exp) == 0 || &exp[0] == &x.exp[0])
	if same && g == *x.hot {
		return
	}
	h, e := p.people.editPlace(num)
	*h, *e = g, exp
}

// knownFix tells whether the time of a placed person's fix follows from what is
// hot: staleAt is freshFor after it, but for an itinerary's.
func (p *picture) knownFix(h *hot) bool { return h.onward == 0 && h.staleAt != 0 }

// fixAt is the time of a placed person's fix, µs, from what is hot where it can be.
func (p *picture) fixAt(h *hot, num uint32) int64 {
	if p.knownFix(h) {
		return h.staleAt - h.freshFor()
	}
	_, c := p.people.at(num)
	return c.fixAt
}

// bitset is a set of people by number.
type bitset []uint64

func newBitset(n uint32) bitset { return make(bitset, n/64+1) }

func (b bitset) has(num uint32) bool { return b[num/64]&(1<<(num%64)) != 0 }
func (b bitset) add(num uint32)      { b[num/64] |= 1 << (num % 64) }

// each calls fn with the members, ascending.
func (b bitset) each(fn func(num uint32)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			fn(uint32(i*64 + bits.TrailingZeros64(w)))
		}
	}
}
