import type { Queue } from './queue'
import type { Report } from './report'

/** What the server, or something on the way to it, answered. */
export interface Answer {
  readonly status: number
  /** The media type, lower case, without parameters; '' when there is none. */
  readonly type: string
  readonly body: string
  /** Seconds from Retry-After; 0 when there is none. */
  readonly retryAfter: number
}

/** What the bar tells. */
export type State =
  | { readonly kind: 'waiting'; readonly durable: boolean }
  | { readonly kind: 'sending' }
  | { readonly kind: 'received'; readonly at: Date; readonly code: string; readonly receipt: string; readonly report: Report }
  | { readonly kind: 'refused'; readonly field: string; readonly report: Report }
  | { readonly kind: 'closed'; readonly report: Report }

export interface Sending {
  readonly queue: Queue
  /** Posts one report; rejects when no answer came. */
  readonly post: (r: Report) => Promise<Answer>
  readonly say: (s: State) => void
  /** Calls f after ms; returns how to cancel it. */
  readonly after: (ms: number, f: () => void) => () => void
  /** Milliseconds. */
  readonly now: () => number
  /** In [0, 1): spreads the retries of many phones. */
  readonly random: () => number
}

/** Milliseconds before the nth retry in a row: 2 s doubling to 64 s, ± 30 %. */
export function backoff(n: number, random: number): number {
  return 1000 * 2 ** Math.min(n, 6) * (0.7 + 0.6 * random)
}

/**
 * Sends what waits, one at a time, the oldest first, and forgets a report only when the
 * server itself has stored it: a hotel's sign-in page that answers 200, or a proxy that
 * answers 403, is a missing network. One that the server refuses for good is said, left
 * in the queue for whoever reads it to take out, and not sent again by this page. The
 * function that is returned tries at once (the network is back, the page is looked at
 * again).
 */
export function sender(s: Sending): () => void {
  let busy = false
  let failures = 0
  let notBefore = 0
  let cancel = (): void => {}
  const refused: { [id: string]: boolean } = {}

  function go(): void {
    const all = s.queue.all().filter((r) => !refused[r.id])
    // After a failure another has its turn, so that none can hold up the rest.
    const next = all[failures % all.length]
    if (busy || !next) return
    cancel()
    const wait = notBefore - s.now()
    if (wait > 0) {
      cancel = s.after(wait, go)
      return
    }
    busy = true
    s.say({ kind: 'sending' })
    s.post(next).then(
      (a) => judge(next, a),
      () => retry(0),
    )
  }

  function judge(r: Report, a: Answer): void {
    const body = parse(a.body)
    const problem = a.type === 'application/problem+json'
    const at = new Date(String(body.received_at))
    if (a.status === 200 && typeof body.code === 'string' && !Number.isNaN(at.getTime())) {
      s.queue.remove(r.id)
      done({ kind: 'received', at, code: body.code, receipt: String(body.receipt || ''), report: r })
    } else if (problem && (a.status === 404 || a.status === 410)) {
      refused[r.id] = true
      done({ kind: 'closed', report: r })
    } else if (problem && (a.status === 400 || a.status === 413 || a.status === 422)) {
      refused[r.id] = true
      done({ kind: 'refused', field: String(body.field || ''), report: r })
    } else {
      retry(a.retryAfter)
    }
  }

  function done(state: State): void {
    busy = false
    failures = 0
    s.say(state)
    go()
  }

  function retry(seconds: number): void {
    busy = false
    failures++
    const ms = Math.max(backoff(failures, s.random()), Math.min(seconds, 900) * 1000)
    if (seconds) notBefore = s.now() + ms
    s.say({ kind: 'waiting', durable: s.queue.durable() })
    cancel = s.after(ms, go)
  }

  return go
}

/** The JSON object in a text; an empty one where there is none. */
export function parse(text: string): { readonly [name: string]: unknown } {
  try {
    const v = JSON.parse(text)
    return v && typeof v === 'object' ? v : {}
  } catch (_) {
    return {}
  }
}
