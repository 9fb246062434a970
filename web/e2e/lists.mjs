import assert from 'node:assert/strict'
import { accessible, fits, PHONE, shot, speaks } from './browser.mjs'

const file = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })

/** The numbers of a preview or of what was done. */
const totals = (locator) =>
  locator.getByTestId('list-totals').evaluate((e) => Object.fromEntries(Object.entries(e.dataset).map(([k, v]) => [k, Number(v)])))

/** Waits until the preview says so many new people. */
const foreseen = (page, key, n) =>
  page.waitForFunction(([k, v]) => document.querySelector('[data-testid=list-totals]')?.dataset[k] === String(v), [key, n])

// Windows line ends, semicolons, a title above the headings, an IIN that is mistyped.
const LIST = [
  'Список туристов;;;;',
  'Фамилия;Rufname;Телефон;ИИН;Город',
  'Тестов;Сейткали;87019990001;;Дубай',
  'Тестова;Айсулу;;850101300015;Шарджа',
  'Ошибкин;Пётр;;850101300014;Дубай',
].join('\r\n')

export const scenarios = {
  async 'a list is previewed, its columns put right by keyboard, and taken without its bad row'(stage) {
    const api = await stage.client('analyst')
    const before = (await api.get('/people?limit=1')).total.records
    const w = await stage.console('analyst')
    const { page } = w
    await w.at('list-import-open').click()
    await w.at('list-country').selectOption('AE')
    await w.at('list-source').fill('Тур')
    await w.at('list-file').setInputFiles(file('туристы.csv', LIST))
    await foreseen(page, 'new', 2)
    assert.deepEqual([(await totals(page)).rows, (await totals(page)).refused], [3, 1])
    const problem = page.locator('[data-testid=list-problem][data-code=wrong_checksum]')
    assert.equal(await problem.getAttribute('data-row'), '5')
    assert.ok(await w.at('list-take').isDisabled(), 'a list is taken whole or not at all')

    // "Rufname" means nothing here: somebody says with keys alone that it is the given name.
    const column = page.locator('[data-testid=list-column]', { hasText: 'Rufname' })
    assert.equal(await column.getAttribute('data-field'), '')
    await column.locator('select').focus()
    await page.keyboard.type('given name')
    await page.keyboard.press('Tab')
    await page.locator('[data-testid=list-column][data-field=given]', { hasText: 'Rufname' }).waitFor()
    await w.at('list-sample').locator('summary').click()
    assert.match(await w.at('list-sample').innerText(), /Тестов Сейткали/)
    await accessible(page, 'the preview of a list')
    await shot(page, 'list-preview')

    await w.at('list-save-name').fill('Туроператор')
    await w.at('list-save').click()
    await w.at('list-saved').waitFor()

    await w.at('list-skip').check()
    await w.at('list-take').click()
    await w.at('list-result').waitFor()
    const done = await totals(w.at('list-result'))
    assert.deepEqual([done.new, done.refused], [2, 1])
    await accessible(page, 'what became of a list')
    assert.equal((await api.get('/people?limit=1')).total.records, before + 2)
    const { items } = await api.post('/people/search', { text: 'Тестов Сейткали', limit: 5 })
    assert.ok(
      items.some((p) => p.name === 'Тестов Сейткали' && p.countries.includes('AE')),
      'the tourist is in the Emirates',
    )

    // The same file under the saved mapping again: said before, and harmless.
    await w.at('list-mapping').selectOption({ label: 'Туроператор' })
    await w.at('list-file').setInputFiles([])
    await w.at('list-file').setInputFiles(file('туристы.csv', LIST))
    await w.at('list-taken-before').waitFor()
    await w.at('list-skip').check()
    await w.at('list-take').click()
    await w.at('list-result').waitFor()
    assert.equal((await api.get('/people?limit=1')).total.records, before + 2)
  },

  async 'a closing list marks who has left, and only those whose numbers agree'(stage) {
    const api = await stage.client('analyst')
    const crypto_ = () => ({ 'Idempotency-Key': crypto.randomUUID() })
    const person = (name, more) => api.post('/reports', { person: { name, ...more }, country: 'AE', wellbeing: 'safe' }, crypto_())
    const leaver = await person('Уехавший Олжас', { passport: 'N90000001', birth_date: '1991-02-03' })
    const namesake = await person('Оставшийся Марат', { birth_date: '1992-03-04' })
    const w = await stage.console('analyst', { at: 'tab=lists' })
    await w.at('list-close').check()
    await w.at('list-source').fill('Погранслужба')
    await w
      .at('list-file')
      .setInputFiles(
        file('выезд.csv', 'ФИО;Дата рождения;Паспорт;Дата выезда\nУЕХАВШИЙ О;03.02.1991;N90000001;\nОСТАВШИЙСЯ МАРАТ;04.03.1992;;\n'),
      )
    await foreseen(w.page, 'closed', 1)
    await w.at('list-take').click()
    await w.at('list-not-found').waitFor()
    assert.equal((await api.get(`/people/${leaver.person_id}`)).row.intention, 'left')
    assert.notEqual((await api.get(`/people/${namesake.person_id}`)).row.intention, 'left')
    // Whoever may be meant is one key away.
    await w.page.locator('[data-testid=list-suggestion]').first().press('Enter')
    await w.page.locator('[data-testid=person-back]').waitFor()
  },

  async 'the screen for lists fits a phone and speaks three languages; a file that is none is told beside its control'(stage) {
    for (const lang of ['kk', 'ru', 'en']) {
      const w = await stage.console('operator', {
        at: 'tab=lists',
        lang,
        viewport: PHONE,
        hasTouch: true,
        expect: [/status of 422/],
      })
      await w.at('list-file').setInputFiles(file('x.pdf', '%PDF-1.7 no list'))
      await w.page.waitForFunction(() => document.querySelector('[data-testid=list-file-fault]')?.textContent !== '')
      await speaks(w.page, lang, 'a refused file')
      await w.at('list-file').setInputFiles(file('туристы.csv', LIST))
      await w.at('list-totals').waitFor()
      await speaks(w.page, lang, 'the preview of a list')
      await fits(w.page, `the preview of a list in ${lang}`)
      await accessible(w.page, `the preview of a list in ${lang}`)
      await shot(w.page, `list-${lang}`)
      await w.close()
    }
  },
}
