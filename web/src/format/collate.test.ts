import { describe, expect, it } from 'vitest'
import { compareNames } from './collate'

describe('names in order', () => {
  // Oracle: the Kazakh Cyrillic alphabet.
  it('of Kazakh', () => {
    const sorted =
      'Dubai Австралия Алжир Әзербайжан Бахрейн Грузия Ғана Израиль Иран Ирландия Катар Кувейт Қазақстан Оман Өзбекстан Уганда Ұлыбритания Үндістан'.split(
        ' ',
      )
    expect([...sorted].reverse().sort((a, b) => compareNames(a, b, 'kk'))).toEqual(sorted)
  })
  it('of Russian', () =>
    expect(['Ёлка', 'Яма', 'Ель', 'Ежи'].sort((a, b) => compareNames(a, b, 'ru'))).toEqual(['Ежи', 'Ёлка', 'Ель', 'Яма']))
  it('with the shorter first', () => expect(compareNames('Ира', 'Иран', 'kk')).toBeLessThan(0))
})
