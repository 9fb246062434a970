package tracker

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker/names"
)

// Freshness restricts a filter to positions that are fresh or stale.
type Freshness uint8

const (
	AnyAge Freshness = iota
	Fresh
	Stale
)

// Set is a set of the numbers of one word type; empty: any.
type Set uint16

// Add puts a number into the set.
func (s *Set) Add(n uint8) { *s |= 1 << min(n, 15) }

func (s Set) has(n uint8) bool { return s == 0 || s&(1<<min(n, 15)) != 0 }

// Filter says which people are meant. Zero fields don't restrict. All lists,
// cells, counts and exports go through the one predicate made from it.
type Filter struct {
	Crisis ID
	// Zone: inside or possibly inside this zone, if it is in force.
	Zone    ID
	Country string
	Airport string
	Mission ID // responsible
	// Verdicts (numbers of geo.Verdict) is against Zone, else against the
	// highest zone in force.
	Verdicts  Set
	Freshness Freshness
	Wellbeing Set
	Intention Set
	Contact   Set
	Stay      Set
	Levels    Set // 0..4 of the highest zone
	Stranded  *bool
	Placed    *bool
	Boxes     []orb.Bound
	Text      string
}

// query is a filter made ready for one view.
type query struct {
	v       *View
	f       *Filter
	crisis  uint16
	zone    int64 // number, -1: none
	country uint16
	airport uint16
	mission uint16
	text    *names.Query
	// plain: nothing but the crisis and the scope restrict it.
	plain bool
}

// prepare resolves the filter's names. Unknown ones are ErrNotFound (zone,
// crisis, mission) or FieldErrors.
func (v *View) prepare(f *Filter) (*query, error) {
	q := &query{v: v, f: f, zone: -1}
	n, ok := v.s.crisisNum(f.Crisis)
	if !ok {
		return nil, fmt.Errorf("%w: crisis", ErrNotFound)
	}
	q.crisis = n
	if !f.Zone.IsZero() {
		z, ok := v.s.zone(f.Zone)
		if !ok || z.crisis != n {
			return nil, fmt.Errorf("%w: zone %s", ErrNotFound, f.Zone)
		}
		q.zone = int64(z.num)
	}
	if f.Country != "" {
		c, ok := v.s.countryNums[f.Country]
		if !ok {
			return nil, invalid("country", "unknown_country", "no country has this code")
		}
		q.country = c + 1
	}
	if f.Airport != "" {
		i, ok := v.s.world.Airport(f.Airport)
		if !ok {
			return nil, invalid("airport", "unknown_airport", "no airport has this code")
		}
		q.airport = uint16(i) + 1
	}
	if !f.Mission.IsZero() {
		m, ok := v.s.missionNums[f.Mission]
		if !ok {
			return nil, fmt.Errorf("%w: mission %s", ErrNotFound, f.Mission)
		}
		q.mission = m + 1
	}
	if f.Text != "" {
		text := names.NewQuery(f.Text)
		if text.Empty() {
			return nil, invalid("text", "too_short", "nothing to search for")
		}
		q.text = &text
	}
	rest := *f
	rest.Crisis = ID{}
	q.plain = reflect.ValueOf(rest).IsZero()
	return q, nil
}

