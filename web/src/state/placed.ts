import type { PersonRow } from '../api/types'

/**
 * The moment, RFC 3339, that the age beside somebody's place counts from. It is the place's own: they may have been heard of
 * since without a place, which doesn't make an old place new. A fix from the future is as old as its receipt. For whoever has no
 * position it is when they were last heard of; undefined when never.
 */
export function placedAt(row: Pick<PersonRow, 'position' | 'heard_at'>): string | undefined {
  const { position } = row
  if (!position) return row.heard_at
  const { fixed_at, received_at } = position
  return fixed_at !== undefined && Date.parse(fixed_at) < Date.parse(received_at) ? fixed_at : received_at
}
