package tracker

import "cmp"

// statements is what was said of a person in one class of trust: of each thing
// the statement with the latest effective time; at the same time the graver.
type statements struct {
	wellbeing, intention, contact uint8
	persons, country              uint16
	needs                         Needs
	onward                        int64 // µs

	// Effective times, µs; 0: never said.
	wellbeingAt, intentionAt, contactAt, personsAt int64
	countryAt, needsAt, onwardAt                   int64
}

// oddities is what few people have. It is shared with snapshots: written as a
// new one each time.
type oddities struct {
	// lowFix is the latest fix that came with a link's code alone, doubted the latest
	// that carries a flag of Untrusted.
	lowFix, doubted *fix
	// hiddenAt is the latest time at which the person asked to have their places
	// withheld: no fix of then or before counts, and none after, until they have
	// sent one themselves. heldBack is the latest trusted fix while that is so.
	hiddenAt int64
	heldBack *fix

	// low is what was said with a link's code alone. Codes are printed, spoken and
	// forwarded: such statements may raise concern for somebody who is known
	// otherwise, never lower it.
	low statements
	// grave is the worst that was said of their wellbeing in that way.
	grave   uint8
	graveAt int64
	// deceasedAt is the latest word of a death, otherwiseAt the latest word of
	// those who may know of deaths that says otherwise.
	deceasedAt, otherwiseAt int64
}

// take takes in one report.
func (s *statements) take(r *Report, at int64, country uint16) {
	later(&s.wellbeingAt, &s.wellbeing, at, uint8(r.Wellbeing))
	later(&s.intentionAt, &s.intention, at, uint8(r.Intention))
	later(&s.contactAt, &s.contact, at, uint8(r.Contact))
	later(&s.personsAt, &s.persons, at, uint16(r.Persons))
	later(&s.onwardAt, &s.onward, at, micros(r.OnwardUntil))
	later(&s.countryAt, &s.country, at, country)
	if r.HasNeeds && (at > s.needsAt || at == s.needsAt && r.Needs > s.needs) {
		s.needsAt, s.needs = at, r.Needs
	}
}

// later replaces a value that rests on an earlier time; v == 0 says nothing.
func later[T uint8 | uint16 | int64](at *int64, cur *T, newAt int64, v T) {
	if v == 0 || newAt < *at || newAt == *at && v <= *cur {
		return
	}
	*at, *cur = newAt, v
}

// fold takes in one report. It is commutative and idempotent: the same reports
// leave the same person, whatever the order of arrival.
func (p *picture) fold(h *hot, c *cold, r *Report) {
	at := micros(r.EffectiveAt)
	country := p.countryNum(r.Country)
	c.heardAt = max(c.heardAt, at)
	low := r.Flags&FlagLowTrust != 0
	switch w := r.Wellbeing; {
	case low:
		o := c.oddities()
		o.low.take(r, at, country)
		if w == NeedsHelp || w == Injured {
			later(&o.graveAt, &o.grave, at, uint8(w))
		}
		c.odd = o
	case w == Deceased:
		o := c.oddities()
		o.deceasedAt = max(o.deceasedAt, at)
		c.odd = o
		c.trustedAt = max(c.trustedAt, at)
		said := *r
		said.Wellbeing = 0
		c.said.take(&said, at, country)
	default:
		if w != 0 && r.Flags&FlagCasualty != 0 {
			o := c.oddities()
			o.otherwiseAt = max(o.otherwiseAt, at)
			c.odd = o
		}
		c.trustedAt = max(c.trustedAt, at)
		c.said.take(r, at, country)
	}
	if r.Flags&FlagHide != 0 && !low {
		o := c.oddities()
		o.hiddenAt = max(o.hiddenAt, at)
		c.odd = o
	}
	if r.Position != nil {
		p.foldFix(h, c, r, at, !low)
	}
	c.resolve(h)
	c.place(h, p.world)
}

// oddities is a copy to write to.
func (c *cold) oddities() *oddities {
	if c.odd == nil {
		return &oddities{}
	}
	return new(*c.odd)
}

// resolve works out what stands from what was said.
func (c *cold) resolve(h *hot) {
	s := c.said
	if o := c.odd; o != nil {
		known := c.trustedAt != 0
		if !known {
			s = o.low
		}
		if o.graveAt > s.wellbeingAt {
			s.wellbeing = o.grave
		}
		if known {
			if o.low.intention == uint8(WantsOut) && o.low.intentionAt > s.intentionAt {
				s.intention = o.low.intention
			}
			if o.low.personsAt > s.personsAt && o.low.persons > max(s.persons, c.basePersons) {
				s.persons = o.low.persons
			}
			if o.low.needsAt > s.needsAt {
				s.needs |= o.low.needs
				s.needsAt = o.low.needsAt
			}
			if s.country == 0 {
				s.country = o.low.country
			}
		}
		if o.deceasedAt > 0 && o.deceasedAt >= o.otherwiseAt {
			s.wellbeing = uint8(Deceased)
		}
	}
	h.wellbeing = cmp.Or(s.wellbeing, uint8(WellbeingUnknown))
	h.intention = cmp.Or(s.intention, uint8(IntentionUnknown))
	h.contact = cmp.Or(s.contact, uint8(Untried))
	h.persons = cmp.Or(s.persons, c.basePersons)
	h.onward = s.onward
	c.declared = cmp.Or(s.country, c.declaredBase)
	c.needs = c.baseNeeds
	if s.needsAt != 0 {
		c.needs = s.needs
	}
}

