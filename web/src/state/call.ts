import type { Contact, Intention, LonLat, Need, ReportInput, Wellbeing } from '../api/types'
import { pointFrom } from '../geometry/point'

/** The four answers of the citizens' page, in its order: keys 1 to 4. */
export const HOWS = ['safe', 'help', 'leaving', 'away'] as const
export type How = (typeof HOWS)[number]

const SAID: Readonly<Record<How, { readonly wellbeing?: Wellbeing; readonly intention?: Intention }>> = {
  safe: { wellbeing: 'safe' },
  help: { wellbeing: 'needs_help' },
  leaving: { intention: 'leaving' },
  away: { intention: 'left' },
}

/** A place as it was chosen; what was typed and not chosen is an address. */
export type CallPlace =
  | { readonly kind: 'city'; readonly name: string; readonly country: string }
  | { readonly kind: 'airport'; readonly name: string; readonly country: string; readonly code: string }
  | { readonly kind: 'point'; readonly at: LonLat }
  | { readonly kind: 'address'; readonly text: string }

/** One call as it is typed. */
export interface CallForm {
  /** Of who calls. */
  phone: string
  /** Who calls is somebody else than who is meant. */
  relative: boolean
  callerName: string
  relation: string
  /** Who is meant, where the crisis knows them. */
  person: { readonly id: string; readonly name: string } | undefined
  /** What is known of somebody who is new. */
  name: string
  iin: string
  birthDate: string
  /** A new person was chosen, and not only not found yet. */
  fresh: boolean
  how: How | undefined
  intention: Intention | undefined
  /** Typed and not chosen. */
  place: string
  chosen: CallPlace | undefined
  persons: number | undefined
  needs: readonly Need[]
  /** For how many days the medicine lasts. */
  medicineDays: number | undefined
  note: string
  /** When they called, RFC 3339. */
  at: string
}

/** An empty form of a call at `now`, to the second. */
export function newCall(now: number): CallForm {
  return {
    phone: '',
    relative: false,
    callerName: '',
    relation: '',
    person: undefined,
    name: '',
    iin: '',
    birthDate: '',
    fresh: false,
    how: undefined,
    intention: undefined,
    place: '',
    chosen: undefined,
    persons: undefined,
    needs: [],
    medicineDays: undefined,
    note: '',
    at: new Date(Math.floor(now / 1000) * 1000).toISOString().replace('.000Z', 'Z'),
  }
}

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '')

/** Fewer digits than any number has: they were typed to find somebody, and nobody could be rung by them. */
const SHORTEST_PHONE = 7
/** The caller's number, where it is one; empty otherwise. */
const dialled = (form: CallForm): string => (digitsOf(form.phone).length >= SHORTEST_PHONE ? form.phone.trim() : '')
/** Fewer find half of the list. */
const SHORTEST_SEARCH = 4

/**
 * What to search a typed number by: its digits without the prefixes that a number is dialled with within a country (8, 0) or
 * out of it (00), for those are not stored. Empty below four digits.
 */
export function phoneQuery(text: string): string {
  const digits = digitsOf(text)
  if (digits.length < SHORTEST_SEARCH) return ''
  const bare = text.trim().startsWith('+') ? digits : digits.replace(/^(?:00|0|8(?=\d{4}))/, '')
  return bare.length < SHORTEST_SEARCH ? '' : bare
}

/** The place that the form says: chosen, or typed as coordinates, or any other text as an address. */
export function placeOf(form: CallForm): CallPlace | undefined {
  if (form.chosen) return form.chosen
  const text = form.place.trim()
  if (text === '') return undefined
  const at = pointFrom(text)
  return at ? { kind: 'point', at } : { kind: 'address', text }
}

function placeMembers(place: CallPlace | undefined): Partial<ReportInput> {
  switch (place?.kind) {
    case 'city':
      return { city: { name: place.name, country: place.country } }
    case 'airport':
      return { airport: place.code }
    case 'point':
      return { position: { lon: place.at[0], lat: place.at[1], method: 'staff' } }
    case 'address':
      return { address: place.text.slice(0, 300) }
    default:
      return {}
  }
}

/** What is still missing before the call can be stored: something said, and of somebody else who calls a name, number or relation. */
export function missing(form: CallForm): 'says' | 'caller' | undefined {
  if (!form.how && !form.intention && form.needs.length === 0 && !form.note.trim() && !placeOf(form)) return 'says'
  return form.relative && !dialled(form) && !form.callerName.trim() && !form.relation.trim() ? 'caller' : undefined
}

/** The report of a call, as it is sent. */
export function reportOf(form: CallForm): ReportInput {
  const trimmed = (text: string): string => text.trim()
  const phone = dialled(form)
  const place = placeOf(form)
  const said = form.how ? SAID[form.how] : {}
  const intention = form.intention ?? said.intention
  const person = {
    ...(trimmed(form.name) ? { name: trimmed(form.name) } : {}),
    ...(trimmed(form.iin) ? { iin: trimmed(form.iin) } : {}),
    ...(form.birthDate ? { birth_date: form.birthDate } : {}),
    ...(phone && !form.relative ? { phones: [phone] } : {}),
    ...(form.persons ? { persons: form.persons } : {}),
  }
  const note = trimmed(form.note)
  // A report says something besides an address: that alone would be refused, and lost.
  const onlyAddress = place?.kind === 'address' && !said.wellbeing && !intention && form.needs.length === 0 && !note && form.relative
  return {
    ...(form.person ? { person_id: form.person.id } : Object.keys(person).length > 0 ? { person } : {}),
    channel: 'hotline',
    fixed_at: form.at,
    ...(said.wellbeing ? { wellbeing: said.wellbeing } : {}),
    ...(intention ? { intention } : {}),
    // Who calls has been reached; who is called about has not.
    ...(form.relative ? {} : { contact: 'reached' satisfies Contact }),
    ...placeMembers(place),
    ...(form.persons ? { persons: form.persons } : {}),
    ...(form.needs.length > 0 ? { needs: [...form.needs] } : {}),
    ...(form.medicineDays === undefined ? {} : { medicine_days: form.medicineDays }),
    ...(note ? { note } : onlyAddress ? { note: place.text.slice(0, 2000) } : {}),
    ...(phone && !form.relative ? { phone } : {}),
    ...(form.relative
      ? {
          caller: {
            ...(trimmed(form.callerName) ? { name: trimmed(form.callerName) } : {}),
            ...(phone ? { phone } : {}),
            ...(trimmed(form.relation) ? { relation: trimmed(form.relation) } : {}),
          },
        }
      : {}),
  }
}
