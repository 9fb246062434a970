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

/** Countries drawn on canvas tiles: each tile once, one in a frame, then only moved about. */
export class Basemap extends L.GridLayer {
  #rings: readonly Ring[]

  constructor(countries: readonly Country[]) {
    super({ tileSize: 512, updateWhenIdle: false, updateWhenZooming: false, keepBuffer: 1, pane: 'tilePane' })
    this.#rings = prepare(countries)
  }

  readonly #queue: (() => void)[] = []

  protected override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const canvas = document.createElement('canvas')
    this.#queue.push(() => {
      // A tile that was scrolled away meanwhile is not worth a frame.
      if (canvas.isConnected) this.#draw(canvas, coords)
      done(undefined, canvas)
    })
    if (this.#queue.length === 1) requestAnimationFrame(this.#next)
    return canvas
  }

  /** Draws the oldest tile that waits: a view of many tiles never holds up the hand that moves it. */
  #next = (): void => {
    this.#queue[0]?.()
    this.#queue.shift()
    if (this.#queue.length > 0) requestAnimationFrame(this.#next)
  }

  #draw(canvas: HTMLCanvasElement, coords: L.Coords): void {
    const size = this.getTileSize()
    const ratio = Math.min(2, window.devicePixelRatio || 1)
    canvas.width = size.x * ratio
    canvas.height = size.y * ratio
    const pen = canvas.getContext('2d')
    if (!pen) return
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
  }
}

/**
 * Adds one ring to the path: points nearer than 0.7 px are skipped, and so are runs that stay beyond one edge of
 * the tile. Plain numbers throughout, for this runs over every point of a view and must leave no garbage behind.
 */
function trace(pen: CanvasRenderingContext2D, xy: Float64Array, scale: number, left: number, top: number, size: L.Point): void {
  const [right, bottom] = [size.x + 4, size.y + 4]
  const last = xy.length - 2
  let px = (xy[0] ?? 0) * scale - left
  let py = (xy[1] ?? 0) * scale - top
  let before = side(px, py, right, bottom)
  pen.moveTo(px, py)
  let x = (xy[2] ?? 0) * scale - left
  let y = (xy[3] ?? 0) * scale - top
  let here = side(x, y, right, bottom)
  for (let i = 2; i <= last; i += 2) {
    const next = Math.min(i + 2, last)
    const nx = (xy[next] ?? 0) * scale - left
    const ny = (xy[next + 1] ?? 0) * scale - top
    const after = side(nx, ny, right, bottom)
    const beyond = (before & here & after) !== 0
    if (i === last || (!beyond && Math.abs(x - px) + Math.abs(y - py) >= 0.7)) {
      pen.lineTo(x, y)
      px = x
      py = y
      before = here
    }
    x = nx
    y = ny
    here = after
  }
  pen.closePath()
}

/** Which edges of a tile a place lies beyond: 1 left, 2 right, 4 above, 8 below. */
function side(x: number, y: number, right: number, bottom: number): number {
  return (x < -4 ? 1 : x > right ? 2 : 0) | (y < -4 ? 4 : y > bottom ? 8 : 0)
}
