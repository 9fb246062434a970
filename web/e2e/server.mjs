// Starts the real binary's demo in a folder of its own, behind a wire that a test can cut.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const PASSWORD = 'correct horse battery staple'
const ROOT = resolve(import.meta.dirname, '../..')

/** Resolves when a child process has ended well; what it said comes with the error. */
async function ended(child) {
  let said = ''
  child.stderr.on('data', (d) => {
    said += d
  })
  const code = await new Promise((done) => child.once('exit', done))
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}: ${said}`)
}

/** The binary to try: AMAN_BIN, else bin/aman, else one that is built for this run. */
async function binary(dir) {
  const named = process.env.AMAN_BIN ?? join(ROOT, 'bin/aman')
  if (process.env.AMAN_BIN || existsSync(named)) return resolve(named)
  const built = join(dir, 'aman')
  await ended(
    spawn('go', ['build', '-o', built, './cmd/aman'], {
      cwd: ROOT,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'inherit', 'pipe'],
    }),
  )
  return built
}

/** A TCP relay on a port of its own: browsers talk to the service through it, and lose it when it is cut. */
async function wire() {
  const open = new Set()
  let to
  let cut = false
  const relay = createServer((near) => {
    if (cut || to === undefined) {
      near.resetAndDestroy()
      return
    }
    const far = connect(to, '127.0.0.1')
    for (const [a, b] of [
      [near, far],
      [far, near],
    ]) {
      open.add(a)
      a.pipe(b)
      a.on('error', () => b.destroy())
      a.on('close', () => {
        open.delete(a)
        b.destroy()
      })
    }
  })
  await new Promise((done) => relay.listen(0, '127.0.0.1', done))
  return {
    port: relay.address().port,
    toward(port) {
      to = port
    },
    cut() {
      cut = true
      for (const socket of open) socket.resetAndDestroy()
    },
    mend() {
      cut = false
    },
    close() {
      for (const socket of open) socket.destroy()
      relay.close()
    },
  }
}

/** The API by itself, as an account of the demo: what a screen says is held against it. */
async function signIn(base, login) {
  const session = await fetch(`${base}/api/v1/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ login, password: PASSWORD }),
  })
  if (!session.ok) throw new Error(`sign in as ${login}: ${session.status} ${await session.text()}`)
  const [pair] = session.headers.getSetCookie()[0].split(';')
  const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
  const call = async (method, path, body, headers = {}) => {
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { Cookie: pair, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = /json/.test(response.headers.get('Content-Type') ?? '')
    return { status: response.status, headers: response.headers, data: json ? JSON.parse(text) : text }
  }
  const wanted = async (...args) => {
    const got = await call(...args)
    if (got.status >= 300) throw new Error(`${args[0]} ${args[1]}: ${got.status} ${JSON.stringify(got.data)}`)
    return got.data
  }
  return {
    cookie: { name, value, url: base, httpOnly: true, sameSite: 'Lax' },
    call,
    get: (path) => wanted('GET', path),
    post: (path, body, headers) => wanted('POST', path, body, headers),
    put: (path, body, headers) => wanted('PUT', path, body, headers),
  }
}

/**
 * Starts `aman demo`. The answer: `base` (the address for browsers), the demo's `password` and `campaign` link,
 * `throughWire(address)` for links that it makes, `wire` with cut() and mend(), `client(login)`, and stop().
 */
export async function startServer() {
  const dir = mkdtempSync(join(tmpdir(), 'aman-e2e-'))
  const ready = join(dir, 'ready.json')
  const line = await wire()
  const base = `http://127.0.0.1:${line.port}`
  let child
  const stop = async () => {
    line.close()
    if (child && child.exitCode === null) {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 12_000)
      await gone
      clearTimeout(late)
    }
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    let said = ''
    const free = '127.0.0.1:0'
    child = spawn(await binary(dir), ['demo', '--listen', free, '--admin-listen', free, '--ready-file', ready], {
      env: { ...process.env, AMAN_DEMO_PASSWORD: PASSWORD, TMPDIR: dir },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (d) => {
        said += d
      })
    // A run that is broken off leaves nothing behind.
    process.once('exit', () => child.kill('SIGKILL'))
    let failed
    child.once('error', (e) => {
      failed = e
    })
    const patience = Date.now() + 60_000
    while (!existsSync(ready)) {
      if (failed || child.exitCode !== null || Date.now() > patience) throw new Error(`the demo did not start: ${failed ?? said}`)
      await sleep(50)
    }
    const told = JSON.parse(readFileSync(ready, 'utf8'))
    line.toward(Number(new URL(told.url).port))
    const throughWire = (address) => address.replace(told.url, base)
    return {
      base,
      password: PASSWORD,
      campaign: throughWire(told.campaign_link),
      throughWire,
      wire: line,
      said: () => said,
      client: (login) => signIn(base, login),
      stop,
    }
  } catch (e) {
    await stop()
    throw e
  }
}
