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
	if !p.loaded { // afterwards they were taken in before, see applyAll
		p.takeMerges(rows.Merges)
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
		num = p.aliases.root(num)
		h, c := p.people.edit(num)
		before := h.wellbeing
		if p.crowd != nil {
			p.crowd.see(h, c, r)
		}
		p.fold(h, c, r)
		if askedForHelp(before, h.wellbeing) {
			ch.needsHelp = append(ch.needsHelp, num)
		}
		dirty = append(dirty, num)
	}
	for i := range rows.Erasures {
		if num, ok := p.nums.get(rows.Erasures[i].Person); ok {
			p.forget(num)
			dirty = append(dirty, num)
		}
	}
	return dirty
}

// forget takes an erased person out; only their number stays.
func (p *picture) forget(num uint32) {
	p.refold(num, nil)
	h, c := p.people.edit(num)
	h.marks |= markGone
	c.text, c.erased = nil, true
	p.who.put(num, nil)
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
		h.idHigh = v.ID.high()
		h.crisis = p.crisisNums[v.Crisis]
		h.mission = p.missionNum(v.Mission)
		p.nums.put(v.ID, num)
	}
	h, c := p.people.edit(num)
	if known && (uint32(v.Version) <= c.version || c.erased) {
		return num
	}
	c.version = uint32(v.Version)
	c.text = newEntry(&v.Details)
	if p.loaded {
		p.who.put(num, identityOf(v))
	} else {
		p.who.later(num, v, c.text)
	}
	if len(p.aliases) > 0 {
		p.joinTexts(num)
		if root := p.aliases.root(num); root != num {
			p.joinTexts(root)
		}
	}
	c.party, c.guardian = v.Party, v.Guardian
	h.stay = cmp.Or(uint8(v.Stay), uint8(StayUnknown))
	h.category = cmp.Or(uint8(v.Category), uint8(CategoryUnknown))
	c.basePersons = uint16(max(1, min(v.Persons, 999)))
	c.baseNeeds = v.Needs
	c.declaredBase = p.countryNum(v.Country)
	c.resolve(h)
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
