// Browsers at work: one Chromium, a window for each person, and every fault that a page shows ends the test.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const OUT = join(import.meta.dirname, 'out')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']
/** What an unfinished catalogue leaves on a screen. */
const KEYS = /\b(?:console|word|error|citizen)\.[a-z_]+(?:\.[a-z0-9_]+)*\b/g
/** How long anything may take to appear. Generous: the machine may be busy, and nothing here measures speed. */
const PATIENCE = 15_000

export const WIDE = { width: 1440, height: 900 }
export const PHONE = { width: 360, height: 740 }

/** Opens Chromium for a server of startServer(). */
export async function startBrowser(server) {
  rmSync(OUT, { recursive: true, force: true })
  mkdirSync(OUT, { recursive: true })
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const clients = new Map()
  const open = new Set()

  /** The API as one of the demo's accounts; signed in once. */
  const client = (login) => {
    if (!clients.has(login)) clients.set(login, server.client(login))
    return clients.get(login)
  }

  /**
   * Somebody's window. `login`: already signed in as that account. `at`: the console's address after '#'.
   * `lang`: kk, ru or en. `expect`: patterns of console messages that belong to the test.
   */
  async function visit(path, { login, lang = 'en', viewport = WIDE, expect = [], ...options } = {}) {
    const context = await browser.newContext({ viewport, locale: lang, timezoneId: 'Asia/Dubai', reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(PATIENCE)
    if (login) {
      await context.addCookies([(await client(login)).cookie])
      await context.addInitScript(() => {
        if (location.protocol !== 'about:') localStorage.setItem('aman.session', 'yes')
      })
    }
    const page = await context.newPage()
    const faults = []
    const window = {
      page,
      context,
      faults,
      expect,
      at: (id) => page.getByTestId(id),
      close: () => context.close(),
    }
    page.on('pageerror', (e) => faults.push(`error: ${e.stack ?? e}`))
    page.on('console', (m) => {
      if (m.type() !== 'error' && m.type() !== 'warning') return
      const text = `${m.text()} ${m.location().url}`
      if (!window.expect.some((p) => p.test(text))) faults.push(`console: ${text}`)
    })
    page.on('crash', () => faults.push('the page crashed'))
    open.add(window)
    if (options.javaScriptEnabled !== false)
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (e) =>
          console.error(`Content Security Policy: ${e.violatedDirective} ${e.blockedURI}`),
        )
      })
    await page.goto(path.startsWith('http') ? path : server.base + path)
    return window
  }

  /** The console, drawn and counted. */
  async function console_(login, { at = '', ...options } = {}) {
    const window = await visit(`/${at && `#${at}`}`, { login, ...options })
    await settled(window.page)
    return window
  }

  return {
    visit,
    console: console_,
    client,
    /** Ends a test: whatever a window had to complain about fails it. */
    async endTest() {
      const faults = [...open].flatMap((w) => w.faults)
      await Promise.all([...open].map((w) => w.close()))
      open.clear()
      assert.deepEqual(faults, [], 'what the pages complained about')
    },
    /** Pictures of every open window: what somebody looks at when a test failed. */
    async pictures(name) {
      await Promise.all([...open].map((w, i) => w.page.screenshot({ path: join(OUT, `${name}-${i}.png`) }).catch(() => {})))
    },
    stop: () => browser.close(),
  }
}

export const shot = (page, name, options = {}) => page.screenshot({ path: join(OUT, `${name}.png`), ...options })

/** Waits until the console is connected and shows what it counted for the filters in its address. */
export async function settled(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  await page.waitForFunction(() => {
    const find = (id) => document.querySelector(`[data-testid="${id}"]`)
    const list = find('people-total')
    return (
      find('console')?.dataset.live === 'true' &&
      find('map')?.dataset.basemap === 'ready' &&
      find('on-map') &&
      !find('counting') &&
      find('headline')?.querySelector('[data-persons]') !== null &&
      (!find('zones') || find('zone-row')) &&
      (!list || list.dataset.persons !== undefined)
    )
  })
}

/** Goes to another place of the console, as somebody who types an address would. */
export async function go(page, hash) {
  await page.evaluate((h) => {
    location.hash = h
  }, hash)
  await settled(page)
}

