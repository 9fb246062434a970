// Geometry of the country shapes: unwrapping and cutting at the antimeridian, so that every ring that is written is an ordinary
// planar ring in [-180, 180] whose edges are straight in lon/lat. Coordinates are [lon, lat] in degrees; rings are closed.

const ANTIMERIDIAN = 180

/** A ring of continuous longitudes (they may pass 180) and how many times it goes round a pole: 0, or +1/-1. */
function unwrap(ring) {
  const out = [ring[0].slice()]
  let shift = 0
  for (let k = 1; k < ring.length; k++) {
    const d = ring[k][0] - ring[k - 1][0]
    if (d > 180) shift -= 360
    else if (d < -180) shift += 360
    out.push([ring[k][0] + shift, ring[k][1]])
  }
  return { ring: out, turns: Math.round(shift / 360) }
}

/** A ring that goes round the South Pole becomes planar by going down to the pole along the antimeridian and back. */
function closeOverPole(ring, turns) {
  const south = ring.reduce((s, p) => s + p[1], 0) < 0
  const pole = south ? -90 : 90
  const open = ring.slice(0, -1).map(([x, y]) => [((((x + 180) % 360) + 360) % 360) - 180, y])
  // Start just after the wrap, so that longitudes run once from one side to the other.
  let at = 0
  for (let k = 1; k < open.length; k++) if (Math.abs(open[k][0] - open[k - 1][0]) > 180) at = k
  const run = open.slice(at).concat(open.slice(0, at))
  const east = turns > 0 // runs from -180 to 180
  const first = run[0]
  const last = run[run.length - 1]
  // The latitude where the wrapping edge meets the antimeridian.
  const gapLast = east ? 180 - last[0] : last[0] + 180
  const gapFirst = east ? first[0] + 180 : 180 - first[0]
  const lat = gapLast + gapFirst === 0 ? first[1] : last[1] + ((first[1] - last[1]) * gapLast) / (gapLast + gapFirst)
  const [from, to] = east ? [-180, 180] : [180, -180]
  const out = [[from, lat], ...run, [to, lat], [to, pole], [from, pole], [from, lat]]
  return out.filter((p, k) => k === 0 || p[0] !== out[k - 1][0] || p[1] !== out[k - 1][1])
}

/** Cuts one unwrapped ring at lon = line. Answers the rings west of it and the rings east of it (still unwrapped). */
function cutRing(ring, line) {
  const open = ring.slice(0, -1)
  const east = (p) => p[0] > line
  const start = open.findIndex((p, k) => east(p) !== east(open[(k + open.length - 1) % open.length]))
  if (start < 0) return east(open[0]) ? { west: [], east: [ring] } : { west: [ring], east: [] }
  const run = open.slice(start).concat(open.slice(0, start))
  // Chains: maximal runs on one side, with the crossing points at both ends.
  const cross = (a, b) => [line, a[1] + ((b[1] - a[1]) * (line - a[0])) / (b[0] - a[0])]
  const chains = []
  let chain = [cross(run[run.length - 1], run[0]), run[0]]
  for (let k = 1; k <= run.length; k++) {
    const p = run[k % run.length]
    if (k < run.length && east(p) === east(run[k - 1])) {
      chain.push(p)
      continue
    }
    const c = cross(run[k - 1], p)
    chain.push(c)
    chains.push(chain)
    chain = [c, p]
  }
  // Along the line, sorted by latitude, the inside of a simple ring lies between crossings 0-1, 2-3, …: chain ends are joined in those pairs.
  const lats = chains.map((c) => c[0][1]).sort((a, b) => a - b)
  const partner = (lat) => {
    const i = lats.indexOf(lat)
    return lats[i % 2 === 0 ? i + 1 : i - 1]
  }
  const side = { west: [], east: [] }
  const left = new Set(chains)
  for (const c of chains) {
    if (!left.has(c)) continue
    const name = east(c[1]) ? 'east' : 'west'
    const out = []
    let cur = c
    while (cur && left.has(cur)) {
      left.delete(cur)
      out.push(...cur)
      const want = partner(cur[cur.length - 1][1])
      cur = [...left].find((d) => d[0][1] === want && east(d[1]) === (name === 'east'))
    }
    out.push(out[0])
    side[name].push(out)
  }
  return side
}

