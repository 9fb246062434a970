import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { counted, go, settled } from './browser.mjs'

/** The whole region on one screen, wide enough for the demo's farthest cities. */
const EVERYWHERE = 'map=4/32/45'
const FILTERS = {
  verdict: ['inside', 'possible', 'outside'],
  level: ['0', '1', '2', '3', '4'],
  freshness: ['fresh', 'stale'],
  wellbeing: ['safe', 'needs_help', 'injured', 'unknown'],
  intention: ['stays', 'wants_out', 'leaving', 'unknown'],
  contact: ['reached', 'no_answer', 'untried'],
  country: ['AE', 'QA', 'SA', 'IR', 'TR'],
  airport: ['DXB', 'DOH', 'JED'],
  stranded: ['1', '0'],
}
const SINGLE = new Set(['freshness', 'country', 'airport', 'stranded'])

/** A small generator of numbers in [0, 1): the same seed makes the same filters. */
function random(seed) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function someFilters(next) {
  const out = {}
  for (const [name, values] of Object.entries(FILTERS))
    if (next() < 0.25) {
      const chosen = values.filter(() => next() < 0.5)
      if (chosen.length > 0) out[name] = SINGLE.has(name) ? chosen.slice(0, 1) : chosen
    }
  return out
}

const asHash = (f) => Object.entries(f).map(([k, v]) => `${k}=${v.join(',')}`)
const asQuery = (f) =>
  Object.entries(f)
    .map(([k, v]) => `${k}=${k === 'stranded' ? v[0] === '1' : v.join(',')}`)
    .join('&')

/**
 * Tries a comparison a few times: positions grow stale by the clock, several in a minute, and may do so between two requests.
 * The screen is made to ask again, as when somebody comes back to it. Numbers that differ for good differ every time.
 */
async function steadily(page, compare) {
  for (let n = 1; ; n++)
    try {
      return await compare()
    } catch (e) {
      if (n === 4) throw e
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      await sleep(1000)
    }
}

/** Rows of a CSV text with a header, as objects. */
function rows(csv) {
  const records = [[]]
  let field = ''
  let quoted = false
  const text = csv.replace(/^\uFEFF/, '')
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') field += text[++i]
      else if (c === '"') quoted = false
      else field += c
    } else if (c === '"') quoted = true
    else if (c === ',' || c === '\n') {
      records.at(-1).push(field)
      field = ''
      if (c === '\n') records.push([])
    } else if (c !== '\r') field += c
  }
  const [header, ...body] = records.filter((r) => r.length > 1)
  return body.map((r) => Object.fromEntries(header.map((h, i) => [h, r[i]])))
}

