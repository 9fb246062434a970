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

/** What tells one cell from another within an answer. */
export const cellKey = (cell: Cell): string => `${cell.lon},${cell.lat},${cell.level},${cell.verdict}`

const RAD = Math.PI / 180

/** The box of the grid cell, CELL_PX wide at that zoom, that a place lies in. */
export function cellBox(lon: number, lat: number, zoom: number): Bbox {
  const n = (256 * 2 ** zoom) / CELL_PX
  const x = Math.min(n - 1, Math.floor(((lon + 180) / 360) * n))
  const s = Math.sin(Math.max(-85.0511, Math.min(85.0511, lat)) * RAD)
  const y = Math.min(n - 1, Math.max(0, Math.floor((0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * n)))
  const latOf = (row: number): number => Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / n))) / RAD
  const round = (v: number): number => Number(v.toFixed(6))
  return [round((x / n) * 360 - 180), round(latOf(y + 1)), round(((x + 1) / n) * 360 - 180), round(latOf(y))]
}

/** Cells of several levels may stand on one place: each is moved aside a little, in pixels, the first not at all. */
export function fanOut(
  cells: readonly Cell[],
  px: (cell: Cell) => readonly [number, number],
): ReadonlyMap<Cell, readonly [number, number]> {
  const placed: { at: readonly [number, number]; r: number }[] = []
  const out = new Map<Cell, readonly [number, number]>()
  // The most dangerous keeps its place.
  for (const cell of [...cells].sort((a, b) => b.level - a.level || b.persons - a.persons)) {
    const r = cellRadius(cell.persons)
    const home = px(cell)
    let at = home
    for (let step = 0; step < 24; step++) {
      const clash = placed.some((p) => Math.hypot(p.at[0] - at[0], p.at[1] - at[1]) < (p.r + r) * 0.92)
      if (!clash) break
      const turn = step * 2.4
      const away = 6 + step * 2.6
      at = [home[0] + Math.cos(turn) * away, home[1] + Math.sin(turn) * away]
    }
    placed.push({ at, r })
    out.set(cell, at)
  }
  return out
}
