import type { Cell } from '../api/types'
import type { Bbox } from '../geometry/bbox'
import type { Status } from './levels'

/** Cells are about this many pixels wide: a symbol never leaves its own. */
export const CELL_PX = 64

/** Radius in pixels of a cell's symbol by its persons: 14 for one, growing with the logarithm, at most 28. */
export function cellRadius(persons: number): number {
  return Math.min(28, 14 + 3.2 * Math.log10(Math.max(1, persons)))
}

export interface Arc {
  readonly status: Status
  /** Radians clockwise from the top. */
  readonly from: number
  readonly to: number
}

/**
 * The share ring of a cell, clockwise from the top: needs help, leaving, safe, no answer. A share that isn't
 * nothing gets at least 12 degrees, so that one person in a thousand who needs help can be seen; the others give
 * way in proportion. Counts may overlap (a safe person may be leaving): what is over is taken off the later ones.
 */
export function ringArcs(cell: Pick<Cell, 'persons' | 'safe' | 'needs_help' | 'leaving'>): readonly Arc[] {
  const total = Math.max(1, cell.persons)
  let left = total
  const take = (n: number): number => {
    const taken = Math.max(0, Math.min(left, n))
    left -= taken
    return taken
  }
  const counts: (readonly [Status, number])[] = [
    ['needs_help', take(cell.needs_help)],
    ['leaving', take(cell.leaving)],
    ['safe', take(cell.safe)],
    ['none', left],
  ]
  const shown = counts.filter(([, n]) => n > 0)
  const min = Math.PI / 15
  const small = shown.filter(([, n]) => (n / total) * 2 * Math.PI < min)
  const largeTotal = shown.filter((s) => !small.includes(s)).reduce((sum, [, n]) => sum + n, 0)
  const room = 2 * Math.PI - small.length * min
  let from = 0
  return shown.map((s) => {
    const to = from + (small.includes(s) ? min : (s[1] / largeTotal) * room)
    const arc = { status: s[0], from, to }
    from = to
    return arc
  })
}

/** Share of 0 to 1 of a cell's persons whose position is stale: that much of the disc is hatched. */
export function staleShare(cell: Pick<Cell, 'persons' | 'fresh'>): number {
  return cell.persons > 0 ? Math.max(0, Math.min(1, 1 - cell.fresh / cell.persons)) : 0
}

const RAD = Math.PI / 180

/** The box of the grid cell, CELL_PX wide at that zoom, that a place lies in. */
export function cellBox(lon: number, lat: number, zoom: number): Bbox {
  const n = (256 * 2 ** zoom) / CELL_PX
  const x = Math.min(n - 1, Math.floor(((lon + 180) / 360) * n))
  const s = Math.sin(Math.max(-85.0511, Math.min(85.0511, lat)) * RAD)
  const y = Math.min(n - 1, Math.max(0, Math.floor((0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * n)))
  const latOf = (row: number): number => Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / n))) / RAD
  const round = (v: number): number => Number(v.toFixed(9))
  return [round((x / n) * 360 - 180), round(latOf(y + 1)), round(((x + 1) / n) * 360 - 180), round(latOf(y))]
}

/** How far a symbol may be moved from its place, in pixels: never so far that it seems to be somewhere else. */
export const MAX_SHIFT_PX = 18

/**
 * Where to draw the symbols of cells whose places are near each other, in pixels: the most dangerous keeps its
 * place, each other one takes the spot near its own where it hides the least of those before it.
 */
export function fanOut(
  cells: readonly Cell[],
  px: (cell: Cell) => readonly [number, number],
): ReadonlyMap<Cell, readonly [number, number]> {
  const out = new Map<Cell, readonly [number, number]>()
  const placed: { readonly at: readonly [number, number]; readonly r: number }[] = []
  for (const cell of [...cells].sort((a, b) => b.level - a.level || b.persons - a.persons)) {
    const r = cellRadius(cell.persons)
    const home = px(cell)
    const near = placed.filter((p) => Math.hypot(p.at[0] - home[0], p.at[1] - home[1]) < p.r + r + MAX_SHIFT_PX)
    const hidden = (at: readonly [number, number]): number =>
      near.reduce((sum, p) => sum + Math.max(0, p.r + r - Math.hypot(p.at[0] - at[0], p.at[1] - at[1])), 0)
    let best = home
    let least = hidden(home)
    for (let i = 0; i < 24 && least > 0; i++) {
      const away = i < 12 ? MAX_SHIFT_PX / 2 : MAX_SHIFT_PX
      const at: readonly [number, number] = [home[0] + Math.cos((i * Math.PI) / 6) * away, home[1] + Math.sin((i * Math.PI) / 6) * away]
      // A move must be worth it: half a pixel of what it costs in place.
      const cost = hidden(at) + away / 2
      if (cost < least) [best, least] = [at, cost]
    }
    placed.push({ at: best, r })
    out.set(cell, best)
  }
  return out
}
