import { describe, expect, test } from 'vitest'
import { type Box, openQueue } from './queue'
import type { Report } from './report'

const report = (id: string): Report => ({ id, fixed_at: '2026-03-01T10:00:00.000Z', lang: 'kk' })

function fakeBox(): Box & { readonly held: Map<string, string> } {
  const held = new Map<string, string>()
  return {
    held,
    getItem: (k) => held.get(k) ?? null,
    setItem: (k, v) => void held.set(k, v),
    removeItem: (k) => void held.delete(k),
  }
}

const ids = (list: readonly Report[]): string[] => list.map((r) => r.id)

describe('queue', () => {
  test('keeps reports in order over a reload, and leaves nothing behind', () => {
    const box = fakeBox()
    const before = openQueue(() => box, 'k')
    expect(before.add(report('a'))).toBe(true)
    expect(before.add(report('b'))).toBe(true)
    const after = openQueue(() => box, 'k')
    expect(ids(after.all())).toEqual(['a', 'b'])
    after.remove('a')
    after.remove('b')
    expect(box.held.size).toBe(0)
  })

  test('two tabs lose nothing of each other', () => {
    const box = fakeBox()
    const one = openQueue(() => box, 'k')
    const two = openQueue(() => box, 'k')
    one.add(report('a'))
    two.add(report('b'))
    one.remove('a')
    expect(ids(two.all())).toEqual(['b'])
  })

  test.each([
    [
      'blocked',
      () => {
        throw new Error('SecurityError')
      },
    ],
    [
      'full',
      () => ({
        ...fakeBox(),
        setItem: () => {
          throw new Error('QuotaExceededError')
        },
      }),
    ],
    ['silently dropping', () => ({ ...fakeBox(), setItem: () => {} })],
  ] as const)('storage %s: keeps them in memory and says so', (_, box) => {
    const q = openQueue(box as () => Box, 'k')
    expect(q.durable()).toBe(true)
    expect(q.add(report('a'))).toBe(false)
    expect(q.durable()).toBe(false)
    expect(ids(q.all())).toEqual(['a'])
    q.remove('a')
    expect(q.all()).toEqual([])
    expect(q.durable()).toBe(true)
  })

  test.each(['', 'null', '{}', '[1,null,"x",{}]', '[{"id":'])("reads over what it can't understand: %s", (text) => {
    const box = fakeBox()
    box.held.set('k', text)
    const q = openQueue(() => box, 'k')
    expect(q.all()).toEqual([])
    expect(q.add(report('a'))).toBe(true)
    expect(ids(q.all())).toEqual(['a'])
  })
})
