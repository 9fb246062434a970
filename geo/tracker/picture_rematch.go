package tracker

import (
	"maps"
	"slices"

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
	p.forgetAged(now.num)
	r := &rematching{p: p, ch: ch, zone: now}
	was, is := old != nil && old.matches(), now.matches()
	var m members
	concerned := newBitset(p.people.n)
	if is {
		m = membersOf(now.area, &p.places.PointSet, &p.people)
		m.addTo(concerned)
	}
	if was && !(is && old.area == now.area) { // whoever the new area doesn't reach falls out
		mayBeIn(old.area, &p.places.PointSet, concerned)
	}
	concerned.each(func(num uint32) { r.set(num, m.verdict(num)) })
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
func (r *rematching) set(num uint32, m matched) {
	v, share := m.verdict, m.share
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
		e := exposure{zone: z.num, share: share, verdict: v, since: max(z.since, fixAt(&x))}
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
	setMark(&g, markAged, slices.ContainsFunc(exp, isAged))
	level := p.knownLevel(&g, exp)
	switch was, is := x.hot.freshFor(x.hot.level), g.freshFor(level); {
	case x.hot.marks&markAged != 0 || was != is && !knownFix(x.hot):
		g.staleAt = p.staleAt(&g, x.cold, level)
	case was != is:
		g.staleAt += is - was
	}
	same := len(exp) == len(x.exp) && (len(exp) == 0 || &exp[0] == &x.exp[0])
	if same && g == *x.hot {
		return
	}
	staleAt := x.hot.staleAt
	h, e := p.people.editPlace(num)
	*h, *e = g, exp
	if g.staleAt != staleAt {
		if at := g.staleAt; g.marks&markAged != 0 {
			p.ageing.wait(num, 0) // how far they may have gone has changed
		} else {
			p.ageing.wait(num, at)
		}
	}
}

// knownLevel is the level of the highest zone that somebody is exposed to not by age
// alone.
func (p *picture) knownLevel(h *hot, exp []exposure) uint8 {
	if h.marks&markAged == 0 {
		return h.level
	}
	level, _ := p.top(known(exp))
	return level
}

// knownFix tells whether the time of the fix of a placed person, exposed to nothing
// by age, follows from what is hot: staleAt is freshFor after it, but for an
// itinerary's.
func knownFix(h *hot) bool { return h.onward == 0 && h.staleAt != 0 }

// fixAt is the time of a placed person's fix, µs, from what is hot where it can be.
func fixAt(x *record) int64 {
	if knownFix(x.hot) && x.hot.marks&markAged == 0 {
		return x.hot.staleAt - x.hot.freshFor(x.hot.level)
	}
	return x.cold.fixAt
}
