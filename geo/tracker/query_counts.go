package tracker

import (
	"cmp"
	"slices"
	"strconv"

	"aman/geo"
)

// By is a property that people are counted by.
type By string

// The properties of Counts.
const (
	ByCountry   By = "country"
	ByZone      By = "zone"
	ByLevel     By = "level"
	ByAirport   By = "airport"
	ByMission   By = "mission"
	ByFreshness By = "freshness"
	ByWellbeing By = "wellbeing"
	ByIntention By = "intention"
	ByContact   By = "contact"
	ByVerdict   By = "verdict"
)

// Group counts the people with one value of the property. Inside and Possible
// are against the zone for ByZone (or the filter's zone), else the highest.
type Group struct {
	// Key is the value's word or id; empty for those without one.
	Key   string
	Label Names
	Count
	Inside, Possible Count
}

// Counts is whom a filter means, by one property. Groups of zones, countries
// and airports are listed largest first; the others in the order of their
// words. A person in two zones or countries is in both groups, once in Total.
type Counts struct {
	Groups   []Group
	Total    Count
	Unplaced Count
}

// Counts groups whom f means. Errors: those of Filter; FieldError for by.
func (v View) Counts(f Filter, by By) (Counts, error) {
	q, err := v.prepare(&f)
	if err != nil {
		return Counts{}, err
	}
	each, err := v.grouping(by)
	if err != nil {
		return Counts{}, err
	}
	type acc struct {
		groups          []Group // by number; numbers are small
		hits            []groupHit
		total, unplaced Count
	}
	accs := scan(q, func(a *acc, r *record, verdict geo.Verdict) {
		h := r.hot
		a.total.add(h)
		if h.marks&markPlaced == 0 {
			a.unplaced.add(h)
		}
		a.hits = each(a.hits[:0], r, verdict)
		for _, hit := range a.hits {
			if int(hit.n) >= len(a.groups) {
				a.groups = append(a.groups, make([]Group, int(hit.n)+1-len(a.groups))...)
			}
			g := &a.groups[hit.n]
			g.Count.add(h)
			switch hit.verdict {
			case geo.Inside:
				g.Inside.add(h)
			case geo.Possible:
				g.Possible.add(h)
			}
		}
	})
	var out Counts
	var sums []Group
	for i := range accs {
		out.Total.merge(accs[i].total)
		out.Unplaced.merge(accs[i].unplaced)
		if more := len(accs[i].groups) - len(sums); more > 0 {
			sums = append(sums, make([]Group, more)...)
		}
		for n, g := range accs[i].groups {
			sums[n].Count.merge(g.Count)
			sums[n].Inside.merge(g.Inside)
			sums[n].Possible.merge(g.Possible)
		}
	}
	var nums []uint32
	for n := range sums {
		if sums[n].Records > 0 {
			nums = append(nums, uint32(n))
		}
	}
	slices.SortFunc(nums, func(a, b uint32) int {
		if by == ByCountry || by == ByZone || by == ByAirport || by == ByMission {
			if d := cmp.Compare(sums[b].Persons, sums[a].Persons); d != 0 {
				return d
			}
		}
		return cmp.Compare(a, b)
	})
	out.Groups = make([]Group, 0, len(nums))
	for _, n := range nums {
		g := sums[n]
		g.Key, g.Label = v.groupKey(by, n)
		out.Groups = append(out.Groups, g)
	}
	return out, nil
}

// groupHit puts a person into one group.
type groupHit struct {
	n       uint32
	verdict geo.Verdict
}

// grouper appends the groups of one person.
type grouper func(dst []groupHit, r *record, verdict geo.Verdict) []groupHit

// one is a grouper of a property that has one value a person.
func one(value func(h *hot) uint32) grouper {
	return func(dst []groupHit, r *record, verdict geo.Verdict) []groupHit {
		return append(dst, groupHit{value(r.hot), verdict})
	}
}

func (v *View) grouping(by By) (grouper, error) {
	switch by {
	case ByCountry:
		return func(dst []groupHit, r *record, verdict geo.Verdict) []groupHit {
			h := r.hot
			dst = append(dst, groupHit{uint32(h.c0), verdict})
			if h.c1 != 0 {
				dst = append(dst, groupHit{uint32(h.c1), verdict})
			}
			for _, n := range r.cold.countries() {
				dst = append(dst, groupHit{uint32(n), verdict})
			}
			return dst
		}, nil
	case ByZone:
		return func(dst []groupHit, r *record, _ geo.Verdict) []groupHit {
			if r.hot.level == 0 {
				return dst
			}
			for _, e := range r.exp {
				dst = append(dst, groupHit{e.zone, e.verdict})
			}
			return dst
		}, nil
	case ByLevel:
		return one(func(h *hot) uint32 { return uint32(h.level) }), nil
	case ByAirport:
		return one(func(h *hot) uint32 { return uint32(h.airport) }), nil
	case ByMission:
		return one(func(h *hot) uint32 { return uint32(h.mission) }), nil
	case ByFreshness:
		return one(func(h *hot) uint32 {
			if h.staleAt <= v.nowUS {
				return uint32(Stale)
			}
			return uint32(Fresh)
		}), nil
	case ByWellbeing:
		return one(func(h *hot) uint32 { return uint32(v.wellbeing(h)) }), nil
	case ByIntention:
		return one(func(h *hot) uint32 { return uint32(h.intention) }), nil
	case ByContact:
		return one(func(h *hot) uint32 { return uint32(h.contact) }), nil
	case ByVerdict:
		return func(dst []groupHit, _ *record, verdict geo.Verdict) []groupHit {
			return append(dst, groupHit{uint32(verdict), verdict})
		}, nil
	}
	return nil, invalid("by", "unknown_property", "people are not counted by this")
}

func (v *View) groupKey(by By, n uint32) (string, Names) {
	switch by {
	case ByZone:
		z := v.s.zones[n].active
		return z.ID.String(), z.Names
	case ByLevel:
		return strconv.Itoa(int(n)), Names{}
	case ByFreshness:
		return map[uint32]string{uint32(Fresh): "fresh", uint32(Stale): "stale"}[n], Names{}
	case ByWellbeing:
		return wellbeingWord(Wellbeing(n)), Names{}
	case ByIntention:
		return Intention(n).String(), Names{}
	case ByContact:
		return Contact(n).String(), Names{}
	case ByVerdict:
		return geo.Verdict(n).String(), Names{}
	}
	if n == 0 {
		return "", Names{}
	}
	switch by {
	case ByCountry:
		c, _ := v.s.world.Country(v.s.codes[n-1])
		return c.Code, c.Names
	case ByAirport:
		a := v.s.world.Airports()[n-1]
		return a.Code(), Names{EN: a.Name}
	default: // ByMission
		m := v.s.missions[n-1]
		return m.ID.String(), m.Names
	}
}

func wellbeingWord(w Wellbeing) string {
	if w == WellbeingClosed {
		return "closed"
	}
	return w.String()
}
