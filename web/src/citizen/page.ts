// The citizen's page with JavaScript: the form in page.html works without it.
import { locate } from './locate'
import { openQueue } from './queue'
import { clock, fill, guestToken, type Report, uuid } from './report'
import { type Answer, parse, type State, sender } from './sender'

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
  readonly read: string
  readonly dismiss: string
}

const byId = (id: string): HTMLElement | null => document.getElementById(id)

function start(form: HTMLFormElement, bar: HTMLElement): void {
  const words: Words = JSON.parse((byId('t') as HTMLElement).textContent || '{}')
  const code = location.pathname.split('/')[2]
  const campaign = form.dataset.kind === 'campaign'
  // The page of a closed link has a form for a last call alone, which goes without the
  // script; what waits from before is sent from there too.
  const hidden = form.elements.namedItem('secret') as HTMLInputElement | null
  const given = hidden ? hidden.value : ''
  // After the map the secret is in the form: the address of that page has none.
  const secret = location.hash.slice(1) || (campaign ? '' : given)
  const storage = (): Storage => localStorage
  const queue = openQueue(storage, `aman:${code}`)
  const guestKey = `aman-guest:${code}`
  const receiptKey = `aman-receipt:${code}`
  let status: string | undefined
  let placed = false
  let looking = false
  // Who sent from this phone before is the same person, unless they say otherwise.
  let guest = campaign ? kept(guestKey) || keep(guestKey, given) : undefined

  function kept(key: string): string {
    try {
      return storage().getItem(key) || ''
    } catch (_) {
      return ''
    }
  }

  function keep(key: string, value: string): string {
    try {
      storage().setItem(key, value)
    } catch (_) {}
    return value
  }

  function field(name: string): HTMLInputElement | null {
    return byId(name) as HTMLInputElement | null
  }

  function typed(name: string): string | undefined {
    const e = field(name)
    return (e && e.value.trim()) || undefined
  }

  // Reports that were refused for good, and what is said of them until it was read.
  let refused: Report[] = []
  let why = ''

  function show(text: string, look: string): void {
    bar.className = why ? 'warn' : look
    bar.textContent = why && why !== text ? `${text} ${why}` : text
    if (!why) return
    const b = document.createElement('button')
    b.textContent = words.dismiss
    b.onclick = dismiss
    bar.appendChild(b)
  }

  function forget(): void {
    for (const r of refused) queue.remove(r.id)
    refused = []
    why = ''
  }

  function dismiss(): void {
    const gone = why === words.closed
    forget()
    show(words.official, '')
    // The server's page has what a closed link still takes.
    if (gone && hidden && !queue.all().length) location.reload()
  }

  const waiting = (durable: boolean): string =>
    `${durable ? words.saved : words.held} ${navigator.onLine === false ? words.offline : words.retrying}`

  function say(s: State): void {
    if (s.kind === 'waiting') show(waiting(s.durable), 'wait')
    else if (s.kind === 'sending') show(words.sending, 'wait')
    else if (s.kind === 'closed') {
      refused.push(s.report)
      show((why = words.closed), 'warn')
    } else if (s.kind === 'refused') {
      refused.push(s.report)
      restore(s.report)
      show((why = words.refused), 'warn')
      const e = field(s.field)
      if (e) e.focus()
    } else {
      if (s.report.lon !== undefined || s.report.place || s.report.address) placed = true
      receipt = keep(receiptKey, s.receipt)
      wait = minute
      watch()
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

  function post(to: string, body: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const x = new XMLHttpRequest()
      x.open('POST', form.action + to)
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
      x.send(JSON.stringify(body))
    })
  }

  // Whether staff read the last report is asked after 1, 5 and then every 15 minutes, and when the page is looked at again.
  const minute = 60000
  let receipt = kept(receiptKey)
  let wait = minute
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function watch(): void {
    clearTimeout(timer)
    if (receipt) timer = setTimeout(look, wait)
  }

  function look(): void {
    if (!receipt || document.hidden || navigator.onLine === false || Date.now() - asked < minute - 1) return
    asked = Date.now()
    wait = Math.min(wait * 5, 15 * minute)
    const about = receipt
    post('/read', { receipt }).then((a) => {
      const body = parse(a.body)
      if (about === receipt && a.status === 200 && body.read_at && !queue.all().length) {
        const said = fill(words.received, { time: clock(new Date(String(body.received_at))), code: String(body.code) })
        show(`${said} ${fill(words.read, { time: clock(new Date(String(body.read_at))) })}`, '')
      }
      if (about === receipt && (body.read_at || a.status === 404)) receipt = ''
      watch()
    }, watch)
  }

  const go = sender({
    queue,
    // The link's own secret isn't kept on the phone with the reports.
    post: (r) => post('', Object.assign({}, r, secret && !campaign ? { secret } : {}, { sent_at: new Date().toISOString() })),
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
    const days = typed('medicine_days')
    const pin = typed('pin_m')
    const needs: string[] = []
    form.querySelectorAll('[name=needs]:checked').forEach((e) => {
      needs.push((e as HTMLInputElement).value)
    })
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
      needs: needs.length ? needs : undefined,
      medicine_days: days ? Number(days) : undefined,
      tell: typed('tell'),
      tell_names: typed('tell_names'),
      child: typed('child'),
    }
    const named = { place: typed('place') || typed('list') }
    const tapped = pin ? Object.assign({ lon: Number(typed('lon')), lat: Number(typed('lat')), pin_m: Number(pin) }, named) : named
    // What was refused stands in the form again, and is in this report as it was mended.
    if (why === words.refused) forget()
    const durable = queue.add(Object.assign(said, fix || tapped))
    // A place is said once: repeated with a later tap it would pass for a newer one.
    for (const name of ['list', 'place', 'address', 'note']) {
      const e = field(name)
      if (e) e.value = ''
    }
    const chosen = byId('pin')
    if (chosen) chosen.remove()
    show(waiting(durable), 'wait')
    go()
  }

  function press(button: HTMLElement): void {
    status = button.getAttribute('value') || undefined
    if (status === 'help') (byId('more') as HTMLDetailsElement).open = true
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
  if (hidden) form.addEventListener('submit', (e) => {
    const b = pressed
    pressed = undefined
    const to = b && b.getAttribute('formaction')
    if (to && navigator.onLine !== false && queue.durable()) {
      // The browser goes there with all that was typed.
      hidden.value = guest || secret
      return
    }
    e.preventDefault()
    if (to) return show(words.offline, 'wait')
    if (b && b.id === 'locate') return find()
    if (b && b.getAttribute('name') === 'status') press(b)
    else if (!status && !['list', 'place', 'address', 'note', 'pin_m', 'medicine_days', 'tell'].some(typed) && !form.querySelector('[name=needs]:checked')) {
      show(words.needed, 'warn')
      return
    }
    report()
  })

  const another = byId('another')
  if (another)
    another.addEventListener('click', (e) => {
      e.preventDefault()
      guest = keep(guestKey, guestToken())
      receipt = ''
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
  document.querySelectorAll('a[hreflang]').forEach((a) => {
    if (secret) a.setAttribute('href', `${a.getAttribute('href')}#${secret}`)
  })

  // Whoever must not be seen here leaves at once; what waits to be sent stays.
  const exit = byId('exit') as HTMLAnchorElement
  const leave = (e: Event): void => {
    e.preventDefault()
    form.reset()
    location.replace(exit.href)
  }
  exit.addEventListener('click', leave)
  let escaped = 0
  addEventListener('keydown', (e) => {
    if (e.key !== 'Escape') return
    if (Date.now() - escaped < 1500) leave(e)
    escaped = Date.now()
  })

  const back = (): void => {
    if (document.hidden) return
    go()
    look()
  }
  addEventListener('online', back)
  addEventListener('focus', back)
  document.addEventListener('visibilitychange', back)
  back()
  watch()
}

const form = byId('f')
const bar = byId('bar')
if (form instanceof HTMLFormElement && bar) start(form, bar)