/** Twice the signed area of a closed ring, in square degrees. */
function area2(ring) {
  let s = 0
  for (let k = 1; k < ring.length; k++) s += ring[k - 1][0] * ring[k][1] - ring[k][0] * ring[k - 1][1]
  return s
}

/** Whether a ring covers nothing: far less than any grid cell here, so that rounding noise doesn't count as land. */
const flat = (ring) => ring.length < 4 || Math.abs(area2(ring)) < 1e-9

/** Whether a ring winds round a point, even-odd; a point on the edge may be either. */
export function contains(ring, [x, y]) {
  let inside = false
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = ring[i - 1]
    const [bx, by] = ring[i]
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) inside = !inside
  }
  return inside
}

/** A point of a ring that no crossing made, for asking which outer ring a hole belongs to. */
const ownPoint = (ring) => ring.find((p) => Math.abs(p[0]) !== ANTIMERIDIAN) ?? ring[0]

/** An islet (or the Vatican) smaller than a cell of the source's grid arrives as a flat ring: it becomes the cell it fell into. */
function inflate(ring, [gx, gy]) {
  const xs = ring.map((p) => p[0])
  const ys = ring.map((p) => p[1])
  const [w, s, e, n] = [Math.min(...xs) - gx / 2, Math.min(...ys) - gy / 2, Math.max(...xs) + gx / 2, Math.max(...ys) + gy / 2]
  return [[w, s], [e, s], [e, n], [w, n], [w, s]]
}

/**
 * One polygon (outer ring, holes) with shortest-way longitudes becomes one or more planar polygons in [-180, 180].
 * `grid` is the source's grid [lon, lat] in degrees; `notes` hears of what was done.
 */
export function cutPolygon(polygon, grid, notes) {
  const outers = []
  const holes = []
  polygon = polygon.map((ring) => {
    if (!flat(unwrap(ring).ring)) return ring
    notes.push(`made a flat ring near (${ring[0].map((v) => v.toFixed(2)).join(', ')}) one grid cell wide`)
    return inflate(ring, grid)
  })
  const planar = polygon.map((ring) => {
    const { ring: r, turns } = unwrap(ring)
    if (turns === 0) return r
    notes.push('closed over the pole')
    return closeOverPole(r, turns)
  })
  // A polygon whose "hole" also goes round the pole is a band: the ring nearest the pole would cover nothing; the outermost one covers all.
  const polar = planar.filter((r) => r.some((p) => Math.abs(p[1]) === 90))
  const widest = polar.sort((a, b) => Math.abs(area2(b)) - Math.abs(area2(a)))[0]
  for (const [k, ring] of planar.entries()) {
    if (polar.includes(ring) && ring !== widest) {
      notes.push('dropped a polar ring inside a wider one')
      continue
    }
    const into = ring === widest || (k === 0 && !widest) ? outers : holes
    let pieces = [ring]
    for (const line of [-180, 180]) pieces = pieces.flatMap((p) => (polar.includes(p) ? [p] : Object.values(cutRing(p, line)).flat()))
    if (pieces.length > 1) notes.push(`cut at the antimeridian into ${pieces.length}`)
    for (const piece of pieces) {
      const mid = (Math.min(...piece.map((p) => p[0])) + Math.max(...piece.map((p) => p[0]))) / 2
      const shift = mid > 180 ? -360 : mid < -180 ? 360 : 0
      const moved = piece.map(([x, y]) => [x + shift, y]).filter((p, i, a) => i === 0 || p[0] !== a[i - 1][0] || p[1] !== a[i - 1][1])
      if (flat(moved)) notes.push('dropped a flat piece')
      else into.push(moved)
    }
  }
  return outers.map((outer) => [outer, ...holes.filter((h) => outers.length === 1 || contains(outer, ownPoint(h)))])
}

/** Rounds to a grid of 1/scale degrees and drops points that fall together and rings that fall flat (answers null then). */
export function roundRing(ring, scale) {
  const out = []
  for (const [x, y] of ring) {
    const p = [Math.round(x * scale), Math.round(y * scale)]
    const q = out[out.length - 1]
    if (!q || p[0] !== q[0] || p[1] !== q[1]) out.push(p)
  }
  return flat(out) ? null : out
}
