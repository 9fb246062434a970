import type { Count, Event } from '../api/types'

/** Neighbouring events of one kind about one zone or airport, told as one line. */
export interface EventGroup {
  /** Id of the newest event: stable while older ones join. */
  readonly id: string
  readonly newest: Event
  readonly events: readonly Event[]
  readonly count: Count
  readonly enters: Count
  readonly leaves: Count
}

const plus = (a: Count, b: Count): Count => ({ records: a.records + b.records, persons: a.persons + b.persons })

const joins = (a: Event, b: Event, windowMs: number): boolean =>
  a.kind === b.kind && a.zone === b.zone && a.airport === b.airport && Date.parse(a.at) - Date.parse(b.at) <= windowMs

/** Groups events, newest first. An event joins the group before it when kind, zone and airport are the same and it is at most windowMs older than the group's last. */
export function grouped(events: readonly Event[], windowMs = 120_000): readonly EventGroup[] {
  const groups: EventGroup[] = []
  for (const event of events) {
    const last = groups[groups.length - 1]
    const oldest = last?.events[last.events.length - 1]
    if (last && oldest && joins(oldest, event, windowMs))
      groups[groups.length - 1] = {
        ...last,
        events: [...last.events, event],
        count: plus(last.count, event.count),
        enters: plus(last.enters, event.enters),
        leaves: plus(last.leaves, event.leaves),
      }
    else groups.push({ id: event.id, newest: event, events: [event], count: event.count, enters: event.enters, leaves: event.leaves })
  }
  return groups
}

/** Adds events to a list, newest first by seq, each id once, at most `keep` of them. */
export function merged(events: readonly Event[], more: readonly Event[], keep = 500): readonly Event[] {
  const known = new Set(events.map((e) => e.id))
  const all = [...events, ...more.filter((e) => !known.has(e.id))]
  return all.sort((a, b) => b.seq - a.seq || (a.id < b.id ? 1 : -1)).slice(0, keep)
}
