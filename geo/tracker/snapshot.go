package tracker

import (
	"slices"
	"time"

	"aman/geo"
)

// Snapshot is the live picture at one point of the feed. It is immutable and
// safe for any number of readers; it holds nobody's name beyond what the
// table's entries hold.
type Snapshot struct {
	world *World
	ready bool

	epoch string
	seq   int64
	at    time.Time

	crises       []Crisis
	missions     []Mission
	missionNums  map[ID]uint16
	areas        *Areas
	zones        []*zoneState
	zoneNums     map[ID]uint32
	index        *geo.Index
	airports     map[airportKey]AirportState
	people       people
	places       *geo.PointSet
	version      uint64
	cells        *cellCache
	nums         *numbers
	who          *whoIndex
	aliases      aliases
	mergeN       map[ID]int
	events       []memEvent
	dropped      int64
	codes        []string
	countryNums  map[string]uint16
	countryAreas map[string]*geo.Area
}

// AsOf is the moment of an answer. Answers with equal AsOf agree.
type AsOf struct {
	Time  time.Time
	Seq   int64
	Epoch string
}

// snapshot freezes the picture, at a cost that hardly depends on how many people
// and zones there are: all that it shares is replaced by the picture, not written.
func (p *picture) snapshot() *Snapshot {
	people, changed := p.people.share()
	p.people.logged = true
	p.version++
	p.cells.publish(p.version, changed)
	s := &Snapshot{
		world: p.world, ready: true, epoch: p.epoch, seq: p.seq, at: p.at,
		crises: p.crises, missions: p.missions, areas: p.areas, zones: p.zones,
		index: p.index.Copy(), airports: p.airports, nums: p.nums, who: p.who, aliases: p.aliases, mergeN: p.mergeN,
		events: slices.Clip(p.events), dropped: p.dropped, codes: p.codes, countryNums: p.countryNums,
		missionNums: p.missionNums, zoneNums: p.zoneNums, countryAreas: p.countryAreas,
	}
	s.people, s.version, s.cells = people, p.version, p.cells
	s.places = p.places.Copy(s.people.point)
	return s
}

// Ready tells whether the picture was ever loaded.
func (s *Snapshot) Ready() bool { return s.ready }

// Seq is the feed position of the picture.
func (s *Snapshot) Seq() int64 { return s.seq }

// Epoch changes when the database was restored.
func (s *Snapshot) Epoch() string { return s.epoch }

// CommittedAt is the time of the last commit that the picture holds.
func (s *Snapshot) CommittedAt() time.Time { return s.at }

// Crises lists the crises, the default one first.
func (s *Snapshot) Crises() []Crisis {
	cs := slices.Clone(s.crises)
	slices.SortStableFunc(cs, func(a, b Crisis) int {
		switch {
		case a.Default != b.Default && a.Default:
			return -1
		case a.Default != b.Default:
			return 1
		}
		return b.ID.Compare(a.ID)
	})
	return cs
}

// Crisis finds a crisis by its slug; the empty slug means the default one.
func (s *Snapshot) Crisis(slug string) (Crisis, bool) {
	for _, c := range s.crises {
		if slug == "" && c.Default || slug != "" && c.Slug == slug {
			return c, true
		}
	}
	return Crisis{}, false
}

// Missions lists the missions by code.
func (s *Snapshot) Missions() []Mission {
	ms := slices.Clone(s.missions)
	slices.SortFunc(ms, func(a, b Mission) int {
		switch {
		case a.Code < b.Code:
			return -1
		case a.Code > b.Code:
			return 1
		}
		return 0
	})
	return ms
}

// Mission finds a mission by id.
func (s *Snapshot) Mission(id ID) (Mission, bool) {
	if n, ok := s.missionNums[id]; ok {
		return s.missions[n], true
	}
	return Mission{}, false
}

func (s *Snapshot) crisisNum(id ID) (uint16, bool) {
	for i := range s.crises {
		if s.crises[i].ID == id {
			return uint16(i), true
		}
	}
	return 0, false
}

// zone finds a zone's state by id.
func (s *Snapshot) zone(id ID) (*zoneState, bool) {
	if n, ok := s.zoneNums[id]; ok {
		return s.zones[n], true
	}
	return nil, false
}

// person finds somebody's number by id in this snapshot: of a record that was
// merged into another, the other's. An erased one is nobody.
func (s *Snapshot) person(id ID) (uint32, bool) {
	num, ok := s.nums.get(id)
	if !ok || num >= s.people.n {
		return 0, false
	}
	num = s.aliases.root(num)
	if _, c := s.people.at(num); c.erased {
		return 0, false
	}
	return num, true
}

// Root is the record that a person counts with: their own, but for one that was
// merged into another. ok is false for nobody.
func (s *Snapshot) Root(id ID) (root ID, ok bool) {
	num, ok := s.person(id)
	if !ok {
		return ID{}, false
	}
	_, c := s.people.at(num)
	return c.id, true
}

// Members lists the records that count with a person, their own first.
func (s *Snapshot) Members(id ID) []ID {
	num, ok := s.person(id)
	if !ok {
		return nil
	}
	var out []ID
	for _, m := range s.aliases.members(num) {
		if m < s.people.n {
			_, c := s.people.at(m)
			out = append(out, c.id)
		}
	}
	return out
}
