import { describe, expect, it } from 'vitest'
import { interpolate, pickLang } from './interpolate'

describe('texts', () => {
  it('take their values', () => expect(interpolate('{n} of {all}, {n}', { n: 3, all: '5' })).toBe('3 of 5, 3'))
  it('keep a name without a value, and a value is never read again', () => expect(interpolate('{a}{b}', { a: '{b}' })).toBe('{b}{b}'))
})

describe('the language', () => {
  it.each([
    [['ru-KZ', 'en'], 'ru'],
    [['de', 'EN-us'], 'en'],
    [['', 'kk'], 'kk'],
    [['de'], 'kk'],
    [[], 'kk'],
  ] as const)('of %j is %s', (wanted, lang) => expect(pickLang(wanted)).toBe(lang))
})
