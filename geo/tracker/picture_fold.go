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
	if r.Position != nil {
		p.foldFix(h, c, r, at, !low)
	}
	c.resolve(h)
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

// foldFix takes in a report's position. A trusted one goes before one that came
// with a code alone; of the same trust the later stands. What doesn't stand
// because it is in doubt is kept beside, the latest of it.
func (p *picture) foldFix(h *hot, c *cold, r *Report, at int64, trusted bool) {
	q := r.Position
	placed := h.marks&markPlaced != 0
	switch {
	case q.Flags&Untrusted != 0, placed && c.fixTrusted && !trusted:
		c.setAside(fixOf(r, at))
		return
	case placed && c.fixTrusted == trusted && (at < c.fixAt || at == c.fixAt && r.ID.Compare(c.report) <= 0):
		return
	case placed && !c.fixTrusted && trusted:
		c.setAside(&fix{
			lon: h.lon, lat: h.lat, radius: h.radius, at: c.fixAt, fixedAt: c.fixedAt, receivedAt: c.receivedAt,
			method: c.method, flags: c.flags, report: c.report,
		})
	}
	h.marks |= markPlaced
	h.lon, h.lat, h.radius = q.Point[0], q.Point[1], float32(q.RadiusM)
	h.mx, h.my = mercator(h.lon, h.lat)
	c.fixAt, c.fixedAt, c.receivedAt = at, micros(r.FixedAt), micros(r.ReceivedAt)
	c.method, c.flags, c.channel, c.report, c.fixTrusted = q.Method, q.Flags, r.Channel, r.ID, trusted
	c.namedAirport = 0
	if q.Airport != "" {
		if i, ok := p.world.Airport(q.Airport); ok {
			c.namedAirport = int32(i) + 1
		}
	}
}

func fixOf(r *Report, at int64) *fix {
	q := r.Position
	return &fix{
		lon: q.Point[0], lat: q.Point[1], radius: float32(q.RadiusM), at: at,
		fixedAt: micros(r.FixedAt), receivedAt: micros(r.ReceivedAt), method: q.Method, flags: q.Flags, report: r.ID,
	}
}

// setAside keeps the latest of the fixes in doubt.
func (c *cold) setAside(f *fix) {
	if c.flagged == nil || f.at > c.flagged.at || f.at == c.flagged.at && f.report.Compare(c.flagged.report) > 0 {
		c.flagged = f
	}
}

// refold builds a person anew from the reports that still stand.
func (p *picture) refold(num uint32, rs []Report) {
	h, c := p.people.edit(num)
	c.said, c.odd, c.flagged = statements{}, nil, nil
	c.heardAt, c.trustedAt, c.fixAt, c.fixTrusted = 0, 0, 0, false
	h.marks &^= markPlaced
	for i := range rs {
		p.fold(h, c, &rs[i])
	}
	c.resolve(h)
}
