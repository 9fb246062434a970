import type { LonLat, Shape } from '../api/types'
import { polygonsOf } from './bbox'
import { signedArea2 } from './polygon'

type Ring = readonly LonLat[]
type Polygon = readonly Ring[]

/** What a pasted text held, or why it held nothing (a word of the catalogue: `console.paste.<reason>`). */
export type Pasted = { readonly shape: Shape } | { readonly reason: 'empty' | 'unknown' | 'json' | 'shape' | 'number' | 'doctype' }

function closed(ring: Ring): Ring {
  const [first] = ring
  const last = ring[ring.length - 1]
  return first && last && (first[0] !== last[0] || first[1] !== last[1]) ? [...ring, first] : ring
}

/** Outer rings counter-clockwise and holes clockwise (RFC 7946 §3.1.6), closed. */
function wound(polygon: Polygon): Polygon {
  return polygon.map((r, i) => {
    const ring = closed(r)
    return signedArea2(ring) > 0 === (i === 0) ? ring : [...ring].reverse()
  })
}

/** One polygon stays a Polygon, several become a MultiPolygon; undefined for none. */
export function shapeOf(polygons: readonly Polygon[]): Shape | undefined {
  const [first] = polygons
  if (!first) return undefined
  return polygons.length === 1 ? { type: 'Polygon', coordinates: wound(first) } : { type: 'MultiPolygon', coordinates: polygons.map(wound) }
}

/** Adds the polygons of one shape to another's. */
export function joined(a: Shape | undefined, b: Shape): Shape {
  return shapeOf([...(a ? polygonsOf(a) : []), ...polygonsOf(b)]) ?? b
}

function position(value: unknown): LonLat | undefined {
  if (!Array.isArray(value)) return undefined
  const [lon, lat] = value as unknown[]
  return typeof lon === 'number' && typeof lat === 'number' && Number.isFinite(lon) && Number.isFinite(lat) ? [lon, lat] : undefined
}

function polygon(value: unknown): Polygon | undefined {
  if (!Array.isArray(value)) return undefined
  const rings: Ring[] = []
  for (const r of value as unknown[]) {
    if (!Array.isArray(r)) return undefined
    const ring = (r as unknown[]).map(position)
    if (ring.length < 3 || ring.some((p) => p === undefined)) return undefined
    rings.push(ring as LonLat[])
  }
  return rings.length > 0 ? rings : undefined
}

function geojsonPolygons(value: unknown): readonly Polygon[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const o = value as { type?: unknown; coordinates?: unknown; geometry?: unknown; features?: unknown; geometries?: unknown }
  switch (o.type) {
    case 'Polygon': {
      const p = polygon(o.coordinates)
      return p && [p]
    }
    case 'MultiPolygon': {
      if (!Array.isArray(o.coordinates)) return undefined
      const parts = (o.coordinates as unknown[]).map(polygon)
      return parts.some((p) => p === undefined) ? undefined : (parts as Polygon[])
    }
    case 'Feature':
      return geojsonPolygons(o.geometry)
    case 'FeatureCollection':
    case 'GeometryCollection': {
      const list = o.type === 'FeatureCollection' ? o.features : o.geometries
      if (!Array.isArray(list)) return undefined
      const parts = (list as unknown[]).map(geojsonPolygons)
      return parts.some((p) => p === undefined) ? undefined : (parts as Polygon[][]).flat()
    }
    default:
      return undefined
  }
}

function numbers(text: string, separator: RegExp): readonly number[] | undefined {
  const parts = text.trim().split(separator).filter(Boolean).map(Number)
  return parts.every(Number.isFinite) ? parts : undefined
}

function wktRing(text: string): Ring | undefined {
  const ring: LonLat[] = []
  for (const pair of text.split(',')) {
    const [lon, lat] = numbers(pair, /\s+/) ?? []
    if (lon === undefined || lat === undefined) return undefined
    ring.push([lon, lat])
  }
  return ring.length >= 3 ? ring : undefined
}

