import assert from 'node:assert/strict'
import { accessible, fits, shot, speaks } from './browser.mjs'

const NARROW = { width: 320, height: 640 }

/** Somebody new, in Doha, with a personal link: the answer has their id and the link's address and secret. */
async function guest(api, name) {
  const receipt = await api.post(
    '/reports',
    { person: { name }, city: { name: 'Doha', country: 'QA' }, wellbeing: 'safe' },
    { 'Idempotency-Key': crypto.randomUUID() },
  )
  const expires_at = new Date(Date.now() + 86_400_000).toISOString()
  const made = await api.post('/links', { kind: 'personal', person_id: receipt.person_id, expires_at })
  const [address, secret] = made.url.split('#')
  return { id: receipt.person_id, code: made.link.code, address, secret, link: made.link.id }
}

/** What the page about one's data sends: somebody asks to be rung. */
async function ask(stage, person, wish, note = '') {
  const body = new URLSearchParams({ id: crypto.randomUUID(), secret: person.secret, do: wish, phone: '+97455667788', note, lang: 'en' })
  const response = await fetch(`${stage.server.base}/s/${person.code}/data`, {
    method: 'POST',
    body,
    headers: { Origin: stage.server.base },
    redirect: 'manual',
  })
  assert.ok(response.status < 400, `asked to ${wish}: ${response.status} ${(await response.text()).slice(0, 200)}`)
}

export const scenarios = {
  async 'call-backs: who asks to be rung stands in the queue, is tried, corrected and erased, at the right mission only'(stage) {
    const api = await stage.client('embassy-qa')
    const [one, two] = [await guest(api, 'Callback Correct'), await guest(api, 'Callback Erase')]
    await ask(stage, one, 'correct', 'my birthday is wrong')
    await ask(stage, two, 'erase')

    const w = await stage.console('embassy-qa')
    const waiting = Number(await w.at('callbacks-badge').textContent())
    assert.ok(waiting >= 2)
    await w.at('tab-desk').click()
    const item = (kind, state) => w.page.locator(`[data-testid=callback][data-kind=${kind}][data-state=${state}]`, { hasText: /Callback/ })
    const correct = item('correct', 'open')
    await correct.waitFor()
    assert.equal(await correct.getByTestId('callback-phone').getAttribute('href'), 'tel:+97455667788')
    assert.match(await correct.innerText(), /my birthday is wrong/)
    await accessible(w.page, 'call-backs')
    await shot(w.page, 'callbacks')

    // Tried, then put right on the card, then done.
    await correct.getByTestId('callback-tried').click()
    await w.at('callback-outcome').fill('engaged')
    await w.at('callback-save').click()
    const tried = item('correct', 'tried')
    await tried.waitFor()
    assert.match(await tried.innerText(), /engaged/)
    await tried.getByTestId('callback-person').click()
    await w.at('person-name').waitFor()
    assert.equal(await w.at('person-edit').getAttribute('aria-expanded'), 'true', 'the card opens to be corrected')
    await w.at('tab-desk').click()
    await tried.getByTestId('callback-done').click()
    await w.at('callback-save').click()
    await tried.waitFor({ state: 'detached' })

    // Refusing says why; erasing is typed out.
    const erase = item('erase', 'open')
    await erase.getByTestId('callback-refused').click()
    assert.ok(await w.at('callback-save').isDisabled(), 'a refusal says why')
    await erase.getByTestId('callback-erase').click()
    await w.at('erase-reason').fill('asked for it on the phone')
    await w.at('erase-word').fill('eras')
    assert.ok(await w.at('erase-go').isDisabled())
    await w.at('erase-word').fill('Erase')
    await accessible(w.page, 'erasing')
    await w.at('erase-go').click()
    await erase.waitFor({ state: 'detached' })
    assert.equal((await api.call('GET', `/people/${two.id}`)).status, 404, 'nothing is left to be read')
    assert.equal((await api.post('/people/search', { text: 'Callback Erase' })).total.records, 0)

    const other = await stage.client('embassy-ae')
    const theirs = await other.get('/callbacks?state=all')
    assert.ok(!theirs.items.some((c) => c.phone === '+97455667788'), 'another mission sees none of it')
  },

  async 'two desks: the later one is told, and sees what the first did'(stage) {
    const api = await stage.client('embassy-qa')
    const person = await guest(api, 'Callback Twice')
    await ask(stage, person, 'see')
    const w = await stage.console('embassy-qa', { at: 'tab=callbacks', expect: [/status of 412/] })
    const row = w.page.locator('[data-testid=callback]', { hasText: 'Callback Twice' })
    await row.getByTestId('callback-tried').click()
    const { items } = await api.get('/callbacks')
    const callback = items.find((c) => c.person_id === person.id)
    await api.post(`/callbacks/${callback.id}`, { state: 'tried', outcome: 'I was first' }, { 'If-Match': `"${callback.version}"` })
    await w.at('callback-save').click()
    await row.getByTestId('failure').waitFor()
    assert.match(await row.innerText(), /I was first/)
    await row.getByTestId('callback-save').click()
    await row.getByTestId('failure').waitFor({ state: 'detached' })
  },

  async 'the expired link’s cry for help comes into the queue'(stage) {
    const api = await stage.client('embassy-qa')
    const person = await guest(api, 'Callback Help')
    await api.post(`/links/${person.link}/revoke`)
    const phone = await stage.visit(stage.server.throughWire(`${person.address}#${person.secret}`), {
      expect: [/status of 410/, /status of 404/],
      javaScriptEnabled: false,
    })
    await phone.page.fill('[name=phone]', '+97455661111')
    await phone.page.locator('button[type=submit], button:not([type])').first().click()
    await phone.page.waitForLoadState()
    const w = await stage.console('operator', { at: 'tab=callbacks', lang: 'kk', viewport: NARROW })
    const row = w.page.locator('[data-testid=callback][data-kind=help]', { hasText: '+97455661111' })
    await row.waitFor()
    await speaks(w.page, 'kk', 'call-backs')
    await fits(w.page, 'call-backs at 320')
    await row.getByTestId('callback-done').click()
    await fits(w.page, 'a call-back that is answered, at 320')
    await accessible(w.page, 'call-backs at 320')
    await shot(w.page, 'callbacks-320')
  },
}
