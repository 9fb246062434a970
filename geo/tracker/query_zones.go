package tracker

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// confirmWithin is how long a level 4 may stand on one person's word (rule 6).
const confirmWithin = 30 * time.Minute

// Confirmation is how a zone in force stands to rule 6.
type Confirmation string

// The values of Confirmation.
const (
	NotNeeded Confirmation = "not_needed"
	Waiting   Confirmation = "waiting"
	Overdue   Confirmation = "overdue"
	Confirmed Confirmation = "confirmed"
)

// ZoneView is a zone as one scope sees it.
type ZoneView struct {
	Latest Zone
	// Active is the version that was published last and not withdrawn; nil for
	// none. It is in force when InForce.
	Active       *Zone
	InForce      bool
	Confirmation Confirmation
	Inside       Count
	Possible     Count
	NeedsHelp    Count
}

// Zones lists a crisis's zones with the people in scope in them: in force
// first, then by level and name.
func (v View) Zones(crisis ID) ([]ZoneView, error) {
	q, err := v.prepare(&Filter{Crisis: crisis})
	if err != nil {
		return nil, err
	}
	type sum struct{ inside, possible, help Count }
	accs := scan(q, func(a *[]sum, r *record, _ geo.Verdict) {
		h := r.hot
		if h.level == 0 {
			return
		}
		if *a == nil {
			*a = make([]sum, len(v.s.zones))
		}
		for _, e := range r.exp {
			s := &(*a)[e.zone]
			if e.verdict == geo.Inside {
				s.inside.add(h)
			} else {
				s.possible.add(h)
			}
			if w := Wellbeing(h.wellbeing); w == NeedsHelp || w == Injured {
				s.help.add(h)
			}
		}
	})
	var out []ZoneView
	for n, z := range v.s.zones {
		if z.crisis != q.crisis {
			continue
		}
		zv := v.zoneView(z)
		for _, a := range accs {
			if a != nil {
				zv.Inside.merge(a[n].inside)
				zv.Possible.merge(a[n].possible)
				zv.NeedsHelp.merge(a[n].help)
			}
		}
		out = append(out, zv)
	}
	slices.SortStableFunc(out, func(a, b ZoneView) int {
		if a.InForce != b.InForce {
			if a.InForce {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Latest.Level, a.Latest.Level), cmp.Compare(a.Latest.Names.EN, b.Latest.Names.EN), a.Latest.ID.Compare(b.Latest.ID))
	})
	return out, nil
}

// Zone shows one zone. Errors: ErrNotFound.
func (v View) Zone(id ID) (ZoneView, error) {
	z, ok := v.s.zone(id)
	if !ok {
		return ZoneView{}, fmt.Errorf("%w: zone %s", ErrNotFound, id)
	}
	zs, err := v.Zones(z.latest.Crisis)
	if err != nil {
		return ZoneView{}, err
	}
	for _, zv := range zs {
		if zv.Latest.ID == id {
			return zv, nil
		}
	}
	return ZoneView{}, fmt.Errorf("%w: zone %s", ErrNotFound, id)
}

func (v *View) zoneView(z *zoneState) ZoneView {
	zv := ZoneView{Latest: z.latest, InForce: z.inForce(), Confirmation: NotNeeded}
	if z.active != nil {
		a := *z.active
		zv.Active = &a
		if a.Level == 4 {
			switch {
			case z.confirmed:
				zv.Confirmation = Confirmed
			case v.now.Sub(a.RecordedAt) > confirmWithin:
				zv.Confirmation = Overdue
			default:
				zv.Confirmation = Waiting
			}
		}
	}
	return zv
}

// ShapeOf is the area of a zone version: its own, or its country's.
func (s *Snapshot) ShapeOf(z *Zone) orb.MultiPolygon {
	if z.Country != "" {
		c, _ := s.world.Country(z.Country)
		return c.Shape
	}
	return z.Shape
}

func (s *Snapshot) areaOf(z *Zone) *geo.Area {
	if z.Country != "" {
		if a, ok := s.countryAreas[z.Country]; ok {
			return a
		}
	}
	return geo.NewArea(s.ShapeOf(z))
}

