import assert from 'node:assert/strict'
import { accessible, fits, PHONE, settled, shot, speaks } from './browser.mjs'

/** What a call may cost (the budgets). */
const MOST_KEYS = 60
const MOST_MS = 45_000
/** Between two keys of somebody who types with two fingers. */
const BETWEEN_MS = 150

/** Counts the keys that are pressed on a page, held ones and modifiers too, and the time since the first. */
async function keysOf(page) {
  await page.evaluate(() => {
    window.pressed = { n: 0, since: 0 }
    addEventListener(
      'keydown',
      (e) => {
        if (e.repeat) return
        window.pressed.since ||= performance.now()
        window.pressed.n++
      },
      true,
    )
  })
  return () => page.evaluate(() => ({ n: window.pressed.n, ms: performance.now() - window.pressed.since }))
}

const typist = (page) => ({
  press: (key) => page.keyboard.press(key),
  type: (text) => page.keyboard.type(text, { delay: BETWEEN_MS }),
  /** Waits until the focus has come to a field, as eyes do. */
  at: (id) => page.waitForFunction((i) => document.activeElement?.dataset.testid === i, id),
})

/** Somebody with a phone that nobody else's digits end with. */
async function reachable(api, but = []) {
  const { items } = await api.get('/people?country=AE&limit=300')
  for (const p of items.filter((x) => x.phone && x.name && x.wellbeing !== 'closed' && !but.includes(x.id))) {
    const digits = p.phone.replaceAll(/\D/g, '').slice(-7)
    const found = await api.post('/people/search', { text: digits, limit: 3 })
    if (found.total.records === 1) return { ...p, digits }
  }
  throw new Error('the demo has nobody with a phone of their own')
}

/** What is stored of the newest call about somebody. */
async function lastCall(api, id) {
  const { reports } = await api.get(`/people/${id}`)
  return reports.filter((r) => r.channel === 'hotline').toSorted((a, b) => b.received_at.localeCompare(a.received_at))[0]
}

async function within(keys, t) {
  const { n, ms } = await keys()
  t.diagnostic(`${n} keys, ${(ms / 1000).toFixed(1)} s`)
  assert.ok(n <= MOST_KEYS, `${n} keys`)
  assert.ok(ms <= MOST_MS, `${ms} ms`)
}

