import assert from 'node:assert/strict'
import { accessible, fits, PHONE, shot } from './browser.mjs'

const soon = (ms) => new Date(Date.now() + ms).toISOString()
/** A phone in the Emirates: its pages are about one country. */
const phoneOf = (stage, address, options = {}) => stage.visit(address, { viewport: PHONE, hasTouch: true, isMobile: true, ...options })
const says = (page, pattern) => page.waitForFunction((p) => new RegExp(p).test(document.getElementById('bar').textContent), pattern.source)

/** Somebody in the Emirates, and a personal link of theirs. */
async function somebody(api, ms = 3_600_000) {
  const { items } = await api.get('/people?country=AE&wellbeing=unknown&limit=200')
  const person = items.find((p) => p.position && !p.at_airport)
  const { url } = await api.post('/links', { kind: 'personal', person_id: person.id, expires_at: soon(ms) })
  return { person, url }
}

export const scenarios = {
  async 'the page tells when the embassy has read the report, and so does the receipt without JavaScript'(stage) {
    const api = await stage.client('analyst')
    const { person, url } = await somebody(api)
    const phone = await phoneOf(stage, stage.server.throughWire(url))
    await phone.page.tap('[value=safe]')
    await says(phone.page, /^✓ Received/)
    const plain = await phoneOf(stage, stage.server.throughWire(url), { javaScriptEnabled: false })
    await plain.page.fill('#note', 'Ұ')
    await plain.page.tap('#send')
    await plain.page.waitForSelector('.received')
    assert.doesNotMatch(await plain.page.textContent('#bar'), /Read by/)

    await api.get(`/people/${person.id}`) // an officer opens the card
    await phone.page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await says(phone.page, /Read by the embassy at \d\d:\d\d/)
    await shot(phone.page, 'read')
    await accessible(phone.page, 'a report that was read')
    // Somebody who comes back later is told too.
    await phone.page.reload()
    await says(phone.page, /Read by the embassy/)
    await plain.page.reload()
    assert.match(await plain.page.textContent('#bar'), /Read by the embassy at \d\d:\d\d/)
  },

  async 'hiding takes the place off the map at once'(stage) {
    const api = await stage.client('analyst')
    const { person, url } = await somebody(api)
    const phone = await phoneOf(stage, stage.server.throughWire(url))
    await phone.page.tap('[formaction$="/data"]')
    await phone.page.tap('summary')
    await phone.page.tap('[value=hide]')
    await phone.page.waitForSelector('.received')
    await fits(phone.page, 'what is held')
    let card
    for (let tries = 0; tries < 50; tries++) {
      card = await api.get(`/people/${person.id}`)
      if (!card.row.position) break
      await phone.page.waitForTimeout(100)
    }
    assert.equal(card.row.position, undefined)
  },

  async 'a child whom a guardian names is a person of their own, with the guardian on the card'(stage) {
    const api = await stage.client('analyst')
    const { person, url } = await somebody(api)
    const phone = await phoneOf(stage, stage.server.throughWire(url))
    await phone.page.tap('[value=help]') // opens what is asked later
    await says(phone.page, /^✓ /)
    await phone.page.fill('#child', 'Жанерке Сынақ')
    await phone.page.tap('[value=safe]')
    let found
    for (let tries = 0; tries < 50 && !found; tries++) {
      found = (await api.post('/people/search', { text: 'Жанерке Сынақ', limit: 5 })).items.find((p) => p.guardian === person.id)
      await phone.page.waitForTimeout(100)
    }
    assert.equal(found?.name, 'Жанерке Сынақ')
    assert.ok(found.needs.includes('minor'))
  },

  async 'an expired link still takes a call for help, which the queue of call-backs shows'(stage) {
    const api = await stage.client('analyst')
    const { person, url } = await somebody(api, 1500)
    await new Promise((done) => setTimeout(done, 1600))
    const phone = await phoneOf(stage, stage.server.throughWire(url), { expect: [/status of 410/] })
    assert.deepEqual(await phone.page.locator('button').evaluateAll((bs) => bs.map((b) => b.value)), ['help'])
    await phone.page.fill('#phone', '+7 701 555 44 33')
    await phone.page.tap('[value=help]')
    await says(phone.page, /^✓ Received/)
    await accessible(phone.page, 'an expired link')
    const { items } = await api.get('/callbacks')
    const call = items.find((c) => c.phone === '+77015554433')
    assert.deepEqual([call?.kind, call?.state, call?.person_id], ['help', 'open', person.id])
  },

  async 'a poster can be printed, and its code leads to the page'(stage) {
    const api = await stage.client('analyst')
    const made = await api.post('/links', { kind: 'campaign', airport: 'DXB', expires_at: soon(3_600_000) })
    const w = await stage.visit(`/api/v1/links/${made.link.id}/poster`, { login: 'analyst' })
    await accessible(w.page, 'the poster')
    await fits(w.page, 'the poster')
    await w.page.emulateMedia({ media: 'print' })
    const { height, code } = await w.page.evaluate(() => ({
      height: document.querySelector('main').getBoundingClientRect().height,
      code: document.querySelector('svg path').getAttribute('d').length,
    }))
    // A4 less its margins is 273 mm high, at 96 pixels an inch.
    assert.ok(height < (273 / 25.4) * 96, `one sheet, not ${height} px`)
    assert.ok(code > 500, 'the code is drawn')
    await shot(w.page, 'poster', { fullPage: true })
    assert.ok((await w.page.locator('#address').textContent()).endsWith(`/s/${made.link.code}`))
  },
}
