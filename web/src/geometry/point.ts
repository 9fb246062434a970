import type { LonLat } from '../api/types'

/** A sign that stands for north, south, east or west, in Latin or Russian letters. */
const SIDES: Readonly<Record<string, { readonly axis: 'lat' | 'lon'; readonly sign: 1 | -1 }>> = {
  N: { axis: 'lat', sign: 1 },
  С: { axis: 'lat', sign: 1 },
  S: { axis: 'lat', sign: -1 },
  Ю: { axis: 'lat', sign: -1 },
  E: { axis: 'lon', sign: 1 },
  В: { axis: 'lon', sign: 1 },
  W: { axis: 'lon', sign: -1 },
  З: { axis: 'lon', sign: -1 },
}

/** Five digits after the point are a metre: more would claim what a spoken degree doesn't say. */
const rounded = (x: number): number => Number(x.toFixed(5))

/** Degrees of "25.2", "25°12.5" or "25 12 18", with what stands for minutes and seconds taken away; undefined where it makes none. */
function degrees(text: string): number | undefined {
  const parts = text
    .replaceAll(/[°º′’'″”"]/g, ' ')
    .trim()
    .split(/\s+/)
  if (parts.length > 3 || parts.some((p) => !/^[-+]?\d+([.,]\d+)?$/.test(p))) return undefined
  const [d = Number.NaN, m = 0, s = 0] = parts.map((p) => Number(p.replace(',', '.')))
  if (parts.slice(1).some((p) => /^[-+]/.test(p)) || m >= 60 || s >= 60) return undefined
  return (parts[0]?.startsWith('-') ? -1 : 1) * (Math.abs(d) + m / 60 + s / 3600)
}

/** "25°12'N 55°16'E", a letter before or after each number, latitude and longitude in either order. */
function sided(text: string): LonLat | undefined {
  const upper = text.toUpperCase().replaceAll(/[;,]\s+/g, ' ')
  const before = /^\s*[NSEWСЮВЗ]/.test(upper)
  const pieces = [...upper.matchAll(before ? /([NSEWСЮВЗ])([^NSEWСЮВЗ]+)/g : /([^NSEWСЮВЗ]+)([NSEWСЮВЗ])/g)]
  const rest = upper.replaceAll(before ? /[NSEWСЮВЗ][^NSEWСЮВЗ]+/g : /[^NSEWСЮВЗ]+[NSEWСЮВЗ]/g, '').trim()
  if (pieces.length !== 2 || rest !== '') return undefined
  const found: { lat?: number; lon?: number } = {}
  for (const [, a = '', b = ''] of pieces) {
    const side = SIDES[before ? a : b]
    const value = degrees(before ? b : a)
    if (!side || value === undefined || value < 0) return undefined
    found[side.axis] = side.sign * value
  }
  return found.lat === undefined || found.lon === undefined ? undefined : [found.lon, found.lat]
}

/** "25.2048, 55.2708", "25,2048 55,2708", "25.2048;55.2708". Two whole numbers are rather a house and a flat. */
function plain(text: string): LonLat | undefined {
  const number = '[-+]?\\d{1,3}(?:[.,]\\d+)?'
  const m =
    new RegExp(`^(${number})\\s*[;\\s]\\s*(${number})$`).exec(text) ??
    /^([-+]?\d{1,3}(?:\.\d+)?)\s*,\s*([-+]?\d{1,3}(?:\.\d+)?)$/.exec(text) ??
    /^([-+]?\d{1,3}(?:[.,]\d+)?)\s*,\s+([-+]?\d{1,3}(?:[.,]\d+)?)$/.exec(text)
  if (!m || !/[.,]\d/.test(`${m[1]} ${m[2]}`)) return undefined
  const [first, second] = [Number(m[1]?.replace(',', '.')), Number(m[2]?.replace(',', '.'))]
  // Read out, latitude comes first; what can't be one is the longitude.
  return Math.abs(first) > 90 ? [first, second] : [second, first]
}

/**
 * Reads one place from coordinates as people say and paste them: decimal degrees (latitude first, as maps show them),
 * degrees with minutes and seconds and the letters of the sides, a link to a map or `geo:`. lon, lat in degrees, to five digits;
 * undefined for anything else.
 */
export function pointFrom(text: string): LonLat | undefined {
  const t = text.trim()
  const link = /^(?:https?:|geo:)/i.test(t)
    ? /(?:^geo:|[@=/])(-?\d{1,2}(?:\.\d+)?)(?:,|%2C)(?:%20|\+)?(-?\d{1,3}(?:\.\d+)?)/i.exec(t)
    : undefined
  const at = link ? ([Number(link[2]), Number(link[1])] as const) : (plain(t.replaceAll(/[°º]/g, '')) ?? sided(t))
  if (!at || Math.abs(at[1]) > 90 || Math.abs(at[0]) > 180) return undefined
  return [rounded(at[0]), rounded(at[1])]
}
