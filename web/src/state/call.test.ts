import { describe, expect, it } from 'vitest'
import { type CallForm, missing, newCall, phoneQuery, placeOf, reportOf } from './call'

const NOW = Date.parse('2026-03-01T10:15:30.400Z')
const call = (change: Partial<CallForm>): CallForm => ({ ...newCall(NOW), ...change })

// Oracle: what a search must find a stored E.164 number by, written by hand.
describe('phoneQuery', () => {
  it.each([
    ['+7 701 234 56 78', '77012345678'],
    ['8 701 234 56 78', '7012345678'],
    ['0501234567', '501234567'],
    ['00971 50 123', '97150123'],
    ['87012', '7012'],
    ['8701', '8701'],
    ['+8613', '8613'],
    ['4567', '4567'],
    ['456', ''],
    ['0456', ''],
    ['Asel', ''],
  ])('%s is searched by %j', (typed, wanted) => expect(phoneQuery(typed)).toBe(wanted))
})

describe('placeOf', () => {
  it('is what was chosen', () => {
    const chosen = { kind: 'city', name: 'Dubai', country: 'AE' } as const
    expect(placeOf(call({ chosen, place: 'Doha' }))).toBe(chosen)
  })
  it('reads coordinates, and keeps anything else as an address', () => {
    expect(placeOf(call({ place: ' 25.2, 55.3 ' }))).toEqual({ kind: 'point', at: [55.3, 25.2] })
    expect(placeOf(call({ place: ' Al Rigga 12 ' }))).toEqual({ kind: 'address', text: 'Al Rigga 12' })
    expect(placeOf(call({ place: '  ' }))).toBeUndefined()
  })
})

describe('missing', () => {
  it.each<[string, Partial<CallForm>, ReturnType<typeof missing>]>([
    ['nothing', {}, 'says'],
    ['who, but not how or where', { phone: '+77012345678', name: 'Әсел' }, 'says'],
    ['how', { how: 'safe' }, undefined],
    ['where', { place: 'gate 5' }, undefined],
    ['a note of nothing but blanks', { note: ' \n' }, 'says'],
    ['a need', { needs: ['medical'] }, undefined],
    ['somebody else who says nothing of themselves', { how: 'safe', relative: true }, 'caller'],
    ['the last digits of a number are nobody', { how: 'safe', relative: true, phone: '4567' }, 'caller'],
    ['somebody else with a relation', { how: 'safe', relative: true, relation: 'mother' }, undefined],
  ])('%s', (_, change, want) => expect(missing(call(change))).toBe(want))
})

// Oracle: the contract's ReportInput, filled in by hand for each kind of call.
describe('reportOf', () => {
  const person = { id: '0190a0b1-0000-7000-8000-000000000001', name: 'Әсел' }
  it('is about somebody known, by themselves', () => {
    expect(
      reportOf(
        call({
          person,
          phone: ' 8 701 234 56 78 ',
          how: 'help',
          chosen: { kind: 'airport', name: 'Dubai', country: 'AE', code: 'DXB' },
          note: ' x ',
        }),
      ),
    ).toEqual({
      person_id: person.id,
      channel: 'hotline',
      fixed_at: '2026-03-01T10:15:30Z',
      wellbeing: 'needs_help',
      contact: 'reached',
      airport: 'DXB',
      note: 'x',
      phone: '8 701 234 56 78',
    })
  })
  it('is about somebody new, who keeps the number', () => {
    expect(
      reportOf(call({ phone: '+77012345678', name: ' Дәурен ', iin: '900101300017', how: 'leaving', place: '25.2,55.3', persons: 3 })),
    ).toEqual({
      person: { name: 'Дәурен', iin: '900101300017', phones: ['+77012345678'], persons: 3 },
      channel: 'hotline',
      fixed_at: '2026-03-01T10:15:30Z',
      intention: 'leaving',
      contact: 'reached',
      position: { lon: 55.3, lat: 25.2, method: 'staff' },
      persons: 3,
      phone: '+77012345678',
    })
  })
  it('keeps who calls apart from who is meant', () => {
    const body = reportOf(
      call({
        relative: true,
        phone: '+77015554433',
        callerName: 'Гүлнар',
        relation: 'mother',
        name: 'Дәурен',
        how: 'away',
        medicineDays: 0,
      }),
    )
    expect(body.caller).toEqual({ name: 'Гүлнар', phone: '+77015554433', relation: 'mother' })
    expect([body.person, body.phone, body.contact, body.intention, body.medicine_days]).toEqual([
      { name: 'Дәурен' },
      undefined,
      undefined,
      'left',
      0,
    ])
  })
  it('lets what was chosen of an intention go before the key', () => {
    expect(reportOf(call({ how: 'leaving', intention: 'home' })).intention).toBe('home')
  })
  it('says an address in words where nothing else is said', () => {
    const body = reportOf(call({ relative: true, relation: 'brother', place: 'Hotel Al Khoory' }))
    expect([body.address, body.note]).toEqual(['Hotel Al Khoory', 'Hotel Al Khoory'])
  })
  it('leaves out a number of a few digits, which only searched', () => {
    const body = reportOf(call({ person, phone: '4567', how: 'safe' }))
    expect([body.phone, body.person_id]).toEqual([undefined, person.id])
  })
})
