import assert from 'node:assert/strict'
import { counted, onScreen, settled, shot } from './browser.mjs'

/** Around Muscat: people of transit, an airport, and none of the demo's zones. */
const MUSCAT = 'map=9/23.6/58.3'
const CORNERS = [
  [58.0, 23.4],
  [58.65, 23.4],
  [58.65, 23.75],
  [58.0, 23.75],
]

const square = (lon, lat, side) => ({
  type: 'Polygon',
  coordinates: [
    [
      [lon, lat],
      [lon + side, lat],
      [lon + side, lat + side],
      [lon, lat + side],
      [lon, lat],
    ],
  ],
})

/** Stores a zone through the API; published too when asked to. */
async function stored(api, name, level, geometry, publish = false) {
  const input = {
    level,
    kind: 'ground',
    action: 'avoid',
    names: { kk: name, ru: name, en: name },
    valid_from: new Date(Date.now() - 60_000).toISOString(),
    source: 'test',
    reason: 'a test',
    geometry,
  }
  const zone = await api.post('/zones', input)
  if (!publish) return zone
  return api.post(`/zones/${zone.id}/publish`, undefined, { 'If-Match': `"${zone.version}"` })
}

const zoneRow = (w, id) => w.page.locator(`[data-testid=zone-row][data-zone="${id}"]`)

/** A mark that a reload would wipe away. */
const mark = (page) =>
  page.evaluate(() => {
    window.sameDocument = true
  })
const marked = (page) => page.evaluate(() => window.sameDocument === true)

