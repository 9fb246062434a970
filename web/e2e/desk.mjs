import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { accessible, fits, go, settled, shot, speaks } from './browser.mjs'

const NARROW = { width: 320, height: 640 }

export const scenarios = {
  async 'hotlines and rota: a mission sets its own, sees who is on duty, and others read them'(stage) {
    const w = await stage.console('embassy-qa', { at: 'tab=duty' })
    await w.at('duty').waitFor()
    await w.at('hotlines-edit').click()
    if ((await w.at('hotline-phone').count()) > 1) await w.at('hotline-remove').first().click()
    await w.at('hotline-phone').first().fill('one two three')
    await w.at('hotline-name-en').first().fill('Consular section')
    w.expect.push(/status of 422/)
    await w.at('hotlines-save').click()
    await w.page.locator('[data-testid=hotline-phone][aria-invalid=true]').waitFor()
    await w.at('hotline-phone').first().fill('+974 4411 2233')
    await w.at('hotlines-save').click()
    await w.page.locator('[data-testid=hotline]', { hasText: '+97444112233' }).waitFor()

    // Two turns that overlap, the first of them now.
    await w.at('clock-utc').click()
    await w.at('shifts-edit').click()
    const stamp = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 16)
    const turn = async (i, name, from, to) => {
      await w.at('shift-name').nth(i).fill(name)
      await w.at('shift-phone').nth(i).fill('+974 5566 7788')
      await w.at('shift-from').nth(i).fill(stamp(from))
      await w.at('shift-to').nth(i).fill(stamp(to))
    }
    await turn(0, 'Айбек Кезекші', -1, 6)
    await w.at('shift-add').click()
    await turn(1, 'Сая Кезекші', 5, 10)
    await w.at('shifts-save').click()
    await w.page.locator('[data-testid=duty-now]', { hasText: 'Айбек Кезекші' }).waitFor()
    assert.equal(await w.at('duty-now').count(), 1)
    assert.equal(await w.page.locator('[data-testid=shift]', { hasText: 'overlaps' }).count(), 2)
    await accessible(w.page, 'duty')
    await shot(w.page, 'duty')
    await w.at('account-menu').click()
    await w.page.locator('[data-testid=menu-duty]', { hasText: 'Айбек Кезекші' }).waitFor()
    await accessible(w.page, 'menu with who is on duty')
    await w.at('account-menu').click()

    // An operator reads it, and changes nothing.
    const missions = (await (await stage.client('operator')).get('/missions')).items
    const doha = missions.find((m) => m.countries.includes('QA'))
    const x = await stage.console('operator', { at: 'tab=duty', viewport: NARROW, lang: 'kk' })
    await x.at('duty-mission').selectOption(doha.id)
    await x.page.locator('[data-testid=duty-now]', { hasText: 'Айбек Кезекші' }).waitFor()
    assert.equal(await x.at('hotlines-edit').count(), 0)
    await speaks(x.page, 'kk', 'duty')
    await fits(x.page, 'duty at 320')
    await accessible(x.page, 'duty at 320')
    await shot(x.page, 'duty-320')
  },

  async 'links for the whole list come as a file, and a list that is too long says so'(stage) {
    const api = await stage.client('embassy-qa')
    const w = await stage.console('embassy-qa')
    await go(w.page, 'wellbeing=injured')
    const { items } = await api.get('/people?wellbeing=injured&limit=1000')
    assert.ok(items.length > 0 && items.length < 1000)
    await w.at('bulk-open').click()
    await accessible(w.page, 'links for the list')
    const [file] = await Promise.all([w.page.waitForEvent('download'), w.at('bulk-make').click()])
    const csv = readFileSync(await file.path(), 'utf8')
    const lines = csv.trim().split('\r\n')
    assert.equal(lines.length, items.length + 1)
    assert.ok(
      lines.slice(1).every((l) => /\/s\/[0-9A-Z]{10}#[\w-]{20,}/.test(l)),
      'each line has a link of its own',
    )
    assert.equal(new Set(lines.map((l) => /#([\w-]+)/.exec(l)?.[1])).size, lines.length)

    const ministry = await stage.console('analyst')
    const all = await (await stage.client('analyst')).get('/people?limit=1')
    assert.ok(all.total.records > 1000)
    await ministry.at('bulk-open').click()
    assert.ok(await ministry.at('bulk-make').isDisabled())
    await fits(ministry.page, 'links for too long a list')
  },

  async 'a campaign’s link has a poster, and groups get announcements'(stage) {
    const w = await stage.console('embassy-qa', { at: 'tab=links' })
    await w.at('link-label').fill('hall')
    await w.at('link-airport').fill('DOH')
    await w.at('link-make').click()
    const row = w.page.locator('[data-testid=link]', { hasText: 'hall' }).first()
    const poster = await row.getByTestId('link-poster').getAttribute('href')
    const page = await w.page.request.get(stage.server.base + poster)
    assert.equal(page.status(), 200)
    assert.match(await page.text(), /<svg|<img/)
    await w.at('announce').locator('summary').click()
    await w.at('announce-text').fill('The airport is closed until noon.')
    w.expect.push(/status of 409/)
    await accessible(w.page, 'links and announcements')
    await w.at('announce-send').click()
    await w.at('announce').getByRole('alert').waitFor()
    await settled(w.page)
  },

  async 'the desk in three languages'(stage) {
    for (const lang of ['kk', 'ru', 'en']) {
      const w = await stage.console('embassy-qa', { lang })
      await w.at('tab-desk').click()
      for (const tab of ['callbacks', 'links', 'duty']) {
        await w.at(`tab-${tab}`).click()
        await w.at(tab).waitFor()
        await speaks(w.page, lang, tab)
        await fits(w.page, `${tab} in ${lang}`)
      }
      await w.close()
    }
  },
}
