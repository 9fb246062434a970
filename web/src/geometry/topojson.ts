import type { LonLat, MultiPolygonShape } from '../api/types'

/** The part of TopoJSON 1.0 that the basemap uses: quantised arcs and polygons with names. */
export interface Topology {
  readonly transform: { readonly scale: readonly [number, number]; readonly translate: readonly [number, number] }
  readonly arcs: readonly (readonly (readonly [number, number])[])[]
  readonly objects: { readonly countries: { readonly geometries: readonly TopoGeometry[] } }
}

interface TopoGeometry {
  readonly type: string
  readonly id?: string
  readonly properties?: { readonly kk?: string; readonly ru?: string; readonly en?: string }
  readonly arcs?: readonly unknown[]
}

export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string
  readonly names: { readonly kk: string; readonly ru: string; readonly en: string }
  readonly shape: MultiPolygonShape
}

/** Countries of a topology; arcs shared by neighbours are decoded once. */
export function countriesOf(topology: Topology): readonly Country[] {
  const { scale, translate } = topology.transform
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0]
    return arc.map(([dx, dy]): LonLat => {
      x += dx
      y += dy
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]]
    })
  })
  const ring = (indexes: readonly number[]): readonly LonLat[] => {
    const out: LonLat[] = []
    for (const index of indexes) {
      // A negative index is the arc walked backwards; where arcs meet, the shared point is kept once.
      const arc = index < 0 ? [...(arcs[~index] ?? [])].reverse() : (arcs[index] ?? [])
      out.push(...(out.length > 0 ? arc.slice(1) : arc))
    }
    return out
  }
  return topology.objects.countries.geometries.flatMap((g) => {
    if (g.id === undefined || g.arcs === undefined) return []
    const polygons = (g.type === 'Polygon' ? [g.arcs] : g.arcs) as readonly (readonly (readonly number[])[])[]
    const { kk = g.id, ru = g.id, en = g.id } = g.properties ?? {}
    return [{ code: g.id, names: { kk, ru, en }, shape: { type: 'MultiPolygon', coordinates: polygons.map((p) => p.map(ring)) } }]
  })
}
