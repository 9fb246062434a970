package tracker

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
)

// picture is the live state: a pure function of the rows that were committed,
// in feed order. The Tracker owns it and writes it under its mutex; readers
// see Snapshots.
type picture struct {
	world *World

	epoch string
	seq   int64
	at    time.Time // of the last commit

	crises     []Crisis // by number
	crisisNums map[ID]uint16

	missions    []Mission // by number
	missionNums map[ID]uint16
	missionArea []*geo.Area // nil where the area is whole countries
	areas       *Areas

	zones    []*zoneState // by number; replaced, never written, once shared
	zoneNums map[ID]uint32
	index    *geo.Index // zones in force that match people, by number

	airports map[airportKey]AirportState

	people people
	// places are the positions of the placed people of people, by number, as of
	// when each was last settled.
	places *geo.Points
	// version numbers the snapshots; cells are kept for them.
	version uint64
	cells   *cellCache
	ageing  ageing
	nums    *numbers
	who     *whoIndex // everybody who isn't erased, by number
	// aliases are the merged records; mergeN is the last merge's number by crisis.
	// loaded is false while the picture is read at start.
	aliases aliases
	mergeN  map[ID]int
	loaded  bool
	// crowd watches the fixes that come in; nil while loading.
	crowd *crowd

	events []memEvent
	// dropped is the highest number of events that aren't all held in events; the
	// store has them. 0: all are held.
	dropped int64

	// countryNums and codes number the countries; countryAreas are prepared as
	// zones ask for them.
	codes        []string
	countryNums  map[string]uint16
	countryAreas map[string]*geo.Area
}

type airportKey struct {
	crisis  uint16
	airport int32
}

// zoneState is a zone's place in the picture. States are immutable.
type zoneState struct {
	num    uint32
	latest Zone
	// active is the last version that was published and not withdrawn since.
	active *Zone
	// began and ended say how active stands to its validity, by commit.
	began, ended bool
	since        int64 // µs when the active version came into force
	area         *geo.Area
	near         *nearAirports // of area
	crisis       uint16
	// confirmed tells whether a second person has confirmed the active version.
	confirmed bool
}

// inForce tells whether the zone stands now: published, begun and not ended.
func (z *zoneState) inForce() bool { return z.active != nil && z.began && !z.ended }

// matches tells whether people are matched against the zone.
func (z *zoneState) matches() bool { return z.inForce() && z.active.Kind != Airspace }

// move is one change of a person's verdict against a zone.
type move struct {
	zone     uint32
	num      uint32
	from, to geo.Verdict
}

// changes is what applying one commit did, for the events.
type changes struct {
	seq       int64
	at        time.Time
	moves     []move
	zones     []zoneChange
	needsHelp []uint32
	stranded  []uint32
	airports  []AirportState
	// before holds the states, from before the commit, of the zones that may match
	// other people since; nil: there was none.
	before map[uint32]*zoneState
}

type zoneChange struct {
	num  uint32
	kind EventKind
}

func newPicture(w *World) *picture {
	p := &picture{
		world:       w,
		crisisNums:  map[ID]uint16{},
		missionNums: map[ID]uint16{},
		zoneNums:    map[ID]uint32{},
		index:       geo.NewIndex(),
		airports:    map[airportKey]AirportState{},
		nums:        newNumbers(),
		who:         newWhoIndex(),
		cells:       newCellCache(),
		ageing:      newAgeing(),

		areas:        NewAreas(w, nil),
		codes:        w.CountryCodes(),
		countryNums:  map[string]uint16{},
		countryAreas: map[string]*geo.Area{},
	}
	for i, c := range p.codes {
		p.countryNums[c] = uint16(i)
	}
	p.places = geo.NewPoints(p.people.point)
	return p
}

// apply takes in what one commit wrote, but its merges, which came before. refold
// holds, for every record whose reports change, all that still stand.
func (p *picture) apply(c Change, rows *Rows, refold map[ID][]Report) *changes {
	ch := &changes{seq: c.Seq, at: c.At}
	p.takeReference(rows)
	var dirty []uint32
	for i := range rows.Zones {
		p.takeZone(&rows.Zones[i], ch)
	}
	for i := range rows.Marks {
		p.takeMark(&rows.Marks[i], ch)
	}
	dirty = p.takePeople(rows, ch, dirty)
	for id, rs := range refold {
		if num, ok := p.nums.get(id); ok {
			p.refold(num, rs)
			dirty = append(dirty, num)
		}
	}
	for _, s := range rows.Airports {
		dirty = append(dirty, p.takeAirport(s, ch)...)
	}
	slices.Sort(dirty)
	dirty = slices.Compact(dirty)
	p.settle(dirty, ch)
	p.rematch(ch)
	for i := range rows.Events {
		p.takeEvent(&rows.Events[i])
	}
	p.seq, p.at = c.Seq, c.At
	return ch
}

