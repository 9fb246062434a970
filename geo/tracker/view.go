package tracker

import (
	"time"

	"github.com/paulmach/orb"
)

// Scope is what an account may see. The zero Scope sees nobody.
type Scope struct {
	// All: everybody, whatever the mission.
	All bool
	// Mission sees the people of its area and those it is responsible for.
	Mission ID
	// Casualty sees that somebody died; Consul too, for the people the mission
	// is responsible for. Everyone else sees "closed".
	Casualty bool
	Consul   bool
	// NoPlaces hides exact positions, NoDocuments hides IIN and passport.
	NoPlaces    bool
	NoDocuments bool
}

// WellbeingClosed is what those outside the casualty cell are shown of the
// dead: ring the duty officer. It is never stored.
const WellbeingClosed Wellbeing = 255

// View reads a snapshot for one scope at one moment.
type View struct {
	s     *Snapshot
	scope Scope
	now   time.Time
	nowUS int64

	mission   uint16 // number + 1 of the scope's mission
	countries []bool // by country number + 1: in the mission's area
}

// View binds a scope and the moment against which freshness is judged.
func (s *Snapshot) View(sc Scope, now time.Time) View {
	v := View{s: s, scope: sc, now: now, nowUS: micros(now)}
	if n, ok := s.missionNums[sc.Mission]; ok && !sc.Mission.IsZero() {
		v.mission = n + 1
		v.countries = make([]bool, len(s.codes)+1)
		for _, c := range s.missions[n].Countries {
			if i, ok := s.countryNums[c]; ok {
				v.countries[i+1] = true
			}
		}
	}
	return v
}

// AsOf is the moment of every answer of this view.
func (v View) AsOf() AsOf { return AsOf{Time: v.now, Seq: v.s.seq, Epoch: v.s.epoch} }

// Snapshot is the picture that the view reads.
func (v View) Snapshot() *Snapshot { return v.s }

// Scope is whose view it is.
func (v View) Scope() Scope { return v.scope }

// sees tells whether a person is in scope: in the mission's area, or assigned
// to it.
func (v *View) sees(h *hot, c *cold) bool {
	if h.marks&markGone != 0 {
		return false
	}
	if v.scope.All {
		return true
	}
	if v.mission == 0 {
		return false
	}
	if h.mission == v.mission || v.countries[h.c0] || v.countries[h.c1] {
		return true
	}
	for _, n := range c.countries() {
		if v.countries[n] {
			return true
		}
	}
	for _, m := range c.areas() {
		if m+1 == v.mission {
			return true
		}
	}
	return false
}

// seesNew tells whether somebody who isn't in the picture yet is in scope.
func (v *View) seesNew(p *Person) bool {
	return v.scope.All || !p.Mission.IsZero() && p.Mission == v.scope.Mission
}

// wellbeing is what the scope may know of how a person is.
func (v *View) wellbeing(h *hot) Wellbeing {
	w := Wellbeing(h.wellbeing)
	if w != Deceased || v.scope.Casualty || v.closeTo(h) {
		return w
	}
	return WellbeingClosed
}

// countryOf is the country that a person is in as far as is known; empty: not
// known.
func (v *View) countryOf(id ID) string {
	num, ok := v.s.person(id)
	if !ok {
		return ""
	}
	h, _ := v.s.people.at(num)
	if h.c0 == 0 {
		return ""
	}
	return v.s.codes[h.c0-1]
}

// closeTo tells whether the scope is the consul's who is responsible for somebody.
func (v *View) closeTo(h *hot) bool {
	return v.scope.Consul && v.mission != 0 && h.mission == v.mission
}

// Count is how many records, and how many people they stand for.
type Count struct{ Records, Persons int64 }

func (c *Count) add(h *hot) {
	c.Records++
	c.Persons += int64(h.persons)
}

func (c *Count) merge(o Count) {
	c.Records += o.Records
	c.Persons += o.Persons
}

// inBoxes tells whether a position lies in one of the boxes, edges included.
func inBoxes(h *hot, bs []orb.Bound) bool {
	for _, b := range bs {
		if h.lon >= b.Min[0] && h.lon <= b.Max[0] && h.lat >= b.Min[1] && h.lat <= b.Max[1] {
			return true
		}
	}
	return false
}

// Boxes turns west, south, east, north into one box, or two where west > east
// crosses the antimeridian. Errors: FieldError on bbox.
func Boxes(w, s, e, n float64) ([]orb.Bound, error) {
	switch {
	case !(w >= -180 && w <= 180 && e >= -180 && e <= 180):
		return nil, invalid("bbox", "out_of_range", "longitudes must lie in -180..180")
	case !(s >= -90 && n <= 90 && s <= n):
		return nil, invalid("bbox", "out_of_range", "latitudes must lie in -90..90, south first")
	case w <= e:
		return []orb.Bound{{Min: orb.Point{w, s}, Max: orb.Point{e, n}}}, nil
	}
	return []orb.Bound{
		{Min: orb.Point{w, s}, Max: orb.Point{180, n}},
		{Min: orb.Point{-180, s}, Max: orb.Point{e, n}},
	}, nil
}
