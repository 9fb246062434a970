import L from 'leaflet'
import type { Cell } from '../api/types'
import { formatShort } from '../format/number'
import { cellRadius, fanOut, ringArcs, staleShare } from '../style/cells'
import { levelStyle, STATUS } from '../style/levels'

const RING = 4.5
const GAP = 1.5
/** Pixels drawn beyond the view, so that a pan shows no bare edge at once. */
const PAD = 96
const FONT = 'system-ui, "Noto Sans", "DejaVu Sans", sans-serif'

/** People as share rings on one canvas: redrawn after a move, only shifted during it. */
export class CellsLayer extends L.Layer {
  #canvas: HTMLCanvasElement | undefined
  #cells: readonly Cell[] = []
  /** Centres in container pixels, as drawn last. */
  #at: ReadonlyMap<Cell, readonly [number, number]> = new Map()
  #zoom = 0
  #northWest = L.latLng(0, 0)
  #dim = false

  override onAdd(map: L.Map): this {
    const canvas = document.createElement('canvas')
    canvas.className = 'cells leaflet-zoom-animated'
    canvas.setAttribute('aria-hidden', 'true')
    this.#canvas = canvas
    map.getPane('cells')?.append(canvas)
    this.#draw()
    return this
  }

  override onRemove(): this {
    this.#canvas?.remove()
    this.#canvas = undefined
    return this
  }

  override getEvents(): { [name: string]: L.LeafletEventHandlerFn } {
    return {
      moveend: () => this.#draw(),
      viewreset: () => this.#draw(),
      resize: () => this.#draw(),
      zoomanim: (e) => this.#animate(e as L.ZoomAnimEvent),
    }
  }

  /** Shows other cells. Dimmed ones belong to a filter that is being counted anew. */
  set(cells: readonly Cell[], dim: boolean): void {
    this.#cells = cells
    this.#dim = dim
    this.#draw()
  }

  /** The cell whose symbol is under a container point. */
  hit(point: L.Point): Cell | undefined {
    let best: Cell | undefined
    let nearest = Infinity
    for (const [cell, [x, y]] of this.#at) {
      const d = Math.hypot(point.x - x, point.y - y)
      if (d <= cellRadius(cell.persons) + 2 && d < nearest) [best, nearest] = [cell, d]
    }
    return best
  }

  /** Where a cell's symbol stands, in container pixels. */
  centre(cell: Cell): readonly [number, number] | undefined {
    return this.#at.get(cell)
  }

