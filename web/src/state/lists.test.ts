import { describe, expect, test } from 'vitest'
import { applyMapping, emptyListForm, listOptions, mappingOptions, ranges, takeable } from './lists'

describe('a list’s options', () => {
  test('say nothing that nobody said', () => {
    expect(listOptions(emptyListForm(), false)).toEqual({ kind: 'open', date_order: 'dmy' })
  })
  test('survive being saved and used again, but for what is one file’s own', () => {
    const form = {
      kind: 'close' as const,
      left: 'home' as const,
      source: ' Border ',
      sheet: 'Exit',
      columns: { A: 'iin' as const, B: '' as const },
      dateOrder: 'mdy' as const,
      country: 'AE',
      asOf: '2026-03-01',
    }
    const again = applyMapping({ ...emptyListForm(), sheet: 'Other', asOf: '2026-04-01' }, mappingOptions(form))
    expect(again).toEqual({ ...form, source: 'Border', sheet: 'Other', asOf: '2026-04-01' })
    expect(listOptions(form, true)).toMatchObject({ sheet: 'Exit', as_of: '2026-03-01', skip_bad: true, left: 'home' })
  })
})

test('rows are told as ranges', () => {
  expect(ranges([])).toBe('')
  expect(ranges([3])).toBe('3')
  expect(ranges([2, 3, 4, 9, 11, 12])).toBe('2–4, 9, 11–12')
})

test('what can be taken is neither refused, nor doubled, nor unknown', () => {
  expect(takeable({ rows: 10, refused: 2, doubled: 1, hidden: 3, sums: 1, closed: 4, not_found: 3 })).toBe(4)
})
