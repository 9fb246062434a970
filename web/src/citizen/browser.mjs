// Tries the citizen's page in headless Chromium, as a phone of 360 × 740. Started by api/page_browser_test.go, which serves
// the pages and looks afterwards at what was stored:
//   node browser.mjs '{"chromium": PATH, "base": URL, "links": {SCENARIO: PATH#SECRET}, "shots": FOLDER or ""}'
// Prints a line for each scenario; exit 1 when one fails.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const settings = JSON.parse(process.argv[2])
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, locale: 'en-US', timezoneId: 'Asia/Dubai' }
const received = /^✓ Received \d\d:\d\d \(UTC\+4\), code [0-9A-Z]{4}\. /
const hall = { latitude: 25.2528, longitude: 55.3644, accuracy: 25 }

const browser = await chromium.launch({
  executablePath: settings.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})

function check(ok, what) {
  if (!ok) throw new Error(what)
}

/** A phone that opens a link. It fails on script errors, on anything that the page's policy stops, and on shifts of layout. */
async function open(name, options = {}) {
  const { prepare, ...rest } = options
  const context = await browser.newContext({ ...phone, ...rest })
  const page = await context.newPage()
  const faults = []
  const requests = []
  page.on('pageerror', (e) => faults.push(String(e)))
  page.on('console', (m) => /Content Security Policy|Uncaught/.test(m.text()) && faults.push(m.text()))
  page.on('request', (r) => r.url().startsWith('data:') || requests.push(`${r.method()} ${r.url()}`))
  await page.addInitScript(() => {
    window.shift = 0
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  if (prepare) await prepare(page, context)
  await page.goto(settings.base + settings.links[name])
  return {
    page,
    context,
    requests,
    /** Waits for the bar to say something. */
    async says(pattern, timeout = 10_000) {
      await page.waitForFunction((p) => new RegExp(p).test(document.getElementById('bar').textContent), pattern.source, { timeout }).catch(async () => {
        throw new Error(`the bar says ${JSON.stringify(await page.textContent('#bar'))}, not ${pattern}`)
      })
    },
    tap: (selector) => page.tap(selector),
    queued: () => page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('aman:')).flatMap((k) => JSON.parse(localStorage.getItem(k))).length),
    async done() {
      if (options.javaScriptEnabled !== false) {
        const shift = await page.evaluate(() => window.shift)
        check(shift === 0, `layout shifted by ${shift}`)
      }
      await context.close()
      check(faults.length === 0, faults.join('\n'))
    },
  }
}

/** 0 violations, targets of 44 px, nothing wider than the screen. */
async function looksRight(page, what) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run())
  check(violations.length === 0, `${what}: ${violations.map((v) => `${v.id} ${v.nodes.map((n) => n.html).join(' ')}`).join('\n')}`)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('a,button,input:not([type=hidden]),select,textarea')]
      .map((e) => [e.getBoundingClientRect(), e])
      .filter(([r]) => r.width && (r.width < 44 || r.height < 44))
      .map(([r, e]) => `${e.outerHTML.slice(0, 60)} ${r.width}×${r.height}`),
  )
  check(small.length === 0, `${what}: too small: ${small}`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  check(wide <= 0, `${what}: ${wide} px wider than the screen`)
}

async function shot(page, name, fullPage = false) {
  if (settings.shots) await page.screenshot({ path: join(settings.shots, `${name}.png`), fullPage })
}

/** Taps on the map until the place is fine enough to be chosen. */
async function pickOnMap(s) {
  await s.tap('[formaction$="/map"]')
  for (let taps = 0; taps < 6; taps++) {
    await s.page.waitForSelector('#pin, [type=image]')
    if (await s.page.locator('#pin').count()) return
    const was = await s.page.getAttribute('[type=image]', 'src')
    await s.page.click('[type=image]', { position: { x: 160, y: 170 } })
    await s.page.waitForFunction((src) => document.querySelector('[type=image]')?.src !== src, was).catch(() => {})
  }
  throw new Error('the map never led to a place')
}

