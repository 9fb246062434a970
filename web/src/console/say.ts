import type { ApiError } from '../api/problem'
import type { Count, PersonRow } from '../api/types'
import { formatCount, formatMetres } from '../format/number'
import { ageOf, formatTime } from '../format/time'
import { type Key, nameIn, t, words } from '../i18n/words.svelte'
import { picture } from '../state/picture.svelte'
import { prefs } from '../state/prefs.svelte'

/** How things are said throughout the console, in the language and on the clock in use. */
export const count = (n: number): string => formatCount(n, words.lang)

/** "1,204 people (980 records)". */
export const both = (c: Count): string => t('console.count.both', { persons: count(c.persons), records: count(c.records) })

const month = (n: number): string => t(`word.month.${n}` as Key)

/** A moment on the clock in use, with its zone. */
export const time = (iso: string): string => formatTime(iso, prefs.zone, month, prefs.now)

export function age(iso: string): string {
  const { n, unit } = ageOf(prefs.now - Date.parse(iso))
  return t(`console.age.${unit}`, { n })
}

export const metres = (m: number): string => formatMetres(m, words.lang, { m: t('console.unit.m'), km: t('console.unit.km') })

/** A country's name by its code; the code where the name isn't known. */
export const country = (code: string): string => nameIn(picture.countries.find((c) => c.code === code)?.names) || code

export function mission(id: string | undefined): string {
  const found = picture.missions.find((m) => m.id === id)
  return found ? nameIn(found.names) || found.code : ''
}

export function zoneName(id: string | undefined): string {
  return nameIn(picture.zones.data?.find((z) => z.id === id)?.names)
}

/** Where somebody is, in words: airport, countries, or that nobody knows. */
export function place(row: PersonRow): string {
  const countries = row.countries.map(country).join(' / ')
  const near = row.country_near ? ` (${t('console.person.near')})` : ''
  if (row.at_airport && row.airport) return `✈ ${row.airport}${countries ? ` · ${countries}` : ''}${near}`
  return countries ? countries + near : t('console.person.unplaced')
}

/** A word of the catalogue by its ending, or the word itself: the server may learn more words than this page knows. */
function known(prefix: string, word: string): string {
  const key = `${prefix}${word}` as Key
  const text = t(key)
  return text === key ? word : text
}

/** What is odd about a report or a place, as people say it. */
export const flag = (word: string): string => known('word.flag.', word)

/** What speaks for or against two records being one human. */
export const reasonWord = (word: string): string => known('word.match.', word)

/** Why a provider didn't take a message. */
export const messageFailure = (word: string): string => known('word.undelivered.', word)

const STATUSES = [0, 400, 401, 403, 404, 409, 412, 413, 422, 429, 503]

/** What went wrong, in one sentence of this language. */
export function failure(error: ApiError): string {
  const status = STATUSES.includes(error.status) ? error.status : error.status >= 500 ? 500 : 400
  return t(`error.${status}` as Key)
}

const FIELDS: Readonly<Record<string, Key>> = {
  level: 'console.field.level',
  action: 'console.field.action',
  kind: 'console.field.kind',
  names: 'console.field.names',
  advice: 'console.field.advice',
  valid_from: 'console.field.from',
  valid_to: 'console.field.to',
  source: 'console.field.source',
  country: 'console.draw.country',
  geometry: 'console.draft.shape',
}

/** A zone's member by its name in the API, as people call it. */
export const fieldName = (field: string): string => (FIELDS[field] ? t(FIELDS[field]) : field)

/** What stands in that member, as people read it. */
export function fieldValue(field: string, value: string): string {
  if (value === '—' || value === '') return value
  if (field === 'action' || field === 'kind' || field === 'level') return t(`word.${field}.${value}` as Key)
  if (field === 'valid_from' || field === 'valid_to') return time(value)
  return field === 'country' ? country(value) : value
}
