import type { LonLat, Shape } from '../api/types'
import { polygonsOf } from './bbox'

type Ring = readonly LonLat[]

/** Whether a place lies in a ring by the even-odd rule; edges are straight in lon/lat. For picking on the map, where an edge is a pixel. */
export function inRing(ring: Ring, [x, y]: LonLat): boolean {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i]
    const b = ring[j]
    if (a === undefined || b === undefined) continue
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside
  }
  return inside
}

/** Whether a place lies in a shape and in none of its holes. */
export function inShape(shape: Shape, at: LonLat): boolean {
  return polygonsOf(shape).some(([outer, ...holes]) => outer !== undefined && inRing(outer, at) && !holes.some((h) => inRing(h, at)))
}

/** Twice the signed planar area in square degrees; positive when counter-clockwise. */
export function signedArea2(ring: Ring): number {
  let sum = 0
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[j]
    const b = ring[i]
    if (a !== undefined && b !== undefined) sum += a[0] * b[1] - b[0] * a[1]
  }
  return sum
}

const EARTH_M = 6_371_008.8

/** Area in square kilometres on a sphere of the mean radius; holes are taken off. Good to about 0.5 %. */
export function areaKm2(shape: Shape): number {
  const rad = Math.PI / 180
  const ringArea = (ring: Ring): number => {
    let sum = 0
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const a = ring[j]
      const b = ring[i]
      if (a !== undefined && b !== undefined) sum += (b[0] - a[0]) * rad * (2 + Math.sin(a[1] * rad) + Math.sin(b[1] * rad))
    }
    return Math.abs((sum * EARTH_M * EARTH_M) / 2) / 1e6
  }
  return polygonsOf(shape).reduce(
    (sum, [outer, ...holes]) => sum + (outer ? ringArea(outer) : 0) - holes.reduce((h, r) => h + ringArea(r), 0),
    0,
  )
}

function distanceToEdges(rings: readonly Ring[], [x, y]: LonLat): number {
  let best = Infinity
  for (const ring of rings)
    for (let i = 1; i < ring.length; i++) {
      const a = ring[i - 1]
      const b = ring[i]
      if (a === undefined || b === undefined) continue
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
      const along = dx || dy ? Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy))) : 0
      best = Math.min(best, Math.hypot(x - a[0] - along * dx, y - a[1] - along * dy))
    }
  return best
}

/**
 * A place well inside the largest polygon, to stand a badge or a name on: the best of a 12 × 12 grid over its
 * box, refined twice around the winner. Undefined for a shape without a ring.
 */
export function labelPoint(shape: Shape): LonLat | undefined {
  let rings: readonly Ring[] | undefined
  let largest = -1
  for (const polygon of polygonsOf(shape)) {
    const area = polygon[0] ? Math.abs(signedArea2(polygon[0])) : -1
    if (area > largest) [largest, rings] = [area, polygon]
  }
  const outer = rings?.[0]
  const first = outer?.[0]
  if (!rings || !outer || !first) return undefined
  // Thousands of vertices say no more about the middle than a few hundred do.
  const thin = rings.map((r) => (r.length > 400 ? r.filter((_, i) => i % Math.ceil(r.length / 400) === 0) : r))
  let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [lon, lat] of outer) [w, s, e, n] = [Math.min(w, lon), Math.min(s, lat), Math.max(e, lon), Math.max(n, lat)]
  let best: LonLat = first
  let bestDistance = -1
  for (let round = 0; round < 3; round++) {
    const [stepX, stepY] = [(e - w) / 12, (n - s) / 12]
    for (let i = 0; i < 12; i++)
      for (let j = 0; j < 12; j++) {
        const at: LonLat = [w + (i + 0.5) * stepX, s + (j + 0.5) * stepY]
        if (!thin[0] || !inRing(thin[0], at) || thin.slice(1).some((h) => inRing(h, at))) continue
        const d = distanceToEdges(thin, at)
        if (d > bestDistance) [best, bestDistance] = [at, d]
      }
    ;[w, s, e, n] = [best[0] - stepX, best[1] - stepY, best[0] + stepX, best[1] + stepY]
  }
  return best
}