export const scenarios = {
  // The oracle is rule 1: map = list = export = count for the same filter. The screen and the export are summed up here, row by row.
  async 'map, list, export and counts say the same, for generated filters'(stage, t) {
    const seed = Number(process.env.E2E_SEED ?? Date.now() % 1e6)
    t.diagnostic(`E2E_SEED=${seed}`)
    const next = random(seed)
    const w = await stage.console('analyst', { at: EVERYWHERE })
    const api = await stage.client('analyst')
    let found = 0
    for (const f of [{}, { wellbeing: ['needs_help', 'injured'] }, ...Array.from({ length: 8 }, () => someFilters(next))]) {
      await go(w.page, [EVERYWHERE, ...asHash(f)].join('&'))
      const query = asQuery(f)
      await steadily(w.page, async () => {
        const list = await counted(w.at('people-total'))
        const [map, off] = [await counted(w.at('on-map')), await counted(w.at('not-on-map'))]
        const byVerdict = await api.get(`/counts?by=verdict&${query}`)
        const sum = byVerdict.groups.reduce((a, g) => ({ persons: a.persons + g.persons, records: a.records + g.records }), {
          persons: 0,
          records: 0,
        })
        const exported = rows(await api.get(`/people/export?format=csv&${query}`))
        const seen = {
          list,
          'map and not on the map': { persons: map.persons + off.persons, records: map.records + off.records },
          counts: sum,
          export: { persons: exported.reduce((n, r) => n + Number(r.persons), 0), records: exported.length },
        }
        for (const [where, n] of Object.entries(seen)) assert.deepEqual(n, list, `${where} for ${query || 'everybody'}`)
      })
      if ((await counted(w.at('people-total'))).records > 0) found++
    }
    assert.ok(found >= 3, `only ${found} filters found anybody`)
  },

  async 'tiles, zones and a zone opened agree with the API and with the list they open'(stage) {
    const w = await stage.console('analyst', { at: EVERYWHERE })
    const api = await stage.client('analyst')
    for (const id of ['inside', 'possible', 'help', 'silent', 'stale', 'unplaced', 'all']) {
      await w.at(`tile-${id}`).click()
      await settled(w.page)
      await steadily(w.page, async () =>
        assert.deepEqual(await counted(w.at('people-total')), await counted(w.at(`tile-${id}`)), `the tile ${id}`),
      )
    }

    const { items } = await api.get('/zones?geometry=false')
    const inForce = items.filter((z) => z.in_force)
    assert.ok(inForce.length >= 8)
    const shown = await w
      .at('zone-row')
      .evaluateAll((all) =>
        all.map((e) => [e.dataset.zone, e.dataset.level, e.querySelector('[data-testid=zone-inside]')?.textContent.replaceAll(/\D/g, '')]),
      )
    for (const z of inForce) {
      const row = shown.find(([id]) => id === z.id)
      assert.deepEqual(row?.slice(1), [String(z.in_force_level ?? z.level), String(z.inside.persons)], z.names.en)
    }
    assert.equal(Number(await w.at('map').getAttribute('data-zones')), items.filter((z) => z.in_force || z.state !== 'withdrawn').length)

    const dubai = inForce.find((z) => z.names.en === 'Coast of Dubai and Sharjah')
    await w.page.locator(`[data-testid=zone-row][data-zone="${dubai.id}"]`).click()
    const counts = await api.get(`/zones/${dubai.id}/counts`)
    await w.page.locator('[data-testid=detail-inside][data-persons]').waitFor()
    assert.equal((await counted(w.at('detail-inside'))).persons, counts.inside.persons)
    assert.equal((await counted(w.at('detail-possible'))).persons, counts.possible.persons)
    await w.at('zone-people').click()
    await go(w.page, await w.page.evaluate(() => location.hash.slice(1)))
    assert.equal((await counted(w.at('people-total'))).persons, counts.inside.persons + counts.possible.persons, 'the list of the zone')
  },

  async 'every account sees its own scope and nothing of the others'(stage) {
    const [ministry, ae, qa] = await Promise.all(['analyst', 'embassy-ae', 'embassy-qa'].map((login) => stage.client(login)))
    const total = async (api) => (await api.get('/people?limit=1')).total.persons
    const [all, inAE, inQA] = [await total(ministry), await total(ae), await total(qa)]
    assert.ok(inAE > 0 && inQA > 0 && inAE + inQA <= all, `${inAE} and ${inQA} of ${all}`)
    const w = await stage.console('embassy-qa', { at: EVERYWHERE })
    assert.equal((await counted(w.at('people-total'))).persons, inQA)
    assert.equal((await counted(w.at('tile-all'))).persons, inQA)
    const [on, off] = [await counted(w.at('on-map')), await counted(w.at('not-on-map'))]
    assert.equal(on.persons + off.persons, inQA)
    await go(w.page, `${EVERYWHERE}&country=AE`)
    const own = await qa.get('/people?country=AE&limit=1')
    assert.deepEqual(await counted(w.at('people-total')), own.total)
    assert.equal(await w.at('zone-new').count(), 0, 'an embassy draws no zones')
  },
}
