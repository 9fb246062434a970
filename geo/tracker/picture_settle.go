package tracker

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// How long a fix stays fresh (mission.md: Age).
const (
	freshLevel4   = 6 * time.Hour
	freshLevel3   = 24 * time.Hour
	freshElse     = 24 * time.Hour
	freshResident = 7 * 24 * time.Hour
	freshOnward   = 3 * time.Hour
)

// settled is everything about a person that follows from where they are.
// Working it out only reads the picture, so many can be worked out at once.
type settled struct {
	num     uint32
	c0, c1  uint16
	more    []uint16
	near    bool
	airport uint16
	badPort bool
	areas   []uint16
	exp     []exposure
}

// settle works out place and exposures of the people of nums (ascending, no
// doubles) and notes in ch what changed.
func (p *picture) settle(nums []uint32, ch *changes) {
	const batch = 4096
	var out []settled
	for len(nums) > 0 {
		part := nums[:min(batch, len(nums))]
		nums = nums[len(part):]
		out = p.workOut(out[:0], part)
		for i := range out {
			p.put(&out[i], ch)
		}
	}
}

// settleAll settles everybody, at start.
func (p *picture) settleAll() {
	var placed []uint32
	p.people.each(0, p.people.n, func(r *record) bool {
		if r.hot.marks&markPlaced != 0 {
			placed = append(placed, r.num)
		}
		return true
	})
	p.places.Load(len(placed), func(i int) (uint32, orb.Point, float64) {
		h, _ := p.people.at(placed[i])
		return placed[i], orb.Point{h.lon, h.lat}, float64(h.radius)
	})
	nums := make([]uint32, p.people.n)
	for i := range nums {
		nums[i] = uint32(i)
	}
	p.settle(nums, nil)
}

func (p *picture) workOut(dst []settled, nums []uint32) []settled {
	dst = slices.Grow(dst, len(nums))[:len(nums)]
	workers := min(runtime.GOMAXPROCS(0), len(nums)/256+1)
	var wg sync.WaitGroup
	for w := range workers {
		lo, hi := len(nums)*w/workers, len(nums)*(w+1)/workers
		work := func() {
			var hits []geo.Hit
			for i := lo; i < hi; i++ {
				dst[i], hits = p.workOutOne(nums[i], hits)
			}
		}
		if w == workers-1 {
			work()
			break
		}
		wg.Go(work)
	}
	wg.Wait()
	return dst
}

func (p *picture) workOutOne(num uint32, hits []geo.Hit) (settled, []geo.Hit) {
	h, c := p.people.at(num)
	s := settled{num: num}
	if h.marks&markPlaced == 0 {
		s.c0 = c.declared
		return s, hits
	}
	pt := orb.Point{h.lon, h.lat}
	radius := float64(h.radius)
	if c.namedAirport != 0 {
		s.airport = uint16(c.namedAirport)
		s.c0 = p.countryNum(p.world.Airports()[c.namedAirport-1].Country)
	} else {
		if i, ok := p.world.AirportAt(pt); ok {
			s.airport = uint16(i) + 1
		}
		for i, hit := range p.world.Countries(pt, radius) {
			n := p.countryNum(hit.Code)
			switch i {
			case 0:
				s.c0, s.near = n, hit.Near
			case 1:
				s.c1 = n
			default:
				s.more = append(s.more, n)
			}
		}
	}
	if s.c0 == 0 {
		s.c0 = c.declared
	}
	if s.airport != 0 {
		st := p.airports[airportKey{h.crisis, int32(s.airport) - 1}].Status
		s.badPort = st == AirportLimited || st == AirportClosed
	}
	s.areas = p.areasAt(pt)
	if hits = p.index.Match(hits[:0], pt, radius); len(hits) > 0 {
		s.exp = p.exposed(make([]exposure, 0, len(hits)), hits, h.crisis, c.fixAt)
	}
	return s, hits
}

// exposed appends what hits mean for somebody of a crisis whose fix is of a time, µs.
func (p *picture) exposed(dst []exposure, hits []geo.Hit, crisis uint16, fixAt int64) []exposure {
	for _, hit := range hits {
		if z := p.zones[hit.ID]; z.crisis == crisis {
			dst = append(dst, exposure{zone: hit.ID, share: hit.Share, verdict: hit.Verdict, since: max(z.since, fixAt)})
		}
	}
	return dst
}

// areasAt lists the missions whose polygon area holds a point.
func (p *picture) areasAt(pt orb.Point) []uint16 {
	var ms []uint16
	for i, a := range p.missionArea {
		if a != nil && a.Contains(pt) {
			ms = append(ms, uint16(i))
		}
	}
	return ms
}

func (p *picture) settleAreas(num uint32) {
	h, c := p.people.at(num)
	if h.marks&markPlaced == 0 {
		return
	}
	if ms := p.areasAt(orb.Point{h.lon, h.lat}); !slices.Equal(ms, c.areas()) {
		more := c.countries()
		_, c := p.people.edit(num)
		c.setWide(more, ms)
	}
}

