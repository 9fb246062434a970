/** The members of `after` that differ from `before`. A text that was emptied stays out where the API takes no empty one (see EMPTIABLE). */
export function changedMembers<T extends Readonly<Record<string, string>>>(before: T, after: T): Partial<T> {
  const changed = Object.entries(after).filter(([name, value]) => {
    if (value === before[name]) return false
    return value !== '' || EMPTIABLE.has(name)
  })
  return Object.fromEntries(changed) as Partial<T>
}

/** Members of a person that may be sent empty; dates and document numbers may only be replaced. */
const EMPTIABLE: ReadonlySet<string> = new Set(['name', 'latin', 'tour_code', 'note', 'phones'])
