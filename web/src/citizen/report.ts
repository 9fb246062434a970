/** What one tap sends; the contract's LinkReport without what is added when it is sent. */
export interface Report {
  /** Made once, on the phone: a retry with it is stored once. */
  readonly id: string
  readonly status?: string
  /** Degrees, WGS84. */
  readonly lon?: number
  readonly lat?: number
  /** Metres, 95 %. */
  readonly accuracy_m?: number
  /** When it was said, or when the fix was taken: RFC 3339 by the phone's clock. */
  readonly fixed_at: string
  readonly place?: string
  readonly address?: string
  readonly persons?: number
  readonly phone?: string
  readonly note?: string
  readonly lang: string
  readonly needs?: readonly string[]
  /** Days. */
  readonly medicine_days?: number
  readonly tell?: string
  readonly tell_names?: string
  readonly child?: string
  /** Metres that a point tapped on the map may be off. */
  readonly pin_m?: number
  /** Campaign links only: says that reports come from the same phone. */
  readonly secret?: string
}

/** n random bytes; the phone's generator where it has one (all that this page is built for). */
export function randomBytes(n: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(n))
}

function hex(bytes: Uint8Array): string {
  let s = ''
  for (const b of bytes) s += (b + 256).toString(16).slice(1)
  return s
}

/** A random UUID (version 4). crypto.randomUUID is missing in old web views. */
export function uuid(): string {
  const b = randomBytes(16)
  b[6] = (Number(b[6]) & 15) | 64
  b[8] = (Number(b[8]) & 63) | 128
  return hex(b).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** A token of 240 bits for a phone that has no link of its own. */
export function guestToken(): string {
  return hex(randomBytes(30))
}

const two = (n: number): string => (n < 10 ? '0' : '') + n

/** A moment as the phone's clock shows it, with its zone: "14:32 (UTC+3:30)". */
export function clock(at: Date, offsetMinutes: number = -at.getTimezoneOffset()): string {
  const local = new Date(at.getTime() + offsetMinutes * 60000)
  const m = Math.abs(offsetMinutes)
  const zone = m ? (offsetMinutes < 0 ? '−' : '+') + Math.floor(m / 60) + (m % 60 ? ':' + two(m % 60) : '') : ''
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())} (UTC${zone})`
}

/** Fills "{name}" in a text. */
export function fill(text: string, values: { readonly [name: string]: string }): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] || whole)
}
