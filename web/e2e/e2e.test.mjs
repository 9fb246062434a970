// Tries Aman end to end: the real binary with its demo, in headless Chromium. `npm run e2e`; AMAN_BIN names the binary,
// CHROMIUM the browser. One server and one browser serve all tests, one after the other; pictures of what failed are in e2e/out.
import { after, before, test } from 'node:test'
import * as airports from './airports.mjs'
import { startBrowser } from './browser.mjs'
import * as callbacks from './callbacks.mjs'
import * as citizen from './citizen.mjs'
import * as connection from './connection.mjs'
import * as desk from './desk.mjs'
import * as hotline from './hotline.mjs'
import * as keyboard from './keyboard.mjs'
import * as languages from './languages.mjs'
import * as links from './links.mjs'
import * as lists from './lists.mjs'
import * as login from './login.mjs'
import * as numbers from './numbers.mjs'
import { startServer } from './server.mjs'
import * as who from './who.mjs'
import * as widths from './widths.mjs'
import * as zones from './zones.mjs'

let server
let stage

before(async () => {
  server = await startServer()
  stage = { ...(await startBrowser(server)), server }
})
after(async () => {
  await stage?.stop()
  await server?.stop()
})

// The order is from looking to changing: the numbers are held against the API while nobody else is at work.
for (const part of [
  login,
  numbers,
  widths,
  keyboard,
  languages,
  zones,
  links,
  citizen,
  airports,
  hotline,
  callbacks,
  desk,
  who,
  lists,
  connection,
])
  for (const [name, run] of Object.entries(part.scenarios))
    test(name, async (t) => {
      try {
        await run(stage, t)
        await stage.endTest()
      } catch (e) {
        await stage.pictures(name.replaceAll(/\W+/g, '-'))
        await stage.endTest().catch((also) => t.diagnostic(also.message))
        throw e
      }
    })
