import assert from 'node:assert/strict'
import { accessible, fits, shot, speaks } from './browser.mjs'

const NARROW = { width: 320, height: 640 }
const file = (api, report) => api.post('/reports', report, { 'Idempotency-Key': crypto.randomUUID() })

/** Opens somebody's card by the search, as staff do. */
async function card(w, name) {
  await w.page.keyboard.press('/')
  await w.at('search-text').fill(name)
  await w.at('search-result').first().click()
  await w.at('person-name').waitFor()
}

export const scenarios = {
  async 'two records of one human are suggested with reasons, compared, merged, and parted exactly'(stage) {
    const api = await stage.client('operator')
    const born = { birth_date: '1987-06-05', phones: ['+77475550101'] }
    const kept = await file(api, { person: { name: 'Шыңғыс Үсенов', ...born }, city: { name: 'Doha', country: 'QA' }, wellbeing: 'safe' })
    const gone = await file(api, {
      person: { name: 'Chingiz Ussenov', ...born, tour_code: 'TWIN-1' },
      wellbeing: 'needs_help',
      note: 'second',
    })
    const [one, two] = [await api.get(`/people/${kept.person_id}`), await api.get(`/people/${gone.person_id}`)]
    const total = (await api.get('/people?limit=1')).total

    const w = await stage.console('operator')
    await card(w, 'Шыңғыс Үсенов')
    await w.at('person-twins').click()
    const twin = w.page.locator(`[data-testid=twin][data-person="${gone.person_id}"]`)
    await twin.waitFor()
    assert.match(await twin.innerText(), /birth date/)
    await twin.getByTestId('twin-compare').click()
    await w.at('twin-table').waitFor()
    assert.match(await w.at('twin-table').innerText(), /Chingiz Ussenov/)
    await accessible(w.page, 'comparing')
    await shot(w.page, 'twins')
    assert.ok(await w.at('merge-go').isDisabled(), 'merging says why')
    await w.at('merge-reason').fill('same birthday, same phone, asked on the phone')
    await w.at('merge-go').click()
    await w.page.locator('[data-testid=person-card]').getByText('+1').waitFor()
    const merged = await api.get(`/people/${kept.person_id}`)
    assert.equal(merged.reports.length, one.reports.length + two.reports.length)
    assert.equal((await api.get('/people?limit=1')).total.records, total.records - 1, 'people are counted, not records')

    await w.page.locator(`[data-testid=merged][data-person="${gone.person_id}"]`).getByTestId('unmerge').click()
    await w.at('unmerge-reason').fill('cousins after all')
    await accessible(w.page, 'parting')
    await w.at('unmerge-go').click()
    await w.page.locator('[data-testid=person-card]').getByText('+1').waitFor({ state: 'detached' })
    for (const before of [one, two]) {
      const now = await api.get(`/people/${before.row.id}`)
      assert.deepEqual(
        [now.details, now.row.wellbeing, now.reports.map((r) => r.id)],
        [before.details, before.row.wellbeing, before.reports.map((r) => r.id)],
      )
    }
    assert.deepEqual((await api.get('/people?limit=1')).total, total)
  },

  async 'a place is doubted and confirmed by staff, with a reason each time'(stage) {
    const api = await stage.client('operator')
    const name = 'Trust Doubtful'
    const { person_id } = await file(api, { person: { name }, position: { lon: 51.53, lat: 25.28, radius_m: 30, method: 'gnss' } })
    const w = await stage.console('operator')
    await card(w, name)
    await w.at('report-doubt').click()
    await w.at('doubt-reason').fill('they say they are at home')
    await w.at('doubt-go').click()
    await w.at('report-confirm').waitFor()
    assert.equal((await api.get(`/people/${person_id}`)).row.position, undefined, 'a doubted place is not shown as theirs')
    await accessible(w.page, 'a doubted place')
    await shot(w.page, 'doubted')
    await w.at('report-confirm').click()
    await w.at('confirm-reason').fill('rang again, they are there')
    await w.at('confirm-go').click()
    await w.at('report-doubt').waitFor()
    assert.ok((await api.get(`/people/${person_id}`)).row.position)
    assert.match(await w.at('report-ruling').innerText(), /rang again/)
  },

  async 'the card says who called, whom to tell, the medicine left, and who can’t be written to, in three languages and at 320 px'(stage) {
    const api = await stage.client('operator')
    const name = 'Карта Тексеру'
    await file(api, {
      person: { name },
      wellbeing: 'safe',
      medicine_days: 2,
      tell: 'named',
      tell_names: 'Әкесі Болат',
      caller: { name: 'Болат', relation: 'әкесі', phone: '+77015557788' },
      channel: 'hotline',
    })
    for (const lang of ['en', 'ru', 'kk']) {
      const w = await stage.console('operator', {
        lang,
        ...(lang === 'kk' ? { viewport: NARROW } : {}),
        expect: [/status of 409/, /status of 404/],
      })
      await (lang === 'kk' ? w.at('tab-people').click() : undefined)
      await card(w, name)
      assert.match(await w.at('person-caller').innerText(), /Болат, әкесі.*\+77015557788/)
      assert.match(await w.at('person-tell').innerText(), /Әкесі Болат/)
      await w.at('person-talk').click()
      await w.at('talk-text').fill('Сәлеметсіз бе')
      await w.at('talk-send').click()
      await w.at('talk-why').waitFor()
      await speaks(w.page, lang, 'card')
      await fits(w.page, `card in ${lang}`)
      await accessible(w.page, `card in ${lang}`)
      await shot(w.page, `who-${lang}`)
      await w.at('person-twins').click()
      await w.at('twins').waitFor()
      await fits(w.page, `who is who in ${lang}`)
      // The demo takes nothing from tracking apps, and says so.
      await w.at('person-devices').click()
      await w.at('devices').locator('p').waitFor()
      await speaks(w.page, lang, 'tracking apps')
      await w.close()
    }
  },
}
