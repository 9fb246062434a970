package tracker

import (
	"aman/geo/tracker/names"
)

// entry is what search and lists show of a person: unsealed, in memory only.
type entry struct {
	name, latin, phone, tour string
	// key holds what search looks in: the first own bytes are the record's, the rest
	// those of records merged into it.
	key string
	own int
}

func newEntry(d *Details) *entry {
	texts := make([]string, 0, 8)
	texts = append(texts, d.Name, d.Latin, d.TourCode)
	texts = append(texts, d.Phones...)
	texts = append(texts, d.Handles...)
	e := &entry{name: d.Name, latin: d.Latin, tour: d.TourCode, key: names.Searchable(texts...)}
	if len(d.Phones) > 0 {
		e.phone = d.Phones[0]
	}
	e.own = len(e.key)
	return e
}

// with is the entry as it is found once others count with it.
func (e *entry) with(others []*entry) *entry {
	next := *e
	next.key = e.key[:e.own]
	for _, o := range others {
		if o != nil {
			next.key += o.key[:o.own]
		}
	}
	return &next
}

func (e *entry) matches(q *names.Query) bool { return e != nil && q.Match(e.key) }

// like tells how close what is found is, 0..100.
func (e *entry) like(q *names.Query) int { return q.Like(e.key) }

// identityOf is what tells a person from others.
func identityOf(p *Person) *names.Identity {
	d := &p.Details
	return identityFrom(&entry{name: d.Name, latin: d.Latin, tour: d.TourCode}, d.BirthDate, d.Sex, d.Phones, p.Party)
}

func identityFrom(e *entry, birthDate string, sex Sex, phones []string, party ID) *names.Identity {
	id := &names.Identity{
		Name: e.name, Latin: e.latin, BirthDate: birthDate, Sex: names.Sex(sex), Phones: phones, Tour: e.tour,
	}
	if !party.IsZero() {
		id.Party = party.String()
	}
	return id
}
