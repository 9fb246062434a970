import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Fix, locate } from './locate'

type Ok = (p: GeolocationPosition) => void
type Err = (e: GeolocationPositionError) => void

/** A browser's geolocation that does what drive says, and counts open watches. */
function fakeGeo(drive: (ok: Ok, err: Err) => void) {
  const state = { watches: 0 }
  const geo = {
    watchPosition: (ok: Ok, err: Err) => {
      state.watches++
      drive(ok, err)
      return 7
    },
    clearWatch: () => void state.watches--,
  } as unknown as Geolocation
  return { geo, state }
}

const at = (accuracy: number, timestamp = Date.now()): GeolocationPosition =>
  ({ coords: { longitude: 55.3, latitude: 25.2, accuracy }, timestamp }) as GeolocationPosition

const refusal = (code: number): GeolocationPositionError => ({ code }) as GeolocationPositionError

describe('locate', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_772_000_000_000 }))
  afterEach(() => void vi.useRealTimers())

  async function result(geo: Geolocation | undefined, ms: number): Promise<Fix | null | 'none yet'> {
    let got: Fix | null | 'none yet' = 'none yet'
    void locate(geo).then((f) => {
      got = f
    })
    await vi.advanceTimersByTimeAsync(ms)
    return got
  }

  test('no geolocation at all: at once', async () => {
    expect(await result(undefined, 0)).toBe(null)
  })

  test('refused: at once', async () => {
    const { geo } = fakeGeo((_, err) => void setTimeout(() => err(refusal(1)), 10))
    expect(await result(geo, 10)).toBe(null)
  })

  test('never calls back: gives up within 20 s and stops looking', async () => {
    const { geo, state } = fakeGeo(() => {})
    expect(await result(geo, 18_000)).toBe('none yet')
    expect(await result(geo, 20_000)).toBe(null)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(state.watches).toBe(0)
  })

  test('throws: gives up at once', async () => {
    const { geo } = fakeGeo(() => {
      throw new Error('insecure context')
    })
    expect(await result(geo, 0)).toBe(null)
  })

  test('a good fix ends it, even one given before the watch is returned', async () => {
    const { geo, state } = fakeGeo((ok) => ok(at(12)))
    expect(await result(geo, 0)).toMatchObject({ lon: 55.3, lat: 25.2, accuracy: 12 })
    expect(state.watches).toBe(0)
  })

  test('a coarse fix waits for a better one, but not for long', async () => {
    const { geo } = fakeGeo((ok) => {
      setTimeout(() => ok(at(3000)), 1000)
      setTimeout(() => ok(at(400)), 2000)
      setTimeout(() => ok(at(900)), 3000)
    })
    expect(await result(geo, 8000)).toMatchObject({ accuracy: 400 })
  })

  test('a late coarse fix does not stretch the time', async () => {
    const { geo } = fakeGeo((ok) => void setTimeout(() => ok(at(3000)), 18_500))
    expect(await result(geo, 19_000)).toMatchObject({ accuracy: 3000 })
  })

  test('unavailable for now may still be followed by a fix', async () => {
    const { geo } = fakeGeo((ok, err) => {
      setTimeout(() => err(refusal(2)), 500)
      setTimeout(() => ok(at(30)), 5000)
    })
    expect(await result(geo, 5000)).toMatchObject({ accuracy: 30 })
  })

  test.each([
    ['since the phone was switched on', 12_345],
    ['in microseconds', 1_772_000_000_000_000],
    ['from the future', 1_772_000_100_000],
  ])('a time %s is not believed', async (_, timestamp) => {
    const { geo } = fakeGeo((ok) => ok(at(10, timestamp)))
    expect(await result(geo, 0)).toMatchObject({ at: 1_772_000_000_000 })
  })
})
