import { describe, expect, it } from 'vitest'
import type { Candidate, PersonCard, PersonRow, Report } from '../api/types'
import { doubted, flagsOf, lastSaid } from './trust'
import { likely, sideBySide } from './twins'

const report = (change: Partial<Report>): Report => ({
  id: '0190a0b1-0000-7000-8000-000000000001',
  person_id: '0190a0b1-0000-7000-8000-000000000002',
  channel: 'hotline',
  received_at: '2026-03-01T10:00:00Z',
  effective_at: '2026-03-01T10:00:00Z',
  flags: [],
  ...change,
})
const placed = (...flags: string[]): Report['position'] => ({
  lon: 55.3,
  lat: 25.2,
  radius_m: 50,
  method: 'gnss',
  received_at: '2026-03-01T10:00:00Z',
  flags,
})
const card = (...reports: Report[]): PersonCard => ({ reports }) as unknown as PersonCard

describe('trust', () => {
  it('says each flag once, of a report without a place too, and not who filed it', () => {
    expect(flagsOf(report({ flags: ['low_trust', 'casualty'], position: placed('low_trust', 'replay') }))).toEqual(['low_trust', 'replay'])
    expect(flagsOf(report({ flags: ['low_trust'] }))).toEqual(['low_trust'])
  })
  it.each([
    ['no place', undefined, false],
    ['a trusted place', placed(), false],
    ['a clock that is off', placed('clock_skew', 'low_trust'), false],
    ['a mocked place', placed('mock_provider'), true],
    ['a place that staff doubt', placed('doubted'), true],
    ['a replay', placed('clock_skew', 'replay'), true],
  ] as const)('%s stands aside: %s', (_, position, want) => expect(doubted(report(position ? { position } : {}))).toBe(want))
})

// Reports of a card come newest first: what is said last stands, unless it was taken back.
describe('lastSaid', () => {
  const mother = { name: 'Гүлнар', relation: 'mother', phone: '+77012345678' }
  it('takes the newest that stands of each', () => {
    const said = lastSaid(
      card(
        report({ effective_at: '2026-03-04T00:00:00Z', medicine_days: 9, retracted: { reason: 'x', at: '2026-03-05T00:00:00Z' } }),
        report({ effective_at: '2026-03-03T00:00:00Z', tell: 'named', tell_names: 'Әсел', caller: mother }),
        report({ effective_at: '2026-03-02T00:00:00Z', medicine_days: 0, tell: 'nobody', caller: { ...mother } }),
        report({ effective_at: '2026-03-01T00:00:00Z', medicine_days: 5, caller: { relation: 'brother' } }),
      ),
    )
    expect(said).toEqual({
      medicineDays: { said: 0, at: '2026-03-02T00:00:00Z' },
      tell: { said: { whom: 'named', names: 'Әсел' }, at: '2026-03-03T00:00:00Z' },
      callers: [
        { said: mother, at: '2026-03-03T00:00:00Z' },
        { said: { name: '', relation: 'brother', phone: '' }, at: '2026-03-01T00:00:00Z' },
      ],
    })
  })
  it('says nothing where nothing was said', () => expect(lastSaid(card(report({})))).toEqual({ callers: [] }))
})

describe('sideBySide', () => {
  it('shows what either has, and where they disagree', () => {
    expect(
      sideBySide(
        { name: 'Әсел', birth_date: '1990-01-02', phones: ['+7701', '+7702'], iin: '900102300017' },
        { name: 'Асель', birth_date: '1990-01-02', phones: ['+7702', '+7701'], passport: 'N1234567' },
      ),
    ).toEqual([
      { field: 'name', mine: 'Әсел', theirs: 'Асель', differs: true },
      { field: 'birth_date', mine: '1990-01-02', theirs: '1990-01-02', differs: false },
      { field: 'iin', mine: '900102300017', theirs: '', differs: false },
      { field: 'passport', mine: '', theirs: 'N1234567', differs: false },
      { field: 'phones', mine: '+7701, +7702', theirs: '+7701, +7702', differs: false },
    ])
  })
})

describe('likely', () => {
  const candidate = (name: string, ...why: string[]): Candidate => ({ person: { name } as PersonRow, score: 0.1, why })
  it('takes the first three that nothing speaks against', () => {
    const all = [candidate('a', 'name'), candidate('b', 'name', 'conflicting_birth_date'), candidate('c'), candidate('d'), candidate('e')]
    expect(likely(all).map((p) => p.name)).toEqual(['a', 'c', 'd'])
    expect(likely([])).toEqual([])
  })
})
