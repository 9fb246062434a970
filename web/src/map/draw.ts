import L from 'leaflet'
import type { LonLat, Shape } from '../api/types'
import { circlePolygon } from '../geometry/circle'
import { shapeOf } from '../geometry/paste'
import { levelStyle } from '../style/levels'
import { latLngsOf } from './zones'

export type DrawTool = 'none' | 'polygon' | 'circle' | 'vertices'

/** What Geoman's drawing of a line keeps to itself but has no public name for. */
interface OpenDrawing {
  _removeLastVertex(): void
  _finishShape(): void
}

const round = (x: number): number => Number(x.toFixed(6))

function ringOf(latLngs: readonly L.LatLng[]): readonly LonLat[] {
  return latLngs.map((p): LonLat => [round(p.lng), round(p.lat)])
}

/** The shape of a Leaflet polygon: lon, lat, six digits, closed, wound as RFC 7946 wants. */
function shapeOfLayer(layer: L.Polygon): Shape | undefined {
  const nested = layer.getLatLngs() as L.LatLng[][] | L.LatLng[][][]
  const parts = (Array.isArray(nested[0]?.[0]) ? nested : [nested]) as L.LatLng[][][]
  return shapeOf(parts.map((p) => p.map(ringOf).filter((r) => r.length >= 3)).filter((p) => p.length > 0))
}

/** Drawing and editing of one shape with Geoman, which is fetched when somebody draws for the first time. */
export class Drawing {
  readonly #map: L.Map
  readonly #onAdd: (shape: Shape) => void
  readonly #onChange: (shape: Shape) => void
  readonly #onEnd: () => void
  #layer: L.Polygon | undefined
  #shape: Shape | undefined
  #level = 0
  #tool: DrawTool = 'none'
  #near: L.Marker | undefined
  #loaded: Promise<void> | undefined

  constructor(map: L.Map, on: { readonly add: (shape: Shape) => void; readonly change: (shape: Shape) => void; readonly end: () => void }) {
    this.#map = map
    this.#onAdd = on.add
    this.#onChange = on.change
    this.#onEnd = on.end
  }

  get active(): boolean {
    return this.#tool === 'polygon' || this.#tool === 'circle'
  }

  #load(): Promise<void> {
    this.#loaded ??= import('@geoman-io/leaflet-geoman-free').then(() => {
      // The map was made before Geoman came: it gets its tools now.
      if (!this.#map.pm) this.#map.pm = new (L.PM as unknown as { Map: new (map: L.Map) => L.PM.PMMap }).Map(this.#map)
      // The console has keys of its own for both.
      this.#map.pm.setGlobalOptions({ exitModeOnEscape: false, finishOnEnter: false } as L.PM.GlobalOptions)
      this.#map.on('pm:create', (e) => this.#created(e.layer))
    })
    return this.#loaded
  }

  #created(layer: L.Layer): void {
    layer.remove()
    let shape: Shape | undefined
    if (layer instanceof L.Circle) {
      const { lng, lat } = layer.getLatLng()
      shape = layer.getRadius() > 0 ? circlePolygon([lng, lat], layer.getRadius()) : undefined
    } else if (layer instanceof L.Polygon) shape = shapeOfLayer(layer)
    if (shape) this.#onAdd(shape)
    this.#onEnd()
  }

  /** Shows the shape being edited, in its level's colours; a shape that came from here isn't drawn anew. */
  setShape(shape: Shape | undefined, level: number): void {
    if (shape === this.#shape && level === this.#level) return
    const same = shape === this.#shape
    this.#shape = shape
    this.#level = level
    const style = levelStyle(level)
    const options: L.PolylineOptions = {
      pane: 'draft',
      color: style.outline,
      weight: Math.max(2.5, style.width),
      dashArray: style.dash,
      fillColor: style.fill,
      fillOpacity: 0.5,
      className: 'draft-shape',
    }
    if (same && this.#layer) {
      this.#layer.setStyle(options)
      return
    }
    this.#layer?.remove()
    this.#layer = undefined
    if (!shape) return
    this.#layer = L.polygon(latLngsOf(shape), options).addTo(this.#map)
    if (this.#tool === 'vertices') void this.#editVertices()
  }

  async setTool(tool: DrawTool): Promise<void> {
    if (tool === this.#tool) return
    this.#tool = tool
    if (this.#map.pm) {
      this.#map.pm.disableDraw()
      this.#layer?.pm?.disable()
    }
    if (tool === 'none') return
    await this.#load()
    if (this.#tool !== tool) return
    if (tool === 'vertices') return this.#editVertices()
    const style = levelStyle(this.#level)
    const look = { color: style.outline, fillColor: style.fill, weight: 2.5 }
    this.#map.pm.enableDraw(tool === 'polygon' ? 'Polygon' : 'Circle', {
      tooltips: false,
      snappable: true,
      snapDistance: 12,
      allowSelfIntersection: false,
      continueDrawing: false,
      finishOn: 'dblclick',
      templineStyle: { ...look, pane: 'drawing' },
      hintlineStyle: { ...look, dashArray: '5 5', pane: 'drawing' },
      pathOptions: { ...look, pane: 'drawing' },
      cursorMarker: true,
    } as L.PM.DrawModeOptions)
  }

  async #editVertices(): Promise<void> {
    await this.#load()
    const layer = this.#layer
    if (!layer || this.#tool !== 'vertices') return
    if (!layer.pm) L.PM.reInitLayer(layer)
    layer.pm.enable({ allowSelfIntersection: true, snappable: true, snapDistance: 12, preventMarkerRemoval: false })
    const changed = (): void => {
      const shape = shapeOfLayer(layer)
      if (!shape) return
      this.#shape = shape
      this.#onChange(shape)
    }
    layer.off('pm:edit').on('pm:edit', changed)
  }

  finish(): void {
    if (this.#tool === 'polygon') this.#open()?._finishShape()
  }

  removeLastVertex(): void {
    if (this.#tool === 'polygon') this.#open()?._removeLastVertex()
  }

  #open(): OpenDrawing | undefined {
    return (this.#map.pm?.Draw as unknown as { Polygon?: OpenDrawing } | undefined)?.Polygon
  }

  /** Marks the place in a shape that was refused. */
  mark(near: LonLat | undefined): void {
    this.#near?.remove()
    this.#near = undefined
    if (!near) return
    const cross = document.createElement('span')
    cross.textContent = '✕'
    this.#near = L.marker([near[1], near[0]], {
      pane: 'badges',
      interactive: false,
      keyboard: false,
      icon: L.divIcon({ className: 'fault-mark', html: cross, iconSize: [22, 22] }),
    }).addTo(this.#map)
  }
}