// setWide replaces what few people have; it makes nothing where nobody needs it.
func (c *cold) setWide(countries, areas []uint16) {
	c.wide = nil
	if len(countries)+len(areas) > 0 {
		c.wide = &wide{countries, areas}
	}
}

// put writes what was worked out and notes moves and the newly stranded. Who
// did not change is not written, so that their chunk stays shared.
func (p *picture) put(s *settled, ch *changes) {
	r := p.people.record(s.num)
	h, c := r.hot, r.cold
	g := *h
	g.c0, g.c1, g.airport = s.c0, s.c1, s.airport
	setMark(&g, markNear, s.near)
	setMark(&g, markAirportBad, s.badPort)
	setMark(&g, markPriority, c.needs != 0)
	g.level, g.verdict = p.top(s.exp)
	setMark(&g, markAged, false)
	g.staleAt = p.staleAt(&g, c, g.level)
	if ch != nil && h.marks&markGone == 0 {
		now := micros(ch.at)
		ch.moves = appendMoves(ch.moves, s.num, r.exp, s.exp)
		if !h.stranded(now) && g.stranded(now) {
			ch.stranded = append(ch.stranded, s.num)
		}
	}
	if !slices.Equal(c.areas(), s.areas) || !slices.Equal(c.countries(), s.more) {
		_, c = p.people.edit(s.num)
		c.setWide(s.more, s.areas)
	}
	if g.marks&markPlaced != 0 {
		p.places.Set(s.num, orb.Point{g.lon, g.lat}, float64(g.radius))
	} else {
		p.places.Delete(s.num)
	}
	if same := slices.Equal(r.exp, s.exp); g != *h || !same {
		h, exp := p.people.editPlace(s.num)
		*h = g
		if !same {
			*exp = s.exp
		}
	}
	if g.marks&markPlaced == 0 {
		return
	}
	if p.loaded && g.staleAt <= p.ageing.now {
		p.ageOne(s.num)
	} else {
		p.ageing.wait(s.num, g.staleAt)
	}
}

// topOf is the exposure to the highest zone that isn't outside, nil without any: at
// the same level inside beats possible, then the larger share.
func topOf(zones []*zoneState, exp []exposure) (top *exposure, level int) {
	for i := range exp {
		e := &exp[i]
		z := zones[e.zone]
		if !z.matches() {
			continue // about to be taken away
		}
		l := z.active.Level
		if top == nil || cmp.Or(cmp.Compare(l, level), cmp.Compare(e.verdict, top.verdict), cmp.Compare(e.share, top.share)) > 0 {
			top, level = e, l
		}
	}
	return top, level
}

// top is the level of the highest zone and the verdict against it.
func (p *picture) top(exp []exposure) (level, verdict uint8) {
	e, l := topOf(p.zones, exp)
	if e == nil {
		return 0, 0
	}
	return uint8(l), uint8(e.verdict)
}

// staleAt is when what is known of a person's place grows old; level is that of the
// highest zone that they are known to be in, or possibly.
func (p *picture) staleAt(h *hot, c *cold, level uint8) int64 {
	at := c.fixAt
	if h.marks&markPlaced == 0 {
		at = c.heardAt
	}
	switch {
	case at == 0:
		return 0
	case c.method == Itinerary && h.onward != 0 && h.marks&markPlaced != 0:
		return h.onward + freshOnward.Microseconds()
	}
	return at + h.freshFor(level)
}

// freshFor is how long word of a person stays fresh, µs, but for an itinerary's.
func (h *hot) freshFor(level uint8) int64 {
	d := freshElse
	switch {
	case level == 4, h.airport != 0:
		d = freshLevel4
	case level == 3:
		d = freshLevel3
	case h.stay == uint8(Resident):
		d = freshResident
	}
	return d.Microseconds()
}

// appendMoves compares two ascending lists of exposures. What is old by age alone is
// as good as outside: nobody was told of it.
func appendMoves(dst []move, num uint32, old, now []exposure) []move {
	for len(old) > 0 || len(now) > 0 {
		switch {
		case len(old) > 0 && old[0].aged():
			old = old[1:]
		case len(now) == 0 || len(old) > 0 && old[0].zone < now[0].zone:
			dst = append(dst, move{old[0].zone, num, old[0].verdict, geo.Outside})
			old = old[1:]
		case len(old) == 0 || now[0].zone < old[0].zone:
			dst = append(dst, move{now[0].zone, num, geo.Outside, now[0].verdict})
			now = now[1:]
		default:
			if old[0].verdict != now[0].verdict {
				dst = append(dst, move{now[0].zone, num, old[0].verdict, now[0].verdict})
			}
			old, now = old[1:], now[1:]
		}
	}
	return dst
}
