// Opens the citizen's page over a shaped line and prints how long it takes. Started by cmd/aman/e2e_slow_test.go:
//   node slow.mjs '{"chromium": PATH, "url": URL}'
// Exit 1 when the page doesn't come or the report isn't received; the times are printed, not judged: the machine may be busy.
import { chromium } from 'playwright-core'

const { chromium: executablePath, url } = JSON.parse(process.argv[2])
const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--ignore-certificate-errors',
  ],
})
try {
  for (const lang of ['kk', 'ru', 'en']) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: lang, isMobile: true, hasTouch: true })
    const page = await context.newPage()
    const began = Date.now()
    await page.goto(url, { waitUntil: 'commit', timeout: 60_000 })
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0, null, { timeout: 60_000 })
    const paint = await page.evaluate(() => performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime)
    await page.waitForLoadState('load')
    const tapped = Date.now()
    await page.tap('[value=help]')
    await page.waitForFunction(() => /^✓/.test(document.getElementById('bar').textContent), null, { timeout: 60_000 })
    const received = Date.now()
    const { transferSize } = await page.evaluate(() => performance.getEntriesByType('navigation')[0].toJSON())
    console.log(
      `${lang}: ${transferSize} bytes; first paint ${Math.round(paint - began)} ms (goal 4000), receipt ${received - tapped} ms after the tap (goal 6000)`,
    )
    await context.close()
  }
} finally {
  await browser.close()
}
