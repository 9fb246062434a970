import { describe, expect, it } from 'vitest'
import type { Event, Zone } from '../api/types'
import { grouped, merged } from './events'
import { countFilters, type Filters, filtersFrom, filtersInto, NO_FILTERS, queryOf, queryString, toggled } from './filters'
import { differences, emptyForm, faultsOf, formOf, inputOf } from './form'
import { DESK, deskOf, hashOf, type Place, placeFrom, TABS } from './hash'
import { commandOf } from './keys'
import { Latest } from './latest'
import { changedMembers } from './patch'

const ZONE = '0198b2f0-1111-7222-8333-444455556666'

const FULL: Filters = {
  zone: ZONE,
  country: 'AE',
  airport: 'DXB',
  verdict: ['inside', 'possible'],
  freshness: 'stale',
  wellbeing: ['needs_help'],
  intention: ['wants_out'],
  contact: ['no_answer'],
  level: [4, 3],
  stranded: true,
  placed: false,
}

describe('filters', () => {
  it.each([
    ['none', NO_FILTERS],
    ['all', FULL],
    ['false flags', { ...NO_FILTERS, stranded: false, placed: true }],
  ])('go into a hash and come back: %s', (_, filters) => {
    const params = new URLSearchParams()
    filtersInto(filters, params)
    expect(filtersFrom(new URLSearchParams(params.toString()))).toEqual(filters)
  })

  it('from a hash somebody typed keep only known words', () => {
    const typed = 'zone=x&country=ae&airport=<script>&verdict=inside,maybe&freshness=old&level=3,9,&stranded=yes&wellbeing='
    expect(filtersFrom(new URLSearchParams(typed))).toEqual({ ...NO_FILTERS, verdict: ['inside'], level: [3] })
  })

  it('leave out of the query what is not set', () => {
    expect(queryOf(NO_FILTERS)).toEqual({})
    expect(queryOf(FULL, [1, 2, 3, 4])).toEqual({ ...FULL, bbox: [1, 2, 3, 4] })
    expect(queryString({ ...NO_FILTERS, level: [4, 3], placed: false }, { format: 'csv' })).toBe('format=csv&level=4%2C3&placed=false')
  })

  it('are counted and toggled', () => {
    expect([countFilters(NO_FILTERS), countFilters(FULL)]).toEqual([0, 11])
    expect(toggled(['a', 'b', 'c'], ['c'], 'a')).toEqual(['a', 'c'])
    expect(toggled(['a', 'b', 'c'], ['a', 'c'], 'a')).toEqual(['c'])
  })
})

describe('the address', () => {
  const place: Place = {
    crisis: 'gulf-2026',
    map: { lon: 51.5, lat: 25.25, zoom: 7 },
    filters: FULL,
    follow: true,
    tab: 'events',
    selected: ZONE,
  }
  it('keeps what shows a colleague the same picture', () => expect(placeFrom(`#${hashOf(place)}`)).toEqual(place))
  it.each(TABS)('keeps the tab %s', (tab) => expect(placeFrom(hashOf({ ...place, tab })).tab).toBe(tab))
  it('knows the parts of the desk', () => expect(TABS.map(deskOf).filter(Boolean)).toEqual([...DESK]))
  it('is short for the plain start', () => expect(hashOf({ filters: NO_FILTERS, follow: false, tab: 'people' })).toBe(''))
  it.each(['', '#', '#map=99/0/0', '#map=5/91/0', '#map=a/b/c', '#map=5', '#crisis=A B', '#tab=secret', '#look=1'])(
    'ignores nonsense: %s',
    (hash) => expect(placeFrom(hash)).toEqual({ filters: NO_FILTERS, follow: false, tab: 'people' }),
  )
})

describe('events', () => {
  const one = { records: 1, persons: 2 }
  const none = { records: 0, persons: 0 }
  const event = (seq: number, seconds: number, change: Partial<Event> = {}): Event => ({
    id: `e${seq}`,
    seq,
    kind: 'entered',
    at: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
    zone: 'z',
    count: one,
    enters: one,
    leaves: none,
    ...change,
  })

  it('of one kind and zone close in time are one line with their sum', () => {
    const groups = grouped([event(4, 100), event(3, 60), event(2, 50, { kind: 'left' }), event(1, 40)], 60_000)
    expect(groups.map((g) => [g.newest.kind, g.count.persons, g.events.length])).toEqual([
      ['entered', 4, 2],
      ['left', 2, 1],
      ['entered', 2, 1],
    ])
  })

  it('far apart or of other zones stay apart', () => {
    expect(grouped([event(3, 1000), event(2, 0), event(1, 0, { zone: 'y' })], 60_000)).toHaveLength(3)
  })

  it('never lose a count', () => {
    const events = Array.from({ length: 50 }, (_, i) => event(50 - i, 500 - i * 7, { kind: i % 3 ? 'entered' : 'left' }))
    expect(grouped(events).reduce((n, g) => n + g.count.persons, 0)).toBe(100)
  })

  it('merge newest first, each once', () => {
    expect(merged([event(2, 0)], [event(3, 0), event(2, 0), event(1, 0)]).map((e) => e.seq)).toEqual([3, 2, 1])
    expect(merged([], [event(1, 0), event(2, 0)], 1).map((e) => e.seq)).toEqual([2])
  })
})