/** Records and persons that an element says it shows. */
export async function counted(locator) {
  return locator.first().evaluate((e) => ({ persons: Number(e.dataset.persons), records: Number(e.dataset.records) }))
}

/** Where a place (degrees) is on the screen, by the map's centre and zoom in the console's address. */
export async function onScreen(page, lon, lat) {
  const { zoom, centre, box } = await page.evaluate(() => {
    const [z, la, lo] = new URLSearchParams(location.hash.slice(1)).get('map').split('/').map(Number)
    const r = document.querySelector('[data-testid="map"]').getBoundingClientRect()
    return { zoom: z, centre: [lo, la], box: { x: r.x + r.width / 2, y: r.y + r.height / 2 } }
  })
  const size = 256 * 2 ** zoom
  const project = ([x, y]) => {
    const s = Math.sin((y * Math.PI) / 180)
    return [((x + 180) / 360) * size, (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * size]
  }
  const [a, b] = [project(centre), project([lon, lat])]
  return { x: box.x + b[0] - a[0], y: box.y + b[1] - a[1] }
}

/** Rows of a long list are alike: axe looks at the first of them. */
const ALIKE = ['person-row', 'zone-row', 'airport-row', 'event', 'report'].map((id) => [
  `[data-testid=${id}]:nth-child(n+6), li:nth-child(n+6) > [data-testid=${id}]`,
])

/** No violation of WCAG 2.1 A and AA, by axe. */
export async function accessible(page, what) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  const violations = await page.evaluate(
    async ([tags, exclude]) => {
      const result = await window.axe.run({ exclude }, { runOnly: tags, resultTypes: ['violations'], preload: false })
      return result.violations.map(
        (v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.html.slice(0, 120)} ${n.failureSummary.split('\n')[1]}`).join('\n  ')}`,
      )
    },
    [WCAG, ALIKE],
  )
  assert.deepEqual(violations, [], `${what}: axe`)
}

/** The page is in this language, and nothing on it is a bare key of the catalogue: texts, titles, labels, placeholders. */
export async function speaks(page, lang, what) {
  const { html, said } = await page.evaluate(() => ({
    html: document.documentElement.lang,
    said: [
      document.title,
      document.body.innerText,
      ...[...document.querySelectorAll('[title],[aria-label],[placeholder],[alt]')].flatMap((e) =>
        ['title', 'aria-label', 'placeholder', 'alt'].map((a) => e.getAttribute(a) ?? ''),
      ),
    ].join('\n'),
  }))
  assert.equal(html, lang, `${what}: the language of the page`)
  assert.deepEqual([...new Set(said.match(KEYS) ?? [])], [], `${what} in ${lang}: keys without a text`)
  assert.doesNotMatch(said, /\{[a-z_]+\}|\bundefined\b|\bNaN\b|\[object /, `${what} in ${lang}`)
}

/** Nothing is wider than the page, and no control is cut off at its sides. */
export async function fits(page, what) {
  const cut = await page.evaluate(() => {
    const wide = document.documentElement.clientWidth
    const scrolls = (e) => {
      for (let p = e.parentElement; p; p = p.parentElement) {
        const { overflowX } = getComputedStyle(p)
        if ((overflowX === 'auto' || overflowX === 'scroll') && p.scrollWidth > p.clientWidth) return true
      }
      return false
    }
    const out = []
    if (document.documentElement.scrollWidth > wide) out.push(`the page is ${document.documentElement.scrollWidth} px wide, not ${wide}`)
    for (const e of document.querySelectorAll('button,a,input,select,textarea,summary,h1,h2,p,label,td')) {
      if (e.closest('.leaflet-pane, .sr, [inert]') || !e.checkVisibility({ checkVisibilityCSS: true })) continue
      const r = e.getBoundingClientRect()
      if (e.matches('button') && r.width > 1 && e.scrollWidth > e.clientWidth + 1)
        out.push(`${e.outerHTML.slice(0, 100)} cuts its text off`)
      if (r.width > 1 && (r.right > wide + 1 || r.left < -1) && !scrolls(e))
        out.push(`${e.outerHTML.slice(0, 100)} from ${r.left} to ${r.right}`)
    }
    return out
  })
  assert.deepEqual(cut, [], `${what}: wider than the page`)
}
