import L from 'leaflet'
import type { Airport } from '../api/types'
import { formatShort } from '../format/number'

const SVG = 'http://www.w3.org/2000/svg'
const PLANE =
  'M8 1c.6 0 1 .7 1 1.600v3.300l5 3.100v1.400L9 8.900v3.200l1.600 1.200v1.100L8 13.700l-2.600.7v-1.100L7 12.100V8.900l-5 1.500V9l5-3.100V2.600C7 1.700 7.400 1 8 1z'

/** Airports with their state and the people there. The state is told by shape, not by colour alone. */
export class AirportsLayer {
  readonly #map: L.Map
  readonly #group = L.layerGroup()
  readonly #onPick: (code: string) => void
  readonly #drawn = new Map<string, { key: string; marker: L.Marker }>()
  #airports: readonly Airport[] = []
  #selected: string | undefined

  constructor(map: L.Map, onPick: (code: string) => void) {
    this.#map = map
    this.#onPick = onPick
    this.#group.addTo(map)
    map.on('moveend', () => this.#draw())
  }

  show(on: boolean): void {
    if (on) this.#group.addTo(this.#map)
    else this.#group.remove()
  }

  set(airports: readonly Airport[], selected: string | undefined): void {
    this.#airports = airports
    this.#selected = selected
    this.#draw()
  }

  #draw(): void {
    const zoom = this.#map.getZoom()
    const view = this.#map.getBounds().pad(0.2)
    const seen = new Set<string>()
    for (const airport of this.#airports) {
      const weighty = airport.people.persons > 0 || airport.status === 'closed' || airport.status === 'limited'
      // From afar only those where something is going on; near by all of them.
      const shown =
        airport.code === this.#selected || zoom >= 8 || (zoom >= 5 && (weighty || airport.size === 'large')) || (zoom >= 4 && weighty)
      if (!shown || !view.contains([airport.lat, airport.lon])) continue
      seen.add(airport.code)
      const full = zoom >= 6 || airport.code === this.#selected
      const key = [airport.status, airport.people.persons, airport.stranded.persons, full, airport.code === this.#selected].join()
      const before = this.#drawn.get(airport.code)
      if (before?.key === key) continue
      before?.marker.remove()
      const marker = L.marker([airport.lat, airport.lon], {
        pane: 'airports',
        keyboard: false,
        icon: L.divIcon({ className: 'airport', html: icon(airport, full, airport.code === this.#selected), iconSize: [0, 0] }),
      })
      marker.on('click', () => this.#onPick(airport.code))
      marker.addTo(this.#group)
      this.#drawn.set(airport.code, { key, marker })
    }
    for (const [code, { marker }] of this.#drawn)
      if (!seen.has(code)) {
        marker.remove()
        this.#group.removeLayer(marker)
        this.#drawn.delete(code)
      }
  }
}

function icon(airport: Airport, full: boolean, selected: boolean): HTMLElement {
  const box = document.createElement('span')
  box.className = `airport-mark airport-${airport.status}${full ? ' airport-full' : ''}${selected ? ' airport-selected' : ''}`
  box.dataset.testid = `map-airport-${airport.code}`
  box.setAttribute('aria-hidden', 'true')
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 16 16')
  const plane = document.createElementNS(SVG, 'path')
  plane.setAttribute('d', PLANE)
  svg.append(plane)
  if (airport.status === 'closed') {
    const bar = document.createElementNS(SVG, 'path')
    bar.setAttribute('class', 'airport-bar')
    bar.setAttribute('d', 'M1.500 1.500l13 13')
    svg.append(bar)
  }
  box.append(svg)
  box.prepend(document.createElement('i'))
  if (full) {
    const text = document.createElement('span')
    text.textContent = airport.people.persons > 0 ? `${airport.code} ${formatShort(airport.people.persons)}` : airport.code
    box.append(text)
  }
  return box
}
