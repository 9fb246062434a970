import { describe, expect, it } from 'vitest'
import type { LonLat, PolygonShape } from '../api/types'
import { polygonsOf, shapeBbox, viewBbox, wrapLon } from './bbox'
import { shapeFault, vertexCount } from './check'
import { circlePolygon, destination, distanceM } from './circle'
import { areaKm2, inRing, inShape, labelPoint, signedArea2 } from './polygon'
import { countriesOf } from './topojson'

//  0,10 ───── 10,10
//    │  3,7 7,7 │
//    │  3,3 7,3 │      a square with a square hole
//  0,0 ────── 10,0
const HOLED: PolygonShape = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [10, 0],
      [10, 10],
      [0, 10],
      [0, 0],
    ],
    [
      [3, 3],
      [3, 7],
      [7, 7],
      [7, 3],
      [3, 3],
    ],
  ],
}

/** A small seeded generator (mulberry32): the same numbers on every run. */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

describe('boxes', () => {
  it.each([
    [[-10, -5, 10, 5], [-10, -5, 10, 5], 'plain'],
    [[170, -5, 190, 5], [170, -5, -170, 5], 'over the antimeridian: west > east'],
    [[-200, 0, 200, 5], [-180, 0, 180, 5], 'more than once round'],
    [[350, -95, 370, 95], [-10, -90, 10, 90], 'a world further on, beyond the poles'],
  ] as const)('%j is %j (%s)', ([w, s, e, n], want, _why) => expect(viewBbox(w, s, e, n)).toEqual(want))

  it('wraps longitudes into [-180, 180]', () => {
    expect([180, -180, 181, -181, 540, 0].map(wrapLon)).toEqual([180, -180, -179, 179, -180, 0])
  })

  it('bounds a shape by all its positions, and an empty one by nothing', () => {
    expect(shapeBbox(HOLED)).toEqual([0, 0, 10, 10])
    expect(shapeBbox({ type: 'MultiPolygon', coordinates: [] })).toBeUndefined()
  })
})

describe('containment for picking', () => {
  it.each([
    [[1, 1], true, 'in the rim'],
    [[5, 5], false, 'in the hole'],
    [[11, 5], false, 'beside it'],
    [[5, 9], true, 'above the hole'],
  ] as const)('%j → %s (%s)', (at, want, _why) => expect(inShape(HOLED, at)).toBe(want))

  // Oracle: for a convex ring a point is inside when it lies left of every edge.
  it('agrees with the half planes of random convex rings', () => {
    const next = random(2)
    for (let round = 0; round < 200; round++) {
      const angles = Array.from({ length: 3 + Math.floor(next() * 8) }, () => next() * 2 * Math.PI).sort((a, b) => a - b)
      const ring = angles.map((a): LonLat => [Math.cos(a), Math.sin(a)])
      const [first] = ring
      if (first) ring.push(first)
      const at: LonLat = [next() * 2 - 1, next() * 2 - 1]
      const sides = ring.slice(1).map((b, i) => {
        const a = ring[i] ?? b
        return (b[0] - a[0]) * (at[1] - a[1]) - (b[1] - a[1]) * (at[0] - a[0])
      })
      expect(inRing(ring, at), `round ${round}`).toBe(sides.every((s) => s > 0))
    }
  })
})

describe('label points', () => {
  it('stand inside and off the hole', () => {
    const at = labelPoint(HOLED)
    expect(at && inShape(HOLED, at)).toBe(true)
  })

  it('take the largest part', () => {
    const small: PolygonShape = {
      type: 'Polygon',
      coordinates: [
        [
          [50, 50],
          [51, 50],
          [51, 51],
          [50, 50],
        ],
      ],
    }
    const at = labelPoint({ type: 'MultiPolygon', coordinates: [...polygonsOf(small), ...polygonsOf(HOLED)] })
    expect(at && inShape(HOLED, at)).toBe(true)
  })

  it('are nothing for nothing', () => expect(labelPoint({ type: 'MultiPolygon', coordinates: [] })).toBeUndefined())
})

describe('areas', () => {
  // Oracle: a lat/lon rectangle on a sphere has R² Δλ (sin φ2 − sin φ1).
  it('are those of a sphere, with holes taken off', () => {
    const rad = Math.PI / 180
    const box = (w: number, s: number, e: number, n: number): number =>
      6371.0088 ** 2 * (e - w) * rad * (Math.sin(n * rad) - Math.sin(s * rad))
    // The formula takes edges as rhumb-like, so a 10° box comes out within half a per cent.
    expect(areaKm2(HOLED) / (box(0, 0, 10, 10) - box(3, 3, 7, 7))).toBeCloseTo(1, 2)
  })
})

