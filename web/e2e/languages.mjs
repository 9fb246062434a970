import assert from 'node:assert/strict'
import { accessible, PHONE, settled, shot, speaks } from './browser.mjs'

const LANGS = ['kk', 'ru', 'en']

/** In each language: the page says it, without a bare key, and axe has nothing to say (in all of them, or in those named). */
async function inEvery(w, what, looked = LANGS) {
  for (const lang of LANGS) {
    if ((await w.page.getAttribute('html', 'lang')) !== lang) await w.at(`lang-${lang}`).first().click()
    await w.page.waitForFunction((l) => document.documentElement.lang === l, lang)
    await speaks(w.page, lang, what)
    if (looked.includes(lang)) await accessible(w.page, `${what} in ${lang}`)
  }
}

export const scenarios = {
  async 'kk, ru, en: sign-in, list, filters, card, zone, airports, events and links'(stage) {
    const out = await stage.visit('/')
    await out.at('login-form').waitFor()
    await inEvery(out, 'sign-in')
    await out.close()

    const w = await stage.console('analyst')
    const { page } = w
    await w.at('filters-open').click()
    await inEvery(w, 'console, list and filters')
    await w.at('filters-open').click()

    await w.at('person-open').first().click()
    await w.at('person-name').waitFor()
    await w.at('person-report').click()
    await w.page.locator('[data-testid=zone-row][data-state=proposed]').click()
    await w.page.locator('[data-testid=detail-inside][data-persons]').waitFor()
    await inEvery(w, 'card and zone')
    await page.reload()
    await settled(page)
    assert.equal(await page.getAttribute('html', 'lang'), 'en', 'the language is remembered')

    await w.at('zone-back').click()
    await w.at('left-airports').click()
    await w.at('airport-row').first().waitFor()
    await w.at('tab-events').click()
    await w.at('event').first().waitFor()
    await inEvery(w, 'airports and events', ['kk'])
    await w.at('airport-row').first().click()
    await w.at('airport-edit').click()
    await w.at('tab-desk').click()
    await w.at('tab-links').click()
    await w.at('link-form').waitFor()
    await inEvery(w, 'airport and links', ['ru'])
  },

  async 'kk, ru, en: the zone editor with its faults, the search, the help and the legend'(stage) {
    const w = await stage.console('analyst')
    const { page } = w
    await w.at('zone-new').click()
    await w.at('editor-type').click()
    await w.at('circle-lon').fill('58.4')
    await w.at('circle-lat').fill('23.6')
    await w.at('circle-km').fill('20')
    await w.at('circle-add').click()
    await w.at('zone-kind').selectOption('airspace')
    await w.at('draft-preview').click()
    await page.locator('.fault').first().waitFor()
    await inEvery(w, 'editor with faults')
    await w.at('zone-kind').selectOption('ground')
    await w.at('zone-name-en').fill('For the eye only')
    await w.at('zone-reason').fill('a test')
    await w.at('draft-preview').click()
    await w.at('impact').waitFor()
    await inEvery(w, 'preview', ['kk'])
    await w.at('draft-close').click()
    for (const lang of LANGS) {
      await w.at(`lang-${lang}`).first().click()
      for (const [key, id] of [
        ['/', 'palette'],
        ['?', 'help'],
      ]) {
        await page.keyboard.press(key)
        await w.at(id).waitFor()
        await speaks(page, lang, id)
        if (lang === 'ru') await accessible(page, `${id} in ${lang}`)
        await page.keyboard.press('Escape')
        await w.at(id).waitFor({ state: 'hidden' })
      }
      await w.at('legend').click()
      await speaks(page, lang, 'legend')
      if (lang === 'ru') await accessible(page, `legend in ${lang}`)
      await w.at('legend').click()
    }
  },

  async 'kk, ru, en: the console and the link page on a phone'(stage) {
    for (const lang of LANGS) {
      const w = await stage.console('analyst', { viewport: PHONE, lang })
      await speaks(w.page, lang, 'phone')
      if (lang === 'kk') await accessible(w.page, `phone in ${lang}`)
      await w.at('tab-people').click()
      await w.at('person-row').first().waitFor()
      await speaks(w.page, lang, 'list on a phone')
      if (lang === 'kk') await accessible(w.page, `list on a phone in ${lang}`)
      await w.close()
      const link = await stage.visit(`${stage.server.campaign}?l=${lang}`, { viewport: PHONE })
      await speaks(link.page, lang, 'link page')
      await accessible(link.page, `link page in ${lang}`)
      await shot(link.page, `link-${lang}`)
      await link.close()
    }
  },
}