  #animate(e: L.ZoomAnimEvent): void {
    const map = this._map
    if (!this.#canvas) return
    const scale = map.getZoomScale(e.zoom, this.#zoom)
    const pane = map.getPane('mapPane')
    const shift = pane ? L.DomUtil.getPosition(pane) : L.point(0, 0)
    const origin = map.project(e.center, e.zoom).subtract(map.getSize().divideBy(2)).add(shift).round()
    L.DomUtil.setTransform(this.#canvas, map.project(this.#northWest, e.zoom).subtract(origin), scale)
  }

  #draw(): void {
    const map = this._map as L.Map | undefined
    const canvas = this.#canvas
    const pen = canvas?.getContext('2d')
    if (!map || !canvas || !pen) return
    const size = map.getSize()
    const ratio = Math.min(2, window.devicePixelRatio || 1)
    const corner = map.containerPointToLayerPoint([-PAD, -PAD])
    this.#zoom = map.getZoom()
    this.#northWest = map.layerPointToLatLng(corner)
    const [w, h] = [size.x + 2 * PAD, size.y + 2 * PAD]
    if (canvas.width !== w * ratio || canvas.height !== h * ratio) {
      canvas.width = w * ratio
      canvas.height = h * ratio
      canvas.style.width = `${w}px`
      canvas.style.height = `${h}px`
    }
    L.DomUtil.setTransform(canvas, corner, 1)
    pen.setTransform(ratio, 0, 0, ratio, PAD * ratio, PAD * ratio)
    pen.clearRect(-PAD, -PAD, w, h)
    pen.globalAlpha = this.#dim ? 0.35 : 1
    const middle = map.getCenter().lng
    const place = (cell: Cell): readonly [number, number] => {
      const p = map.latLngToContainerPoint([cell.lat, cell.lon + 360 * Math.round((middle - cell.lon) / 360)])
      return [p.x, p.y]
    }
    const near = this.#cells.filter((c) => {
      const [x, y] = place(c)
      return x > -PAD && y > -PAD && x < size.x + PAD && y < size.y + PAD
    })
    this.#at = fanOut(near, place)
    const hatch = hatching(pen)
    // The least dangerous first: the others stand on top.
    for (const [cell, [x, y]] of [...this.#at].reverse()) symbol(pen, cell, x, y, hatch)
  }
}

function hatching(pen: CanvasRenderingContext2D): CanvasPattern | null {
  const tile = document.createElement('canvas')
  tile.width = 5
  tile.height = 5
  const ink = tile.getContext('2d')
  if (!ink) return null
  ink.strokeStyle = 'rgba(255,255,255,.62)'
  ink.lineWidth = 1.6
  ink.beginPath()
  for (const d of [-5, 0, 5]) {
    ink.moveTo(d - 1, 6)
    ink.lineTo(d + 6, -1)
  }
  ink.stroke()
  return pen.createPattern(tile, 'repeat')
}

function symbol(pen: CanvasRenderingContext2D, cell: Cell, x: number, y: number, hatch: CanvasPattern | null): void {
  const style = levelStyle(cell.level)
  const r = cellRadius(cell.persons)
  const disc = r - RING - GAP
  // A light rim lifts the symbol off zones of any colour.
  pen.beginPath()
  pen.arc(x, y, r + 1.5, 0, 2 * Math.PI)
  pen.fillStyle = '#ffffff'
  pen.fill()
  for (const arc of ringArcs(cell)) {
    pen.beginPath()
    pen.arc(x, y, r - RING / 2, arc.from - Math.PI / 2, arc.to - Math.PI / 2)
    pen.lineWidth = RING
    pen.strokeStyle = STATUS[arc.status].colour
    pen.stroke()
  }
  pen.beginPath()
  pen.arc(x, y, disc, 0, 2 * Math.PI)
  pen.fillStyle = style.fill
  pen.fill()
  const stale = staleShare(cell)
  if (stale > 0 && hatch) {
    pen.save()
    pen.clip()
    // White on dark, dark on light: the stripes are seen on every level.
    pen.globalCompositeOperation = style.text === '#FFFFFF' ? 'source-over' : 'difference'
    pen.globalAlpha *= style.text === '#FFFFFF' ? 0.45 : 0.28
    pen.fillStyle = hatch
    pen.fillRect(x - disc, y + disc - 2 * disc * stale, 2 * disc, 2 * disc * stale)
    pen.restore()
  }
  pen.beginPath()
  pen.arc(x, y, disc, 0, 2 * Math.PI)
  pen.lineWidth = cell.verdict === 'outside' ? 1 : 2
  pen.strokeStyle = style.outline
  pen.setLineDash(cell.verdict === 'possible' ? [3.5, 2.5] : [])
  pen.stroke()
  pen.setLineDash([])
  const text = formatShort(cell.persons)
  pen.font = `700 ${text.length > 3 ? 10 : text.length > 2 ? 11 : 12}px ${FONT}`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  if (stale > 0) {
    pen.lineWidth = 3
    pen.strokeStyle = style.fill
    pen.strokeText(text, x, y + 0.5)
  }
  pen.fillStyle = style.text
  pen.fillText(text, x, y + 0.5)
  if (cell.level > 0) tag(pen, x + r * 0.72, y - r * 0.72, String(cell.level), style.outline)
  if (cell.needs_help > 0) tag(pen, x - r * 0.72, y - r * 0.72, STATUS.needs_help.sign, STATUS.needs_help.colour)
}

function tag(pen: CanvasRenderingContext2D, x: number, y: number, text: string, colour: string): void {
  pen.beginPath()
  pen.arc(x, y, 7, 0, 2 * Math.PI)
  pen.fillStyle = colour
  pen.fill()
  pen.lineWidth = 1.5
  pen.strokeStyle = '#ffffff'
  pen.stroke()
  pen.font = `700 10px ${FONT}`
  pen.fillStyle = '#ffffff'
  pen.fillText(text, x, y + 0.5)
}