describe('circles', () => {
  it('go where a great circle goes', () => {
    // Oracle: one degree along the equator and along a meridian of a sphere with R = 6,371,008.8 m.
    const degree = (6_371_008.8 * Math.PI) / 180
    expect(destination([10, 0], 90, degree)[0]).toBeCloseTo(11, 9)
    expect(destination([10, 20], 0, degree)[1]).toBeCloseTo(21, 9)
    expect(distanceM([10, 20], [10, 21])).toBeCloseTo(degree, 3)
  })

  it.each([
    [51.4, 35.7, 50_000],
    [55.3, 25.2, 800],
    [-70, 65, 300_000],
  ])('around %f, %f with %d m become closed, counter-clockwise polygons of that size', (lon, lat, r) => {
    const shape = circlePolygon([lon, lat], r)
    const [ring = []] = shape.coordinates
    expect(ring).toHaveLength(65)
    expect(ring[0]).toEqual(ring[64])
    expect(signedArea2(ring)).toBeGreaterThan(0)
    expect(shapeFault(shape)).toBeUndefined()
    for (const at of ring) expect(distanceM([lon, lat], at) / r).toBeCloseTo(1.0008, 3)
    expect(areaKm2(shape) / ((Math.PI * r * r) / 1e6)).toBeCloseTo(1, 2)
  })

  it('keep a centre of another turn of the world in range', () => {
    expect(shapeFault(circlePolygon([360 + 51, 35], 1000))).toBeUndefined()
  })
})

describe('faults of a shape', () => {
  const ring = (...r: LonLat[]): PolygonShape => ({ type: 'Polygon', coordinates: [r] })
  it.each([
    ['crossing', ring([0, 0], [2, 2], [2, 0], [0, 2], [0, 0])],
    ['unclosed', ring([0, 0], [1, 0], [1, 1], [0, 1])],
    ['few', ring([0, 0], [1, 1], [0, 0])],
    ['few', ring([0, 0], [1, 1], [2, 2], [0, 0])],
    ['range', ring([170, 0], [190, 0], [190, 5], [170, 0])],
    ['range', ring([0, 0], [Number.NaN, 0], [1, 1], [0, 0])],
    ['empty', { type: 'Polygon', coordinates: [] }],
    ['large', ring(...Array.from({ length: 10_002 }, (_, i): LonLat => [Math.cos(i / 1592), Math.sin(i / 1592)]))],
  ] as const)('%s', (rule, shape) => expect(shapeFault(shape)?.rule).toBe(rule))

  it('say where the outline crosses itself', () => expect(shapeFault(ring([0, 0], [2, 2], [2, 0], [0, 2], [0, 0]))?.near).toEqual([1, 1]))
  it('are none for a sound shape', () => expect(shapeFault(HOLED)).toBeUndefined())
  it('count a closing position once', () => expect(vertexCount(HOLED)).toBe(8))
})

describe('topojson', () => {
  // Two squares that share an arc; the second walks it backwards.
  const topology = {
    transform: { scale: [0.5, 0.5] as const, translate: [10, 20] as const },
    arcs: [
      [
        [2, 0],
        [0, 2],
      ],
      [
        [2, 2],
        [-2, 0],
        [0, -2],
        [2, 0],
      ],
      [
        [2, 0],
        [2, 0],
        [0, 2],
        [-2, 0],
      ],
    ] as const,
    objects: {
      countries: {
        geometries: [
          { type: 'Polygon', id: 'AA', properties: { kk: 'а', ru: 'б', en: 'c' }, arcs: [[0, 1]] },
          { type: 'MultiPolygon', id: 'BB', arcs: [[[2, ~0]]] },
          { type: 'Polygon', arcs: [[0]] },
        ],
      },
    },
  }

  it('decodes quantised and reversed arcs and keeps shared points once', () => {
    const [a, b, ...rest] = countriesOf(topology)
    expect(rest).toEqual([])
    expect(a?.shape.coordinates).toEqual([
      [
        [
          [11, 20],
          [11, 21],
          [10, 21],
          [10, 20],
          [11, 20],
        ],
      ],
    ])
    expect(b?.shape.coordinates[0]?.[0]).toEqual([
      [11, 20],
      [12, 20],
      [12, 21],
      [11, 21],
      [11, 20],
    ])
    expect([a?.code, a?.names.ru, b?.names.en]).toEqual(['AA', 'б', 'BB'])
  })
})
