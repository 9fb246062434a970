import { describe, expect, it } from 'vitest'
import type { PersonalLink } from '../api/types'
import { linksCSV } from './links'

const link = (name: string, phone: string | undefined): PersonalLink => ({
  person_id: '0190a0b1-0000-7000-8000-000000000001',
  name,
  ...(phone === undefined ? {} : { phone }),
  url: 'https://aman.example/s/ABC#secret',
  link: {
    id: '0190a0b1-0000-7000-8000-000000000002',
    kind: 'personal',
    code: 'ABC',
    label: '',
    created_at: '2026-03-01T00:00:00Z',
    expires_at: '2026-03-08T00:00:00Z',
    state: 'in_force',
  },
})

describe('linksCSV', () => {
  it('writes who, their number as it is dialled, and the link', () => {
    expect(linksCSV([link('Дәурен', '+77012345678'), link('Әсел, "Асель"', undefined)])).toBe(
      '\uFEFFname,phone,link,expires_at\r\n' +
        'Дәурен,+77012345678,https://aman.example/s/ABC#secret,2026-03-08T00:00:00Z\r\n' +
        '"Әсел, ""Асель""",,https://aman.example/s/ABC#secret,2026-03-08T00:00:00Z\r\n',
    )
  })
  it.each(['=1+1', '@sum', '+1+cmd', '-2', '\tx', '+7701x'])('keeps a spreadsheet from running %j', (name) => {
    expect(linksCSV([link(name, undefined)]).split('\r\n')[1]).toMatch(/^'/)
  })
})