// load takes in rows at start, without settling anybody: settleAll does that
// for all at once.
func (p *picture) load(rows *Rows) {
	var ch changes
	p.takeReference(rows)
	for i := range rows.Zones {
		p.takeZone(&rows.Zones[i], &ch)
	}
	for i := range rows.Marks {
		p.takeMark(&rows.Marks[i], &ch)
	}
	p.takePeople(rows, &ch, nil)
	for _, s := range rows.Airports {
		p.takeAirport(s, &ch)
	}
	for i := range rows.Events {
		p.takeEvent(&rows.Events[i])
	}
}

func (p *picture) takeReference(rows *Rows) {
	for _, c := range rows.Crises {
		if n, ok := p.crisisNums[c.ID]; ok {
			p.crises = slices.Clone(p.crises)
			p.crises[n] = c
			continue
		}
		p.crisisNums[c.ID] = uint16(len(p.crises))
		p.crises = append(slices.Clip(p.crises), c)
	}
	for _, m := range rows.Missions {
		n, ok := p.missionNums[m.ID]
		if !ok {
			n = uint16(len(p.missions))
			p.missionNums = maps.Clone(p.missionNums)
			p.missionNums[m.ID] = n
			p.missions = append(slices.Clip(p.missions), m)
			p.missionArea = append(slices.Clip(p.missionArea), nil)
		} else {
			p.missions = slices.Clone(p.missions)
			p.missions[n] = m
			p.missionArea = slices.Clone(p.missionArea)
			p.missionArea[n] = nil
		}
		if len(m.Area) > 0 {
			p.missionArea[n] = geo.NewArea(m.Area)
		}
		p.areas = NewAreas(p.world, p.missions)
		// An area that changes concerns everybody's scope, not their place; areas
		// of whole countries are looked up at every read.
		if len(m.Area) > 0 && p.people.n > 0 {
			for num := range p.people.n {
				p.settleAreas(num)
			}
		}
	}
}

// takeZone takes in one version.
func (p *picture) takeZone(z *Zone, ch *changes) {
	num, known := p.zoneNums[z.ID]
	s := &zoneState{}
	var old *zoneState
	if known {
		old = p.zones[num]
		*s = *old
	} else {
		num = uint32(len(p.zones))
		if p.loaded { // snapshots share what there is
			p.zoneNums = maps.Clone(p.zoneNums)
		}
		p.zoneNums[z.ID] = num
		s.num = num
		s.crisis = p.crisisNums[z.Crisis]
	}
	s.latest = *z
	at := z.RecordedAt
	switch z.State {
	case Active:
		v := *z
		same := old != nil && old.active != nil && sameBounds(old.active, z)
		s.active = &v
		s.confirmed = !z.Confirmer.IsZero()
		s.began = !at.Before(z.ValidFrom)
		s.ended = !z.ValidTo.IsZero() && !at.Before(z.ValidTo)
		if !same || old.ended != s.ended || old.began != s.began {
			s.since = max(micros(at), micros(z.ValidFrom))
		}
		if !same {
			s.area = p.zoneArea(z)
			s.near = &nearAirports{}
		}
		switch {
		case s.inForce() && (old == nil || !old.inForce()):
			ch.zones = append(ch.zones, zoneChange{num, EventZoneActivated})
		case old != nil && old.inForce() && !sameZone(old.active, z):
			ch.zones = append(ch.zones, zoneChange{num, EventZoneChanged})
		}
	case Withdrawn:
		s.active, s.area, s.began, s.ended = nil, nil, false, false
		if old != nil && old.inForce() {
			ch.zones = append(ch.zones, zoneChange{num, EventZoneWithdrawn})
		}
	}
	p.putZone(old, s, ch)
}

// sameZone tells whether a version says nothing new: it confirms the one in
// force, or puts it back on top of a draft.
func sameZone(a, b *Zone) bool {
	return sameBounds(a, b) && a.Level == b.Level && a.Action == b.Action && a.FloorM == b.FloorM && a.CeilingM == b.CeilingM &&
		a.ValidFrom.Equal(b.ValidFrom) && a.ValidTo.Equal(b.ValidTo) && a.Names == b.Names && a.Advice == b.Advice
}