const scenarios = {
  async looks() {
    for (const lang of ['kk', 'ru', 'en']) {
      for (const width of [320, 360]) {
        const s = await open('looks', { viewport: { width, height: 740 } })
        await s.page.goto(`${settings.base}${settings.links.looks}?l=${lang}`)
        await looksRight(s.page, `${lang} ${width}`)
        const bottom = await s.page.evaluate(() => Math.max(...[...document.querySelectorAll('button[name=status]')].map((b) => b.getBoundingClientRect().bottom)))
        check(width < 360 || bottom <= 740, `${lang}: the four buttons end at ${bottom} px`)
        check(s.requests.length === 2, `more than one request a page: ${s.requests}`)
        await shot(s.page, `${lang}-${width}`, true)
        const cut = await s.page.evaluate(() => {
          const bar = document.getElementById('bar')
          const words = JSON.parse(document.getElementById('t').textContent)
          const pairs = [words.saved, words.held].flatMap((a) => [words.offline, words.retrying].map((b) => `${a} ${b}`))
          const code = words.received.replace('{time}', '23:59 (UTC+3:30)').replace('{code}', 'WWWW')
          return [...Object.values(words), ...pairs, `${code} ${words.next}`, `${code} ${words.next_place}`].filter((text) => {
            bar.textContent = text
            return bar.scrollHeight > bar.clientHeight
          })
        })
        check(width < 360 || cut.length === 0, `${lang}: the bar is too small for ${cut}`)
        await s.done()
      }
      const s = await open('looks', { viewport: { width: 320, height: 740 } })
      await s.page.evaluate(() => {
        document.getElementById('more').open = true
      })
      await looksRight(s.page, `${lang} opened`)
      await shot(s.page, `${lang}-opened`, true)
      for (const [name, path] of [
        ['closed', settings.links.gone],
        ['expired', settings.links.expired],
        ['data', `${settings.links.looks}/data`],
      ]) {
        await s.page.goto(`${settings.base}${path}?l=${lang}`)
        await looksRight(s.page, `${lang} ${name}`)
        await shot(s.page, `${lang}-${name}`, true)
      }
      await s.page.goto(`${settings.base}${settings.links.looks}?l=${lang}`)
      await s.tap('[formaction$="/map"]')
      await s.page.waitForSelector('[type=image]')
      await looksRight(s.page, `${lang} map`)
      await shot(s.page, `${lang}-map`, true)
      await s.done()
    }
  },

  async withoutScript() {
    const s = await open('withoutScript', { javaScriptEnabled: false })
    check(!(await s.page.isVisible('#locate')), 'a button that only works with scripts is shown')
    await s.page.selectOption('#list', 'DXB')
    await s.page.fill('#persons', '5')
    await s.page.fill('#note', 'Ә Ғ Қ Ң Ө Ұ Ү Һ І')
    await s.tap('[value=help]')
    await s.page.waitForSelector('.received')
    check(received.test(await s.page.textContent('.received')), await s.page.textContent('.received'))
    check((await s.page.inputValue('#note')) === '', 'the page shows what was sent')
    await shot(s.page, 'receipt-without-script')
    await s.tap('[value=safe]')
    await s.page.waitForSelector('.received')
    await s.tap('nav [lang=kk]')
    check((await s.page.getAttribute('html', 'lang')) === 'kk', 'the language did not change')
    await s.done()
  },

  async mistakes() {
    const s = await open('mistakes', { javaScriptEnabled: false })
    await s.page.fill('#phone', 'ring me')
    await s.page.fill('#address', 'Hotel <X> & Y')
    await s.tap('[value=safe]')
    await s.page.waitForSelector('#e-phone')
    check((await s.page.inputValue('#address')) === 'Hotel <X> & Y', 'what was typed is lost')
    check((await s.page.inputValue('#phone')) === 'ring me', 'what was typed is lost')
    await shot(s.page, 'mistakes', true)
    // The button that was pressed is remembered: correcting the phone and sending is enough.
    await s.page.fill('#phone', '87012345678')
    await s.tap('#send')
    await s.page.waitForSelector('.received')
    await s.done()
    // axe needs scripts; the page is the same.
    const again = await open('mistakes', { prepare: (page) => page.route('**/s/*', (r) => r.continue()) })
    await again.page.evaluate(() => {
      const f = document.getElementById('f').cloneNode(true) // without the script's listeners
      document.getElementById('f').replaceWith(f)
      f.phone.value = 'ring me'
      f.querySelector('[value=safe]').click()
    })
    await again.page.waitForSelector('#e-phone')
    await looksRight(again.page, 'mistakes')
    await again.done()
  },

  async granted() {
    const s = await open('granted', { geolocation: hall, permissions: ['geolocation'] })
    await s.tap('[value=help]')
    await s.says(received)
    check((await s.page.getAttribute('[value=help]', 'aria-pressed')) === 'true', 'the button is not pressed')
    await s.tap('#locate')
    await s.says(/✓ Received .* If anything changes/)
    await looksRight(s.page, 'received')
    await shot(s.page, 'received')
    check((await s.queued()) === 0, 'the phone still holds reports')
    check(s.requests.length === 3, `${s.requests}`)
    await s.done()
  },

  async denied() {
    const s = await open('denied', { permissions: [] })
    await s.tap('#locate')
    await s.says(/^Your place was not found/)
    check(await s.page.evaluate(() => document.activeElement.id === 'list'), 'the list has no focus')
    await shot(s.page, 'denied')
    await s.page.selectOption('#list', 'Dubai, AE')
    await s.tap('#send')
    await s.says(received)
    check((await s.page.inputValue('#list')) === '', 'the place would be sent again')
    await s.done()
  },

  async hanging() {
    const s = await open('hanging', {
      geolocation: hall,
      permissions: ['geolocation'],
      prepare: (page) =>
        page.addInitScript(() => {
          navigator.geolocation.watchPosition = () => 1
        }),
    })
    await s.page.clock.install()
    await s.tap('#locate')
    await s.says(/^Finding/)
    // Meanwhile the rest of the page works.
    await s.page.clock.runFor(20_000)
    await s.says(/^Your place was not found/)
    await s.page.fill('#place', 'Abu Dhabi')
    await s.tap('#send')
    await s.says(received)
    await s.done()
  },

  async nothing() {
    const s = await open('nothing')
    await s.tap('#send')
    await s.says(/^Say how you are/)
    check(s.requests.length === 1, 'an empty report was sent')
    await s.done()
  },

  async offline() {
    const s = await open('offline')
    await s.context.setOffline(true)
    await s.tap('[value=safe]')
    await s.says(/^Saved on your phone\. No network/)
    check((await s.queued()) === 1, 'nothing is kept')
    await shot(s.page, 'offline')
    await looksRight(s.page, 'offline')
    await s.context.setOffline(false)
    await s.says(received)
    check((await s.queued()) === 0, 'the phone still holds the report')
    await s.done()
  },

  async closedAndReopened() {
    const s = await open('closedAndReopened')
    await s.context.setOffline(true)
    await s.tap('[value=leaving]')
    await s.says(/^Saved/)
    await s.page.close()
    await s.context.setOffline(false)
    const page = await s.context.newPage()
    await page.goto(settings.base + settings.links.closedAndReopened)
    await page.waitForFunction(() => document.getElementById('bar').textContent.startsWith('✓'), null, { timeout: 10_000 })
    await s.context.close()
  },

  async storageBlocked() {
    const s = await open('storageBlocked', {
      prepare: (page) =>
        page.addInitScript(() => {
          Object.defineProperty(window, 'localStorage', {
            get() {
              throw new DOMException('denied', 'SecurityError')
            },
          })
        }),
    })
    await s.context.setOffline(true)
    await s.tap('[value=safe]')
    await s.says(/^Kept in this page only/)
    await s.context.setOffline(false)
    await s.says(received)
    await s.done()
  },

  async answerLost() {
    let lost = 0
    const s = await open('answerLost', {
      prepare: (page) =>
        page.route('**/s/*', async (route) => {
          if (route.request().method() !== 'POST' || lost++ > 0) return route.continue()
          await route.fetch() // stored, but the phone never hears of it
          await route.abort()
        }),
    })
    await s.tap('[value=safe]')
    await s.says(/Not sent yet/)
    await s.says(received)
    check(lost === 2, `${lost} tries`)
    await s.done()
  },

  async signInPage() {
    let n = 0
    const s = await open('signInPage', {
      prepare: (page) =>
        page.route('**/s/*', (route) => {
          if (route.request().method() !== 'POST' || n++ > 0) return route.continue()
          return route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Welcome to Hotel Wi-Fi</h1>' })
        }),
    })
    await s.tap('[value=safe]')
    await s.says(/Not sent yet/)
    await s.says(received)
    await s.done()
  },

  async campaign() {
    const s = await open('campaign')
    await s.tap('[value=safe]')
    await s.says(received)
    await s.page.fill('#place', 'Muscat, OM')
    await s.tap('#send')
    await s.says(/✓ .* If anything changes/)
    await s.tap('#another')
    check(/^Official page/.test(await s.page.textContent('#bar')), 'the bar still speaks of somebody else')
    await s.tap('[value=help]')
    await s.says(received)
    await s.page.reload()
    await s.tap('[value=leaving]') // the last one, again
    await s.says(received)
    await s.done()
  },

  async needs() {
    const s = await open('needs')
    check(!(await s.page.isVisible('#child')), 'what is asked later is shown at first')
    await s.tap('[value=help]')
    await s.says(received)
    await s.page.check('[value=medicine]')
    await s.page.fill('#medicine_days', '2')
    await s.page.selectOption('#tell', 'family')
    await s.tap('#send')
    await s.says(/✓ /)
    await s.page.waitForFunction(() => Object.keys(localStorage).every((k) => !k.startsWith('aman:')))
    await s.page.fill('#child', 'Айша')
    await s.tap('[value=safe]')
    await s.says(received)
    await s.done()
  },

  async group() {
    const s = await open('group')
    await s.page.fill('#persons', '5')
    await s.tap('[value=safe]')
    await s.says(received)
    await s.done()
  },

  async enterKey() {
    // Enter in a field must not press the first button, which says "safe".
    const s = await open('enterKey')
    await s.page.fill('#address', 'Hotel')
    await s.page.press('#address', 'Enter')
    await s.says(received)
    await s.done()
    const plain = await open('enterKey', { javaScriptEnabled: false })
    await plain.page.fill('#address', 'Hostel')
    await plain.page.press('#address', 'Enter')
    await plain.page.waitForSelector('.received')
    await plain.done()
  },

  async mapTap() {
    const s = await open('mapTap')
    await s.page.fill('#note', 'on the map')
    await pickOnMap(s)
    check((await s.page.inputValue('#note')) === 'on the map', 'what was typed is lost on the way to the map')
    const russian = await s.page.getAttribute('[hreflang=ru]', 'href')
    check(/#.{20,}/.test(russian), 'the secret is lost')
    check(!/[?&]|5\d\.\d/.test(s.page.url()), `the address tells the place: ${s.page.url()}`)
    await looksRight(s.page, 'chosen on the map')
    await s.tap('#send')
    await s.says(received)
    check((await s.page.locator('#pin').count()) === 0, 'the place would be sent again')
    await s.context.setOffline(true)
    await s.tap('[formaction$="/map"]')
    await s.says(/^No network/)
    await s.done()
  },

  async mapWithoutScript() {
    const s = await open('mapWithoutScript', { javaScriptEnabled: false })
    await s.page.fill('#persons', '2')
    await s.tap('[formaction$="/map"]')
    await s.tap('[name=out]')
    await s.tap('[name=back]')
    check((await s.page.inputValue('#persons')) === '2', 'what was typed is lost')
    await pickOnMap(s)
    await s.tap('[value=safe]')
    await s.page.waitForSelector('.received')
    await s.done()
  },

  async hide() {
    const s = await open('hide', { geolocation: hall, permissions: ['geolocation'] })
    await s.tap('#locate')
    await s.says(received)
    await s.tap('[formaction$="/data"]')
    await s.page.waitForSelector('details')
    await looksRight(s.page, 'data')
    check(!(await s.page.isVisible('[value=hide]')), 'one tap hides')
    await s.tap('summary')
    await shot(s.page, 'hide', true)
    await s.tap('[value=hide]')
    await s.page.waitForSelector('.received')
    await s.page.fill('#phone', '87012345678')
    await s.tap('[value=erase]')
    await s.page.waitForFunction(() => /We will ring you/.test(document.getElementById('bar').textContent))
    await s.done()
  },

  async unavailableTwice() {
    let n = 0
    const s = await open('unavailableTwice', {
      prepare: (page) =>
        page.route('**/s/*', (route) => {
          if (route.request().method() !== 'POST' || n++ > 1) return route.continue()
          return route.fulfill({ status: 503, contentType: 'application/problem+json', headers: { 'Retry-After': '1' }, body: '{"status":503}' })
        }),
    })
    await s.tap('[value=safe]')
    await s.says(/Not sent yet/)
    await s.says(received, 20_000)
    check(n === 3, `${n} tries`)
    await s.done()
  },

  async noGeolocation() {
    const s = await open('noGeolocation', {
      prepare: (page) => page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'geolocation', { value: undefined })),
    })
    await s.tap('#locate')
    await s.says(/^Your place was not found/)
    await s.page.selectOption('#list', 'DXB')
    await s.tap('#send')
    await s.says(received)
    await s.done()
  },

  async leaves() {
    for (const how of ['tap', 'keys']) {
      const s = await open('leaves', {
        prepare: (page, context) => context.route('https://www.google.com/**', (r) => r.fulfill({ contentType: 'text/html', body: 'elsewhere' })),
      })
      await s.page.fill('#note', 'nobody must see this')
      if (how === 'tap') await s.tap('#exit')
      else for (const key of ['Escape', 'Escape']) await s.page.keyboard.press(key)
      await s.page.waitForURL('https://www.google.com/', { timeout: 10_000 }) // without the secret
      await s.page.goBack().catch(() => {})
      check(!s.page.url().includes('/s/'), 'Back leads to the page again')
      await s.context.close()
    }
  },

  async expired() {
    const s = await open('expired')
    check((await s.page.locator('button').count()) === 1, 'more than one thing can be sent')
    await s.tap('[value=help]')
    await s.page.waitForSelector('#e-phone')
    await s.page.fill('#phone', '+7 701 234 56 78')
    await s.tap('[value=help]')
    await s.page.waitForFunction(() => /^✓ Received/.test(document.getElementById('bar').textContent))
    await shot(s.page, 'expired-received')
    await s.done()
  },

  async expiredSendsWhatWaited() {
    const waiting = async (s, ago, status) => {
      await s.page.evaluate(
        ([ago, status]) => {
          const fixed_at = new Date(Date.now() - ago * 1000).toISOString()
          const key = `aman:${location.pathname.split('/')[2]}`
          localStorage.setItem(key, JSON.stringify([{ id: crypto.randomUUID?.() ?? '0190a0b1-0000-4000-8000-000000000009', status, fixed_at, lang: 'en' }]))
        },
        [ago, status],
      )
      await s.page.reload()
    }
    const s = await open('expiredSendsWhatWaited')
    await waiting(s, 3600, 'help') // the link expired a minute ago
    await s.says(/^✓ Received/)
    check((await s.queued()) === 0, 'the phone still holds the report')
    await waiting(s, 1, 'safe')
    await s.says(/not taken/)
    await s.page.waitForTimeout(4000)
    await s.says(/not taken/)
    check((await s.queued()) === 1, 'what was refused is lost before anybody read it')
    await looksRight(s.page, 'refused')
    await shot(s.page, 'refused')
    await s.tap('#bar button')
    await s.says(/^Official/)
    check((await s.queued()) === 0, 'what was refused stays for ever')
    await s.context.close()
  },

  async languageKeepsSecret() {
    const s = await open('languageKeepsSecret', { geolocation: hall, permissions: ['geolocation'] })
    await s.tap('nav [lang=ru]')
    check(new URL(s.page.url()).hash.length > 20, 'the secret is lost')
    await s.tap('#locate')
    await s.says(/^✓ Получено/)
    await s.done()
  },
}

let failed = 0
for (const [name, run] of Object.entries(scenarios)) {
  try {
    await run()
    console.log(`ok ${name}`)
  } catch (e) {
    failed++
    console.log(`FAIL ${name}: ${e.message}`)
  }
}
await browser.close()
process.exit(failed ? 1 : 0)
