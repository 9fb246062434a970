import type { LonLat, Shape } from '../api/types'

/** west, south, east, north in degrees; west > east crosses the antimeridian. */
export type Bbox = readonly [number, number, number, number]

const round = (x: number, digits: number): number => Number(x.toFixed(digits))

/** Brings a longitude into [-180, 180]. */
export function wrapLon(lon: number): number {
  if (lon >= -180 && lon <= 180) return lon
  return ((((lon + 180) % 360) + 360) % 360) - 180
}

/**
 * The box of a map view, whose longitudes may run past ±180, as the API wants it: six digits, latitudes
 * clamped; a view that goes all the way round gives the whole band.
 */
export function viewBbox(west: number, south: number, east: number, north: number): Bbox {
  const s = round(Math.max(-90, Math.min(90, south)), 6)
  const n = round(Math.max(-90, Math.min(90, north)), 6)
  if (east - west >= 360) return [-180, s, 180, n]
  return [round(wrapLon(west), 6), s, round(wrapLon(east), 6), n]
}

/** Every ring of a shape, outer ones and holes. */
export function ringsOf(shape: Shape): readonly (readonly LonLat[])[] {
  return shape.type === 'Polygon' ? shape.coordinates : shape.coordinates.flat()
}

/** The polygons of a shape, each a list of rings. */
export function polygonsOf(shape: Shape): readonly (readonly (readonly LonLat[])[])[] {
  return shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates
}

/** The planar box of all positions; undefined when there are none. */
export function shapeBbox(shape: Shape): Bbox | undefined {
  let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const ring of ringsOf(shape))
    for (const [lon, lat] of ring) {
      w = Math.min(w, lon)
      s = Math.min(s, lat)
      e = Math.max(e, lon)
      n = Math.max(n, lat)
    }
  return w > e ? undefined : [w, s, e, n]
}
