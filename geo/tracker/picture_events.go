package tracker

import (
	"cmp"
	"slices"

	"aman/geo"
)

const (
	// keptEvents and keptMoves bound the events held in memory; older ones are
	// in the store.
	keptEvents = 2000
	keptMoves  = 2_000_000
)

// memEvent is an event with its people as numbers.
type memEvent struct {
	Event // Moves is nil
	moves []move
}

func (p *picture) takeEvent(e *Event) {
	m := memEvent{Event: *e}
	m.Moves = nil
	m.moves = make([]move, 0, len(e.Moves))
	for _, v := range e.Moves {
		if num, ok := p.nums.get(v.Person); ok {
			m.moves = append(m.moves, move{num: num, from: v.From, to: v.To})
		}
	}
	p.events = append(p.events, m)
	total, first := 0, len(p.events)
	for first > 0 && len(p.events)-first < keptEvents {
		if total += len(p.events[first-1].moves); total > keptMoves && first < len(p.events) {
			break
		}
		first--
	}
	if first > 0 {
		p.dropped = max(p.dropped, p.events[first-1].Seq)
		p.events = p.events[first:] // the next time that it grows lets go of the others
	}
}

// derive turns what a commit did into events, in an order that every instance
// finds alike: zones first, then people by kind, zone and airport.
func (p *picture) derive(ch *changes) []Event {
	var out []Event
	byZone := map[uint32][]move{}
	for ms := ch.moves; len(ms) > 0; { // a zone's come in long runs
		n := 1
		for n < len(ms) && ms[n].zone == ms[0].zone {
			n++
		}
		if had := byZone[ms[0].zone]; had != nil {
			byZone[ms[0].zone] = slices.Concat(had, ms[:n])
		} else {
			byZone[ms[0].zone] = ms[:n]
		}
		ms = ms[n:]
	}
	add := func(e Event, moves []move) {
		e.Cause, e.N, e.At = ch.seq, len(out), ch.at
		e.Moves = slices.Grow(e.Moves, len(moves))
		for _, m := range moves {
			_, c := p.people.at(m.num)
			e.Moves = append(e.Moves, Move{Person: c.id, From: m.from, To: m.to})
		}
		slices.SortFunc(e.Moves, func(a, b Move) int { return a.Person.Compare(b.Person) })
		out = append(out, e)
	}
	zoneEvent := func(kind EventKind, num uint32) Event {
		z := p.zones[num]
		v := &z.latest
		if z.active != nil {
			v = z.active
		}
		return Event{Crisis: v.Crisis, Kind: kind, Zone: v.ID, ZoneVersion: v.Version, Level: v.Level}
	}
	for _, c := range ch.zones {
		add(zoneEvent(c.kind, c.num), byZone[c.num])
		delete(byZone, c.num)
	}
	zones := make([]uint32, 0, len(byZone))
	for z := range byZone {
		zones = append(zones, z)
	}
	slices.SortFunc(zones, func(a, b uint32) int {
		return p.zones[a].latest.ID.Compare(p.zones[b].latest.ID)
	})
	for _, z := range zones {
		var in, out, may []move
		for _, m := range byZone[z] {
			switch m.to {
			case geo.Inside:
				in = append(in, m)
			case geo.Possible:
				may = append(may, m)
			default:
				out = append(out, m)
			}
		}
		for _, g := range []struct {
			kind  EventKind
			moves []move
		}{{EventEntered, in}, {EventPossible, may}, {EventLeft, out}} {
			if len(g.moves) > 0 {
				add(zoneEvent(g.kind, z), g.moves)
			}
		}
	}
	for _, g := range p.byCrisis(ch.needsHelp) {
		add(Event{Crisis: p.crises[g.crisis].ID, Kind: EventNeedsHelp, Airport: p.airportCode(g.airport)}, g.moves)
	}
	for _, a := range ch.airports {
		add(Event{Crisis: a.Crisis, Kind: EventAirport, Airport: a.Airport}, nil)
	}
	for _, g := range p.byCrisis(ch.stranded) {
		add(Event{Crisis: p.crises[g.crisis].ID, Kind: EventStranded, Airport: p.airportCode(g.airport)}, g.moves)
	}
	return out
}

type peopleGroup struct {
	crisis  uint16
	airport uint16
	moves   []move
}

// byCrisis groups people by crisis and airport.
func (p *picture) byCrisis(nums []uint32) []peopleGroup {
	nums = slices.Clone(nums)
	slices.Sort(nums)
	var gs []peopleGroup
	for _, num := range slices.Compact(nums) {
		h, _ := p.people.at(num)
		i := slices.IndexFunc(gs, func(g peopleGroup) bool { return g.crisis == h.crisis && g.airport == h.airport })
		if i < 0 {
			i = len(gs)
			gs = append(gs, peopleGroup{crisis: h.crisis, airport: h.airport})
		}
		gs[i].moves = append(gs[i].moves, move{num: num})
	}
	slices.SortFunc(gs, func(a, b peopleGroup) int {
		return cmp.Or(cmp.Compare(a.crisis, b.crisis), cmp.Compare(a.airport, b.airport))
	})
	return gs
}

// airportCode is the code of an airport by its number + 1; "" for none.
func (p *picture) airportCode(n uint16) string {
	if n == 0 {
		return ""
	}
	return p.world.Airports()[n-1].Code()
}
