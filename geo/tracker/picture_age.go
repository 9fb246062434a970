package tracker

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"aman/geo"
)

// Once a fix is stale, whoever it was of may have gone on: from then on they may be
// in a zone that they were outside of, as soon as they could have walked there. It
// is an exposure by age, possible with a share of 0, and no event: nobody has said
// anything. Inside stays inside, possible stays possible.
//
// It follows from the fix, the zones and the clock's minute alone, so that every
// instance has it alike. Nobody is touched before their minute has come: each placed
// person waits in the wheel for the minute in which they grow stale, then for the
// next in which they could have reached one more zone.
const (
	// wanderMS is a walking pace, metres a second: what anybody can do.
	wanderMS = 5 / 3.6
	// wanderMostM is how far it is taken, metres. Beyond that everybody may be
	// everywhere, and the number says nothing.
	wanderMostM = 50_000
	// ageAtOnce bounds the people of one round, so that a million who grow stale in
	// one minute don't stop the picture; the others follow in the next rounds.
	ageAtOnce = 20_000

	minuteUS = 60_000_000
)

// aged tells whether an exposure is by age alone.
func (e *exposure) aged() bool { return e.share == 0 }

// ageing is who has to be looked at when.
type ageing struct {
	now int64 // the last minute that was begun, µs
	// slots holds, by number, the minute for which somebody waits; 0: for none,
	// 1: they are overdue. Entries of wheel that slots doesn't agree with are void.
	slots   []uint32
	wheel   map[uint32][]uint32 // by minute
	overdue []uint32
	// zones are those whose surroundings have to be looked at.
	zones map[uint32]bool
	// in lists, by zone, who is exposed to it by age, and some who no longer are.
	in map[uint32]*agedIn
}

type agedIn struct {
	nums []uint32
	most int // nums is cleaned when it grows beyond
}

func newAgeing() ageing {
	return ageing{wheel: map[uint32][]uint32{}, zones: map[uint32]bool{}, in: map[uint32]*agedIn{}}
}

const slotOverdue = 1

// wait has somebody looked at in the minute after at, µs, or earlier if they wait
// for that already.
func (a *ageing) wait(num uint32, at int64) {
	minute := uint32(max(at+minuteUS-1, 0) / minuteUS)
	if int64(minute)*minuteUS <= a.now {
		minute = slotOverdue
	}
	for int(num) >= len(a.slots) {
		a.slots = append(a.slots, 0)
	}
	if s := a.slots[num]; s != 0 && s <= minute {
		return
	}
	a.slots[num] = minute
	if minute == slotOverdue {
		a.overdue = append(a.overdue, num)
		return
	}
	a.wheel[minute] = append(a.wheel[minute], num)
}

// begin makes everybody overdue whose minute has come by now, µs.
func (a *ageing) begin(now int64) {
	now -= now % minuteUS
	if now <= a.now {
		return
	}
	a.now = now
	var due []uint32
	for minute := range a.wheel {
		if int64(minute)*minuteUS <= now {
			due = append(due, minute)
		}
	}
	slices.Sort(due)
	for _, minute := range due {
		for _, num := range a.wheel[minute] {
			if a.slots[num] == minute {
				a.slots[num] = slotOverdue
				a.overdue = append(a.overdue, num)
			}
		}
		delete(a.wheel, minute)
	}
}

// age brings the exposures by age to the moment now, µs, and reports whether any
// changed since the last snapshot.
func (p *picture) age(now int64) bool {
	a, before := &p.ageing, len(p.people.changed)
	a.begin(now)
	for num := range a.zones {
		p.ageAround(p.zones[num])
	}
	clear(a.zones)
	round := a.overdue[:min(len(a.overdue), ageAtOnce)]
	for _, num := range round {
		a.slots[num] = 0
		p.ageOne(num)
	}
	a.overdue = slices.Delete(a.overdue, 0, len(round))
	return len(p.people.changed) > before
}

// ageAround makes the stale people near a zone overdue.
func (p *picture) ageAround(z *zoneState) {
	if !z.matches() {
		return
	}
	for _, b := range widened(z.area.Bound(), wanderMostM) {
		p.places.Search(b, func(num uint32, _ orb.Point) bool {
			if h, _ := p.people.at(num); h.staleAt <= p.ageing.now {
				p.ageing.wait(num, 0)
			}
			return true
		})
	}
}

