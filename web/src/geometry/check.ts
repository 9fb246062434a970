import type { LonLat, Shape } from '../api/types'
import { ringsOf } from './bbox'
import { signedArea2 } from './polygon'

/** What the server would refuse, said while drawing. `near` is the lon, lat to show. */
export interface ShapeFault {
  readonly rule: 'empty' | 'few' | 'range' | 'unclosed' | 'crossing' | 'large'
  readonly near?: LonLat
}

/** Limits of the API: vertices and rings of one zone. */
export const MAX_VERTICES = 10_000
export const MAX_RINGS = 100

const orient = (a: LonLat, b: LonLat, c: LonLat): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

function crossing(a: LonLat, b: LonLat, c: LonLat, d: LonLat): LonLat | undefined {
  const [o1, o2, o3, o4] = [orient(a, b, c), orient(a, b, d), orient(c, d, a), orient(c, d, b)]
  if (o1 > 0 === o2 > 0 || o3 > 0 === o4 > 0 || o1 === 0 || o2 === 0 || o3 === 0 || o4 === 0) return undefined
  const t = o3 / (o3 - o4)
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
}

function selfCrossing(ring: readonly LonLat[]): LonLat | undefined {
  // Brute force is enough for a shape made by hand; a long pasted one is checked by the server.
  if (ring.length > 1500) return undefined
  for (let i = 1; i < ring.length; i++)
    for (let j = i + 2; j < ring.length; j++) {
      const [a, b, c, d] = [ring[i - 1], ring[i], ring[j - 1], ring[j]]
      if (!a || !b || !c || !d) continue
      const at = crossing(a, b, c, d)
      if (at) return at
    }
  return undefined
}

/** The first fault of a shape, or undefined when there is none that can be seen from here. */
export function shapeFault(shape: Shape): ShapeFault | undefined {
  const rings = ringsOf(shape)
  if (rings.length === 0) return { rule: 'empty' }
  if (rings.length > MAX_RINGS || vertexCount(shape) > MAX_VERTICES) return { rule: 'large' }
  for (const ring of rings) {
    const [first] = ring
    const last = ring[ring.length - 1]
    if (!first || !last) return { rule: 'empty' }
    for (const at of ring)
      if (!Number.isFinite(at[0]) || !Number.isFinite(at[1]) || Math.abs(at[0]) > 180 || Math.abs(at[1]) > 90)
        return { rule: 'range', near: at }
    if (first[0] !== last[0] || first[1] !== last[1]) return { rule: 'unclosed', near: first }
    if (ring.length < 4) return { rule: 'few', near: first }
    const near = selfCrossing(ring)
    if (near) return { rule: 'crossing', near }
    if (signedArea2(ring) === 0) return { rule: 'few', near: first }
  }
  return undefined
}

/** Distinct vertices of a shape: the closing position of a ring isn't counted twice. */
export function vertexCount(shape: Shape): number {
  return ringsOf(shape).reduce((n, r) => n + Math.max(0, r.length - 1), 0)
}
