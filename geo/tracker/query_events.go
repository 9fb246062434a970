package tracker

import (
	"slices"

	"aman/geo"
)

// EventView is an event as one scope sees it: it counts the people of the
// scope, and nobody else.
type EventView struct {
	Event // Moves is nil
	Names Names
	// Count is everybody meant; Enters came in (inside or possibly), Leaves fell out.
	Count, Enters, Leaves Count
	// People are the first twenty of them.
	People []ID
}

const shownPeople = 20

// Events lists the events held in memory with Seq < before (0: the newest),
// newest first, at most limit; complete is false where the store may hold older
// ones. Events about people of whom none is in scope are left out.
func (v View) Events(crisis ID, before int64, limit int) (out []EventView, complete bool) {
	es := v.s.events
	for i := len(es) - 1; i >= 0 && len(out) < limit; i-- {
		if es[i].Crisis != crisis || before > 0 && es[i].Seq >= before {
			continue
		}
		if ev, ok := v.event(&es[i]); ok {
			out = append(out, ev)
		}
	}
	return out, len(es) < keptEvents || len(out) == limit
}

// EventsAfter lists events with Seq > after, oldest first; complete is false
// when some may have been dropped from memory (then: load anew).
func (v View) EventsAfter(crisis ID, after int64) (out []EventView, complete bool) {
	es := v.s.events
	i, _ := slices.BinarySearchFunc(es, after+1, func(e memEvent, seq int64) int {
		switch {
		case e.Seq < seq:
			return -1
		case e.Seq > seq:
			return 1
		}
		return 0
	})
	for ; i < len(es); i++ {
		if es[i].Crisis != crisis || es[i].Seq <= after {
			continue
		}
		if ev, ok := v.event(&es[i]); ok {
			out = append(out, ev)
		}
	}
	return out, len(es) == 0 || es[0].Seq <= after+1 || len(es) < keptEvents
}

// Stored shows events that came from the store, in the same way.
func (v View) Stored(es []Event) []EventView {
	var out []EventView
	for i := range es {
		m := memEvent{Event: es[i]}
		m.Moves = nil
		for _, mv := range es[i].Moves {
			if num, ok := v.s.person(mv.Person); ok {
				m.moves = append(m.moves, move{num: num, from: mv.From, to: mv.To})
			}
		}
		if ev, ok := v.event(&m); ok {
			out = append(out, ev)
		}
	}
	return out
}

func (v *View) event(e *memEvent) (EventView, bool) {
	ev := EventView{Event: e.Event, People: []ID{}}
	if z, ok := v.s.zone(e.Zone); ok && !e.Zone.IsZero() {
		ev.Names = z.latest.Names
	}
	for _, m := range e.moves {
		if m.num >= v.s.people.n {
			continue
		}
		h, c := v.s.people.at(m.num)
		if !v.sees(h, c) {
			continue
		}
		ev.Count.add(h)
		switch {
		case m.from == geo.Outside && m.to != geo.Outside:
			ev.Enters.add(h)
		case m.from != geo.Outside && m.to == geo.Outside:
			ev.Leaves.add(h)
		}
		if len(ev.People) < shownPeople {
			ev.People = append(ev.People, c.id)
		}
	}
	aboutPeople := e.Kind == EventEntered || e.Kind == EventLeft || e.Kind == EventPossible ||
		e.Kind == EventNeedsHelp || e.Kind == EventStranded
	return ev, ev.Count.Records > 0 || !aboutPeople
}