// sameBounds tells whether two versions match the same people.
func sameBounds(a, b *Zone) bool {
	return a.Kind == b.Kind && a.Country == b.Country && a.Shape.Equal(b.Shape)
}

// takeMark takes in what the clock caused.
func (p *picture) takeMark(m *ZoneMark, ch *changes) {
	num, ok := p.zoneNums[m.Zone]
	if !ok {
		return
	}
	old := p.zones[num]
	if old.active == nil || old.active.Version != m.Version {
		return
	}
	s := &zoneState{}
	*s = *old
	if m.Begin {
		s.began = true
		s.since = micros(m.At)
		ch.zones = append(ch.zones, zoneChange{num, EventZoneActivated})
	} else {
		s.ended = true
		ch.zones = append(ch.zones, zoneChange{num, EventZoneExpired})
	}
	p.putZone(old, s, ch)
}

// putZone replaces a zone's state, keeps the index in step, and notes in ch if the
// zone may match other people than before.
func (p *picture) putZone(old, s *zoneState, ch *changes) {
	if p.loaded { // snapshots share what there is
		p.zones = slices.Clone(p.zones)
	}
	if int(s.num) == len(p.zones) {
		p.zones = append(p.zones, s)
	} else {
		p.zones[s.num] = s
	}
	was := old != nil && old.matches()
	is := s.matches()
	if was && is && old.area == s.area && old.active.Level == s.active.Level && old.since == s.since || !was && !is {
		return
	}
	switch {
	case !is:
		p.index.Delete(s.num)
	case !was || old.area != s.area:
		p.index.Set(s.num, s.area)
	}
	if !p.loaded {
		return // everybody is settled at the end
	}
	if ch.before == nil {
		ch.before = map[uint32]*zoneState{}
	}
	if _, noted := ch.before[s.num]; !noted {
		ch.before[s.num] = old
	}
}

func (p *picture) zoneArea(z *Zone) *geo.Area {
	if z.Country != "" {
		return p.countryArea(z.Country)
	}
	return geo.NewArea(z.Shape)
}

// countryArea is the prepared land of a country; the world is fixed, so it is
// made once.
func (p *picture) countryArea(code string) *geo.Area {
	a, ok := p.countryAreas[code]
	if !ok {
		c, _ := p.world.Country(code)
		a = geo.NewArea(c.Shape)
		if p.loaded { // snapshots share what there is
			p.countryAreas = maps.Clone(p.countryAreas)
		}
		p.countryAreas[code] = a
	}
	return a
}

// mayTouch is a quick test whether the error disc of h may touch a box: never
// false when it does.
func mayTouch(h *hot, b orb.Bound) bool {
	if b.IsEmpty() {
		return false
	}
	// A degree of latitude is never shorter than 110,574 m.
	dlat := float64(h.radius) / 110_500
	if h.lat+dlat < b.Min[1] || h.lat-dlat > b.Max[1] {
		return false
	}
	reach := math.Abs(h.lat) + dlat
	if reach >= 89 {
		return true
	}
	dlon := dlat / math.Cos(reach*math.Pi/180) * 1.01
	if h.lon+dlon >= b.Min[0] && h.lon-dlon <= b.Max[0] {
		return true
	}
	// Discs over ±180, and points on that meridian itself.
	return h.lon+dlon >= 180 && h.lon+dlon-360 >= b.Min[0] || h.lon-dlon <= -180 && h.lon-dlon+360 <= b.Max[0]
}

// takeAirport takes in a state and returns who is at that airport.
func (p *picture) takeAirport(s AirportState, ch *changes) []uint32 {
	i, ok := p.world.Airport(s.Airport)
	if !ok {
		return nil
	}
	key := airportKey{p.crisisNums[s.Crisis], int32(i)}
	if old, ok := p.airports[key]; ok && old.Version >= s.Version {
		return nil
	}
	next := make(map[airportKey]AirportState, len(p.airports)+1)
	for k, v := range p.airports {
		next[k] = v
	}
	next[key] = s
	p.airports = next
	ch.airports = append(ch.airports, s)
	var at []uint32
	p.people.each(0, p.people.n, func(r *record) bool {
		if r.hot.airport == uint16(key.airport)+1 && r.hot.crisis == key.crisis {
			at = append(at, r.num)
		}
		return true
	})
	return at
}
