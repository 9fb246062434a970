// Has Lighthouse judge the citizen's page of the demo: `make lighthouse`. It is apart from the other tests, and has packages of
// its own, because it is ten times as large as they are and takes a minute. AMAN_BIN names the binary, CHROMIUM the browser.
// Prints the scores for each page; exit 1 where accessibility or best practices are below 100 in any language.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as chromeLauncher from 'chrome-launcher'
import lighthouse from 'lighthouse'

const folder = mkdtempSync(join(tmpdir(), 'aman-lighthouse-'))
const ready = join(folder, 'ready.json')
const demo = spawn(
  process.env.AMAN_BIN ?? join(import.meta.dirname, '..', '..', 'bin', 'aman'),
  ['demo', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--ready-file', ready],
  { stdio: 'ignore', env: { ...process.env, AMAN_LISTEN: '', AMAN_ADMIN_LISTEN: '' } },
)
const chrome = await chromeLauncher.launch({
  chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  chromeFlags: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
let low = 0
try {
  const patience = Date.now() + 60_000
  while (!existsSync(ready)) {
    if (demo.exitCode !== null || Date.now() > patience) throw new Error('the demo did not start')
    await sleep(50)
  }
  const { campaign_link: link } = JSON.parse(readFileSync(ready, 'utf8'))
  for (const address of [`${link}?l=kk`, `${link}?l=ru`, `${link}?l=en`, `${link}/data?l=en`]) {
    const { lhr } = await lighthouse(address, {
      port: chrome.port,
      output: 'json',
      logLevel: 'error',
      onlyCategories: ['accessibility', 'best-practices', 'performance'],
    })
    const scores = Object.values(lhr.categories).map((c) => `${c.id} ${Math.round(c.score * 100)}`)
    console.log(`${new URL(address).pathname.replace(/\/s\/[^/]+/, '/s/…')}${new URL(address).search}: ${scores.join(', ')}`)
    for (const id of ['accessibility', 'best-practices']) {
      if (lhr.categories[id].score === 1) continue
      low++
      for (const { id: audit } of lhr.categories[id].auditRefs) {
        const { score, title, details } = lhr.audits[audit]
        if (score !== null && score < 1) console.log(`  ${audit}: ${title} ${JSON.stringify(details?.items ?? []).slice(0, 400)}`)
      }
    }
  }
} finally {
  await chrome.kill()
  demo.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}
process.exit(low ? 1 : 0)
