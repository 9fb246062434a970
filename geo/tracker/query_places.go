package tracker

import (
	"cmp"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"aman/geo"
)

// nearAirportM is how near a zone must be to count as near an airport, metres.
const nearAirportM = 100_000

// AirportView is an airport as one scope sees it.
type AirportView struct {
	Airport
	// State is the zero value, with Status AirportUnknown, where none was set.
	State    AirportState
	People   Count
	Stranded Count
	Zones    []AirportZone
	// DistanceM is from the zone or place asked about, 0 inside.
	DistanceM float64
}

// AirportZone is a zone in force at or near an airport.
type AirportZone struct {
	Zone      ID
	Level     int
	DistanceM float64 // 0: the airport is inside
}

// AirportFilter says which airports are meant.
type AirportFilter struct {
	Crisis  ID
	Country string
	Boxes   []orb.Bound
	// Relevant: only those with people in scope, a state that was set, or a zone
	// in force within 100 km.
	Relevant bool
}

// Airports lists airports, those with most people first, and says how many
// match; at most limit are returned.
func (v View) Airports(f AirportFilter, limit int) ([]AirportView, int, error) {
	q, err := v.prepare(&Filter{Crisis: f.Crisis, Country: f.Country})
	if err != nil {
		return nil, 0, err
	}
	people := v.airportPeople(q.crisis)
	near := map[int32]bool{}
	if f.Relevant {
		for _, z := range v.s.zones {
			if z.crisis == q.crisis && z.inForce() {
				for _, a := range z.near.of(v, z.area) {
					near[a.Airport] = true
				}
			}
		}
	}
	var out []AirportView
	for i, a := range v.s.world.Airports() {
		n := int32(i)
		if f.Country != "" && a.Country != f.Country || f.Boxes != nil && !pointInBoxes(a.Point, f.Boxes) {
			continue
		}
		_, hasState := v.s.airports[airportKey{q.crisis, n}]
		if f.Relevant && !hasState && !near[n] && people[n].all.Records == 0 {
			continue
		}
		av := AirportView{Airport: a}
		v.fillAirport(&av, q.crisis, n, people)
		out = append(out, av)
	}
	slices.SortStableFunc(out, func(a, b AirportView) int {
		return cmp.Or(cmp.Compare(b.People.Persons, a.People.Persons), cmp.Compare(b.Size, a.Size), cmp.Compare(a.Code(), b.Code()))
	})
	total := len(out)
	if len(out) > limit {
		out = out[:limit]
	}
	for i := range out {
		n, _ := v.s.world.Airport(out[i].Code())
		out[i].Zones = v.zonesNear(q.crisis, int32(n))
	}
	return out, total, nil
}

// Airport shows one airport by IATA or ICAO code; false: no such airport.
func (v View) Airport(crisis ID, code string) (AirportView, bool) {
	i, ok := v.s.world.Airport(code)
	c, known := v.s.crisisNum(crisis)
	if !ok || !known {
		return AirportView{}, false
	}
	av := AirportView{Airport: v.s.world.Airports()[i]}
	v.fillAirport(&av, c, int32(i), v.airportPeople(c))
	av.Zones = v.zonesNear(c, int32(i))
	return av, true
}

// ZoneAirports lists airports inside a zone's latest area, or within withinM
// metres of it, nearest first. Errors: ErrNotFound.
func (v View) ZoneAirports(id ID, withinM float64) ([]AirportView, error) {
	zv, err := v.Zone(id)
	if err != nil {
		return nil, err
	}
	z, _ := v.s.zone(id)
	return v.airportsIn(z.crisis, v.s.areaOf(&zv.Latest), withinM), nil
}

// nearAirports remembers which airports lie within nearAirportM of an area:
// both stay as they are, so it is worked out once.
type nearAirports struct {
	once sync.Once
	list []airportDist
}

func (n *nearAirports) of(v View, area *geo.Area) []airportDist {
	n.once.Do(func() { n.list = v.nearZone(area, nearAirportM) })
	return n.list
}

type airportDist struct {
	Airport   int32
	DistanceM float64
}

// nearZone lists airports whose place is within withinM of an area.
func (v *View) nearZone(area *geo.Area, withinM float64) []airportDist {
	var out []airportDist
	b := area.Bound()
	for i, a := range v.s.world.Airports() {
		h := hot{lon: a.Point[0], lat: a.Point[1], radius: float32(withinM)}
		if !mayTouch(&h, b) {
			continue
		}
		if d := area.Distance(a.Point); d <= withinM {
			out = append(out, airportDist{int32(i), d})
		}
	}
	return out
}