// Impact is what publishing a zone would change, for one scope.
type Impact struct {
	Enters, Leaves, Stays Count
	Inside, Possible      Count // after
	Groups                []ImpactGroup
	Airports              []AirportView
	SecondPerson          bool
}

// ImpactGroup splits those who come in and fall out.
type ImpactGroup struct {
	By             By
	Key            string
	Label          Names
	Enters, Leaves Count
}

// Impact works out who would come in and fall out if z were in force in place
// of the version of the same id that is (State Withdrawn: if nothing were). It
// matches as publishing does, and stores nothing.
func (v View) Impact(z *Zone) (Impact, error) {
	q, err := v.prepare(&Filter{Crisis: z.Crisis})
	if err != nil {
		return Impact{}, err
	}
	old, known := v.s.zone(z.ID)
	var area *geo.Area
	if z.State != Withdrawn && z.Kind != Airspace {
		area = v.s.areaOf(z)
	}
	minute := v.nowUS - v.nowUS%minuteUS
	m, concerned := v.s.concerned(old, area, minute)
	var out Impact
	groups := map[impactKey]*ImpactGroup{}
	q.each(concerned, func(r *record, _ geo.Verdict) {
		h := r.hot
		was := geo.Outside
		if known {
			if e := against(r.exp, old.num); e != nil && !e.aged() {
				was = e.verdict
			}
		}
		is := m.verdict(r.num).verdict
		if area != nil && is == geo.Outside && h.reaches(area, minute) {
			out.Possible.add(h)
		}
		switch is {
		case geo.Inside:
			out.Inside.add(h)
		case geo.Possible:
			out.Possible.add(h)
		}
		switch {
		case was == geo.Outside && is == geo.Outside:
			return
		case was != geo.Outside && is != geo.Outside:
			out.Stays.add(h)
			return
		case is != geo.Outside:
			out.Enters.add(h)
		default:
			out.Leaves.add(h)
		}
		for _, k := range v.impactKeys(h) {
			g := groups[k]
			if g == nil {
				g = &ImpactGroup{}
				groups[k] = g
			}
			if is != geo.Outside {
				g.Enters.add(h)
			} else {
				g.Leaves.add(h)
			}
		}
	})
	for k, g := range groups {
		g.By = k.by
		if k.n != 0 || k.by == ByFreshness {
			g.Key, g.Label = v.groupKey(k.by, k.n)
		}
		out.Groups = append(out.Groups, *g)
	}
	slices.SortFunc(out.Groups, func(a, b ImpactGroup) int {
		return cmp.Or(cmp.Compare(a.By, b.By),
			cmp.Compare(b.Enters.Persons+b.Leaves.Persons, a.Enters.Persons+a.Leaves.Persons), cmp.Compare(a.Key, b.Key))
	})
	if area != nil {
		out.Airports = v.airportsIn(q.crisis, area, 0)
	}
	out.SecondPerson = known && old.active != nil && v.s.lowers(old.active, z)
	return out, nil
}

// concerned are the people whom it may concern that a zone's state old (nil: none)
// gives way to an area (nil: to nothing), and the members of that.
// Some of them may have gone there by a moment, µs.
func (s *Snapshot) concerned(old *zoneState, area *geo.Area, now int64) (members, bitset) {
	var m members
	concerned := newBitset(s.people.n)
	if area != nil {
		m = membersOf(area, s.places, &s.people)
		m.addTo(concerned)
		for _, b := range widened(area.Bound(), wanderMostM) {
			s.places.Search(b, func(num uint32, _ orb.Point) bool {
				if h, _ := s.people.at(num); h.staleAt <= now {
					concerned.add(num)
				}
				return true
			})
		}
	}
	if old != nil && old.matches() {
		mayBeIn(old.area, s.places, concerned)
	}
	return m, concerned
}

// impactKey names a group by its property and number.
type impactKey struct {
	by By
	n  uint32
}

func (v *View) impactKeys(h *hot) [4]impactKey {
	age := Fresh
	if h.staleAt <= v.nowUS {
		age = Stale
	}
	return [4]impactKey{
		{ByFreshness, uint32(age)},
		{ByWellbeing, uint32(v.wellbeing(h))},
		{ByCountry, uint32(h.c0)},
		{ByMission, uint32(h.mission)},
	}
}
