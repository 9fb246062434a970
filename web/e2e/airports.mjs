import assert from 'node:assert/strict'
import { counted, go, shot } from './browser.mjs'

export const scenarios = {
  // The oracle is the definition: at an airport that is closed, everybody who is there is stranded.
  async 'closing an airport strands who is there, on every screen, and opening it frees them'(stage) {
    const api = await stage.client('analyst')
    const read = async () => (await api.get('/airports/JED')).people
    const people = await read()
    const [w, other] = [
      await stage.console('analyst', { at: 'map=6/22/41' }),
      await stage.console('analyst2', { at: 'map=6/22/41&airport=JED&stranded=1' }),
    ]
    const strandedBefore = await counted(other.at('people-total'))
    assert.ok(strandedBefore.persons < people.persons, 'some have an onward leg')

    const set = async (status, reason) => {
      await w.at('airport-edit').click()
      await w.at(`airport-state-${status}`).check()
      await w.at('airport-reason').fill(reason)
      await w.at('airport-save').click()
      await w.page.locator(`[data-testid=airport-detail][data-status=${status}]`).waitFor()
    }
    await w.at('left-airports').click()
    await w.at('airport-find').fill('jed')
    await w.page.locator('[data-testid=airport-row][data-code=JED]').click()
    await set('closed', 'runway')
    await other.page.waitForFunction(
      (n) => Number(document.querySelector('[data-testid=people-total]')?.dataset.persons) === n,
      people.persons,
    )
    await other.page.locator('[data-testid=map-airport-JED].airport-closed').waitFor({ state: 'attached' })
    await shot(other.page, 'airport-closed')
    const facts = await api.get('/airports/JED')
    assert.deepEqual([facts.status, facts.reason, facts.stranded.persons], ['closed', 'runway', people.persons])

    await set('open', 'repaired')
    await other.page.waitForFunction(
      (n) => Number(document.querySelector('[data-testid=people-total]')?.dataset.persons) === n,
      strandedBefore.persons,
    )
  },

  async 'who is at an airport: its number, its list and the list by filter agree'(stage) {
    const api = await stage.client('analyst')
    const w = await stage.console('analyst')
    await w.at('left-airports').click()
    await w.at('airport-find').fill('DOH')
    await w.page.locator('[data-testid=airport-row][data-code=DOH]').click()
    await w.at('airport-people').click()
    await go(w.page, await w.page.evaluate(() => location.hash.slice(1)))
    const facts = await api.get('/airports/DOH')
    assert.deepEqual(await counted(w.at('people-total')), facts.people)
    assert.deepEqual((await api.get('/airports/DOH/people?limit=1')).total, facts.people)
  },
}
