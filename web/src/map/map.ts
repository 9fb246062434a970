import 'leaflet/dist/leaflet.css'
import '@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css'
import './map.css'
import L from 'leaflet'
import type { Airport, Cell, LonLat, Names, Shape } from '../api/types'
import { type Bbox, viewBbox } from '../geometry/bbox'
import type { Country } from '../geometry/topojson'
import { AirportsLayer } from './airports'
import { Basemap } from './basemap'
import { CellsLayer } from './cells'
import { Drawing, type DrawTool } from './draw'
import { Labels } from './labels'
import { type ZoneOnMap, ZonesLayer } from './zones'

export type { ZoneOnMap } from './zones'

export interface View {
  readonly bbox: Bbox
  readonly lon: number
  readonly lat: number
  readonly zoom: number
}

/** What the map tells its owner. Positions are lon, lat in degrees; points are container pixels. */
export interface MapCalls {
  readonly view: (view: View) => void
  readonly cell: (cell: Cell) => void
  readonly zones: (ids: readonly string[]) => void
  readonly airport: (code: string) => void
  readonly place: (at: LonLat) => void
  readonly hover: (cell: Cell | undefined, at: readonly [number, number]) => void
  readonly draw: { readonly add: (shape: Shape) => void; readonly change: (shape: Shape) => void; readonly end: () => void }
}

export type LayerName = 'zones' | 'cells' | 'airports' | 'labels'

/** The Gulf and the Levant: where a crisis without a wish of its own opens. */
const HOME: Bbox = [32, 21, 62, 40.5]

/** The only place that knows Leaflet. */
export class AmanMap {
  readonly #map: L.Map
  readonly #zones: ZonesLayer
  readonly #cells = new CellsLayer()
  readonly #airports: AirportsLayer
  readonly #drawing: Drawing
  #labels: Labels | undefined
  #pin: L.Marker | undefined
  #picking = false
  #observer: ResizeObserver