describe('a zone form', () => {
  const shape = {
    type: 'Polygon' as const,
    coordinates: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ] as const,
    ],
  }
  const zone: Zone = {
    id: ZONE,
    version: 3,
    state: 'active',
    level: 4,
    action: 'shelter',
    kind: 'ground',
    valid_from: '2026-11-22T10:00:00Z',
    names: { kk: 'Аймақ', ru: 'Зона', en: 'Zone' },
    source: 's',
    reason: 'r',
    recorded_at: '2026-11-22T10:00:00Z',
    in_force: true,
    author: 'A',
    geometry: shape as unknown as Zone['geometry'],
  }

  it('begins with what must be said missing', () => {
    expect(faultsOf(emptyForm(0), undefined)).toEqual({ shape: 'none', names: 'required', reason: 'required' })
  })

  it('of a stored zone sends the same zone with a reason of its own', () => {
    const form = { ...formOf(zone), reason: 'again' }
    expect(faultsOf(form, shape)).toEqual({})
    expect(inputOf(form, shape)).toEqual({
      level: 4,
      action: 'shelter',
      kind: 'ground',
      names: zone.names,
      valid_from: zone.valid_from,
      source: 's',
      reason: 'again',
      geometry: shape,
    })
    expect(differences(inputOf(form, shape), zone)).toEqual([])
  })

  it('sends a country instead of a shape, and heights for airspace only', () => {
    const form = { ...formOf(zone), country: 'IR', floorM: 0, ceilingM: 9000 }
    expect(inputOf(form, shape)).toMatchObject({ country: 'IR' })
    expect(inputOf(form, shape)).not.toHaveProperty('geometry')
    expect(inputOf(form, shape)).not.toHaveProperty('floor_m')
    expect(inputOf({ ...form, kind: 'airspace' }, shape)).toMatchObject({ floor_m: 0, ceiling_m: 9000 })
  })

  it('refuses an end before the beginning and a floor above the ceiling', () => {
    const form = { ...formOf(zone), reason: 'x', validTo: '2026-11-22T09:00:00Z', kind: 'airspace' as const, floorM: 10, ceilingM: 5 }
    expect(faultsOf(form, shape)).toEqual({ validTo: 'order', ceiling: 'order' })
  })

  it('names the members in which two versions differ', () => {
    const mine = inputOf({ ...formOf(zone), level: 2, validFrom: '2026-11-22T10:00:00.000Z' }, shape)
    expect(differences(mine, zone)).toEqual([{ field: 'level', mine: '2', theirs: '4' }])
  })
})

describe('keys', () => {
  const press = (key: string, code: string, more: Partial<KeyboardEventInit> = {}) => ({
    key,
    code,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...more,
  })
  it.each([
    [press('d', 'KeyD'), 'polygon'],
    [press('в', 'KeyD'), 'polygon'],
    [press('т', 'KeyN'), 'call'],
    [press('3', 'Digit3'), 'level'],
    [press('z', 'KeyZ', { ctrlKey: true }), 'undo'],
    [press('Z', 'KeyZ', { ctrlKey: true, shiftKey: true }), 'redo'],
    [press('k', 'KeyK', { ctrlKey: true }), 'commands'],
    [press('k', 'KeyK'), 'up'],
    [press('?', 'Slash', { shiftKey: true }), 'help'],
    [press('d', 'KeyD', { ctrlKey: true }), undefined],
    [press('D', 'KeyD', { shiftKey: true }), undefined],
    [press('5', 'Digit5'), undefined],
  ])('%j → %s', (event, want) => expect(commandOf(event, false)).toBe(want))

  it('are off while typing, but for Escape and Ctrl K', () => {
    expect(
      [press('d', 'KeyD'), press('Escape', 'Escape'), press('k', 'KeyK', { ctrlKey: true }), press('/', 'Slash')].map((e) =>
        commandOf(e, true),
      ),
    ).toEqual([undefined, 'cancel', 'commands', undefined])
  })
})

describe('one request for a view', () => {
  it('lets the newest win and aborts the one before', async () => {
    const latest = new Latest()
    let aborted = false
    const slow = latest.run(
      (signal) =>
        new Promise<string>((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true
            resolve('old')
          })
        }),
    )
    const fast = latest.run(async () => 'new')
    expect([await slow, await fast]).toEqual([undefined, 'new'])
    expect(aborted).toBe(true)
  })

  it('throws what fails, unless a newer one took over', async () => {
    const latest = new Latest()
    const failing = async (): Promise<never> => {
      throw new Error('no')
    }
    await expect(latest.run(failing)).rejects.toThrow('no')
    const overtaken = latest.run(failing)
    latest.stop()
    expect(await overtaken).toBeUndefined()
  })
})

describe('a patch of a person', () => {
  it('holds only what was changed, and nothing that may not be emptied', () => {
    const before = { name: 'Айгүл', iin: '900101400123', note: 'x' }
    expect(changedMembers(before, { name: 'Айгүл', iin: '', note: '' })).toEqual({ note: '' })
    expect(changedMembers(before, { ...before, name: 'Әсел' })).toEqual({ name: 'Әсел' })
  })
})