export const scenarios = {
  async 'a call of somebody known: found by the number, logged by keyboard within 60 keys and 45 seconds'(stage, t) {
    const api = await stage.client('operator')
    const person = await reachable(api)
    const w = await stage.console('operator')
    const keys = await keysOf(w.page)
    const k = typist(w.page)
    const before = Date.now()
    await k.press('n')
    await k.at('call-phone')
    await k.type(person.digits)
    await k.press('Enter')
    await k.at('call-how-1')
    assert.equal(await w.at('call-person').getAttribute('data-person'), person.id)
    assert.equal(await w.at('call-person-state').count(), 1, 'to the person themselves their own state may be said')
    await k.press('2')
    await k.at('call-place')
    await k.type('doha')
    await k.press('Enter')
    await k.at('call-note')
    await k.type('no water, two kids at gate')
    await k.press('Control+Enter')
    await k.at('call-next')
    await within(keys, t)
    const code = await w.at('call-code').textContent()
    assert.match(code, /^\w{4,}$/)

    const report = await lastCall(api, person.id)
    assert.deepEqual(
      [report.wellbeing, report.note, report.contact, report.caller],
      ['needs_help', 'no water, two kids at gate', 'reached', undefined],
    )
    assert.ok(Math.abs(report.position.lon - 51.5) < 0.5, 'Doha')
    const called = Date.parse(report.fixed_at)
    assert.ok(called >= before - 2000 && called <= Date.now(), 'the time of the call is kept')

    // The next call begins with Enter, empty.
    await k.press('Enter')
    await k.at('call-phone')
    assert.equal(await w.at('call-phone').inputValue(), '')
    await k.press('Escape')
    await w.at('call-form').waitFor({ state: 'detached' })
    assert.equal(await w.page.evaluate(() => sessionStorage.getItem('aman.call')), null, 'nothing of it stays behind')
  },

  async 'a call of somebody new, with an address in words, within the same budget'(stage, t) {
    const api = await stage.client('operator')
    const w = await stage.console('operator')
    const keys = await keysOf(w.page)
    const k = typist(w.page)
    await k.press('n')
    await k.at('call-phone')
    await k.type('87479990011')
    await k.press('Enter')
    await k.at('call-name')
    await k.type('Zhanel Q')
    await k.press('Enter')
    await k.at('call-how-1')
    await k.press('1')
    await k.at('call-place')
    await k.type('Hotel Rawdat 5')
    await k.press('Enter')
    await k.at('call-note')
    await k.type('with her mother')
    await k.press('Control+Enter')
    await k.at('call-next')
    await within(keys, t)
    const { items } = await api.post('/people/search', { text: '7479990011', limit: 5 })
    assert.deepEqual(
      items.map((p) => [p.name, p.phone, p.wellbeing]),
      [['Zhanel Q', '+77479990011', 'safe']],
    )
    const report = await lastCall(api, items[0].id)
    assert.deepEqual([report.address, report.note], ['Hotel Rawdat 5', 'with her mother'])
  },

  async 'a relative who calls gets nothing confirmed: state and place are hidden, and two people are stored'(stage) {
    const api = await stage.client('operator')
    const person = await reachable(api)
    const w = await stage.console('operator')
    const k = typist(w.page)
    await k.press('n')
    await k.at('call-phone')
    await k.press('Alt+s')
    await w.at('call-confirm-nothing').waitFor()
    await w.page.keyboard.type('+77015550011')
    await w.at('call-caller').fill('Гүлнар')
    await w.at('call-relation').fill('анасы')
    await w.at('call-name').fill(person.name)
    const option = w.page.locator(`[data-testid=call-option][data-person="${person.id}"]`)
    await option.waitFor()
    await option.click()
    await k.at('call-how-1')
    assert.equal((await w.at('call-person').innerText()).replaceAll(/\s+/g, ' ').trim(), `${person.name} Change`)
    assert.equal(await w.at('call-person-state').count(), 0)
    assert.equal(await w.at('call').locator('.level, .status').count(), 0, 'neither level nor state')
    await accessible(w.page, 'a relative’s call')
    await shot(w.page, 'call-relative')
    await k.press('3')
    await k.press('Control+Enter')
    await w.at('call-code').waitFor()
    const report = await lastCall(api, person.id)
    assert.deepEqual(report.caller, { name: 'Гүлнар', phone: '+77015550011', relation: 'анасы' })
    assert.deepEqual([report.intention, report.contact, report.phone], ['leaving', undefined, undefined])
  },

  async 'coordinates, a changed time and needs; a wrong IIN is said at its field and stores nothing'(stage) {
    const api = await stage.client('operator')
    const w = await stage.console('operator')
    await w.at('clock-utc').click()
    await w.at('new-call').click()
    await w.at('call-name').fill('Ербол Нұрланұлы')
    await w.at('call-iin').fill('900101300018')
    await w.at('call-place').fill("25°15'N 55°18'E")
    await w.page.locator('[data-testid=call-place-option][data-kind=point]').click()
    await w.at('call-need-medical').click()
    await w.at('call-medicine').fill('3')
    await w.at('call-persons').fill('4')
    const at = new Date(Date.now() - 90 * 60_000).toISOString().slice(0, 19)
    await w.at('call-at').fill(at)
    w.expect.push(/status of 422/)
    await w.at('call-save').click()
    await w.page.locator('[data-testid=call-iin][aria-invalid=true]').waitFor()
    await accessible(w.page, 'a refused call')
    await w.at('call-iin').fill('')
    await w.at('call-save').click()
    await w.at('call-code').waitFor()
    const { items } = await api.post('/people/search', { text: 'Ербол Нұрланұлы', limit: 5 })
    assert.equal(items.length, 1, 'stored once')
    const report = await lastCall(api, items[0].id)
    assert.deepEqual([report.position.lon, report.position.lat, report.medicine_days, report.needs], [55.3, 25.25, 3, ['medical']])
    assert.equal(report.fixed_at.slice(0, 19), at)
    assert.equal(items[0].persons, 4)
  },

  async 'somebody held already: a likeness is offered for a new name, and an IIN that is taken leads to them'(stage) {
    const api = await stage.client('operator')
    const { person_id } = await api.post(
      '/reports',
      { person: { name: 'Айжан Серікқызы', iin: '870605400015' }, wellbeing: 'unknown', city: { name: 'Doha', country: 'QA' } },
      { 'Idempotency-Key': crypto.randomUUID() },
    )
    const w = await stage.console('operator', { expect: [/status of 409/] })
    const k = typist(w.page)
    await k.press('n')
    await w.at('call-name').fill('Aizhan Serikkyzy')
    await w.at('call-new').click()
    await w.page.locator(`[data-testid=call-alike] [data-person="${person_id}"]`).waitFor()
    await accessible(w.page, 'a likeness')
    // An airport's code that is typed and left is the airport, not an address.
    await w.at('call-place').fill('dxb')
    await w.page.locator('[data-testid=call-place-option][data-kind=airport]').first().waitFor()
    await w.at('call-note').focus()
    await w.page.locator('[data-testid=call-place-chosen][data-kind=airport]').waitFor()
    await w.at('call-iin').fill('870605400015')
    await w.at('call-how-1').click()
    await w.at('call-save').click()
    await w.at('call-held').click()
    await w.at('call-person').waitFor()
    await w.at('call-save').click()
    await w.at('call-code').waitFor()
    assert.equal((await lastCall(api, person_id)).wellbeing, 'safe')
  },

  async 'a call outlives a lost connection and a reload, is stored once, and is wiped at sign-out'(stage) {
    const api = await stage.client('operator')
    // Signing out at the end, it needs an account that nobody else sits at.
    const w = await stage.console('casualty', { expect: [/ERR_|Failed to load|status of 401/] })
    const { page } = w
    const k = typist(page)
    await k.press('n')
    await k.at('call-phone')
    await page.keyboard.type('87479990022')
    await w.at('call-name').fill('Сәуле Қ')
    await w.at('call-how-1').click()
    await w.at('call-note').fill('first')
    stage.server.wire.cut()
    try {
      await k.press('Control+Enter')
      await w.at('call-offline').waitFor()
      await accessible(page, 'a call without a connection')
    } finally {
      stage.server.wire.mend()
    }
    await page.reload()
    await settled(page)
    await k.press('n')
    await w.at('call-note').waitFor()
    assert.equal(await w.at('call-note').inputValue(), 'first', 'the draft is there after a reload')

    // The report arrives, its answer doesn't.
    await page.route(
      '**/api/v1/reports?*',
      async (route) => {
        await route.fetch()
        await route.abort('connectionreset')
      },
      { times: 1 },
    )
    await w.at('call-save').click()
    await w.at('call-offline').waitFor()
    // Changed in between: what was stored stays one person, and the change is filed with them.
    await w.at('call-note').fill('second')
    await w.at('call-save').click()
    await w.at('call-code').waitFor()
    const { items } = await api.post('/people/search', { text: '7479990022', limit: 5 })
    assert.equal(items.length, 1)
    const { reports } = await api.get(`/people/${items[0].id}`)
    assert.deepEqual(reports.map((r) => r.note).toSorted(), ['first', 'second'])

    await k.press('Enter')
    await k.at('call-phone')
    await w.at('call-note').fill('about to leave')
    assert.match(await page.evaluate(() => sessionStorage.getItem('aman.call')), /about to leave/)
    await k.press('Escape')
    await w.at('account-menu').click()
    await w.at('logout').click()
    await w.at('login-form').waitFor()
    assert.equal(await page.evaluate(() => sessionStorage.getItem('aman.call')), null)
  },

  async 'the form opens by its address, speaks three languages, and fits a phone'(stage) {
    const w = await stage.visit('/?call', { login: 'operator', viewport: PHONE, lang: 'ru' })
    await w.at('call-form').waitFor()
    await settled(w.page)
    await w.at('call-relative').check()
    await w.at('call-phone').fill('4567')
    await w.at('call-found').waitFor()
    await speaks(w.page, 'ru', 'call')
    await fits(w.page, 'call')
    await accessible(w.page, 'call on a phone')
    await shot(w.page, 'call-360')
    await w.close()
    for (const lang of ['kk', 'en']) {
      const x = await stage.console('operator', { lang, viewport: lang === 'kk' ? { width: 320, height: 640 } : undefined })
      await x.at('new-call').click()
      await x.at('call-form').waitFor()
      await speaks(x.page, lang, 'call')
      await fits(x.page, `call in ${lang}`)
      await accessible(x.page, `call in ${lang}`)
      await shot(x.page, `call-${lang}`)
      await x.close()
    }
  },
}
