package tracker

import (
	"math"
	"time"

	"aman/geo"
)

// hot is what filters and counts look at, kept together so that a pass over a
// million people reads 72 MB and little more.
type hot struct {
	lon, lat float64
	staleAt  int64  // µs; the person is stale from then on
	idHigh   uint64 // the first eight bytes of the id
	onward   int64  // µs; an onward leg stands until then, 0: none known
	mx, my   uint32 // web mercator, 32 bits an axis
	radius   float32
	airport  uint16 // number + 1; 0: not at one
	c0, c1   uint16 // countries, number + 1
	mission  uint16 // responsible, number + 1
	crisis   uint16
	persons  uint16

	level, verdict                uint8
	wellbeing, intention, contact uint8
	stay, category                uint8
	marks                         uint8
}

const (
	markPlaced       = 1 << iota // has a position
	markNear                     // its country is the nearest land
	markUnidentified             // nobody knows a name
	markAirportBad               // at an airport that is limited or closed
	markPriority                 // goes first in the queue by need
	markGone                     // erased, or counted with another record
	markAged                     // exposed to some zone by age alone
)

// cold is the rest of a person. Once shared with a snapshot it is replaced, not
// written: owner is the round of writing that made it, as with a chunk.
type cold struct {
	owner uint64
	id    ID
	text  *entry
	wide  *wide // nil for most
	// flagged is the newest fix that is not the position, because it is in doubt.
	flagged *fix
	// odd holds what few people have: doubtful statements, and a death.
	odd      *oddities
	party    ID
	guardian ID
	report   ID // that gave the position
	reporter ID // with whom that report is stored
	said     statements
	// Effective times, µs: of anything heard, of anything heard in trust, and of
	// the position.
	heardAt, trustedAt         int64
	fixedAt, fixAt, receivedAt int64
	// sentAt is the effective time of the latest trusted fix that the person, or
	// staff, gave on purpose.
	sentAt           int64
	basePersons      uint16
	declared         uint16 // country, number + 1
	declaredBase     uint16 // the record's own
	needs, baseNeeds Needs
	version          uint32
	flags            Flags
	method           Method
	channel          Channel
	// namedAirport is the airport (number + 1) that the position names.
	namedAirport int32
	missionN     int32
	// fixTrusted: the position came in trust, so that only a trusted one replaces it.
	fixTrusted bool
	erased     bool
}

// wide is what only people have who are in many places at once. It is immutable.
type wide struct {
	countries []uint16 // beyond two, number + 1
	areas     []uint16 // missions (by number) whose polygon area holds the position
}

// countries are those beyond the two of hot, number + 1.
func (c *cold) countries() []uint16 {
	if c.wide == nil {
		return nil
	}
	return c.wide.countries
}

// areas are the missions (by number) whose polygon area holds the position.
func (c *cold) areas() []uint16 {
	if c.wide == nil {
		return nil
	}
	return c.wide.areas
}

// exposure is one person's verdict against one zone in force. A share of 0 is by age
// alone (picture_age.go).
type exposure struct {
	zone    uint32
	share   float32
	since   int64 // µs
	verdict geo.Verdict
}

// fix is one position as it was reported.
type fix struct {
	lon, lat   float64
	radius     float32
	at         int64
	fixedAt    int64
	receivedAt int64
	method     Method
	channel    Channel
	flags      Flags
	named      int32 // airport, number + 1
	report     ID
	person     ID // with whom the report is stored
}

// stranded: at an airport that is limited or closed, or from where no onward
// leg stands.
func (h *hot) stranded(now int64) bool {
	return h.airport != 0 && (h.marks&markAirportBad != 0 || h.onward <= now)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// mercator maps a position to web mercator tile space with 32 bits an axis;
// latitudes beyond ±85.0511° stick to its edge. x grows east, y south.
func mercator(lon, lat float64) (x, y uint32) {
	fx := lon/360 + 0.5
	s := math.Sin(lat * math.Pi / 180)
	s = max(-0.99999999999, min(s, 0.99999999999))
	fy := 0.5 - math.Log((1+s)/(1-s))/(4*math.Pi)
	return fixed32(fx), fixed32(fy)
}

func fixed32(f float64) uint32 {
	v := f * (1 << 32)
	switch {
	case !(v > 0):
		return 0
	case v >= 1<<32-1:
		return 1<<32 - 1
	}
	return uint32(v)
}
