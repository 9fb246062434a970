import L from 'leaflet'
import type { LonLat, Names } from '../api/types'
import { shapeBbox } from '../geometry/bbox'
import { labelPoint } from '../geometry/polygon'
import type { Country } from '../geometry/topojson'

interface Label {
  readonly at: LonLat
  /** Width of the country's largest part in degrees: how soon its name has room. */
  readonly width: number
  readonly names: Names
}

/** Names of countries, where they have room. For the eye only: the lists say the same. */
export class Labels {
  readonly #map: L.Map
  readonly #labels: readonly Label[]
  readonly #markers = L.layerGroup()
  #lang: keyof Names = 'en'

  constructor(map: L.Map, countries: readonly Country[]) {
    this.#map = map
    this.#labels = countries.flatMap(({ names, shape }) => {
      const at = labelPoint(shape)
      const part = shape.coordinates.map((p) => shapeBbox({ type: 'Polygon', coordinates: p })).filter((b) => b !== undefined)
      const width = Math.max(0, ...part.map((b) => b[2] - b[0]))
      return at ? [{ at, width, names }] : []
    })
    this.#markers.addTo(map)
    map.on('moveend', () => this.#draw())
    this.#draw()
  }

  use(lang: keyof Names): void {
    this.#lang = lang
    this.#draw()
  }

  #draw(): void {
    this.#markers.clearLayers()
    const zoom = this.#map.getZoom()
    const view = this.#map.getBounds().pad(0.05)
    const taken: L.Bounds[] = []
    const pxPerDegree = (256 * 2 ** zoom) / 360
    for (const label of [...this.#labels].sort((a, b) => b.width - a.width)) {
      const text = label.names[this.#lang]
      const room = label.width * pxPerDegree
      if (room < Math.min(90, text.length * 6.2) || (zoom >= 9 && room > 6000)) continue
      const at = L.latLng(label.at[1], label.at[0])
      if (!view.contains(at)) continue
      const p = this.#map.latLngToLayerPoint(at)
      const half = L.point(text.length * 4, 9)
      const box = L.bounds(p.subtract(half), p.add(half))
      if (taken.some((t) => t.intersects(box))) continue
      taken.push(box)
      const element = document.createElement('span')
      element.textContent = text
      L.marker(at, {
        pane: 'labels',
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ className: 'country-label', html: element, iconSize: [0, 0] }),
      }).addTo(this.#markers)
    }
  }
}
