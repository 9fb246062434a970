import { describe, expect, it } from 'vitest'
import type { PersonRow } from '../api/types'
import { placedAt } from './placed'

const [EARLY, LATE, NOW] = ['2026-03-01T02:00:00Z', '2026-03-02T10:00:00Z', '2026-03-02T10:05:00Z'] as const

const position = (change: Partial<NonNullable<PersonRow['position']>>): NonNullable<PersonRow['position']> => ({
  lon: 55.3,
  lat: 25.2,
  radius_m: 1000,
  method: 'gnss',
  received_at: LATE,
  flags: [],
  ...change,
})

describe('the age of a place', () => {
  it('is not that of a later word without a place', () => {
    expect(placedAt({ position: position({ fixed_at: EARLY }), heard_at: NOW })).toBe(EARLY)
    expect(placedAt({ position: position({}), heard_at: NOW })).toBe(LATE)
  })
  it('is of the receipt where the clock that fixed it is ahead', () => {
    expect(placedAt({ position: position({ fixed_at: NOW }), heard_at: NOW })).toBe(LATE)
  })
  it('compares moments, not their texts', () => {
    expect(placedAt({ position: position({ fixed_at: '2026-03-02T11:00:00+05:00' }) })).toBe('2026-03-02T11:00:00+05:00')
  })
  it('is of the last word where there is no position', () => {
    expect(placedAt({ heard_at: NOW })).toBe(NOW)
    expect(placedAt({})).toBeUndefined()
  })
})
