package tracker

import (
	"cmp"
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
// newest first: limit of them, and those of the same commit as the last, so that
// a page never ends within a number. Where it is not complete, the store goes on
// from resume. Events about people of whom none is in scope are left out.
func (v View) Events(crisis ID, before int64, limit int) (out []EventView, complete bool, resume int64) {
	es := v.s.events
	for i := len(es) - 1; i >= 0 && es[i].Seq > v.s.dropped; i-- {
		if es[i].Crisis != crisis || before > 0 && es[i].Seq >= before {
			continue
		}
		if len(out) >= limit && out[len(out)-1].Seq != es[i].Seq {
			return out, true, 0
		}
		if ev, ok := v.event(&es[i]); ok {
			out = append(out, ev)
		}
	}
	resume = v.s.dropped + 1
	if before > 0 {
		resume = min(resume, before)
	}
	return out, v.s.dropped == 0 || len(out) >= limit, resume
}

// EventsAfter lists events with Seq > after, oldest first; complete is false
// when some of them are no longer in memory (then: load anew).
func (v View) EventsAfter(crisis ID, after int64) (out []EventView, complete bool) {
	es := v.s.events
	i, _ := slices.BinarySearchFunc(es, after+1, func(e memEvent, seq int64) int { return cmp.Compare(e.Seq, seq) })
	for ; i < len(es); i++ {
		if es[i].Crisis != crisis {
			continue
		}
		if ev, ok := v.event(&es[i]); ok {
			out = append(out, ev)
		}
	}
	return out, after >= v.s.dropped
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
