import L from 'leaflet'
import type { Country } from '../geometry/topojson'

/** Map ink: quiet, so that zones and people are what one sees. */
const LAND = '#f3f1ea'
const BORDER = '#b9bdb6'
const COAST = '#a3aeb2'

interface Ring {
  /** x, y pairs of the web map square, 0 to 1. */
  readonly xy: Float64Array
  readonly box: readonly [number, number, number, number]
}

function project(lon: number, lat: number): readonly [number, number] {
  const s = Math.sin((Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180)
  return [(lon + 180) / 360, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)]
}

function prepare(countries: readonly Country[]): readonly Ring[] {
  const rings: Ring[] = []
  for (const country of countries)
    for (const polygon of country.shape.coordinates)
      for (const ring of polygon) {
        const xy = new Float64Array(ring.length * 2)
        let [w, n, e, s] = [1, 1, 0, 0]
        ring.forEach(([lon, lat], i) => {
          const [x, y] = project(lon, lat)
          xy[2 * i] = x
          xy[2 * i + 1] = y
          ;[w, n, e, s] = [Math.min(w, x), Math.min(n, y), Math.max(e, x), Math.max(s, y)]
        })
        rings.push({ xy, box: [w, n, e, s] })
      }
  return rings
}

/** Countries drawn on canvas tiles: each tile once, then only moved about. */
export class Basemap extends L.GridLayer {
  #rings: readonly Ring[]

  constructor(countries: readonly Country[]) {
    super({ tileSize: 512, updateWhenIdle: false, updateWhenZooming: false, keepBuffer: 1, pane: 'tilePane' })
    this.#rings = prepare(countries)
  }

  protected override createTile(coords: L.Coords): HTMLElement {
    const size = this.getTileSize()
    const ratio = Math.min(2, window.devicePixelRatio || 1)
    const canvas = document.createElement('canvas')
    canvas.width = size.x * ratio
    canvas.height = size.y * ratio
    const pen = canvas.getContext('2d')
    if (!pen) return canvas
    const scale = 256 * 2 ** coords.z
    const [left, top] = [coords.x * size.x, coords.y * size.y]
    pen.scale(ratio, ratio)
    pen.beginPath()
    for (const ring of this.#rings) {
      const [w, n, e, s] = ring.box
      if (e * scale < left - 2 || w * scale > left + size.x + 2 || s * scale < top - 2 || n * scale > top + size.y + 2) continue
      trace(pen, ring.xy, scale, left, top, size)
    }
    pen.fillStyle = LAND
    pen.fill('evenodd')
    pen.lineJoin = 'round'
    pen.strokeStyle = coords.z < 4 ? BORDER : COAST
    pen.lineWidth = coords.z < 4 ? 0.6 : 0.9
    pen.stroke()
    return canvas
  }
}

/** Adds one ring to the path: points nearer than 0.7 px are skipped, and so are runs that stay beyond one edge of the tile. */
function trace(pen: CanvasRenderingContext2D, xy: Float64Array, scale: number, left: number, top: number, size: L.Point): void {
  const side = (x: number, y: number): number => (x < -4 ? 1 : x > size.x + 4 ? 2 : 0) | (y < -4 ? 4 : y > size.y + 4 ? 8 : 0)
  const n = xy.length / 2
  const at = (i: number): readonly [number, number] => [(xy[2 * i] ?? 0) * scale - left, (xy[2 * i + 1] ?? 0) * scale - top]
  let [px, py] = at(0)
  let before = side(px, py)
  pen.moveTo(px, py)
  let [x, y] = n > 1 ? at(1) : [px, py]
  for (let i = 1; i < n; i++) {
    const [nx, ny] = i + 1 < n ? at(i + 1) : [x, y]
    const here = side(x, y)
    const last = i === n - 1
    const beyond = (before & here & side(nx, ny)) !== 0
    const near = Math.abs(x - px) + Math.abs(y - py) < 0.7
    if (last || (!beyond && !near)) {
      pen.lineTo(x, y)
      ;[px, py, before] = [x, y, here]
    }
    ;[x, y] = [nx, ny]
  }
  pen.closePath()
}