// foldFix takes in a report's position. One slot each holds the latest trusted
// fix (in the person's own fields), the latest that came with a code alone, and
// the latest in doubt.
func (p *picture) foldFix(h *hot, c *cold, r *Report, at int64, trusted bool) {
	f := p.fixOf(r, at)
	switch {
	case f.flags&Untrusted != 0:
		if o := c.oddities(); f.after(o.doubted) {
			o.doubted = f
			c.odd = o
		}
	case !trusted:
		if o := c.oddities(); f.after(o.lowFix) {
			o.lowFix = f
			c.odd = o
		}
	default:
		if r.Flags&FlagAutomatic == 0 {
			c.sentAt = max(c.sentAt, at)
		}
		if o := c.odd; o != nil && o.heldBack != nil {
			if f.after(o.heldBack) {
				o = c.oddities()
				o.heldBack = f
				c.odd = o
			}
		} else if !c.fixTrusted || at > c.fixAt || at == c.fixAt && r.ID.Compare(c.report) > 0 {
			c.put(h, f)
			c.fixTrusted = true
		}
	}
}

// hides tells whether a fix of a time is withheld, as the person wished.
func (c *cold) hides(at int64) bool {
	o := c.odd
	return o != nil && o.hiddenAt > 0 && (at <= o.hiddenAt || c.sentAt <= o.hiddenAt)
}

// place works out which fix stands: the trusted one, else the one that came with
// a code alone, else the airport that a doubted one names, for that was said and
// not measured. The later of what doesn't stand is kept beside. It is told the
// world for its airports.
func (c *cold) place(h *hot, w *World) {
	c.flagged = nil
	o := c.odd
	if o == nil {
		return
	}
	switch {
	case c.fixTrusted && c.hides(c.fixAt):
		held := *o
		held.heldBack = c.fix(h)
		o = &held
		c.odd, c.fixTrusted = o, false
	case o.heldBack != nil && !c.hides(o.heldBack.at):
		shown := *o
		shown.heldBack = nil
		c.put(h, o.heldBack)
		o = &shown
		c.odd, c.fixTrusted = o, true
	}
	low, doubted := o.lowFix, o.doubted
	if low != nil && c.hides(low.at) {
		low = nil
	}
	if doubted != nil && c.hides(doubted.at) {
		doubted = nil
	}
	switch {
	case c.fixTrusted:
		if low != nil && (doubted == nil || low.after(doubted)) {
			doubted = low
		}
	case low != nil:
		c.put(h, low)
	case doubted != nil && doubted.named != 0:
		c.put(h, doubted.atAirport(w))
	default:
		h.marks &^= markPlaced
		c.fixAt = 0
	}
	c.flagged = doubted
}

// atAirport is where somebody is who is only known to have named an airport.
func (f *fix) atAirport(w *World) *fix {
	a := &w.Airports()[f.named-1]
	g := *f
	g.lon, g.lat, g.radius = a.Point[0], a.Point[1], float32(a.Reach())
	g.method, g.flags = AtAirport, f.flags&^Untrusted
	return &g
}

// fix is the person's position as a fix.
func (c *cold) fix(h *hot) *fix {
	return &fix{
		lon: h.lon, lat: h.lat, radius: h.radius, at: c.fixAt, fixedAt: c.fixedAt, receivedAt: c.receivedAt,
		method: c.method, flags: c.flags, channel: c.channel, named: c.namedAirport, report: c.report, person: c.reporter,
	}
}

// put makes f the person's position.
func (c *cold) put(h *hot, f *fix) {
	h.marks |= markPlaced
	h.lon, h.lat, h.radius = f.lon, f.lat, f.radius
	h.mx, h.my = mercator(h.lon, h.lat)
	c.fixAt, c.fixedAt, c.receivedAt = f.at, f.fixedAt, f.receivedAt
	c.method, c.flags, c.channel, c.namedAirport = f.method, f.flags, f.channel, f.named
	c.report, c.reporter = f.report, f.person
}

func (p *picture) fixOf(r *Report, at int64) *fix {
	q := r.Position
	f := &fix{
		lon: q.Point[0], lat: q.Point[1], radius: float32(q.RadiusM), at: at,
		fixedAt: micros(r.FixedAt), receivedAt: micros(r.ReceivedAt), method: q.Method, flags: q.Flags,
		channel: r.Channel, report: r.ID, person: r.Person,
	}
	if q.Airport != "" {
		if i, ok := p.world.Airport(q.Airport); ok {
			f.named = int32(i) + 1
		}
	}
	return f
}

// after tells whether f goes before g, which may be nil.
func (f *fix) after(g *fix) bool {
	return g == nil || f.at > g.at || f.at == g.at && f.report.Compare(g.report) > 0
}

// refold builds a person anew from the reports that still stand.
func (p *picture) refold(num uint32, rs []Report) {
	h, c := p.people.edit(num)
	c.said, c.odd, c.flagged = statements{}, nil, nil
	c.heardAt, c.trustedAt, c.fixAt, c.sentAt, c.fixTrusted = 0, 0, 0, 0, false
	h.marks &^= markPlaced
	for i := range rs {
		p.fold(h, c, &rs[i])
	}
	c.resolve(h)
}
