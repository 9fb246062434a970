// The citizen's page with JavaScript: the form in page.html works without it.
import { locate } from './locate'
import { openQueue } from './queue'
import { clock, fill, guestToken, type Report, uuid } from './report'
import { type Answer, type State, sender } from './sender'

/** What the bar says, in the reader's language. */
interface Words {
  readonly official: string
  readonly saved: string
  readonly held: string
  readonly offline: string
  readonly retrying: string
  readonly sending: string
  readonly received: string
  readonly next: string
  readonly next_place: string
  readonly looking: string
  readonly not_found: string
  readonly needed: string
  readonly refused: string
  readonly closed: string
}

const byId = (id: string): HTMLElement | null => document.getElementById(id)

function start(form: HTMLFormElement, bar: HTMLElement): void {
  const words: Words = JSON.parse((byId('t') as HTMLElement).textContent || '{}')
  const code = location.pathname.split('/').pop() || ''
  const campaign = form.dataset.kind === 'campaign'
  const secret = location.hash.slice(1)
  const storage = (): Storage => localStorage
  const queue = openQueue(storage, `aman:${code}`)
  const guestKey = `aman-guest:${code}`
  let status: string | undefined
  let placed = false
  let looking = false
  let guest = campaign ? knownGuest() : undefined

  // Who sent from this phone before is the same person, unless they say otherwise.
  function knownGuest(): string {
    try {
      const kept = storage().getItem(guestKey)
      if (kept) return kept
    } catch (_) {}
    return newGuest()
  }

  function newGuest(): string {
    const token = guestToken()
    try {
      storage().setItem(guestKey, token)
    } catch (_) {}
    return token
  }

  function field(name: string): HTMLInputElement | null {
    return byId(name) as HTMLInputElement | null
  }

  function typed(name: string): string | undefined {
    const e = field(name)
    return (e && e.value.trim()) || undefined
  }

  function show(text: string, look: string): void {
    bar.className = look
    bar.textContent = text
  }

  const waiting = (durable: boolean): string =>
    `${durable ? words.saved : words.held} ${navigator.onLine === false ? words.offline : words.retrying}`

  function say(s: State): void {
    if (s.kind === 'waiting') show(waiting(s.durable), 'wait')
    else if (s.kind === 'sending') show(words.sending, 'wait')
    else if (s.kind === 'closed') show(words.closed, 'warn')
    else if (s.kind === 'refused') {
      restore(s.report)
      show(words.refused, 'warn')
      const e = field(s.field)
      if (e) e.focus()
    } else {
      if (s.report.lon !== undefined || s.report.place || s.report.address) placed = true
      const next = s.report.status === 'away' || placed ? words.next : words.next_place
      show(`${fill(words.received, { time: clock(s.at), code: s.code })} ${next}`, '')
    }
  }

  /** Puts back what was typed, where nothing new stands. */
  function restore(r: Report): void {
    for (const name of ['place', 'address', 'note'] as const) {
      const e = field(name)
      const value = r[name]
      if (e && value && !e.value) e.value = value
    }
  }

  function post(r: Report): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const x = new XMLHttpRequest()
      x.open('POST', form.action)
      x.timeout = 25000
      x.setRequestHeader('Content-Type', 'application/json')
      x.setRequestHeader('Accept', 'application/json, application/problem+json')
      x.onload = () =>
        resolve({
          status: x.status,
          type: (x.getResponseHeader('Content-Type') || '').replace(/;.*/, '').trim().toLowerCase(),
          body: x.responseText,
          retryAfter: Number(x.getResponseHeader('Retry-After')) || 0,
        })
      x.onerror = x.ontimeout = x.onabort = reject
      // The link's own secret isn't kept on the phone with the reports.
      const own = secret && !campaign ? { secret } : {}
      x.send(JSON.stringify(Object.assign({}, r, own, { sent_at: new Date().toISOString() })))
    })
  }

  const go = sender({
    queue,
    post,
    say,
    after: (ms, f) => {
      const timer = setTimeout(f, ms)
      return () => clearTimeout(timer)
    },
    now: Date.now,
    random: Math.random,
  })

  /** Queues what the form says, with a place or without, and sends it. */
  function report(fix?: { lon: number; lat: number; accuracy_m: number }, at: number = Date.now()): void {
    const persons = Number(typed('persons'))
    const said = {
      id: uuid(),
      status,
      fixed_at: new Date(at).toISOString(),
      address: typed('address'),
      persons: persons || undefined,
      phone: typed('phone'),
      note: typed('note'),
      lang: document.documentElement.lang,
      secret: guest,
    }
    const durable = queue.add(Object.assign(said, fix || { place: typed('place') || typed('list') }))
    // A place is said once: repeated with a later tap it would pass for a newer one.
    for (const name of ['list', 'place', 'address', 'note']) {
      const e = field(name)
      if (e) e.value = ''
    }
    show(waiting(durable), 'wait')
    go()
  }

  function press(button: HTMLElement): void {
    status = button.getAttribute('value') || undefined
    form.querySelectorAll('button[name=status]').forEach((b) => {
      b.setAttribute('aria-pressed', String(b === button))
    })
  }

  function find(): void {
    if (looking) return
    looking = true
    show(words.looking, 'wait')
    locate(navigator.geolocation).then((fix) => {
      looking = false
      if (fix) {
        const round = (v: number, unit: number): number => Math.round(v * unit) / unit
        return report({ lon: round(fix.lon, 1e6), lat: round(fix.lat, 1e6), accuracy_m: Math.ceil(fix.accuracy) || 1 }, fix.at)
      }
      show(words.not_found, 'warn')
      const e = field('list') || field('place')
      if (e) e.focus()
    })
  }

  // Which button was pressed: old web views don't tell it in the submit event.
  let pressed: HTMLElement | undefined
  form.querySelectorAll('button').forEach((b) => {
    b.addEventListener('click', () => {
      pressed = b
    })
  })
  form.addEventListener('submit', (e) => {
    e.preventDefault()
    const b = pressed
    pressed = undefined
    if (b && b.id === 'locate') return find()
    if (b && b.getAttribute('name') === 'status') press(b)
    else if (!status && !['list', 'place', 'address', 'note'].some(typed)) {
      show(words.needed, 'warn')
      return
    }
    report()
  })

  const another = byId('another')
  if (another)
    another.addEventListener('click', (e) => {
      e.preventDefault()
      guest = newGuest()
      status = undefined
      placed = false
      form.reset()
      form.querySelectorAll('[aria-pressed]').forEach((b) => {
        b.removeAttribute('aria-pressed')
      })
      show(words.official, '')
      scrollTo(0, 0)
    })

  // The fragment holds the secret; a change of language must not lose it.
  document.querySelectorAll('nav a').forEach((a) => {
    if (secret) a.setAttribute('href', a.getAttribute('href') + location.hash)
  })

  addEventListener('online', go)
  addEventListener('focus', go)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) go()
  })
  go()
}

const form = byId('f')
const bar = byId('bar')
if (form instanceof HTMLFormElement && bar) start(form, bar)
