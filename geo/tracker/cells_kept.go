package tracker

import (
	"math"
	"math/bits"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"aman/geo"
)

// cellsKey says whose cells are alike at every moment: it is what a filter and a
// scope come to, but for what the sums keep apart (variant) and the view's boxes.
type cellsKey struct {
	crisis, country, airport, mission           uint16
	zone                                        *zoneState // nil: none
	wellbeing, intention, contact, stay, levels Set
	placed                                      int8
	all, casualty, consul                       bool
	scope                                       uint16   // the mission, number + 1
	missions                                    *Mission // the first of the list that tells its area
}

func (q *query) cellsKey() cellsKey {
	f, v := q.f, q.v
	k := cellsKey{
		crisis: q.crisis, country: q.country, airport: q.airport, mission: q.mission,
		wellbeing: f.Wellbeing, intention: f.Intention, contact: f.Contact, stay: f.Stay, all: v.scope.All,
	}
	if q.zone >= 0 {
		k.zone, k.levels = v.s.zones[q.zone], f.Levels
	}
	if f.Placed != nil {
		k.placed = 1
		if !*f.Placed {
			k.placed = -1
		}
	}
	if f.Wellbeing != 0 { // who died is seen by few
		k.casualty, k.consul = v.scope.Casualty, v.scope.Consul
	}
	if !k.all || k.consul {
		k.scope = v.mission
		if len(v.s.missions) > 0 {
			k.missions = &v.s.missions[0]
		}
	}
	return k
}

// timeless is the query without what the sums keep apart, bound to no snapshot.
func (q *query) timeless() query {
	f := *q.f
	f.Freshness, f.Stranded, f.Verdicts, f.Boxes = AnyAge, nil, 0, nil
	if q.zone < 0 {
		f.Levels = 0
	}
	t := *q
	t.f = &f
	t.v = &View{scope: q.v.scope, mission: q.v.mission, countries: q.v.countries}
	rest := f
	rest.Crisis = ID{}
	t.plain = reflect.ValueOf(rest).IsZero()
	return t
}

// wants tells whether a query's filter means people of a variant.
func (q *query) wants(n variant) bool {
	f := q.f
	return f.Verdicts.has(uint8(n.verdict())) && (f.Freshness == AnyAge || (f.Freshness == Stale) == n.stale()) &&
		(f.Stranded == nil || *f.Stranded == n.stranded()) && (q.zone >= 0 || f.Levels.has(n.level()))
}

// keptCells are the cells of everybody whom one key means. They are worked out once
// and then follow the snapshots that they are asked for, in either direction.
type keptCells struct {
	mu    sync.Mutex
	query query
	level uint8 // of the zone, where the query has one
	built bool
	// The table, its version and the moment that the trees are of.
	people  people
	version uint64
	now     int64
	placed  cellTree
	// size is how many people are counted.
	size atomic.Int64
	// unplaced has no places: people are spread by their numbers.
	unplaced cellTree
}

func newKeptCells(q *query) *keptCells {
	k := &keptCells{query: q.timeless()}
	if q.zone >= 0 {
		if active := q.v.s.zones[q.zone].active; active != nil { // else nobody is in it
			k.level = uint8(active.Level)
		}
	}
	ask := func(num uint32) counted {
		r := k.people.record(num)
		return k.member(&r)
	}
	k.placed.ask, k.unplaced.ask = ask, ask
	return k
}

// count tells how somebody counts at k.now, and in which tree.
func (k *keptCells) count(r *record) (c counted, in *cellTree, ok bool) {
	if _, ok := k.query.match(r); !ok {
		return counted{}, nil, false
	}
	if r.hot.marks&markPlaced == 0 {
		return k.member(r), &k.unplaced, true
	}
	return k.member(r), &k.placed, true
}

