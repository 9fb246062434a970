import { fits, PHONE, settled, shot, WIDE } from './browser.mjs'

const NARROW = { width: 320, height: 640 }
const TABLET = { width: 820, height: 1100 }

export const scenarios = {
  async 'nothing is wider than the page, at 1440, 820, 360 and 320 pixels'(stage) {
    for (const viewport of [WIDE, TABLET, PHONE, NARROW]) {
      const lang = viewport === NARROW ? 'kk' : viewport === PHONE ? 'ru' : 'en'
      const name = `${viewport.width}`
      const pictured = viewport === NARROW || viewport === WIDE
      const w = await stage.console('analyst', { viewport, lang })
      const { page } = w
      await fits(page, `${name} map`)
      if (pictured) await shot(page, `console-${name}`)
      for (const tab of ['zones', 'people', 'events', 'desk']) {
        if ((await w.at(`tab-${tab}`).count()) === 0) continue
        await w.at(`tab-${tab}`).click()
        if (tab === 'zones') await w.at('zones').waitFor()
        if (tab === 'people') {
          await settled(page)
          await w.at('filters-open').click()
          await fits(page, `${name} filters`)
          await w.at('filters-open').click()
          await w.at('person-open').first().click()
          await w.at('person-name').waitFor()
          for (const part of ['report', 'edit', 'link']) {
            await w.at(`person-${part}`).click()
            await fits(page, `${name} card, ${part}`)
          }
          if (pictured) await shot(page, `card-${name}`)
          await w.at('person-back').click()
        }
        if (tab === 'events') await w.at('event').first().waitFor()
        await fits(page, `${name} ${tab}`)
        if (viewport === NARROW) await shot(page, `${tab}-${name}`)
      }
      if (viewport !== WIDE) await w.at('tab-zones').click()
      await w.at('zone-row').first().click()
      await w.at('zone-detail').waitFor()
      await fits(page, `${name} zone`)
      await w.at('zone-edit').click()
      await w.at('zone-editor').waitFor()
      await fits(page, `${name} editor`)
      if (pictured) await shot(page, `editor-${name}`)
      await w.at('draft-close').click()
      await w.at('account-menu').click()
      await fits(page, `${name} menu`)
      await w.at('account-menu').click()
      await w.close()
    }
  },

  async 'the sign-in page fits a small phone'(stage) {
    const w = await stage.visit('/', { viewport: NARROW, lang: 'kk' })
    await w.at('login-form').waitFor()
    await fits(w.page, 'sign-in')
    await shot(w.page, 'login-320')
  },
}
