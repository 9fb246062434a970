import type { Candidate, PersonDetails, PersonRow } from '../api/types'

const FIELDS = ['name', 'latin', 'birth_date', 'sex', 'iin', 'passport', 'phones', 'handles', 'tour_code', 'country', 'note'] as const

export interface Difference {
  readonly field: (typeof FIELDS)[number]
  readonly mine: string
  readonly theirs: string
  /** Both say something, and not the same. */
  readonly differs: boolean
}

/** Two records beside each other: each member that one of them has, in a fixed order. Lists are compared as sets. */
export function sideBySide(mine: PersonDetails, theirs: PersonDetails): readonly Difference[] {
  const text = (v: string | readonly string[] | undefined): string => (typeof v === 'object' ? [...v].sort().join(', ') : (v ?? ''))
  return FIELDS.flatMap((field) => {
    const [a, b] = [text(mine[field]), text(theirs[field])]
    return a || b ? [{ field, mine: a, theirs: b, differs: a !== '' && b !== '' && a !== b }] : []
  })
}

/** The first three of whom nothing speaks against: more would only keep somebody on the phone. */
export const likely = (candidates: readonly Candidate[]): readonly PersonRow[] =>
  candidates
    .filter((c) => !c.why.some((w) => w.startsWith('conflicting')))
    .map((c) => c.person)
    .slice(0, 3)