  constructor(
    element: HTMLElement,
    calls: MapCalls,
    start: { readonly lon: number; readonly lat: number; readonly zoom: number } | undefined,
  ) {
    const map = L.map(element, {
      attributionControl: false,
      zoomControl: false,
      fadeAnimation: false,
      zoomAnimation: !still(),
      minZoom: 2,
      maxZoom: 16,
      worldCopyJump: true,
      maxBoundsViscosity: 1,
      maxBounds: [
        [-86, -Infinity],
        [86, Infinity],
      ],
      zoomSnap: 1,
      wheelPxPerZoomLevel: 90,
      boxZoom: true,
      doubleClickZoom: true,
    })
    this.#map = map
    const panes: Record<string, number> = {
      halo: 405,
      zones: 410,
      labels: 420,
      badges: 430,
      airports: 440,
      cells: 450,
      draft: 435,
      drawing: 460,
      pins: 470,
    }
    for (const [name, z] of Object.entries(panes)) {
      const pane = map.createPane(name)
      pane.style.zIndex = String(z)
      if (name !== 'airports' && name !== 'draft' && name !== 'drawing') pane.style.pointerEvents = 'none'
    }
    if (start) map.setView([start.lat, start.lon], start.zoom)
    else map.fitBounds(boundsOf(HOME))
    L.control.scale({ imperial: false, position: 'bottomright' }).addTo(map)
    this.#zones = new ZonesLayer(map)
    this.#cells.addTo(map)
    this.#airports = new AirportsLayer(map, calls.airport)
    this.#drawing = new Drawing(map, calls.draw)

    map.on('moveend', () => calls.view(this.view))
    map.on('click', (e) => this.#click(e, calls))
    map.on('mousemove', (e) => {
      const cell = map.dragging.enabled() && !this.#drawing.active ? this.#cells.hit(e.containerPoint) : undefined
      element.classList.toggle('over-cell', cell !== undefined)
      calls.hover(cell, [e.containerPoint.x, e.containerPoint.y])
    })
    map.on('mouseout movestart zoomstart', () => calls.hover(undefined, [0, 0]))
    this.#observer = new ResizeObserver(() => map.invalidateSize({ pan: false }))
    this.#observer.observe(element)
    calls.view(this.view)
  }

  #click(e: L.LeafletMouseEvent, calls: MapCalls): void {
    if (this.#drawing.active) return
    const at: LonLat = [e.latlng.wrap().lng, e.latlng.lat]
    if (this.#picking) {
      calls.place([Number(at[0].toFixed(5)), Number(at[1].toFixed(5))])
      return
    }
    const cell = this.#cells.hit(e.containerPoint)
    if (cell) calls.cell(cell)
    else calls.zones(this.#zones.at(at))
  }

  get view(): View {
    const b = this.#map.getBounds()
    const c = this.#map.getCenter().wrap()
    return { bbox: viewBbox(b.getWest(), b.getSouth(), b.getEast(), b.getNorth()), lon: c.lng, lat: c.lat, zoom: this.#map.getZoom() }
  }

  setBasemap(countries: readonly Country[], lang: keyof Names): void {
    new Basemap(countries).addTo(this.#map)
    this.#labels = new Labels(this.#map, countries)
    this.#labels.use(lang)
  }

  setLang(lang: keyof Names): void {
    this.#labels?.use(lang)
  }

  setZones(zones: readonly ZoneOnMap[], selected: string | undefined): void {
    this.#zones.set(zones)
    this.#zones.select(selected)
  }

  setCells(cells: readonly Cell[], dim: boolean): void {
    this.#cells.set(cells, dim)
  }

  setAirports(airports: readonly Airport[], selected: string | undefined): void {
    this.#airports.set(airports, selected)
  }

  /** Hides or shows a layer; what is hidden can still be read in the lists. */
  show(layer: LayerName, on: boolean): void {
    const panes: Record<LayerName, readonly string[]> = {
      zones: ['zones', 'badges', 'halo'],
      cells: ['cells'],
      airports: ['airports'],
      labels: ['labels'],
    }
    for (const name of panes[layer]) {
      const pane = this.#map.getPane(name)
      if (pane) pane.style.display = on ? '' : 'none'
    }
  }

  setDraft(shape: Shape | undefined, level: number, tool: DrawTool, near: LonLat | undefined): void {
    this.#drawing.setShape(shape, level)
    void this.#drawing.setTool(tool)
    this.#drawing.mark(near)
    this.#map.getContainer().classList.toggle('drawing', this.#drawing.active)
    if (this.#drawing.active) this.#map.doubleClickZoom.disable()
    else this.#map.doubleClickZoom.enable()
  }

  finishDrawing(): void {
    this.#drawing.finish()
  }

  removeLastVertex(): void {
    this.#drawing.removeLastVertex()
  }

  /** Waits for a click that says a place, and shows the place already said. */
  setPin(at: LonLat | undefined, picking: boolean): void {
    this.#picking = picking
    this.#map.getContainer().classList.toggle('picking', picking)
    this.#pin?.remove()
    this.#pin = undefined
    if (!at) return
    const dot = document.createElement('span')
    this.#pin = L.marker([at[1], at[0]], {
      pane: 'pins',
      interactive: false,
      keyboard: false,
      icon: L.divIcon({ className: 'pin', html: dot, iconSize: [22, 22] }),
    }).addTo(this.#map)
  }

  /** Moves the view onto a box, no nearer than zoom 11. */
  fit(bbox: Bbox): void {
    this.#map.fitBounds(boundsOf(bbox), { padding: [40, 40], maxZoom: 11, animate: !still() })
  }

  home(): void {
    this.fit(HOME)
  }

  go(lon: number, lat: number, zoom: number): void {
    this.#map.setView([lat, lon], zoom)
  }

  zoomBy(step: number): void {
    this.#map.setZoom(this.#map.getZoom() + step)
  }

  /** Nearer to a cell, two levels at a time. */
  zoomTo(lon: number, lat: number): void {
    this.#map.setView([lat, lon], Math.min(this.#map.getMaxZoom(), this.#map.getZoom() + 2))
  }

  /** Where a cell's symbol stands, in container pixels. */
  centreOf(cell: Cell): readonly [number, number] | undefined {
    return this.#cells.centre(cell)
  }

  destroy(): void {
    this.#observer.disconnect()
    this.#map.remove()
  }
}

/** Somebody asked their system for less motion. */
const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

function boundsOf([w, s, e, n]: Bbox): L.LatLngBoundsExpression {
  return [
    [s, w],
    [n, e < w ? e + 360 : e],
  ]
}
