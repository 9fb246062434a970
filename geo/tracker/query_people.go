package tracker

import (
	"cmp"
	"container/heap"
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// Row is what lists and cards show of one person.
type Row struct {
	ID           ID
	Crisis       ID
	Version      int
	Name, Latin  string
	Phone        string
	TourCode     string
	Unidentified bool
	Party        ID

	Level   int // of the zone that Verdict is against, 0: none
	Verdict geo.Verdict
	Share   float64
	Zone    ID // zero: none
	Since   time.Time

	Stale   bool
	StaleAt time.Time // zero: nothing was ever heard
	HeardAt time.Time

	Wellbeing Wellbeing // or WellbeingClosed
	Intention Intention
	Contact   Contact
	Needs     Needs
	Persons   int
	Stay      Stay
	Category  Category

	Countries   []string
	CountryNear bool
	Airport     string // where the person is
	Stranded    bool
	Mission     ID // responsible; zero: nobody yet
	Position    *Fix
	Flagged     *Fix
	// Guardian answers for a minor; zero: nobody is named.
	Guardian ID
	// PlaceHidden: the person asked to have their places withheld, and has given
	// none since.
	PlaceHidden bool
}

// Fix is a position as shown.
type Fix struct {
	Point      orb.Point
	RadiusM    float64
	Method     Method
	Flags      Flags
	FixedAt    time.Time
	ReceivedAt time.Time
}

// Page is one page of a list with the totals of the whole list.
type Page struct {
	Rows  []Row
	Total Count
	// Next continues the list; empty on the last page.
	Next string
}

// key orders a list: smaller first, then by id.
type key struct {
	rank uint64
	id   ID
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.rank, o.rank), k.id.Compare(o.id))
}

// rank orders by certainty and need: level, inside before possible before
// outside, who needs help, who goes first by need, the share of the disc. It
// does not depend on the clock, so that a cursor holds.
func rank(h *hot, level uint8, verdict geo.Verdict, share float32) uint64 {
	need := uint64(1)
	switch Wellbeing(h.wellbeing) {
	case NeedsHelp, Injured:
		need = 0
	case Safe:
		need = 2
	}
	if h.intention >= uint8(Left) {
		need = 3
	}
	priority := uint64(1)
	if h.marks&markPriority != 0 {
		priority = 0
	}
	return uint64(4-level)<<32 | uint64(geo.Inside-verdict)<<24 | need<<16 | priority<<8 | uint64(255-uint8(share*255))
}

// below tells, without looking at what is cold, that somebody sorts after k;
// false says nothing.
func (q *query) below(h *hot, verdict geo.Verdict, k *key) bool {
	level := h.level
	if q.zone >= 0 {
		level = uint8(q.v.s.zones[q.zone].active.Level)
	}
	switch {
	case level == 0: // no share
		r := rank(h, 0, geo.Outside, 0)
		return r > k.rank || r == k.rank && h.idHigh > k.id.high()
	case verdict == geo.Inside: // the whole disc
		r := rank(h, level, verdict, 1)
		return r > k.rank || r == k.rank && h.idHigh > k.id.high()
	}
	return rank(h, level, verdict, 1) > k.rank
}

// keyOf is the place of a person in the lists of q.
func (q *query) keyOf(r *record) key {
	h, c := r.hot, r.cold
	k := key{id: c.id}
	if e := q.exposure(r); e == nil {
		k.rank = rank(h, 0, geo.Outside, 0)
	} else {
		k.rank = rank(h, uint8(q.v.s.zones[e.zone].active.Level), e.verdict, e.share)
	}
	if q.text != nil { // who is asked for by name comes by likeness first
		k.rank |= uint64(100-c.text.like(q.text)) << 40
	}
	return k
}

// exposure is the one that a row shows: against the filter's zone, else the highest.
func (q *query) exposure(r *record) *exposure {
	if q.zone >= 0 {
		return against(r.exp, uint32(q.zone))
	}
	top, _ := topOf(q.v.s.zones, r.exp)
	return top
}

