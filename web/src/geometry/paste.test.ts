import { describe, expect, it } from 'vitest'
import { ringsOf } from './bbox'
import { joined, parsePasted } from './paste'
import { signedArea2 } from './polygon'

const SQUARE = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
  [0, 0],
]
const HOLE = [
  [0.5, 0.5],
  [0.5, 1],
  [1, 1],
  [1, 0.5],
  [0.5, 0.5],
]
const shapeIn = (text: string) => {
  const result = parsePasted(text)
  if ('reason' in result) throw new Error(result.reason)
  return result.shape
}

describe('pasted shapes', () => {
  const one = { type: 'Polygon', coordinates: [SQUARE] }
  it.each([
    ['a geometry', JSON.stringify(one)],
    ['a feature', JSON.stringify({ type: 'Feature', properties: {}, geometry: one })],
    ['a collection', JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', geometry: one }] })],
    ['WKT', 'POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))'],
    ['EWKT', 'SRID=4326;polygon((0 0,2 0,2 2,0 2,0 0))'],
    ['unclosed lines', '0, 0\n2 0\n2,2\n0, 2\n'],
    ['lines on one line', '0 0; 2 0; 2 2; 0 2'],
    [
      'KML',
      '<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0,0 2,0,0 2,2,0 0,2,0 0,0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>',
    ],
    ['a clockwise ring, turned', JSON.stringify({ type: 'Polygon', coordinates: [[...SQUARE].reverse()] })],
  ])('%s', (_, text) => {
    const shape = shapeIn(text)
    expect(shape.type).toBe('Polygon')
    const [ring = []] = ringsOf(shape)
    expect(ring).toHaveLength(5)
    expect(signedArea2(ring)).toBe(8)
    expect(new Set(ring.map(String))).toEqual(new Set(SQUARE.map(String)))
  })

  it('keep holes, wound the other way', () => {
    const wkt = `POLYGON((${SQUARE.map((p) => p.join(' ')).join()}),(${[...HOLE]
      .reverse()
      .map((p) => p.join(' '))
      .join()}))`
    const kml = `<Polygon><outerBoundaryIs><coordinates>${SQUARE.map((p) => p.join()).join(' ')}</coordinates></outerBoundaryIs><innerBoundaryIs><coordinates>${HOLE.map((p) => p.join()).join(' ')}</coordinates></innerBoundaryIs></Polygon>`
    for (const text of [wkt, kml, JSON.stringify({ type: 'Polygon', coordinates: [SQUARE, HOLE] })]) {
      const rings = ringsOf(shapeIn(text))
      expect(rings.map((r) => Math.sign(signedArea2(r)))).toEqual([1, -1])
    }
  })

  it('of several polygons become a multipolygon', () => {
    const far = 'MULTIPOLYGON (((0 0, 2 0, 2 2, 0 0)), ((5 5, 7 5, 7 7, 5 5), (6 5.5, 6.2 5.6, 6 5.7, 6 5.5)))'
    const shape = shapeIn(far)
    expect(shape.type).toBe('MultiPolygon')
    expect(shape.coordinates).toHaveLength(2)
    expect(ringsOf(shape)).toHaveLength(3)
    expect(joined(shapeIn('0 0\n1 0\n1 1'), shape).coordinates).toHaveLength(3)
  })

  it.each([
    ['', 'empty'],
    ['  \n', 'empty'],
    ['hello', 'unknown'],
    ['{"type":', 'json'],
    ['{"type":"Point","coordinates":[1,2]}', 'shape'],
    ['{"type":"Polygon","coordinates":[[[0,0],["1",0],[1,1],[0,0]]]}', 'shape'],
    ['{"type":"Polygon","coordinates":[]}', 'shape'],
    ['{"type":"FeatureCollection","features":[]}', 'shape'],
    ['POLYGON((0 0, x 1, 2 2))', 'number'],
    ['POLYGON EMPTY', 'shape'],
    ['1 2\n3 4', 'shape'],
    ['1 2 3\n3 4 5\n6 7 8', 'number'],
    ['<!DOCTYPE kml [<!ENTITY a "b">]><kml/>', 'doctype'],
    ['<kml></kml>', 'shape'],
  ] as const)('%j is refused: %s', (text, reason) => expect(parsePasted(text)).toEqual({ reason }))

  it('never throw, whatever is pasted', () => {
    const seeds = [
      '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}',
      'MULTIPOLYGON(((0 0,1 0,1 1,0 0)))',
      '<Polygon><coordinates>0,0 1,1</coordinates></Polygon>',
      '1 2\n3 4\n5 6',
    ]
    let state = 7
    const next = (n: number): number => {
      state = (state * 1103515245 + 12345) % 2147483648
      return state % n
    }
    for (let i = 0; i < 4000; i++) {
      const seed = seeds[i % seeds.length] ?? ''
      const [a, b] = [next(seed.length), next(seed.length)]
      const text = seed.slice(0, a) + '([{<,-e9 "'[next(10)] + seed.slice(Math.min(a, b))
      expect(() => parsePasted(text), text).not.toThrow()
    }
  })
})
