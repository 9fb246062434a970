package tracker

import (
	"cmp"
	"sync"
)

// numbers maps ids to the numbers of people. Numbers are given once and never
// change, so readers of any snapshot may share the one map.
type numbers struct {
	mu sync.RWMutex
	m  map[ID]uint32
}

func newNumbers() *numbers { return &numbers{m: map[ID]uint32{}} }

func (n *numbers) get(id ID) (uint32, bool) {
	n.mu.RLock()
	num, ok := n.m[id]
	n.mu.RUnlock()
	return num, ok
}

func (n *numbers) put(id ID, num uint32) {
	n.mu.Lock()
	n.m[id] = num
	n.mu.Unlock()
}

// takePeople takes in people, assignments and reports, and adds to dirty
// whoever must be settled.
func (p *picture) takePeople(rows *Rows, ch *changes, dirty []uint32) []uint32 {
	for i := range rows.People {
		dirty = append(dirty, p.takePerson(&rows.People[i]))
	}
	for i := range rows.Assignments {
		a := &rows.Assignments[i]
		num, ok := p.nums.get(a.Person)
		if !ok {
			continue // erased
		}
		h, c := p.people.edit(num)
		if int32(a.N) > c.missionN {
			c.missionN = int32(a.N)
			h.mission = p.missionNum(a.Mission)
		}
	}
	for i := range rows.Reports {
		r := &rows.Reports[i]
		num, ok := p.nums.get(r.Person)
		if !ok {
			continue
		}
		h, c := p.people.edit(num)
		before := h.wellbeing
		p.fold(h, c, r)
		if askedForHelp(before, h.wellbeing) {
			ch.needsHelp = append(ch.needsHelp, num)
		}
		dirty = append(dirty, num)
	}
	return dirty
}

func askedForHelp(before, now uint8) bool {
	bad := func(w uint8) bool { return w == uint8(NeedsHelp) || w == uint8(Injured) }
	return bad(now) && !bad(before)
}

// missionNum is a mission's number + 1; 0 for none.
func (p *picture) missionNum(id ID) uint16 {
	if n, ok := p.missionNums[id]; ok {
		return n + 1
	}
	return 0
}

// countryNum is a country's number + 1; 0 for none.
func (p *picture) countryNum(code string) uint16 {
	if n, ok := p.countryNums[code]; ok {
		return n + 1
	}
	return 0
}

// takePerson takes in one version of a person.
func (p *picture) takePerson(v *Person) uint32 {
	num, known := p.nums.get(v.ID)
	if !known {
		num = p.people.add()
		h, c := p.people.edit(num)
		c.id = v.ID
		h.crisis = p.crisisNums[v.Crisis]
		h.mission = p.missionNum(v.Mission)
		h.wellbeing = uint8(WellbeingUnknown)
		h.intention = uint8(IntentionUnknown)
		h.contact = uint8(Untried)
		p.nums.put(v.ID, num)
	}
	h, c := p.people.edit(num)
	if known && uint32(v.Version) <= c.version {
		return num
	}
	c.version = uint32(v.Version)
	c.text = newEntry(&v.Details)
	c.party = v.Party
	h.stay = cmp.Or(uint8(v.Stay), uint8(StayUnknown))
	h.category = cmp.Or(uint8(v.Category), uint8(CategoryUnknown))
	c.basePersons = uint16(max(1, min(v.Persons, 999)))
	if c.personsAt == 0 {
		h.persons = c.basePersons
	}
	c.baseNeeds = v.Needs
	if c.needsAt == 0 {
		c.needs = v.Needs
	}
	c.declaredBase = p.countryNum(v.Country)
	if c.countryAt == 0 {
		c.declared = c.declaredBase
	}
	setMark(h, markUnidentified, v.Details.Unidentified())
	return num
}

func setMark(h *hot, mark uint8, on bool) {
	if on {
		h.marks |= mark
	} else {
		h.marks &^= mark
	}
}

// fold takes in one report. It is commutative and idempotent: of each thing
// said, the one with the later effective time stands, whatever the order of
// arrival; at the same time, the graver.
func (p *picture) fold(h *hot, c *cold, r *Report) {
	at := micros(r.EffectiveAt)
	c.heardAt = max(c.heardAt, at)
	later(&c.wellbeingAt, &h.wellbeing, at, uint8(r.Wellbeing))
	later(&c.intentionAt, &h.intention, at, uint8(r.Intention))
	later(&c.contactAt, &h.contact, at, uint8(r.Contact))
	later(&c.personsAt, &h.persons, at, uint16(r.Persons))
	if r.HasNeeds && (at > c.needsAt || at == c.needsAt && r.Needs > c.needs) {
		c.needsAt, c.needs = at, r.Needs
	}
	later(&c.onwardAt, &h.onward, at, micros(r.OnwardUntil))
	later(&c.countryAt, &c.declared, at, p.countryNum(r.Country))
	if r.Position == nil {
		return
	}
	q := r.Position
	if q.Flags&Untrusted != 0 {
		if c.flagged == nil || at > c.flagged.at || at == c.flagged.at && r.ID.Compare(c.flagged.report) > 0 {
			c.flagged = &fix{
				lon: q.Point[0], lat: q.Point[1], radius: float32(q.RadiusM), at: at,
				fixedAt: micros(r.FixedAt), receivedAt: micros(r.ReceivedAt),
				method: q.Method, flags: q.Flags, report: r.ID,
			}
		}
		return
	}
	if h.marks&markPlaced != 0 && (at < c.fixAt || at == c.fixAt && r.ID.Compare(c.report) <= 0) {
		return
	}
	h.marks |= markPlaced
	h.lon, h.lat, h.radius = q.Point[0], q.Point[1], float32(q.RadiusM)
	h.mx, h.my = mercator(h.lon, h.lat)
	c.fixAt, c.fixedAt, c.receivedAt = at, micros(r.FixedAt), micros(r.ReceivedAt)
	c.method, c.flags, c.channel, c.report = q.Method, q.Flags, r.Channel, r.ID
	c.namedAirport = 0
	if q.Airport != "" {
		if i, ok := p.world.Airport(q.Airport); ok {
			c.namedAirport = int32(i) + 1
		}
	}
}

// later replaces a value that rests on an earlier time; v == 0 says nothing.
func later[T uint8 | uint16 | int64](at *int64, cur *T, newAt int64, v T) {
	if v == 0 || newAt < *at || newAt == *at && v <= *cur {
		return
	}
	*at, *cur = newAt, v
}

// refold builds a person anew from the reports that still stand.
func (p *picture) refold(num uint32, rs []Report) {
	h, c := p.people.edit(num)
	h.wellbeing, c.wellbeingAt = uint8(WellbeingUnknown), 0
	h.intention, c.intentionAt = uint8(IntentionUnknown), 0
	h.contact, c.contactAt = uint8(Untried), 0
	h.persons, c.personsAt = c.basePersons, 0
	c.needs, c.needsAt = c.baseNeeds, 0
	h.onward, c.onwardAt = 0, 0
	c.declared, c.countryAt = c.declaredBase, 0
	c.heardAt, c.fixAt = 0, 0
	c.flagged = nil
	h.marks &^= markPlaced
	for i := range rs {
		p.fold(h, c, &rs[i])
	}
}