// found is a candidate for a page.
type found struct {
	key
	num uint32
}

// worst is a heap whose first element sorts last.
type worst []found

func (w worst) Len() int           { return len(w) }
func (w worst) Less(i, j int) bool { return w[i].compare(w[j].key) > 0 }
func (w worst) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *worst) Push(x any)        { *w = append(*w, x.(found)) }
func (w *worst) Pop() any {
	old := *w
	x := old[len(old)-1]
	*w = old[:len(old)-1]
	return x
}

// People lists who f means, ordered by certainty and need (found by a text: by
// likeness first), limit (1..1000) at a time. Total counts the whole list, whatever the page. Errors: those of
// Filter, and a FieldError for a cursor that isn't one.
func (v View) People(f Filter, limit int, cursor string) (Page, error) {
	q, err := v.prepare(&f)
	if err != nil {
		return Page{}, err
	}
	after, hasAfter, err := readCursor(cursor)
	if err != nil {
		return Page{}, err
	}
	limit = max(1, min(limit, 1000))
	type acc struct {
		total Count
		best  worst
	}
	accs := scan(q, func(a *acc, r *record, verdict geo.Verdict) {
		h := r.hot
		a.total.add(h)
		// Most of a long list is far below the page, and what is hot tells.
		if q.text == nil && len(a.best) > limit && q.below(h, verdict, &a.best[0].key) {
			return
		}
		k := q.keyOf(r)
		if hasAfter && k.compare(after) <= 0 {
			return
		}
		if len(a.best) <= limit { // one more than asked: is there a next page?
			heap.Push(&a.best, found{k, r.num})
		} else if k.compare(a.best[0].key) < 0 {
			a.best[0] = found{k, r.num}
			heap.Fix(&a.best, 0)
		}
	})
	var page Page
	var all []found
	for i := range accs {
		page.Total.merge(accs[i].total)
		all = append(all, accs[i].best...)
	}
	slices.SortFunc(all, func(a, b found) int { return a.compare(b.key) })
	if len(all) > limit {
		all = all[:limit]
		page.Next = all[limit-1].cursor()
	}
	page.Rows = make([]Row, len(all))
	for i, x := range all {
		page.Rows[i] = q.row(x.num)
	}
	return page, nil
}

// Each calls fn for everybody whom f means, in the order of People, and counts
// them. It stops at fn's first error and returns it.
func (v View) Each(f Filter, fn func(*Row) error) (Count, error) {
	q, err := v.prepare(&f)
	if err != nil {
		return Count{}, err
	}
	accs := scan(q, func(a *[]found, r *record, _ geo.Verdict) {
		*a = append(*a, found{q.keyOf(r), r.num})
	})
	all := slices.Concat(accs...)
	slices.SortFunc(all, func(a, b found) int { return a.compare(b.key) })
	var n Count
	for _, x := range all {
		h, _ := v.s.people.at(x.num)
		n.add(h)
		row := q.row(x.num)
		if err := fn(&row); err != nil {
			return n, err
		}
	}
	return n, nil
}

// Total counts whom f means.
func (v View) Total(f Filter) (Count, error) {
	q, err := v.prepare(&f)
	if err != nil {
		return Count{}, err
	}
	var n Count
	for _, a := range scan(q, func(a *Count, r *record, _ geo.Verdict) { a.add(r.hot) }) {
		n.merge(a)
	}
	return n, nil
}

// Person shows one person; false when there is none or not in scope.
func (v View) Person(id ID) (Row, bool) {
	num, ok := v.s.person(id)
	if !ok {
		return Row{}, false
	}
	h, c := v.s.people.at(num)
	if !v.sees(h, c) {
		return Row{}, false
	}
	q := &query{v: &v, f: &Filter{}, zone: -1}
	return q.row(num), true
}

// Exposure is one person's verdict against one zone in force.
type Exposure struct {
	Zone    ID
	Names   Names
	Level   int
	Verdict geo.Verdict
	Share   float64 // of the error disc that lies inside, 0..1
	// Since is when the fix came in, or when the zone came into force if later.
	Since time.Time
}

