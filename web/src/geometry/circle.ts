import type { LonLat, PolygonShape } from '../api/types'
import { wrapLon } from './bbox'

const EARTH_M = 6_371_008.8

/** Where one gets from a place by a great circle: bearing in degrees clockwise from north, distance in metres. */
export function destination([lon, lat]: LonLat, bearing: number, metres: number): LonLat {
  const rad = Math.PI / 180
  const [d, b, y] = [metres / EARTH_M, bearing * rad, lat * rad]
  const y2 = Math.asin(Math.sin(y) * Math.cos(d) + Math.cos(y) * Math.sin(d) * Math.cos(b))
  const x2 = lon * rad + Math.atan2(Math.sin(b) * Math.sin(d) * Math.cos(y), Math.cos(d) - Math.sin(y) * Math.sin(y2))
  return [x2 / rad, y2 / rad]
}

/** Metres between two places on a sphere of the mean radius. */
export function distanceM([ax, ay]: LonLat, [bx, by]: LonLat): number {
  const rad = Math.PI / 180
  const h = Math.sin(((by - ay) * rad) / 2) ** 2 + Math.cos(ay * rad) * Math.cos(by * rad) * Math.sin(((bx - ax) * rad) / 2) ** 2
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/**
 * A circle as a polygon, counter-clockwise, closed, six digits. The vertices are pushed out a little so that the
 * polygon has the circle's area, not less: nobody at the rim is lost. Radius in metres, (0, 2,000 km]; longitudes
 * may run past ±180 (the server refuses those: draw two).
 */
export function circlePolygon(centre: LonLat, radiusM: number, vertices = 64): PolygonShape {
  const angle = (2 * Math.PI) / vertices
  const grown = radiusM * Math.sqrt(angle / Math.sin(angle))
  const ring: LonLat[] = []
  const middle: LonLat = [wrapLon(centre[0]), centre[1]]
  for (let i = 0; i < vertices; i++) {
    const [lon, lat] = destination(middle, 360 - (i * 360) / vertices, grown)
    ring.push([Number(lon.toFixed(6)), Number(lat.toFixed(6))])
  }
  const [first] = ring
  if (first) ring.push(first)
  return { type: 'Polygon', coordinates: [ring] }
}