func (v *View) airportsIn(crisis uint16, area *geo.Area, withinM float64) []AirportView {
	near := v.nearZone(area, withinM)
	people := v.airportPeople(crisis)
	out := make([]AirportView, len(near))
	for i, n := range near {
		out[i] = AirportView{Airport: v.s.world.Airports()[n.Airport], DistanceM: n.DistanceM}
		v.fillAirport(&out[i], crisis, n.Airport, people)
		out[i].Zones = v.zonesNear(crisis, n.Airport)
	}
	slices.SortStableFunc(out, func(a, b AirportView) int {
		return cmp.Or(cmp.Compare(a.DistanceM, b.DistanceM), cmp.Compare(b.People.Persons, a.People.Persons), cmp.Compare(a.Code(), b.Code()))
	})
	return out
}

// zonesNear lists the zones in force, airspace too, at or near an airport.
func (v *View) zonesNear(crisis uint16, airport int32) []AirportZone {
	var out []AirportZone
	for _, z := range v.s.zones {
		if z.crisis != crisis || !z.inForce() {
			continue
		}
		near := z.near.of(*v, z.area)
		i, ok := slices.BinarySearchFunc(near, airport, func(a airportDist, n int32) int { return cmp.Compare(a.Airport, n) })
		if ok {
			out = append(out, AirportZone{Zone: z.active.ID, Level: z.active.Level, DistanceM: near[i].DistanceM})
		}
	}
	slices.SortStableFunc(out, func(a, b AirportZone) int { return cmp.Compare(a.DistanceM, b.DistanceM) })
	return out
}

type atAirport struct{ all, stranded Count }

// airportPeople counts the people in scope at every airport, by its number.
func (v *View) airportPeople(crisis uint16) map[int32]atAirport {
	q := &query{v: v, f: &Filter{}, crisis: crisis, zone: -1}
	out := map[int32]atAirport{}
	for _, a := range scan(q, func(a *map[int32]*atAirport, r *record, _ geo.Verdict) {
		h := r.hot
		if h.airport == 0 {
			return
		}
		if *a == nil {
			*a = map[int32]*atAirport{}
		}
		n := int32(h.airport) - 1
		s := (*a)[n]
		if s == nil {
			s = &atAirport{}
			(*a)[n] = s
		}
		s.all.add(h)
		if h.stranded(v.nowUS) {
			s.stranded.add(h)
		}
	}) {
		for n, s := range a {
			t := out[n]
			t.all.merge(s.all)
			t.stranded.merge(s.stranded)
			out[n] = t
		}
	}
	return out
}

func (v *View) fillAirport(av *AirportView, crisis uint16, n int32, people map[int32]atAirport) {
	av.State = v.s.airports[airportKey{crisis, n}]
	if av.State.Version == 0 {
		av.State.Status = AirportUnknown
	}
	av.People, av.Stranded = people[n].all, people[n].stranded
}

func pointInBoxes(p orb.Point, bs []orb.Bound) bool {
	h := hot{lon: p[0], lat: p[1]}
	return inBoxes(&h, bs)
}

// PlaceFacts is what is known of a place.
type PlaceFacts struct {
	Countries []CountryHit
	Verdicts  []Exposure
	Airports  []NearAirport // the nearest five within 200 km
}

// At tells what is at a place with an error radius in metres (0: a point).
func (v View) At(crisis ID, p orb.Point, radiusM float64) (PlaceFacts, error) {
	q, err := v.prepare(&Filter{Crisis: crisis})
	if err != nil {
		return PlaceFacts{}, err
	}
	var f PlaceFacts
	f.Countries = v.s.world.Countries(p, radiusM)
	for _, hit := range v.s.index.Match(nil, p, radiusM) {
		if z := v.s.zones[hit.ID]; z.crisis == q.crisis {
			f.Verdicts = append(f.Verdicts, Exposure{
				Zone: z.active.ID, Names: z.active.Names, Level: z.active.Level, Verdict: hit.Verdict, Share: float64(hit.Share),
			})
		}
	}
	slices.SortStableFunc(f.Verdicts, func(a, b Exposure) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Verdict, a.Verdict), cmp.Compare(b.Share, a.Share))
	})
	f.Airports = v.s.world.AirportsNear(p, 200_000, 5)
	return f, nil
}
