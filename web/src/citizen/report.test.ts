import { expect, test } from 'vitest'
import { clock, fill, guestToken, uuid } from './report'

test('uuids are of version 4 and differ', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 1000; i++) {
    const id = uuid()
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    seen.add(id)
  }
  expect(seen.size).toBe(1000)
})

test('a guest token fits the contract', () => {
  expect(guestToken()).toMatch(/^[0-9a-f]{60}$/)
})

// The oracle is the time-zone table: Astana +5, Tehran +3:30, New York −5 in winter.
test.each([
  [300, '19:05 (UTC+5)'],
  [210, '17:35 (UTC+3:30)'],
  [0, '14:05 (UTC)'],
  [-300, '09:05 (UTC−5)'],
  [-570, '04:35 (UTC−9:30)'],
])('the clock at %d minutes', (offset, want) => {
  expect(clock(new Date('2026-03-01T14:05:59Z'), offset)).toBe(want)
})

test('fill leaves what it has no value for', () => {
  expect(fill('{time}, {code}, {x}', { time: '14:32', code: 'A7K2' })).toBe('14:32, A7K2, {x}')
})