// widened are boxes that hold all places within metres of b.
func widened(b orb.Bound, metres float64) []orb.Bound {
	if b.IsEmpty() {
		return nil
	}
	dlat := metres / 110_500 // a degree of latitude is never shorter
	south, north := max(b.Min[1]-dlat, -90), min(b.Max[1]+dlat, 90)
	far := max(math.Abs(south), math.Abs(north))
	if far >= 89 {
		return []orb.Bound{{Min: orb.Point{-180, south}, Max: orb.Point{180, north}}}
	}
	dlon := dlat / math.Cos(far*math.Pi/180) * 1.01
	west, east := b.Min[0]-dlon, b.Max[0]+dlon
	out := []orb.Bound{{Min: orb.Point{max(west, -180), south}, Max: orb.Point{min(east, 180), north}}}
	if west < -180 {
		out = append(out, orb.Bound{Min: orb.Point{west + 360, south}, Max: orb.Point{180, north}})
	}
	if east > 180 {
		out = append(out, orb.Bound{Min: orb.Point{-180, south}, Max: orb.Point{east - 360, north}})
	}
	return out
}

// wander is how far, metres, somebody can have gone beyond their error radius by a
// moment, µs; less than 0: their fix isn't stale, or is too vague to grow.
func (h *hot) wander(now int64) float64 {
	if h.marks&markPlaced == 0 || h.staleAt > now || h.radius >= wanderMostM {
		return -1
	}
	return min(float64(now-h.staleAt)/1e6*wanderMS, wanderMostM-float64(h.radius))
}

// reaches tells whether somebody outside of an area may be in it by age, at a
// moment, µs.
func (h *hot) reaches(a *geo.Area, now int64) bool {
	wander := h.wander(now)
	if wander < 0 {
		return false
	}
	within := float64(h.radius) + wander
	return a.DistanceWithin(orb.Point{h.lon, h.lat}, within) <= within
}

// ageOne works out somebody's exposures by age, and when to look again.
func (p *picture) ageOne(num uint32) {
	x := p.people.record(num)
	h, now := x.hot, p.ageing.now
	exp := known(x.exp)
	wander := h.wander(now)
	switch {
	case wander >= 0:
		exp = slices.Clip(exp)
		next := int64(math.MaxInt64)
		radius := float64(h.radius)
		p.index.Nearby(orb.Point{h.lon, h.lat}, wanderMostM, func(id uint32, _ *geo.Area, distM float64) bool {
			z := p.zones[id]
			if e := against(x.exp, id); z.crisis != h.crisis || e != nil && !e.aged() {
				return true
			}
			gap := max(distM-radius, 0)
			at := h.staleAt + int64(math.Ceil(gap/wanderMS*1e6)) // wander at this moment is the gap
			if at > now {
				next = min(next, max(at, now+1))
				return true
			}
			exp = append(exp, exposure{zone: id, verdict: geo.Possible, since: max(at, z.since)})
			p.ageing.expose(p, id, num)
			return true
		})
		slices.SortFunc(exp, func(a, b exposure) int { return cmp.Compare(a.zone, b.zone) })
		if next < math.MaxInt64 {
			p.ageing.wait(num, next)
		}
	case h.marks&markPlaced != 0 && h.staleAt > now:
		p.ageing.wait(num, h.staleAt)
	}
	if !slices.Equal(exp, x.exp) {
		p.expose(num, exp)
	}
}

// known are the exposures that aren't by age; the list itself, if all are.
func known(exp []exposure) []exposure {
	if !slices.ContainsFunc(exp, isAged) {
		return exp
	}
	return slices.DeleteFunc(slices.Clone(exp), isAged)
}

func isAged(e exposure) bool { return e.aged() }

// expose notes that somebody is exposed to a zone by age.
func (a *ageing) expose(p *picture, zone, num uint32) {
	in := a.in[zone]
	if in == nil {
		in = &agedIn{most: 64}
		a.in[zone] = in
	}
	in.nums = append(in.nums, num)
	if len(in.nums) <= in.most {
		return
	}
	slices.Sort(in.nums)
	in.nums = slices.DeleteFunc(slices.Compact(in.nums), func(n uint32) bool {
		e := against(p.people.exposures(n), zone)
		return n != num && (e == nil || !e.aged())
	})
	in.most = 2*len(in.nums) + 64
}

// forgetAged takes the exposures by age to a zone away; age works them out anew.
func (p *picture) forgetAged(zone uint32) {
	p.ageing.zones[zone] = true
	in := p.ageing.in[zone]
	if in == nil {
		return
	}
	delete(p.ageing.in, zone)
	for _, num := range in.nums {
		exp := p.people.exposures(num)
		if e := against(exp, zone); e != nil && e.aged() {
			p.expose(num, slices.DeleteFunc(slices.Clone(exp), func(e exposure) bool { return e.zone == zone }))
		}
	}
}
