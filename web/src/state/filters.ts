import type { FilterQuery } from '../api/types'
import type { Bbox } from '../geometry/bbox'

export const VERDICTS = ['inside', 'possible', 'outside'] as const
export const WELLBEINGS = ['needs_help', 'injured', 'unknown', 'safe', 'deceased'] as const
export const INTENTIONS = ['wants_out', 'leaving', 'stays', 'left', 'home', 'never_there', 'unknown'] as const
export const CONTACTS = ['no_answer', 'untried', 'reached', 'wrong_number'] as const
export const LEVELS = [4, 3, 2, 1, 0] as const
export const FRESHNESS = ['fresh', 'stale'] as const

type Of<T extends readonly unknown[]> = T[number]

/** What the map, the list and the numbers are narrowed to. Empty lists and missing members mean: everything. */
export interface Filters {
  readonly zone?: string
  readonly country?: string
  readonly airport?: string
  readonly verdict: readonly Of<typeof VERDICTS>[]
  readonly freshness?: Of<typeof FRESHNESS>
  readonly wellbeing: readonly Of<typeof WELLBEINGS>[]
  readonly intention: readonly Of<typeof INTENTIONS>[]
  readonly contact: readonly Of<typeof CONTACTS>[]
  readonly level: readonly Of<typeof LEVELS>[]
  readonly stranded?: boolean
  readonly placed?: boolean
}

export const NO_FILTERS: Filters = { verdict: [], wellbeing: [], intention: [], contact: [], level: [] }

/** Query parameters of the API for these filters; the box is added where a map view narrows too. */
export function queryOf(f: Filters, bbox?: Bbox): FilterQuery {
  const list = <T>(values: readonly T[]): T[] | undefined => (values.length > 0 ? [...values] : undefined)
  const query: FilterQuery = {
    zone: f.zone,
    country: f.country,
    airport: f.airport,
    verdict: list(f.verdict),
    freshness: f.freshness,
    wellbeing: list(f.wellbeing),
    intention: list(f.intention),
    contact: list(f.contact),
    level: list(f.level),
    stranded: f.stranded,
    placed: f.placed,
    bbox: bbox && [...bbox],
  }
  return Object.fromEntries(Object.entries(query).filter(([, v]) => v !== undefined))
}

/** The same as a query string, for a link to an export. */
export function queryString(f: Filters, more: Readonly<Record<string, string>>): string {
  const params = new URLSearchParams(more)
  for (const [name, value] of Object.entries(queryOf(f))) params.set(name, Array.isArray(value) ? value.join(',') : String(value))
  return params.toString()
}

/** How many filters are set. */
export function countFilters(f: Filters): number {
  return Object.values(f).filter((v) => (Array.isArray(v) ? v.length > 0 : v !== undefined)).length
}

/** Adds a value to a list filter, or takes it out, keeping the order of `all`. */
export function toggled<T>(all: readonly T[], chosen: readonly T[], value: T): readonly T[] {
  return all.filter((v) => (v === value ? !chosen.includes(v) : chosen.includes(v)))
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Reads filters from hash parameters. What isn't a known word is left out: a hash is typed and forwarded by people. */
export function filtersFrom(params: URLSearchParams): Filters {
  const list = <T extends string | number>(name: string, all: readonly T[]): readonly T[] => {
    const wanted = (params.get(name) ?? '').split(',')
    return all.filter((v) => wanted.includes(String(v)))
  }
  const match = (name: string, pattern: RegExp): string | undefined => {
    const value = params.get(name) ?? ''
    return pattern.test(value) ? value : undefined
  }
  const flag = (name: string): boolean | undefined => ({ '1': true, '0': false })[params.get(name) ?? '']
  const filters: Filters = {
    zone: match('zone', UUID),
    country: match('country', /^[A-Z]{2}$/),
    airport: match('airport', /^[A-Z0-9]{3,4}$/),
    verdict: list('verdict', VERDICTS),
    freshness: FRESHNESS.find((v) => v === params.get('freshness')),
    wellbeing: list('wellbeing', WELLBEINGS),
    intention: list('intention', INTENTIONS),
    contact: list('contact', CONTACTS),
    level: list('level', LEVELS),
    stranded: flag('stranded'),
    placed: flag('placed'),
  }
  return Object.fromEntries(Object.entries(filters).filter(([, v]) => v !== undefined)) as unknown as Filters
}

/** Writes filters into hash parameters: the inverse of filtersFrom. */
export function filtersInto(f: Filters, params: URLSearchParams): void {
  for (const [name, value] of Object.entries(f)) {
    if (Array.isArray(value)) {
      if (value.length > 0) params.set(name, value.join(','))
    } else if (typeof value === 'boolean') params.set(name, value ? '1' : '0')
    else if (value !== undefined) params.set(name, String(value))
  }
}
