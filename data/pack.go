package data

import (
	"encoding/binary"
	"fmt"
	"time"

	"aman/geo/tracker"
)

// Reports that come many at once go into packs: rows of the table report_packs that
// hold up to packSize reports each, in the order of their people. A report of a pack is
// sealed as one of the table reports is, by its person's key and for its own id.
const (
	// packFrom is the number of reports of one write from which they go into packs.
	packFrom = 32
	// packSize keeps a pack small beside what is read to find one report of it.
	packSize = 64

	packFormat = 1
)

// What the first byte of a packed report tells of the rest.
const (
	packOtherCrisis = 1 << iota // a crisis id follows: not that of the report before
	packOtherSource             // a source id follows: not that of the report before
	packSealed                  // a sealed value ends it
	packHasNeeds
)

// packs encodes reports as packs.
func (s *sealer) packs(e *encoded, rs []tracker.Report) error {
	for len(rs) > 0 {
		part := rs[:min(len(rs), packSize)]
		rs = rs[len(part):]
		people := make([]byte, 0, len(part)*len(tracker.ID{}))
		body := append(make([]byte, 0, len(part)*200), packFormat)
		before := new(tracker.Report)
		for i := range part {
			var err error
			people = append(people, part[i].Person[:]...)
			if body, err = s.packed(body, &part[i], before); err != nil {
				return err
			}
			before = &part[i]
		}
		e.add(tPacks, rowKey{}, people, body, nil)
	}
	return nil
}

// packed adds one report to the body of a pack.
func (s *sealer) packed(b []byte, r, before *tracker.Report) ([]byte, error) {
	k, aead, err := s.key(r.Person)
	if err != nil {
		return nil, err
	}
	if k.crisis != r.Crisis {
		return nil, fmt.Errorf("person %s in crisis %s: %w", r.Person, r.Crisis, tracker.ErrNotFound)
	}
	plain := appendSayings(s.buf[:0], r)
	var tells byte
	if r.Crisis != before.Crisis {
		tells |= packOtherCrisis
	}
	if r.Source != before.Source {
		tells |= packOtherSource
	}
	if plain != nil {
		s.buf = plain
		tells |= packSealed
	}
	if r.HasNeeds {
		tells |= packHasNeeds
	}
	method, flags := methodAndFlags(r)
	b = append(b, tells)
	b = append(b, r.ID[:]...)
	if tells&packOtherCrisis != 0 {
		b = append(b, r.Crisis[:]...)
	}
	if tells&packOtherSource != 0 {
		b = append(b, r.Source[:]...)
	}
	b = append(b, byte(r.Channel), byte(r.Wellbeing), byte(r.Intention), byte(r.Contact), byte(method))
	for _, n := range [...]uint64{uint64(r.Persons), uint64(r.Needs), uint64(flags)} {
		b = binary.AppendUvarint(b, n)
	}
	for _, t := range [...]time.Time{r.ReceivedAt, r.FixedAt, r.SentAt, r.EffectiveAt, r.OnwardUntil} {
		b = binary.AppendVarint(b, toMicros(t))
	}
	b = lengthPrefixed(b, r.Country)
	if plain != nil {
		b = binary.AppendUvarint(b, uint64(len(plain)+aead.Overhead()))
		b = aead.Seal(b, nil, plain, rowAAD("reports", r.ID, 0))
	}
	return b, nil
}

// methodAndFlags are what the columns of a report hold of its position. One holds the
// flags of the report and of its position: the bits differ but for low trust, which is
// both's.
func methodAndFlags(r *tracker.Report) (tracker.Method, tracker.Flags) {
	if r.Position == nil {
		return 0, r.Flags
	}
	return r.Position.Method, r.Flags | r.Position.Flags
}

// unpack reads the reports of a pack, still sealed.
func unpack(people, body []byte) ([]storedReport, error) {
	const idSize = len(tracker.ID{})
	d := decoder{b: body}
	if d.byte() != packFormat || len(people)%idSize != 0 {
		return nil, errBlob
	}
	xs := make([]storedReport, len(people)/idSize)
	var crisis, source tracker.ID
	for i := range xs {
		x := &xs[i]
		x.Person = tracker.ID(people[i*idSize:])
		tells := d.byte()
		x.ID = d.id()
		if tells&packOtherCrisis != 0 {
			crisis = d.id()
		}
		if tells&packOtherSource != 0 {
			source = d.id()
		}
		x.Crisis, x.Source = crisis, source
		x.Channel, x.Wellbeing = tracker.Channel(d.byte()), tracker.Wellbeing(d.byte())
		x.Intention, x.Contact = tracker.Intention(d.byte()), tracker.Contact(d.byte())
		x.method = tracker.Method(d.byte())
		x.Persons, x.Needs, x.flags = int(d.uvarint()), tracker.Needs(d.uvarint()), tracker.Flags(d.uvarint())
		x.HasNeeds = tells&packHasNeeds != 0
		for _, t := range [...]*time.Time{&x.ReceivedAt, &x.FixedAt, &x.SentAt, &x.EffectiveAt, &x.OnwardUntil} {
			*t = fromMicros(d.varint())
		}
		x.Country = d.string()
		if tells&packSealed != 0 {
			x.sealed = d.bytes()
		}
		if d.err != nil {
			return nil, d.err
		}
	}
	return xs, d.end()
}
