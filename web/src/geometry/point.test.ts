import { describe, expect, it } from 'vitest'
import { pointFrom } from './point'

// Oracle: one place of Dubai and one of Buenos Aires, written by hand in the ways that maps, callers and phones write them.
describe('pointFrom', () => {
  const dubai = [55.2708, 25.2048]
  it.each([
    '25.2048, 55.2708',
    '25.2048,55.2708',
    '25.2048 55.2708',
    ' 25,2048  55,2708 ',
    '25,2048; 55,2708',
    '25,2048, 55,2708',
    '25.2048°, 55.2708°',
    '25.2048N 55.2708E',
    'N25.2048 E55.2708',
    'n 25.2048, e 55.2708',
    '55.2708 E, 25.2048 N',
    '25.2048° с, 55.2708° в',
    'https://www.google.com/maps/@25.2048,55.2708,15z',
    'https://maps.google.com/?q=25.2048,55.2708',
    'https://maps.google.com/?q=25.2048%2C55.2708',
    'geo:25.2048,55.2708?z=15',
  ])('reads %s', (text) => expect(pointFrom(text)).toEqual(dubai))
  it.each(['34°36\'12"S 58°22\'54"W', '34 36 12 S, 58 22 54 W', "34°36.2'S 58°22.9'W", '-34.60333, -58.38167'])('reads %s', (text) => {
    const [lon, lat] = pointFrom(text) ?? []
    expect(lon).toBeCloseTo(-58.38167, 4)
    expect(lat).toBeCloseTo(-34.60333, 4)
  })
  it('takes for the longitude what is no latitude', () => expect(pointFrom('121.5, 31.2')).toEqual([121.5, 31.2]))
  it.each([
    '',
    'Dubai',
    'Dubai 25',
    '25',
    '25.2, 55.3, 10',
    '95 N 20 E',
    '25.2 200.1',
    "25°75'N 55°E",
    '8 701 234 56 78',
    '25 N 26 S',
    'https://example.org/%',
    'https://example.org/%FF',
    '12 5',
    '12, 5',
    'https://example.org/place/Dubai',
    'дом 12, кв 5',
  ])('finds no place in %j', (text) => expect(pointFrom(text)).toBeUndefined())
})