function wkt(text: string): Pasted {
  const body = text.replace(/^SRID=4326;/i, '').trim()
  const multi = /^MULTIPOLYGON/i.test(body)
  const inner = body.replace(/^(MULTI)?POLYGON\s*Z?\s*/i, '')
  const polygons: Polygon[] = []
  // A polygon is "((x y, …), (x y, …))"; a multipolygon is a list of those in one more pair of brackets.
  for (const part of multi ? (inner.slice(1, -1).match(/\(\s*\([^()]*\)(\s*,\s*\([^()]*\))*\s*\)/g) ?? []) : [inner]) {
    const rings = (part.match(/\([^()]*\)/g) ?? []).map((r) => wktRing(r.slice(1, -1)))
    if (rings.length === 0) return { reason: 'shape' }
    if (rings.some((r) => r === undefined)) return { reason: 'number' }
    polygons.push(rings as Ring[])
  }
  const shape = shapeOf(polygons)
  return shape ? { shape } : { reason: 'shape' }
}

function kmlRing(text: string): Ring | undefined {
  const ring: LonLat[] = []
  for (const tuple of text.trim().split(/\s+/)) {
    const [lon, lat] = numbers(tuple, /,/) ?? []
    if (lon === undefined || lat === undefined) return undefined
    ring.push([lon, lat])
  }
  return ring.length >= 3 ? ring : undefined
}

function kml(text: string): Pasted {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) return { reason: 'doctype' }
  const polygons: Polygon[] = []
  for (const [, body = ''] of text.matchAll(/<(?:\w+:)?Polygon\b[^>]*>([\s\S]*?)<\/(?:\w+:)?Polygon>/g)) {
    const boundary = (name: string): (Ring | undefined)[] =>
      [...body.matchAll(new RegExp(`<(?:\\w+:)?${name}\\b[\\s\\S]*?<(?:\\w+:)?coordinates>([\\s\\S]*?)</`, 'g'))].map((m) =>
        kmlRing(m[1] ?? ''),
      )
    const rings = [...boundary('outerBoundaryIs').slice(0, 1), ...boundary('innerBoundaryIs')]
    if (rings.length === 0) return { reason: 'shape' }
    if (rings.some((r) => r === undefined)) return { reason: 'number' }
    polygons.push(rings as Ring[])
  }
  const shape = shapeOf(polygons)
  return shape ? { shape } : { reason: 'shape' }
}

/** Lines of "lon, lat" or "lon lat": one ring. */
function lines(text: string): Pasted {
  const ring: LonLat[] = []
  for (const line of text.split(/[\n;]+/)) {
    if (line.trim() === '') continue
    const [lon, lat, extra] = numbers(line, /[\s,]+/) ?? []
    if (lon === undefined || lat === undefined || extra !== undefined) return { reason: 'number' }
    ring.push([lon, lat])
  }
  const shape = ring.length >= 3 ? shapeOf([[ring]]) : undefined
  return shape ? { shape } : { reason: 'shape' }
}

/**
 * Reads a zone's shape from GeoJSON (polygon, multipolygon, feature, collection of them), WKT, KML, or lines of
 * lon, lat. Unclosed rings are closed and wound the right way; anything else that is wrong is refused, nothing is
 * repaired silently.
 */
export function parsePasted(text: string): Pasted {
  const t = text.trim()
  if (t === '') return { reason: 'empty' }
  if (t.startsWith('{')) {
    let value: unknown
    try {
      value = JSON.parse(t)
    } catch {
      return { reason: 'json' }
    }
    const polygons = geojsonPolygons(value)
    const shape = polygons && shapeOf(polygons)
    return shape ? { shape } : { reason: 'shape' }
  }
  if (/^(SRID=\d+;)?\s*(MULTI)?POLYGON/i.test(t)) return wkt(t)
  if (t.startsWith('<')) return kml(t)
  if (/^[-+\d.]/.test(t)) return lines(t)
  return { reason: 'unknown' }
}
