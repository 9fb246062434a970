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
	// packFrom is the number of reports, of one write or of those that share a
	// transaction, from which they go into packs.
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

// packing is a report on its way into a pack: what its row would hold.
type packing struct {
	id, crisis, source                             tracker.ID
	channel, wellbeing, intention, contact, method uint8
	persons, needs, flags                          uint64
	hasNeeds                                       bool
	country                                        string
	times                                          [5]int64 // received, fixed, sent, effective, onward until
	sealed                                         []byte
}

// append adds a report to the body of a pack, after before.
func (x *packing) append(b []byte, before *packing) []byte {
	var tells byte
	if x.crisis != before.crisis {
		tells |= packOtherCrisis
	}
	if x.source != before.source {
		tells |= packOtherSource
	}
	if x.sealed != nil {
		tells |= packSealed
	}
	if x.hasNeeds {
		tells |= packHasNeeds
	}
	b = append(b, tells)
	b = append(b, x.id[:]...)
	if tells&packOtherCrisis != 0 {
		b = append(b, x.crisis[:]...)
	}
	if tells&packOtherSource != 0 {
		b = append(b, x.source[:]...)
	}
	b = append(b, x.channel, x.wellbeing, x.intention, x.contact, x.method)
	for _, n := range [...]uint64{x.persons, x.needs, x.flags} {
		b = binary.AppendUvarint(b, n)
	}
	for _, t := range x.times {
		b = binary.AppendVarint(b, t)
	}
	b = lengthPrefixed(b, x.country)
	if x.sealed != nil {
		b = binary.AppendUvarint(b, uint64(len(x.sealed)))
		b = append(b, x.sealed...)
	}
	return b
}

// packs cuts n reports into packs; of gives the i-th and whom it is about. What it
// gives is used before the next.
func (e *encoded) packs(n int, of func(i int) (tracker.ID, packing, error)) error {
	for from := 0; from < n; from += packSize {
		size := min(n-from, packSize)
		people := make([]byte, 0, size*len(tracker.ID{}))
		body := append(make([]byte, 0, size*200), packFormat)
		var before packing
		for i := from; i < from+size; i++ {
			person, x, err := of(i)
			if err != nil {
				return err
			}
			people = append(people, person[:]...)
			body = x.append(body, &before)
			before = x
		}
		e.add(tPacks, rowKey{}, people, body, nil)
	}
	return nil
}

// packs encodes the reports of one write as packs.
func (s *sealer) packs(e *encoded, rs []tracker.Report) error {
	return e.packs(len(rs), func(i int) (tracker.ID, packing, error) {
		r := &rs[i]
		k, aead, err := s.key(r.Person)
		if err != nil {
			return r.Person, packing{}, err
		}
		if k.crisis != r.Crisis {
			return r.Person, packing{}, fmt.Errorf("person %s in crisis %s: %w", r.Person, r.Crisis, tracker.ErrNotFound)
		}
		method, flags := methodAndFlags(r)
		x := packing{
			id: r.ID, crisis: r.Crisis, source: r.Source, channel: uint8(r.Channel), wellbeing: uint8(r.Wellbeing),
			intention: uint8(r.Intention), contact: uint8(r.Contact), method: uint8(method), persons: uint64(r.Persons),
			needs: uint64(r.Needs), flags: uint64(flags), hasNeeds: r.HasNeeds, country: r.Country,
			times: [...]int64{toMicros(r.ReceivedAt), toMicros(r.FixedAt), toMicros(r.SentAt), toMicros(r.EffectiveAt), toMicros(r.OnwardUntil)},
		}
		if plain := appendSayings(s.buf[:0], r); plain != nil {
			s.buf = plain
			s.sealed = aead.Seal(s.sealed[:0], nil, plain, rowAAD("reports", r.ID, 0))
			x.sealed = s.sealed
		}
		return r.Person, x, nil
	})
}

// pack turns the rows of reports, of many writes that are stored together, into packs.
func (e *encoded) pack() error {
	rows := e[tReports]
	e[tReports] = nil
	return e.packs(len(rows), func(i int) (tracker.ID, packing, error) {
		a := rows[i].args
		id := func(i int) (id tracker.ID) {
			b, _ := a[i].([]byte) // nil: nobody
			copy(id[:], b)
			return id
		}
		num := func(i int) int64 { return a[i].(int64) }
		sealed, _ := a[19].([]byte) // nil: nothing to hide
		return id(0), packing{
			id: id(1), crisis: id(2), channel: uint8(num(3)), source: id(4),
			times:     [...]int64{num(7), num(5), num(6), num(8), num(16)},
			wellbeing: uint8(num(9)), intention: uint8(num(10)), contact: uint8(num(11)), persons: uint64(num(12)),
			needs: uint64(num(13)), hasNeeds: a[14].(bool), country: a[15].(string), method: uint8(num(17)),
			flags: uint64(num(18)), sealed: sealed,
		}, nil
	})
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
