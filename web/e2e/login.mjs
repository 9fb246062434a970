import assert from 'node:assert/strict'
import { accessible, settled } from './browser.mjs'

const REFUSED = /status of 401/

export const scenarios = {
  async 'signing in: a wrong password is refused, the right one opens the console, signing out ends it'(stage) {
    const w = await stage.visit('/')
    const { page } = w
    await w.at('login-form').waitFor()
    // The browser tells of every answer that is a refusal: this one was asked for.
    w.expect.push(REFUSED)
    assert.equal(await page.evaluate(() => document.activeElement.name), 'login', 'the first field has the focus')

    await w.at('login-name').fill('analyst')
    await w.at('login-password').fill('not the right password')
    await page.keyboard.press('Enter')
    await w.at('login-error').waitFor()
    assert.match(await w.at('login-error').textContent(), /password/i)
    assert.equal(await w.at('login-password').inputValue(), '', 'the wrong password is gone from the field')
    assert.equal(await w.at('console').count(), 0)
    await accessible(page, 'sign-in, refused')

    await w.at('login-password').fill(stage.server.password)
    await w.at('login-submit').click()
    await settled(page)
    assert.equal(await page.evaluate(() => document.cookie), '', 'the session is not for scripts')
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })), /staple/)

    await page.reload()
    await settled(page)

    await w.at('account-menu').click()
    await w.at('logout').click()
    await w.at('login-form').waitFor()
    assert.equal(
      (await page.request.get(`${stage.server.base}/api/v1/people?limit=1`)).status(),
      401,
      'the session has ended on the server too',
    )
  },

  async 'a partner, who may only hand lists in, is shown no list'(stage) {
    const partner = await stage.client('partner')
    assert.equal((await partner.call('GET', '/people?limit=1')).status, 403)
  },
}
