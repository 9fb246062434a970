import assert from 'node:assert/strict'
import { counted, go, PHONE, settled, shot } from './browser.mjs'

/** An empty stretch of the Emirates: whoever stands there stands there alone. */
const DESERT = { lon: 54.2, lat: 23.1 }
const THERE = 'map=10/23.1/54.2'
/** Far above the promised second: the machine may be busy. The time itself is printed. */
const BOUND_MS = 10_000

/** Milliseconds on the page's clock at which a condition on the page became true. */
const when = (page, condition, arg) => page.waitForFunction(condition, arg, { polling: 20 }).then((h) => h.jsonValue())

/** Milliseconds from one moment to another; below zero when the other was first. */
async function delay(...moments) {
  const [from, to] = await Promise.all(moments)
  return to - from
}

/** Everything that the API tells an account about people, to be searched for somebody who mustn't be there. */
async function everything(api, texts) {
  const out = [await api.get('/people?limit=1000'), await api.get('/events?limit=200')]
  for (const by of ['country', 'zone', 'level', 'airport', 'freshness', 'wellbeing']) out.push(await api.get(`/counts?by=${by}`))
  for (const text of texts) out.push(await api.post('/people/search', { text, limit: 50 }))
  out.push(await api.get('/cells?zoom=10&bbox=53.5,22.5,55,24'))
  return out
}

