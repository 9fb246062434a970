import L from 'leaflet'
import type { LonLat, Shape } from '../api/types'
import { areaKm2, inShape, labelPoint } from '../geometry/polygon'
import { levelStyle } from '../style/levels'

/** A zone as the map needs it. */
export interface ZoneOnMap {
  readonly id: string
  /** Changes whenever the drawing does. */
  readonly key: string
  readonly level: number
  readonly inForce: boolean
  /** Airspace and sea are drawn lighter: people seldom or never stand in them. */
  readonly light: boolean
  readonly shape: Shape
}

interface Drawn {
  readonly zone: ZoneOnMap
  readonly areaKm2: number
  readonly layers: L.LayerGroup
}

/** lon, lat rings as Leaflet's lat, lng. */
export function latLngsOf(shape: Shape): L.LatLngExpression[][] | L.LatLngExpression[][][] {
  const ring = (r: readonly LonLat[]): L.LatLngExpression[] => r.map(([lon, lat]) => [lat, lon])
  return shape.type === 'Polygon' ? shape.coordinates.map(ring) : shape.coordinates.map((p) => p.map(ring))
}

/** Zones in their level's colour and outline, with the level's number on a badge. Drafts are outlines only. */
export class ZonesLayer {
  readonly #map: L.Map
  readonly #drawn = new Map<string, Drawn>()
  #halo: L.Polygon | undefined
  #selected: string | undefined

  constructor(map: L.Map) {
    this.#map = map
  }

  set(zones: readonly ZoneOnMap[]): void {
    const wanted = new Map(zones.map((z) => [z.id, z]))
    for (const [id, drawn] of this.#drawn)
      if (wanted.get(id)?.key !== drawn.zone.key) {
        drawn.layers.remove()
        this.#drawn.delete(id)
      }
    // The lowest level first: the most dangerous lies on top.
    for (const zone of [...zones].sort((a, b) => a.level - b.level)) if (!this.#drawn.has(zone.id)) this.#draw(zone)
    this.select(this.#selected)
  }

  #draw(zone: ZoneOnMap): void {
    const style = levelStyle(zone.level)
    const layers = L.layerGroup()
    L.polygon(latLngsOf(zone.shape), {
      pane: 'zones',
      interactive: false,
      smoothFactor: 1,
      color: style.outline,
      weight: style.width,
      dashArray: zone.inForce ? style.dash : '2 6',
      fillColor: style.fill,
      fillOpacity: !zone.inForce ? 0.08 : zone.light ? 0.22 : 0.55,
      className: `zone zone-${zone.level}`,
    }).addTo(layers)
    const at = labelPoint(zone.shape)
    if (at) {
      const badge = document.createElement('span')
      badge.className = `level level-${zone.level}${zone.inForce ? '' : ' level-draft'}`
      badge.textContent = String(zone.level)
      L.marker([at[1], at[0]], {
        pane: 'badges',
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ className: 'zone-badge', html: badge, iconSize: [24, 24] }),
      }).addTo(layers)
    }
    layers.addTo(this.#map)
    this.#drawn.set(zone.id, { zone, areaKm2: areaKm2(zone.shape), layers })
  }

  select(id: string | undefined): void {
    this.#selected = id
    this.#halo?.remove()
    this.#halo = undefined
    const zone = id === undefined ? undefined : this.#drawn.get(id)?.zone
    if (!zone) return
    this.#halo = L.polygon(latLngsOf(zone.shape), { pane: 'halo', interactive: false, fill: false, color: '#FFBF47', weight: 9 }).addTo(
      this.#map,
    )
  }

  /** Ids of the zones at a place, in force and dangerous first, then the smaller. */
  at(place: LonLat): readonly string[] {
    return [...this.#drawn.values()]
      .filter(({ zone }) => inShape(zone.shape, place))
      .sort((a, b) => Number(b.zone.inForce) - Number(a.zone.inForce) || b.zone.level - a.zone.level || a.areaKm2 - b.areaKm2)
      .map(({ zone }) => zone.id)
  }
}