// match tells whether a person is meant, and their verdict: against the
// filter's zone, or the highest one.
func (q *query) match(r *record) (geo.Verdict, bool) {
	f, h, c := q.f, r.hot, r.cold
	if h.crisis != q.crisis || !q.v.sees(h, c) {
		return 0, false
	}
	if q.plain {
		return geo.Verdict(h.verdict), true
	}
	if f.Levels != 0 && !f.Levels.has(h.level) ||
		!f.Intention.has(h.intention) || !f.Contact.has(h.contact) || !f.Stay.has(h.stay) ||
		q.airport != 0 && h.airport != q.airport || q.mission != 0 && h.mission != q.mission {
		return 0, false
	}
	if f.Wellbeing != 0 && !f.Wellbeing.has(uint8(q.v.wellbeing(h))) {
		return 0, false
	}
	if f.Freshness != AnyAge && (f.Freshness == Stale) != (h.staleAt <= q.v.nowUS) {
		return 0, false
	}
	if f.Placed != nil && *f.Placed != (h.marks&markPlaced != 0) {
		return 0, false
	}
	if f.Stranded != nil && *f.Stranded != h.stranded(q.v.nowUS) {
		return 0, false
	}
	if q.country != 0 && !inCountry(h, c, q.country) {
		return 0, false
	}
	if f.Boxes != nil && (h.marks&markPlaced == 0 || !inBoxes(h, f.Boxes)) {
		return 0, false
	}
	verdict := geo.Verdict(h.verdict)
	if q.zone >= 0 {
		if h.level == 0 {
			return 0, false
		}
		e := against(r.exp, uint32(q.zone))
		if e == nil {
			return 0, false
		}
		verdict = e.verdict
	}
	if !f.Verdicts.has(uint8(verdict)) {
		return 0, false
	}
	if q.text != nil && !c.text.matches(q.text) {
		return 0, false
	}
	return verdict, true
}

func inCountry(h *hot, c *cold, n uint16) bool {
	if h.c0 == n || h.c1 == n {
		return true
	}
	for _, m := range c.countries() {
		if m == n {
			return true
		}
	}
	return false
}

func against(exp []exposure, zone uint32) *exposure {
	for i := range exp {
		if exp[i].zone == zone {
			return &exp[i]
		}
	}
	return nil
}

// scan runs add over everybody that q means: over those near its zone and boxes
// where these leave few, else over all, on all cores when they are many. Each worker
// has its own accumulator; they are returned in no order.
func scan[A any](q *query, add func(a *A, r *record, v geo.Verdict)) []A {
	if few, ok := q.candidates(); ok {
		accs := make([]A, 1)
		q.each(few, func(r *record, v geo.Verdict) { add(&accs[0], r, v) })
		return accs
	}
	p := &q.v.s.people
	const leastEach = 32_768
	workers := min(runtime.GOMAXPROCS(0), int(p.n/leastEach)+1)
	accs := make([]A, workers)
	var wg sync.WaitGroup
	for w := range workers {
		lo, hi := uint64(p.n)*uint64(w)/uint64(workers), uint64(p.n)*uint64(w+1)/uint64(workers)
		work := func() {
			a := &accs[w]
			p.each(uint32(lo), uint32(hi), func(r *record) bool {
				if v, ok := q.match(r); ok {
					add(a, r, v)
				}
				return true
			})
		}
		if w == workers-1 {
			work()
			break
		}
		wg.Go(work)
	}
	wg.Wait()
	return accs
}

// each is scan over the people of a set alone, by one worker.
func (q *query) each(nums bitset, add func(r *record, v geo.Verdict)) {
	p := &q.v.s.people
	var r record
	nums.each(func(num uint32) {
		r = p.record(num)
		if v, ok := q.match(&r); ok {
			add(&r, v)
		}
	})
}

// candidates are people among whom are all whom q means, if its zone or boxes leave
// so few that it pays to ask the index of places for them.
func (q *query) candidates() (few bitset, ok bool) {
	s := q.v.s
	boxes := q.f.Boxes
	var area *geo.Area
	switch {
	case q.zone >= 0 && s.zones[q.zone].matches():
		area = s.zones[q.zone].area
		boxes = widened(area.Bound(), wanderMostM) // by age they may be that far away
	case boxes == nil:
		return nil, false
	}
	const share = 8
	left := int(s.people.n / share)
	few = newBitset(s.people.n)
	for _, b := range boxes {
		s.places.Blocks(b, func(block *geo.Block) bool {
			few.addAll(block.IDs())
			left -= len(block.IDs())
			return left >= 0
		})
	}
	if left < 0 {
		return nil, false
	}
	if area != nil {
		mayBeIn(area, s.places, few)
	}
	return few, true
}
