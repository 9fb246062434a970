import assert from 'node:assert/strict'

export const scenarios = {
  async 'keys: draw, level, cancel, search, commands, help, the list and the layers'(stage) {
    const w = await stage.console('analyst')
    const { page } = w
    const key = (k) => page.keyboard.press(k)
    const pressed = (id) => w.at(id).getAttribute('aria-pressed')

    await key('d')
    await w.at('zone-editor').waitFor()
    assert.equal(await pressed('editor-polygon'), 'true', 'D draws a polygon')
    await key('3')
    assert.ok(await w.at('level-3').isChecked(), '3 is the level')
    await key('c')
    assert.equal(await pressed('editor-circle'), 'true', 'C draws a circle')
    await key('Escape')
    assert.equal(await pressed('editor-circle'), 'false', 'Esc stops drawing')
    assert.equal(await w.at('zone-editor').count(), 1, 'and keeps the draft')
    await key('b')
    await w.at('editor-country-code').waitFor()
    // While somebody types, letters are letters.
    await w.at('zone-name-en').fill('')
    await w.at('zone-name-en').pressSequentially('dcb 1/?')
    assert.equal(await w.at('zone-name-en').inputValue(), 'dcb 1/?')
    assert.equal(await pressed('editor-polygon'), 'false')
    assert.equal(await w.at('palette').isVisible(), false)
    await key('Escape')
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true, 'Esc leaves the field')
    await w.at('draft-close').click()

    await key('/')
    await w.at('search-text').waitFor()
    assert.ok(await w.at('search-text').evaluate((e) => e === document.activeElement), '/ goes to the search')
    await key('Escape')
    await w.at('search-text').waitFor({ state: 'detached' })
    await key('Control+k')
    await w.at('search-text').fill('fit')
    await page.locator('[data-testid=command-fit]').waitFor()
    await key('Enter')
    await w.at('search-text').waitFor({ state: 'detached' })

    await key('?')
    await w.at('help').waitFor()
    await key('Escape')
    await w.at('help').waitFor({ state: 'hidden' })

    await key('l')
    await w.at('layer-zones').waitFor()
    await key('l')
    await w.at('layer-zones').waitFor({ state: 'hidden' })

    const rows = await w.at('person-row').evaluateAll((all) => all.slice(0, 3).map((e) => e.dataset.person))
    await key('j')
    await key('j')
    await key('k')
    await key('o')
    await w.at('person-name').waitFor()
    assert.equal(await w.at('person-card').getAttribute('data-person'), rows[1], 'J, J, K, O opens the second row')
    await key('Escape')
    await w.at('people').waitFor()

    // Keys can be switched off; Esc and Ctrl K stay.
    await key('?')
    await w.at('keys-on').uncheck()
    await key('Escape')
    await key('d')
    assert.equal(await w.at('zone-editor').count(), 0)
    await key('Control+k')
    await w.at('search-text').waitFor()
  },

  async 'search finds people in Kazakh, Russian and Latin spelling, and opens the card'(stage) {
    const api = await stage.client('analyst')
    const { items } = await api.get('/people?country=QA&limit=200')
    const person = items.find((p) => /[ӘәҒғҚқҢңӨөҰұҮүҺһІі]/.test(p.name) && p.latin)
    assert.ok(person, 'the demo has Kazakh names')
    const w = await stage.console('analyst')
    for (const text of [person.name, person.latin.toLowerCase()]) {
      await w.page.keyboard.press('/')
      await w.at('search-text').fill(text)
      await w.page.locator(`[data-testid=search-result][data-person="${person.id}"]`).first().waitFor()
      await w.page.keyboard.press('Escape')
      await w.at('search-text').waitFor({ state: 'detached' })
    }
    await w.page.keyboard.press('/')
    await w.at('search-text').fill(person.name)
    await w.page.locator(`[data-testid=search-result][data-person="${person.id}"]`).click()
    await w.at('person-name').waitFor()
    assert.equal(await w.at('person-name').textContent(), person.name)
    assert.doesNotMatch(w.page.url(), new RegExp(person.id), 'the address names no person')
  },
}