// Exposures lists a person's verdicts that aren't outside, the highest first.
func (v View) Exposures(id ID) []Exposure {
	num, ok := v.s.person(id)
	if !ok {
		return nil
	}
	h, c := v.s.people.at(num)
	if !v.sees(h, c) {
		return nil
	}
	var out []Exposure
	for _, e := range v.s.people.exposures(num) {
		z := v.s.zones[e.zone].active
		out = append(out, Exposure{
			Zone: z.ID, Names: z.Names, Level: z.Level, Verdict: e.verdict,
			Share: float64(e.share), Since: fromMicros(e.since),
		})
	}
	slices.SortStableFunc(out, func(a, b Exposure) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Verdict, a.Verdict), cmp.Compare(b.Share, a.Share))
	})
	return out
}

// row builds what a list shows.
func (q *query) row(num uint32) Row {
	v := q.v
	person := v.s.people.record(num)
	h, c := person.hot, person.cold
	r := Row{
		ID: c.id, Crisis: v.s.crises[h.crisis].ID, Version: int(c.version),
		Unidentified: h.marks&markUnidentified != 0, Party: c.party,
		Stale: h.staleAt <= v.nowUS, StaleAt: fromMicros(h.staleAt), HeardAt: fromMicros(c.heardAt),
		Wellbeing: v.wellbeing(h), Intention: Intention(h.intention), Contact: Contact(h.contact),
		Needs: c.needs, Persons: int(h.persons), Stay: Stay(h.stay), Category: Category(h.category),
		CountryNear: h.marks&markNear != 0, Stranded: h.stranded(v.nowUS),
		Countries: []string{}, Guardian: c.guardian,
		PlaceHidden: h.marks&markPlaced == 0 && c.hides(math.MaxInt64),
	}
	if c.text != nil {
		r.Name, r.Latin, r.Phone, r.TourCode = c.text.name, c.text.latin, c.text.phone, c.text.tour
	}
	for _, n := range append([]uint16{h.c0, h.c1}, c.countries()...) {
		if n != 0 {
			r.Countries = append(r.Countries, v.s.codes[n-1])
		}
	}
	if h.airport != 0 {
		r.Airport = v.s.world.Airports()[h.airport-1].Code()
	}
	if h.mission != 0 {
		r.Mission = v.s.missions[h.mission-1].ID
	}
	if e := q.exposure(&person); e != nil {
		z := v.s.zones[e.zone].active
		r.Level, r.Verdict, r.Share, r.Zone, r.Since = z.Level, e.verdict, float64(e.share), z.ID, fromMicros(e.since)
	}
	if h.marks&markPlaced != 0 && !v.scope.NoPlaces {
		r.Position = &Fix{
			Point: orb.Point{h.lon, h.lat}, RadiusM: float64(h.radius), Method: c.method, Flags: c.flags,
			FixedAt: fromMicros(c.fixedAt), ReceivedAt: fromMicros(c.receivedAt),
		}
	}
	if g := c.flagged; g != nil && g.at >= c.fixAt && !v.scope.NoPlaces {
		r.Flagged = &Fix{
			Point: orb.Point{g.lon, g.lat}, RadiusM: float64(g.radius), Method: g.method, Flags: g.flags,
			FixedAt: fromMicros(g.fixedAt), ReceivedAt: fromMicros(g.receivedAt),
		}
	}
	return r
}

// cursor writes a key for a client to send back; it holds no personal data.
func (k key) cursor() string {
	var b [24]byte
	binary.BigEndian.PutUint64(b[:8], k.rank)
	copy(b[8:], k.id[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func readCursor(s string) (k key, ok bool, err error) {
	if s == "" {
		return key{}, false, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 24 {
		return key{}, false, invalid("cursor", "bad_cursor", "not a cursor that this service gave out")
	}
	k.rank = binary.BigEndian.Uint64(b[:8])
	copy(k.id[:], b[8:])
	return k, true, nil
}
