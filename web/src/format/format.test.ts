import { describe, expect, it } from 'vitest'
import { formatCount, formatMetres, formatShare, formatShort } from './number'
import { ageOf, formatTime, fromInput, offsetLabel, offsetMinutes, toInput } from './time'

const NOW = Date.parse('2026-11-22T12:00:00Z')

describe('times', () => {
  // Oracle: Tehran keeps UTC+3:30 all the year since 2022, Nepal UTC+5:45, Berlin +1 in winter and +2 in summer.
  it.each([
    ['Asia/Tehran', '2026-07-01T00:00:00Z', 210, 'UTC+3:30'],
    ['Asia/Kathmandu', '2026-07-01T00:00:00Z', 345, 'UTC+5:45'],
    ['Europe/Berlin', '2026-01-01T00:00:00Z', 60, 'UTC+1'],
    ['Europe/Berlin', '2026-07-01T00:00:00Z', 120, 'UTC+2'],
    ['America/New_York', '2026-01-01T00:00:00Z', -300, 'UTC−5'],
    ['UTC', '2026-01-01T00:00:00Z', 0, 'UTC'],
  ])('%s at %s is %d minutes off: %s', (zone, at, minutes, label) => {
    expect(offsetMinutes(Date.parse(at), zone)).toBe(minutes)
    expect(offsetLabel(minutes)).toBe(label)
  })

  it('are shown with their zone, and with the year when it is another', () => {
    const month = (m: number): string => `m${m}`
    expect(formatTime('2026-11-22T09:05:00Z', 'utc', month, NOW)).toBe('22 m11 09:05 UTC')
    expect(formatTime('2025-03-01T09:05:00Z', 'utc', month, NOW)).toBe('1 m3 2025 09:05 UTC')
    expect(formatTime('2026-11-30T20:05:00Z', 'astana', month, NOW)).toBe('1 m12 01:05 UTC+5')
    expect(formatTime('never', 'utc', month, NOW)).toBe('')
  })

  it('go into an input and come back the same minute', () => {
    for (const zone of ['local', 'astana', 'utc'] as const)
      for (const at of ['2026-11-22T12:34:00Z', '2026-01-31T23:59:00Z', '2024-02-29T00:00:00Z'])
        expect(fromInput(toInput(at, zone), zone)).toBe(at)
    expect(toInput('2026-11-22T20:30:00Z', 'astana')).toBe('2026-11-23T01:30')
    expect([toInput(undefined, 'utc'), toInput('x', 'utc'), fromInput('', 'utc'), fromInput('soon', 'utc')]).toEqual([
      '',
      '',
      undefined,
      undefined,
    ])
  })

  it.each([
    [-5000, 0, 's'],
    [59_999, 59, 's'],
    [60_000, 1, 'min'],
    [3_600_000, 1, 'h'],
    [47 * 3_600_000, 47, 'h'],
    [48 * 3_600_000, 2, 'd'],
  ])('an age of %d ms is %d %s', (ms, n, unit) => expect(ageOf(ms)).toEqual({ n, unit }))
})

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1k'],
    [1299, '1.2k'],
    [9999, '9.9k'],
    [10_999, '10k'],
    [999_999, '999k'],
    [1_000_000, '1M'],
  ])('%d is %s on the map', (n, text) => {
    expect(formatShort(n)).toBe(text)
    expect(text.length).toBeLessThanOrEqual(4)
  })

  it('group thousands as the language does', () => {
    expect(formatCount(9517, 'en')).toBe('9,517')
    expect(formatCount(9517, 'ru').replace(/\s/g, ' ')).toBe('9 517')
    expect(formatCount(9517, 'kk').replace(/\s/g, ' ')).toBe('9 517')
  })

  it('write distances', () => {
    const units = { m: 'm', km: 'km' }
    expect([0, 80.4, 999, 1240, 35_400].map((m) => formatMetres(m, 'en', units))).toEqual(['0 m', '80 m', '999 m', '1.2 km', '35 km'])
  })

  it('never call something nothing or less than all everything', () => {
    expect([0, 0.001, 0.5, 0.999, 1].map(formatShare)).toEqual(['0 %', '1 %', '50 %', '99 %', '100 %'])
  })
})
