import { describe, expect, test } from 'vitest'
import { type Box, openQueue } from './queue'
import type { Report } from './report'
import { type Answer, backoff, type State, sender } from './sender'

const report = (id: string): Report => ({ id, fixed_at: '2026-03-01T10:00:00.000Z', lang: 'kk' })
const json = 'application/json'
const problem = 'application/problem+json'
const ok = (code = 'A7K2'): Answer => ({
  status: 200,
  type: json,
  body: JSON.stringify({ received_at: '2026-03-01T10:00:01Z', code }),
  retryAfter: 0,
})

/** A phone with a clock of its own and a network that answers as told. */
function phone(answer: (r: Report, n: number) => Answer | Error) {
  const held = new Map<string, string>()
  const box: Box = { getItem: (k) => held.get(k) ?? null, setItem: (k, v) => void held.set(k, v), removeItem: (k) => void held.delete(k) }
  const queue = openQueue(() => box, 'k')
  const said: State[] = []
  const posted: string[] = []
  let now = 0
  let timers: { at: number; f: () => void }[] = []
  const go = sender({
    queue,
    post: (r) => {
      posted.push(r.id)
      const a = answer(r, posted.length)
      return a instanceof Error ? Promise.reject(a) : Promise.resolve(a)
    },
    say: (s) => void said.push(s),
    after: (ms, f) => {
      const timer = { at: now + ms, f }
      timers.push(timer)
      return () => {
        timers = timers.filter((t) => t !== timer)
      }
    },
    now: () => now,
    random: () => 0.5,
  })
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  return {
    queue,
    said,
    posted,
    go,
    settle,
    timers: () => timers.length,
    async pass(ms: number) {
      const end = now + ms
      for (;;) {
        await settle()
        const next = timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers = timers.filter((t) => t !== next)
        now = next.at
        next.f()
      }
      now = end
      await settle()
    },
  }
}

describe('sender', () => {
  test('forgets a report when it has its receipt, and not before', async () => {
    const p = phone(() => ok())
    p.queue.add(report('a'))
    p.go()
    expect(p.queue.all()).toHaveLength(1)
    await p.settle()
    expect(p.queue.all()).toEqual([])
    expect(p.said.map((s) => s.kind)).toEqual(['sending', 'received'])
    expect(p.timers()).toBe(0)
  })

  test('sends one at a time, oldest first', async () => {
    const p = phone(() => ok())
    for (const id of ['a', 'b', 'c']) p.queue.add(report(id))
    p.go()
    p.go()
    expect(p.posted).toEqual(['a'])
    await p.settle()
    expect(p.posted).toEqual(['a', 'b', 'c'])
  })

  // What is not the server's own word is a missing network.
  test.each<[string, Answer | Error]>([
    ['no network', new Error('offline')],
    ["a hotel's sign-in page", { status: 200, type: 'text/html', body: '<html>', retryAfter: 0 }],
    ['JSON of somebody else', { status: 200, type: json, body: '{"code":1}', retryAfter: 0 }],
    ['null', { status: 200, type: json, body: 'null', retryAfter: 0 }],
    ['a proxy that refuses', { status: 403, type: 'text/html', body: '', retryAfter: 0 }],
    ["a proxy's 404", { status: 404, type: 'text/html', body: '', retryAfter: 0 }],
    ['overload', { status: 503, type: problem, body: '{}', retryAfter: 0 }],
    ['a fault', { status: 500, type: problem, body: '{}', retryAfter: 0 }],
  ])('%s: keeps it and tries again', async (_, a) => {
    const p = phone((_r, n) => (n < 4 ? a : ok()))
    p.queue.add(report('a'))
    p.go()
    await p.settle()
    expect(p.queue.all()).toHaveLength(1)
    expect(p.said.at(-1)).toEqual({ kind: 'waiting', durable: true })
    await p.pass(60_000)
    expect(p.queue.all()).toEqual([])
    expect(p.posted).toEqual(['a', 'a', 'a', 'a'])
  })

  test.each([400, 413, 422])('a problem with status %d is final, names the field, and is kept until it is read', async (status) => {
    const p = phone(() => ({ status, type: problem, body: '{"field":"phone"}', retryAfter: 0 }))
    p.queue.add(report('a'))
    p.go()
    await p.settle()
    expect(p.queue.all()).toEqual([report('a')])
    expect(p.said.at(-1)).toEqual({ kind: 'refused', field: 'phone', report: report('a') })
  })

  test.each([404, 410])('a link that is gone (%d) is final, and what was said is kept until it is read', async (status) => {
    const p = phone(() => ({ status, type: problem, body: '{}', retryAfter: 0 }))
    p.queue.add(report('a'))
    p.go()
    await p.settle()
    expect(p.queue.all()).toEqual([report('a')])
    expect(p.said.at(-1)).toEqual({ kind: 'closed', report: report('a') })
    await p.pass(600_000)
    p.go()
    expect(p.posted).toEqual(['a'])
  })

  test('one that is refused does not hold up the others', async () => {
    const p = phone((r) => (r.id === 'bad' ? { status: 410, type: problem, body: '{}', retryAfter: 0 } : ok()))
    for (const id of ['bad', 'a', 'b']) p.queue.add(report(id))
    p.go()
    await p.settle()
    expect(p.posted).toEqual(['bad', 'a', 'b'])
    expect(p.queue.all().map((r) => r.id)).toEqual(['bad'])
  })

  test('Retry-After holds even when the page is looked at again', async () => {
    const p = phone((_r, n) => (n === 1 ? { status: 429, type: problem, body: '{}', retryAfter: 120 } : ok()))
    p.queue.add(report('a'))
    p.go()
    await p.settle()
    p.go()
    await p.pass(119_000)
    p.go()
    expect(p.posted).toHaveLength(1)
    await p.pass(2_000)
    expect(p.posted).toHaveLength(2)
    expect(p.queue.all()).toEqual([])
  })

  test('the network coming back ends the wait', async () => {
    const p = phone((_r, n) => (n === 1 ? new Error('offline') : ok()))
    p.queue.add(report('a'))
    p.go()
    await p.settle()
    p.go()
    await p.settle()
    expect(p.queue.all()).toEqual([])
    expect(p.timers()).toBe(0)
  })

  test('one that always fails does not hold up the others', async () => {
    const p = phone((r) => (r.id === 'bad' ? { status: 500, type: problem, body: '{}', retryAfter: 0 } : ok()))
    for (const id of ['bad', 'a', 'b']) p.queue.add(report(id))
    p.go()
    await p.pass(600_000)
    expect(p.queue.all().map((r) => r.id)).toEqual(['bad'])
  })

  test('the wait doubles and stays bounded', () => {
    expect([1, 2, 3].map((n) => backoff(n, 0.5))).toEqual([2000, 4000, 8000])
    expect(backoff(50, 1)).toBeLessThanOrEqual(64_000 * 1.3)
    expect(backoff(1, 0)).toBe(1400)
  })
})
