import type { components } from '../api/schema'

type Schemas = components['schemas']
export type ListField = Schemas['ListField']
export type ListMapping = Schemas['ListMapping']
export type ListMappingOptions = Schemas['ListMappingOptions']
export type ListOptions = Schemas['ListOptions']
export type ListPreview = Schemas['ListPreview']
export type ListProblem = Schemas['ListProblem']
export type ListResult = Schemas['ListResult']
export type ListSample = Schemas['ListSample']
export type ListSuggestion = Schemas['ListSuggestion']
export type ListTotals = Schemas['ListTotals']

/** The most that the server takes, bytes. */
export const MAX_LIST_BYTES = 8 * 1024 * 1024

/** What a column may say, in the order in which people choose. */
export const LIST_FIELDS: readonly ListField[] = [
  'name',
  'surname',
  'given',
  'patronymic',
  'latin',
  'latin_surname',
  'latin_given',
  'birth_date',
  'sex',
  'citizenship',
  'iin',
  'passport',
  'passport_expiry',
  'phone',
  'email',
  'tour_code',
  'party',
  'country',
  'city',
  'airport',
  'address',
  'lat',
  'lon',
  'lat_lon',
  'arrival',
  'departure',
  'status',
  'persons',
  'note',
  'stated_at',
]

/** How a list is to be read, as people fill it in. */
export interface ListForm {
  kind: 'open' | 'close'
  left: 'left' | 'home'
  source: string
  sheet: string
  /** Heading to field, or to '' for a column that isn't taken: only what people changed. */
  columns: Readonly<Record<string, ListField | ''>>
  dateOrder: 'dmy' | 'mdy'
  country: string
  /** yyyy-mm-dd, or empty for now. */
  asOf: string
}

export const emptyListForm = (): ListForm => ({
  kind: 'open',
  left: 'left',
  source: '',
  sheet: '',
  columns: {},
  dateOrder: 'dmy',
  country: '',
  asOf: '',
})

/** What of a form belongs to the sender, and is kept for their next list. */
export function mappingOptions(form: ListForm): ListMappingOptions {
  return {
    kind: form.kind,
    ...(form.kind === 'close' ? { left: form.left } : {}),
    ...(form.source.trim() ? { source: form.source.trim() } : {}),
    ...(Object.keys(form.columns).length > 0 ? { columns: { ...form.columns } } : {}),
    date_order: form.dateOrder,
    ...(form.country ? { country: form.country } : {}),
  }
}

export function listOptions(form: ListForm, skipBad: boolean): ListOptions {
  return {
    ...mappingOptions(form),
    ...(form.sheet ? { sheet: form.sheet } : {}),
    ...(form.asOf ? { as_of: form.asOf } : {}),
    ...(skipBad ? { skip_bad: true } : {}),
  }
}

/** A form as a saved mapping wants it; what is this file's own stays. */
export function applyMapping(form: ListForm, saved: ListMappingOptions): ListForm {
  return {
    ...emptyListForm(),
    sheet: form.sheet,
    asOf: form.asOf,
    kind: saved.kind ?? 'open',
    left: saved.left ?? 'left',
    source: saved.source ?? form.source,
    columns: (saved.columns ?? {}) as ListForm['columns'],
    dateOrder: saved.date_order ?? 'dmy',
    country: saved.country ?? '',
  }
}

/** The upload: the file and how to read it. */
export function listBody(file: Blob, options: ListOptions): FormData {
  const body = new FormData()
  body.append('options', JSON.stringify(options))
  body.append('file', file, 'list')
  return body
}

/** Rows that taking the list would take. */
export function takeable(totals: ListTotals): number {
  return totals.rows - totals.refused - totals.doubled - (totals.not_found ?? 0)
}

/** Numbers as people read many of them: "2–5, 9". */
export function ranges(rows: readonly number[]): string {
  const out: string[] = []
  for (let i = 0; i < rows.length; ) {
    let j = i
    while (j + 1 < rows.length && rows[j + 1] === (rows[j] as number) + 1) j++
    out.push(i === j ? `${rows[i]}` : `${rows[i]}–${rows[j]}`)
    i = j + 1
  }
  return out.join(', ')
}