export const scenarios = {
  async 'a report by personal link is on the analyst’s open map and list at once, and nowhere at another embassy'(stage, t) {
    const [api, qa] = await Promise.all([stage.client('analyst'), stage.client('embassy-qa')])
    const { items } = await api.get('/people?country=AE&wellbeing=unknown&stranded=false&limit=200')
    const person = items.find((p) => p.position && p.latin && !p.at_airport && p.mission)
    assert.ok(person, 'the demo has somebody in the Emirates who has not answered')
    const before = await everything(qa, [person.name, person.latin])
    const qaScreen = await stage.console('embassy-qa', { at: THERE })
    const qaTotal = await counted(qaScreen.at('people-total'))
    await qaScreen.page.evaluate(() => {
      window.heard = []
      const stream = new EventSource('/api/v1/events/stream')
      for (const kind of ['event', 'picture', 'resync', 'message'])
        stream.addEventListener(kind, (e) => window.heard.push(`${kind} ${e.data}`))
      return new Promise((done) => {
        stream.onopen = done
      })
    })

    // The analyst makes the link on the card.
    const w = await stage.console('analyst', { at: THERE })
    const { page } = w
    await page.keyboard.press('/')
    await w.at('search-text').fill(person.name)
    await page.locator(`[data-testid=search-result][data-person="${person.id}"]`).click()
    await w.at('person-link').click()
    await w.at('link-make').click()
    const address = stage.server.throughWire(await w.at('link-url').inputValue())
    assert.match(address, /\/s\/[0-9A-Z]+#.{20,}/)
    await w.at('person-back').click()
    await go(page, `${THERE}&wellbeing=needs_help&country=AE`)
    const [list, map] = [await counted(w.at('people-total')), await counted(w.at('on-map'))]

    const phone = await stage.visit(address, {
      viewport: PHONE,
      hasTouch: true,
      isMobile: true,
      geolocation: { longitude: DESERT.lon, latitude: DESERT.lat, accuracy: 25 },
      permissions: ['geolocation'],
    })
    const shown = await phone.page.content()
    for (const secret of [person.name, person.latin, person.phone].filter(Boolean))
      assert.ok(!shown.includes(secret), 'the page names nobody')

    // "I need help" first: the list counts one more.
    const receipt = () => when(phone.page, () => /^✓ /.test(document.getElementById('bar').textContent) && Date.now())
    const inList = () =>
      when(
        page,
        (n) => Number(document.querySelector('[data-testid=people-total]')?.dataset.persons) === n && Date.now(),
        list.persons + person.persons,
      )
    const toList = await delay(receipt(), inList(), phone.page.tap('[value=help]'))
    await page.locator(`[data-testid=person-row][data-person="${person.id}"][data-wellbeing=needs_help]`).waitFor()

    // Then the place: the map of the desert, empty before, has a symbol.
    const onMap = () =>
      when(
        page,
        (n) => Number(document.querySelector('[data-testid=on-map]')?.dataset.persons) === n && Date.now(),
        map.persons + person.persons,
      )
    const again = () => when(phone.page, () => /If anything changes/.test(document.getElementById('bar').textContent) && Date.now())
    const toMap = await delay(again(), onMap(), phone.page.tap('#locate'))
    t.diagnostic(`from the receipt to the analyst: list ${toList} ms, map ${toMap} ms`)
    assert.ok(toList < BOUND_MS && toMap < BOUND_MS, `${toList} and ${toMap} ms`)
    await shot(phone.page, 'receipt')
    await shot(page, 'reported')

    const card = await api.get(`/people/${person.id}`)
    assert.equal(card.row.wellbeing, 'needs_help')
    assert.ok(Math.hypot(card.row.position.lon - DESERT.lon, card.row.position.lat - DESERT.lat) < 1e-4)
    const cells = await api.get('/cells?zoom=10&bbox=53.9,22.9,54.5,23.3')
    assert.equal(cells.total.persons, map.persons + person.persons)

    // The embassy in Doha.
    assert.equal((await qa.call('GET', `/people/${person.id}`)).status, 404)
    assert.equal(
      (await qa.call('GET', `/people/${person.id}`)).data.code,
      (await qa.call('GET', `/people/${crypto.randomUUID()}`)).data.code,
    )
    const after = await everything(qa, [person.name, person.latin])
    const told = JSON.stringify(after)
    for (const secret of [person.id, person.phone].filter(Boolean)) assert.ok(!told.includes(secret), 'told to the wrong embassy')
    assert.deepEqual(
      after.map((a) => a.total),
      before.map((a) => a.total),
      'the counts of the wrong embassy',
    )
    const heard = await qaScreen.page.evaluate(() => window.heard)
    assert.ok(!heard.some((h) => h.startsWith('event') || h.includes(person.id)), `the wrong embassy's stream: ${heard}`)
    await settled(qaScreen.page)
    assert.deepEqual(await counted(qaScreen.at('people-total')), qaTotal)
    assert.equal((await counted(qaScreen.at('on-map'))).persons, 0)
    await qaScreen.page.keyboard.press('/')
    const searched = qaScreen.page.waitForResponse((r) => r.url().includes('/people/search'))
    await qaScreen.at('search-text').fill(person.latin)
    await searched
    assert.equal(await qaScreen.page.locator(`[data-testid=search-result][data-person="${person.id}"]`).count(), 0)
  },

  async 'without JavaScript: a poster’s link takes status, place and phone, and the guest is at the airport'(stage) {
    const api = await stage.client('analyst')
    const qa = await stage.client('embassy-qa')
    const qaBefore = (await qa.get('/people?limit=1')).total
    const w = await stage.console('analyst', { at: 'airport=DXB' })
    const before = await counted(w.at('people-total'))
    const phone = await stage.visit(stage.server.campaign, { viewport: PHONE, javaScriptEnabled: false })
    await phone.page.selectOption('#list', 'DXB')
    await phone.page.fill('#persons', '3')
    await phone.page.fill('#phone', '+7 701 234 56 78')
    await phone.page.fill('#note', 'Ә Ғ Қ Ң Ө Ұ Ү Һ І')
    await phone.page.click('[value=help]')
    await phone.page.waitForSelector('.received')
    await shot(phone.page, 'receipt-without-script')
    await w.page.waitForFunction(
      (n) => Number(document.querySelector('[data-testid=people-total]')?.dataset.persons) === n,
      before.persons + 3,
    )
    const found = await api.post('/people/search', { text: '77012345678', limit: 20 })
    assert.deepEqual(found.total, { records: 1, persons: 3 }, 'found by the phone')
    const guest = found.items[0]
    assert.deepEqual([guest.airport, guest.wellbeing, guest.unidentified], ['DXB', 'needs_help', true])
    assert.deepEqual((await qa.get('/people?limit=1')).total, qaBefore)
    assert.equal((await qa.call('GET', `/people/${guest.id}`)).status, 404)
  },

  async 'a revoked link takes nothing more'(stage) {
    const w = await stage.console('analyst', { at: 'tab=links' })
    await w.at('link-label').fill('for a moment')
    await w.at('link-airport').fill('dxb')
    await w.at('link-make').click()
    const address = stage.server.throughWire(await w.at('link-url').inputValue())
    const row = w.page.locator('[data-testid=link][data-state=in_force]', { hasText: 'for a moment' })
    await row.getByTestId('link-revoke').click()
    await row.getByTestId('link-revoke-go').click()
    await w.page.locator('[data-testid=link][data-state=revoked]', { hasText: 'for a moment' }).waitFor()
    const phone = await stage.visit(address, { viewport: PHONE, expect: [/status of 410/, /status of 404/] })
    const buttons = await phone.page.locator('button[name=status]').evaluateAll((bs) => bs.map((b) => b.value))
    assert.deepEqual(buttons, ['help'], 'nothing but a call for help')
    assert.match(await phone.page.locator('h1').textContent(), /\w/)
  },
}
