/** Whose clock times are shown by. Every time is written with its zone. */
export type ClockZone = 'local' | 'astana' | 'utc'
export const CLOCK_ZONES: readonly ClockZone[] = ['local', 'astana', 'utc']
export type Lang = 'kk' | 'ru' | 'en'

// Numbers are written the same way in Kazakh and Russian, and many browsers are built without Kazakh.
const LOCALES: Record<Lang, string> = { kk: 'ru-RU', ru: 'ru-RU', en: 'en-GB' }

/** BCP 47 tag for numbers. */
export const localeOf = (lang: Lang): string => LOCALES[lang]

/** IANA name; Astana keeps the name of Almaty since the country has one time. */
export function ianaOf(zone: ClockZone): string {
  if (zone === 'utc') return 'UTC'
  return zone === 'astana' ? 'Asia/Almaty' : Intl.DateTimeFormat().resolvedOptions().timeZone
}

function parts(ms: number, iana: string): Record<string, number> {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: iana,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return Object.fromEntries(format.formatToParts(ms).flatMap((p) => (p.type === 'literal' ? [] : [[p.type, Number(p.value)]])))
}

/** Minutes east of UTC at that moment (Tehran is +210). */
export function offsetMinutes(ms: number, iana: string): number {
  const p = parts(ms, iana)
  const wall = Date.UTC(p.year ?? 0, (p.month ?? 1) - 1, p.day ?? 1, p.hour ?? 0, p.minute ?? 0, p.second ?? 0)
  return Math.round((wall - Math.floor(ms / 1000) * 1000) / 60_000)
}

/** "UTC", "UTC+5", "UTC+3:30", "UTC−8". */
export function offsetLabel(minutes: number): string {
  if (minutes === 0) return 'UTC'
  const [h, m] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `UTC${minutes < 0 ? '−' : '+'}${h}${m ? `:${String(m).padStart(2, '0')}` : ''}`
}

/** A month's short name by its number, 1 to 12: from the catalogue, for browsers lack Kazakh months. */
export type MonthName = (month: number) => string

/** Day, month, hour and minute with the zone; the year only when it isn't the year of `now`. Empty for no time. */
export function formatTime(iso: string, zone: ClockZone, month: MonthName, now: number): string {
  const ms = Date.parse(iso)
  if (Number.isNaN(ms)) return ''
  const iana = ianaOf(zone)
  const p = parts(ms, iana)
  const year = p.year === parts(now, iana).year ? '' : ` ${p.year}`
  const two = (n: number | undefined): string => String(n ?? 0).padStart(2, '0')
  return `${p.day} ${month(p.month ?? 1)}${year} ${two(p.hour)}:${two(p.minute)} ${offsetLabel(offsetMinutes(ms, iana))}`
}

/** Hours and minutes only, for a running clock. */
export function formatClock(ms: number, zone: ClockZone): string {
  const p = parts(ms, ianaOf(zone))
  return `${String(p.hour).padStart(2, '0')}:${String(p.minute).padStart(2, '0')}`
}

/** A moment as the value of an <input type="datetime-local"> on that clock; empty for none. */
export function toInput(iso: string | undefined, zone: ClockZone): string {
  const ms = Date.parse(iso ?? '')
  if (Number.isNaN(ms)) return ''
  return new Date(ms + offsetMinutes(ms, ianaOf(zone)) * 60_000).toISOString().slice(0, 16)
}

/** The moment that such an input means, RFC 3339 in UTC; undefined when empty or no time. In a gap of daylight saving, the later one. */
export function fromInput(value: string, zone: ClockZone): string | undefined {
  const wall = Date.parse(`${value}Z`)
  if (value === '' || Number.isNaN(wall)) return undefined
  const iana = ianaOf(zone)
  const guess = wall - offsetMinutes(wall, iana) * 60_000
  return new Date(wall - offsetMinutes(guess, iana) * 60_000).toISOString().replace('.000Z', 'Z')
}

/** An age to say in one unit, rounded down; never below zero. */
export function ageOf(ms: number): { readonly n: number; readonly unit: 's' | 'min' | 'h' | 'd' } {
  const s = Math.max(0, Math.floor(ms / 1000))
  if (s < 60) return { n: s, unit: 's' }
  if (s < 3600) return { n: Math.floor(s / 60), unit: 'min' }
  if (s < 48 * 3600) return { n: Math.floor(s / 3600), unit: 'h' }
  return { n: Math.floor(s / 86_400), unit: 'd' }
}
