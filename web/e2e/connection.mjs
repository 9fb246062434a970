import assert from 'node:assert/strict'
import { counted, settled, shot } from './browser.mjs'

const LOST = [/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|ERR_NETWORK|Failed to load resource/]

export const scenarios = {
  async 'the connection is lost: it is said, the last picture stays, and all is caught up with afterwards'(stage) {
    const { wire } = stage.server
    const w = await stage.visit('/', { login: 'analyst', expect: LOST })
    await settled(w.page)
    await w.page.clock.install()
    await w.page.reload()
    await settled(w.page)
    const total = await counted(w.at('people-total'))
    const rows = await w.at('person-row').count()
    try {
      wire.cut()
      await w.page.waitForFunction(() => document.querySelector('[data-testid=console]').dataset.live === 'false')
      await w.page.clock.fastForward(65_000)
      await w.at('stale-bar').waitFor()
      await w.page.locator('[data-testid=people] [data-testid=failure]').waitFor()
      assert.deepEqual(await counted(w.at('people-total')), total, 'the last numbers stay')
      assert.equal(await w.at('person-row').count(), rows, 'the last list stays')
      await shot(w.page, 'lost')
    } finally {
      wire.mend()
    }
    // What happened meanwhile is there once the connection is back.
    const api = await stage.client('analyst')
    const { items } = await api.get('/people?limit=1&wellbeing=unknown')
    await api.post('/reports', { person_id: items[0].id, wellbeing: 'safe' }, { 'Idempotency-Key': crypto.randomUUID() })
    await w.page.waitForFunction(() => document.querySelector('[data-testid=console]').dataset.live === 'true', undefined, {
      timeout: 30_000,
    })
    await w.at('stale-bar').waitFor({ state: 'detached' })
    await w.at('failure').first().waitFor({ state: 'detached' })
    const silent = (await api.get('/people?limit=1&wellbeing=unknown')).total
    await w.page.waitForFunction((n) => Number(document.querySelector('[data-testid=tile-silent]')?.dataset.persons) === n, silent.persons)
  },

  async 'saving without a connection keeps the draft and says so'(stage) {
    const { wire } = stage.server
    const w = await stage.console('analyst', { expect: LOST })
    await w.at('zone-new').click()
    await w.at('editor-type').click()
    await w.at('circle-lon').fill('50')
    await w.at('circle-lat').fill('22')
    await w.at('circle-add').click()
    await w.at('zone-name-en').fill('Kept')
    await w.at('zone-reason').fill('a test')
    try {
      wire.cut()
      await w.at('draft-save').click()
      await w.page.locator('[data-testid=zone-editor] [data-testid=failure][data-code=unreachable]').waitFor()
      assert.equal(await w.at('zone-name-en').inputValue(), 'Kept')
    } finally {
      wire.mend()
    }
    await w.at('draft-save').click()
    await w.at('draft-saved').waitFor()
  },

  async 'a session that ends at work asks for the password and goes on where it stopped'(stage) {
    const w = await stage.visit('/', { expect: [/status of 401/] })
    await w.at('login-name').fill('embassy-ae')
    await w.at('login-password').fill(stage.server.password)
    await w.at('login-submit').click()
    await settled(w.page)
    const total = await counted(w.at('people-total'))
    await w.at('person-open').first().click()
    await w.at('person-report').click()
    await w.at('report-note').fill('half typed')
    await w.at('report-contact-reached').click()
    // Ended elsewhere: the same session signs out without this page.
    const cookies = (await w.context.cookies()).map((c) => `${c.name}=${c.value}`).join('; ')
    assert.equal((await fetch(`${stage.server.base}/api/v1/logout`, { method: 'POST', headers: { Cookie: cookies } })).status, 204)
    // The stream may tell of it before anybody clicks: then the question covers the form already.
    await w.at('report-save').dispatchEvent('click')
    await w.at('login-form').waitFor()
    await w.at('login-password').fill(stage.server.password)
    await w.at('login-submit').click()
    await w.at('login-form').waitFor({ state: 'detached' })
    assert.equal(await w.at('report-note').inputValue(), 'half typed')
    await w.at('report-save').click()
    await w.at('report-form').waitFor({ state: 'detached' })
    await w.at('person-back').click()
    assert.deepEqual(await counted(w.at('people-total')), total)
  },
}