// member is count for those who are known to count.
func (k *keptCells) member(r *record) counted {
	h := r.hot
	level, verdict := h.level, geo.Verdict(h.verdict)
	if k.query.zone >= 0 {
		level, verdict = k.level, against(r.exp, uint32(k.query.zone)).verdict
	}
	c := counted{
		x: h.mx, y: h.my, variant: newVariant(level, verdict, h.staleAt <= k.now, h.stranded(k.now)),
		tally: tallyOf(h), next: math.MaxInt64,
	}
	c.changesAt(h.staleAt, k.now)
	if h.airport != 0 {
		c.changesAt(h.onward, k.now)
	}
	if h.marks&markPlaced == 0 {
		c.x, c.y = bits.Reverse32(r.num), r.num*0x9e3779b1
	}
	return c
}

func (c *counted) changesAt(at, now int64) {
	if at > now {
		c.next = min(c.next, at)
	} else {
		c.last = max(c.last, at)
	}
}

// bring makes the trees those of a snapshot at a moment, µs. It reports false for
// a moment before that of the trees if somebody grew stale or stranded in between.
func (k *keptCells) bring(s *Snapshot, now int64) bool {
	if k.built && k.version != s.version {
		if nums, ok := s.cells.journal.between(k.version, s.version); ok && uint32(len(nums)) <= s.people.n/8+leafLen {
			k.follow(s, nums)
		} else {
			k.built = false
		}
	}
	if !k.built {
		k.build(s, now)
		return true
	}
	if now < k.now && now < max(k.placed.crossed, k.unplaced.crossed) {
		return false
	}
	k.now = now
	k.placed.forward(now)
	k.unplaced.forward(now)
	return true
}

func (k *keptCells) build(s *Snapshot, now int64) {
	k.people, k.version, k.now, k.built = s.people, s.version, now, true
	var placed, unplaced []placedNum
	k.people.each(0, k.people.n, func(r *record) bool {
		if c, in, ok := k.count(r); ok {
			if in == &k.placed {
				placed = append(placed, placedNum{c.x, c.y, r.num})
			} else {
				unplaced = append(unplaced, placedNum{c.x, c.y, r.num})
			}
		}
		return true
	})
	k.placed.crossed, k.unplaced.crossed = 0, 0
	k.placed.fill(placed)
	k.unplaced.fill(unplaced)
	k.size.Store(int64(len(placed) + len(unplaced)))
}

// follow takes in that people changed between the trees' snapshot and another.
func (k *keptCells) follow(s *Snapshot, nums []uint32) {
	for _, num := range nums {
		var was, is *counted
		var from, to *cellTree
		if num < k.people.n {
			r := k.people.record(num)
			if c, in, ok := k.count(&r); ok {
				was, from = &c, in
			}
		}
		if num < s.people.n {
			r := s.people.record(num)
			if c, in, ok := k.count(&r); ok {
				is, to = &c, in
			}
		}
		switch {
		case from == to && from != nil:
			if *was != *is {
				from.change(num, was, is)
			}
			continue
		case from != nil:
			from.change(num, was, nil)
		}
		if to != nil {
			to.change(num, nil, is)
		}
	}
	k.people, k.version = s.people, s.version
	k.placed.settle()
	k.unplaced.settle()
}

// cells answers a query for its view; ok is false where the trees can't go back to
// its moment.
func (k *keptCells) cells(q *query, boxes []orb.Bound, depth int) (out cellsOut, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.bring(q.v.s, q.v.nowUS) {
		return out, false
	}
	out.q = q
	out.unplaced = q.countOf(k.unplaced.root.sums)
	if boxes == nil {
		out.total = out.unplaced
	}
	w := cellWalk{k: k, out: &out, boxes: boxes, depth: depth}
	for _, b := range boxes {
		w.fences = append(w.fences, newFence(b))
	}
	w.node(&k.placed.root, 0, 0, 0, len(boxes) > 0)
	return out, true
}

// countOf counts the people of the variants that a query wants.
func (q *query) countOf(s sums) (n Count) {
	for i := range s {
		if q.wants(s[i].variant) {
			n.Records += s[i].records
			n.Persons += s[i].persons
		}
	}
	return n
}