export const scenarios = {
  // The oracle: whom the list finds in the zone once it is in force, on the other screen and in the API, is who was promised to come in.
  async 'draw by mouse, preview, publish: the zone and its event appear on another screen without a reload'(stage) {
    const other = await stage.console('analyst2', { at: `${MUSCAT}&tab=events`, lang: 'ru' })
    await mark(other.page)
    const events = await other.at('event').count()
    const zonesBefore = Number(await other.at('map').getAttribute('data-zones'))

    const w = await stage.console('analyst', { at: MUSCAT })
    const { page } = w
    await w.at('draw-polygon').click()
    await w.at('zone-editor').waitFor()
    await page
      .locator('.leaflet-pm-draw-marker, .geoman-draw-cursor, .leaflet-marker-icon.cursor-marker')
      .first()
      .waitFor({ state: 'attached' })
    for (const [lon, lat] of [...CORNERS, [58.3, 23.6]]) {
      const at = await onScreen(page, lon, lat)
      await page.mouse.move(at.x, at.y, { steps: 3 })
      await page.mouse.click(at.x, at.y)
    }
    // The fifth corner was a slip.
    await page.keyboard.press('Backspace')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=draft-shape]')?.dataset.vertices) > 0)
    assert.equal(await w.at('draft-shape').getAttribute('data-vertices'), '4')
    await w.at('undo').click()
    assert.equal(await w.at('draft-shape').getAttribute('data-vertices'), '0')
    await w.at('redo').click()

    assert.ok(await w.at('draft-publish').isDisabled(), 'nothing is published unseen')
    await w.at('draft-preview').click()
    await page.locator('.fault').first().waitFor()
    await w.at('level-3').check()
    await w.at('zone-name-kk').fill('Мәскеттің айналасы')
    await w.at('zone-name-en').fill('Around Muscat')
    await w.at('zone-reason').fill('drawn by hand')
    await w.at('draft-save').click()
    await w.at('draft-saved').waitFor()
    await w.at('draft-preview').click()
    await w.at('impact').waitFor()
    const enters = Number(await w.at('impact').getAttribute('data-enters'))
    assert.ok(enters > 0, 'somebody would come in')
    assert.equal(await other.at('event').count(), events, 'a draft makes no event')
    await shot(page, 'preview')

    const api = await stage.client('analyst')
    const find = async () => (await api.get('/zones')).items.find((z) => z.names.en === 'Around Muscat')
    const draft = await find()
    assert.equal(draft.state, 'draft')
    const ring = draft.geometry.coordinates[0].slice(0, -1)
    for (const [lon, lat] of CORNERS)
      assert.ok(
        ring.some(([x, y]) => Math.hypot(x - lon, y - lat) < 0.01),
        `a corner at ${lon}, ${lat} in ${JSON.stringify(ring)}`,
      )

    await w.at('draft-publish').click()
    await w.at('zone-detail').waitFor()
    await other.page.locator('[data-testid=event][data-kind=zone_activated]', { hasText: 'Around Muscat' }).waitFor()
    await zoneRow(other, draft.id).locator('[data-testid=zone-inside]').waitFor()
    await other.page.waitForFunction((n) => Number(document.querySelector('[data-testid=map]').dataset.zones) === n, zonesBefore + 1)
    assert.ok(await marked(other.page), 'without a reload')

    const counts = await api.get(`/zones/${draft.id}/counts`)
    assert.equal(counts.inside.persons + counts.possible.persons, enters, 'who came in is who was promised')
    assert.equal(
      (await zoneRow(other, draft.id).getByTestId('zone-inside').textContent()).replaceAll(/\D/g, ''),
      String(counts.inside.persons),
    )
    await zoneRow(other, draft.id).click()
    await other.at('zone-people').click()
    await settled(other.page)
    assert.equal((await counted(other.at('people-total'))).persons, enters)
    // A click on the map finds the zone too.
    await other.at('zone-back').click()
    const inside = await onScreen(other.page, 58.05, 23.45)
    await other.page.mouse.click(inside.x, inside.y)
    await other.page.locator(`[data-testid=zone-detail][data-zone="${draft.id}"]`).waitFor()
    await shot(other.page, 'published')
  },

  async 'lowering a level 3 waits for a second analyst'(stage) {
    const api = await stage.client('analyst')
    const zone = await stored(api, 'Two people', 3, square(57.0, 20.0, 0.2), true)
    const [w, other] = [
      await stage.console('analyst', { at: `look=${zone.id}` }),
      await stage.console('analyst2', { at: `look=${zone.id}` }),
    ]
    await w.at('zone-edit').click()
    await w.at('level-2').check()
    await w.at('zone-reason').fill('it has become quiet')
    await w.at('draft-preview').click()
    await w.at('impact-second').waitFor()
    await w.at('draft-publish').click()
    await w.at('zone-proposal').waitFor()
    let now = await api.get(`/zones/${zone.id}`)
    assert.deepEqual([now.state, now.in_force_level ?? now.level, now.in_force], ['proposed', 3, true], 'until then the level 3 holds')

    // The one who proposed can't be the second person.
    w.expect.push(/status of (403|409|422)/)
    if ((await w.at('zone-confirm').count()) > 0) {
      await w.at('zone-confirm').click()
      await w.at('failure').waitFor()
    }
    now = await api.get(`/zones/${zone.id}`)
    assert.equal(now.state, 'proposed')

    await other.at('zone-proposal').waitFor()
    await other.at('zone-confirm').click()
    for (const screen of [w, other])
      await screen.page.locator(`[data-testid=zone-detail][data-zone="${zone.id}"][data-state=active]`).waitFor()
    now = await api.get(`/zones/${zone.id}`)
    assert.deepEqual([now.state, now.level, now.in_force], ['active', 2, true])
  },

  async 'two edit one zone: the second is told, keeps the draft, compares, and goes on top'(stage) {
    const api = await stage.client('analyst')
    const zone = await stored(api, 'Contested', 1, square(56.0, 19.5, 0.2))
    const [first, second] = [
      await stage.console('analyst', { at: `look=${zone.id}` }),
      await stage.console('analyst2', { at: `look=${zone.id}`, expect: [/status of (409|412)/] }),
    ]
    for (const w of [first, second]) await w.at('zone-edit').click()
    await first.at('zone-name-en').fill('Named by the first')
    await first.at('zone-reason').fill('first')
    await first.at('draft-save').click()
    await first.at('draft-saved').waitFor()

    await second.at('zone-name-en').fill('Named by the second')
    await second.at('zone-reason').fill('second')
    await second.at('draft-save').click()
    await second.at('conflict').waitFor()
    assert.match(await second.at('conflict').textContent(), /Analyst \(demo\)/, 'it says who was first')
    assert.equal(await second.at('zone-name-en').inputValue(), 'Named by the second', 'the draft is kept')
    await second.at('conflict-compare').click()
    const compared = await second.at('conflict').textContent()
    assert.match(compared, /Named by the second/)
    assert.match(compared, /Named by the first/)
    assert.equal((await api.get(`/zones/${zone.id}`)).names.en, 'Named by the first')
    await shot(second.page, 'conflict')

    // A reload doesn't cost the draft either.
    await second.page.reload()
    await second.at('zone-editor').waitFor()
    assert.equal(await second.at('zone-name-en').inputValue(), 'Named by the second')
    await second.at('draft-save').click()
    await second.at('conflict-mine').click()
    await second.at('draft-save').click()
    await second.at('draft-saved').waitFor()
    const now = await api.get(`/zones/${zone.id}`)
    assert.deepEqual([now.names.en, now.version], ['Named by the second', zone.version + 2])
  },

  async 'a shape that crosses itself is refused beside the shape, and nothing is lost'(stage) {
    const w = await stage.console('analyst', { at: MUSCAT })
    await w.at('zone-new').click()
    await w.at('editor-paste').click()
    await w.at('paste-text').fill('POLYGON ((58 23, 59 24, 59 23, 58 24, 58 23))')
    await w.at('paste-add').click()
    await w.at('zone-name-en').fill('Bow tie')
    await w.at('zone-reason').fill('a test')
    await w.at('draft-preview').click()
    await w.page.locator('.fault, [data-testid=failure]').first().waitFor()
    assert.equal(await w.at('zone-name-en').inputValue(), 'Bow tie')
    assert.equal(await w.at('impact').count(), 0)
  },
}
