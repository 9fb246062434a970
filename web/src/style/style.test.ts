import { describe, expect, it } from 'vitest'
import type { Cell } from '../api/types'
import { CELL_PX, cellBox, cellRadius, fanOut, MAX_SHIFT_PX, ringArcs, staleShare } from './cells'
import { levelStyle, statusOf } from './levels'

const cell = (change: Partial<Cell> = {}): Cell => ({
  lon: 51,
  lat: 25,
  level: 3,
  verdict: 'inside',
  records: 10,
  persons: 10,
  fresh: 10,
  safe: 0,
  needs_help: 0,
  leaving: 0,
  ...change,
})

describe('level colours', () => {
  const channel = (hex: string): number => {
    const v = Number.parseInt(hex, 16) / 255
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
  }
  const luminance = (c: string): number =>
    0.2126 * channel(c.slice(1, 3)) + 0.7152 * channel(c.slice(3, 5)) + 0.0722 * channel(c.slice(5, 7))
  const contrast = (a: string, b: string): number => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p)
    return ((x ?? 0) + 0.05) / ((y ?? 0) + 0.05)
  }

  // Oracle: WCAG 2.2, 1.4.3 (text 4.5:1) and 1.4.11 (outlines 3:1 against the fill, except where the level is told by the dash).
  it('carry readable numbers', () => {
    for (const level of [0, 1, 2, 3, 4]) {
      const style = levelStyle(level)
      expect(contrast(style.fill, style.text), `level ${level}`).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('get darker with danger, so that grey tells them apart', () => {
    const fills = [1, 2, 3, 4].map((l) => luminance(levelStyle(l).fill))
    expect([...fills].sort((a, b) => b - a)).toEqual(fills)
  })

  it('show an unknown level as none', () => expect(levelStyle(9)).toEqual(levelStyle(0)))
})

describe('share rings', () => {
  it.each([
    ['nobody answered', cell()],
    ['one of a thousand needs help', cell({ persons: 1000, needs_help: 1 })],
    ['everybody safe', cell({ safe: 10 })],
    ['safe people leaving count once', cell({ safe: 10, leaving: 6 })],
    ['a bit of all', cell({ persons: 500, safe: 200, needs_help: 3, leaving: 40 })],
  ])('close: %s', (_, c) => {
    const arcs = ringArcs(c)
    let at = 0
    for (const arc of arcs) {
      expect(arc.from).toBeCloseTo(at, 9)
      expect(arc.to - arc.from).toBeGreaterThanOrEqual(Math.PI / 15 - 1e-9)
      at = arc.to
    }
    expect(at).toBeCloseTo(2 * Math.PI, 9)
    expect(new Set(arcs.map((a) => a.status)).size).toBe(arcs.length)
  })

  it('show one who needs help among a million', () => {
    expect(ringArcs(cell({ persons: 1_000_000, needs_help: 1 }))[0]?.status).toBe('needs_help')
  })

  it('never count more than there are', () => expect(ringArcs(cell({ safe: 99 })).map((a) => a.status)).toEqual(['safe']))
})

describe('cells', () => {
  it('hatch the share that is stale', () => {
    expect([cell(), cell({ fresh: 0 }), cell({ fresh: 4 }), cell({ persons: 0, fresh: 0 })].map(staleShare)).toEqual([0, 1, 0.6, 0])
  })

  it('grow with their people and never leave their grid cell', () => {
    const radii = [1, 2, 10, 100, 1e4, 1e7].map(cellRadius)
    expect([...radii].sort((a, b) => a - b)).toEqual(radii)
    expect(Math.max(...radii) * 2).toBeLessThanOrEqual(CELL_PX)
  })

  // Oracle: the web map's definition; 256 px × 2^zoom for 360°, cells of 64 px.
  it('lie in a box of 64 pixels', () => {
    for (const zoom of [2, 5, 9, 13])
      for (const [lon, lat] of [
        [51.5, 25.3],
        [-70.1, -33.4],
        [0, 0],
        [179.99, 84],
      ] as const) {
        const [w, s, e, n] = cellBox(lon, lat, zoom)
        expect(lon).toBeGreaterThanOrEqual(w)
        expect(lon).toBeLessThanOrEqual(e)
        expect(lat).toBeGreaterThanOrEqual(s)
        expect(lat).toBeLessThanOrEqual(n)
        expect((e - w) * ((256 * 2 ** zoom) / 360)).toBeCloseTo(CELL_PX, 1)
      }
  })

  it('on one place are moved aside a little, the most dangerous not', () => {
    const cells = [cell({ level: 0, verdict: 'outside', persons: 900 }), cell({ level: 4 }), cell({ level: 2 })]
    const at = fanOut(cells, () => [100, 100])
    expect(at.get(cells[1] as Cell)).toEqual([100, 100])
    for (const c of [cells[0], cells[2]] as Cell[]) {
      const [x = 0, y = 0] = at.get(c) ?? []
      const shift = Math.hypot(x - 100, y - 100)
      expect(shift).toBeGreaterThan(0)
      expect(shift).toBeLessThanOrEqual(MAX_SHIFT_PX + 1e-9)
    }
  })

  it('with room stay where they are', () => {
    const cells = [cell({ lon: 1 }), cell({ lon: 2 }), cell({ lon: 3 })]
    const at = fanOut(cells, (c) => [c.lon * 100, 50])
    for (const c of cells) expect(at.get(c)).toEqual([c.lon * 100, 50])
  })
})

describe('signs', () => {
  it.each([
    ['needs_help', 'leaving', 'needs_help'],
    ['injured', 'unknown', 'needs_help'],
    ['safe', 'leaving', 'leaving'],
    ['safe', 'stays', 'safe'],
    ['unknown', 'unknown', 'none'],
    ['closed', 'unknown', 'none'],
  ])('%s and %s are shown as %s', (wellbeing, intention, want) => expect(statusOf({ wellbeing, intention })).toBe(want))
})
