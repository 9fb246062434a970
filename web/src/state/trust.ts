import type { PersonCard, Report, Tell } from '../api/types'

/** Flags that keep a place from replacing a trusted one. */
const UNTRUSTED: ReadonlySet<string> = new Set(['implausible_speed', 'identical_fix', 'mock_provider', 'replay', 'doubted'])
/** Flags that are nobody's doubt: they say who filed it. */
const PLAIN: ReadonlySet<string> = new Set(['casualty'])

/** What is odd about a report or its place, each word once, the report's own first. */
export function flagsOf(report: Report): readonly string[] {
  return [...new Set([...report.flags, ...(report.position?.flags ?? [])])].filter((f) => !PLAIN.has(f))
}

/** Whether its place stands beside the last trusted one and waits for somebody's word. */
export const doubted = (report: Report): boolean => report.position?.flags.some((f) => UNTRUSTED.has(f)) ?? false

interface Said<T> {
  readonly said: T
  readonly at: string
}

/** What a card's reports say last of what isn't in its row; those taken back say nothing. Reports come newest first. */
export interface LastSaid {
  readonly medicineDays?: Said<number>
  readonly tell?: Said<{ readonly whom: Tell; readonly names: string }>
  /** Who else has called about them: each once, the last first. */
  readonly callers: readonly Said<{ readonly name: string; readonly phone: string; readonly relation: string }>[]
}

export function lastSaid(card: PersonCard): LastSaid {
  const standing = card.reports.filter((r) => !r.retracted)
  const medicine = standing.find((r) => r.medicine_days !== undefined)
  const tell = standing.find((r) => r.tell !== undefined)
  const seen = new Set<string>()
  return {
    ...(medicine?.medicine_days === undefined ? {} : { medicineDays: { said: medicine.medicine_days, at: medicine.effective_at } }),
    ...(tell?.tell ? { tell: { said: { whom: tell.tell, names: tell.tell_names ?? '' }, at: tell.effective_at } } : {}),
    callers: standing.flatMap((r) => {
      if (!r.caller) return []
      const said = { name: r.caller.name ?? '', phone: r.caller.phone ?? '', relation: r.caller.relation ?? '' }
      const key = JSON.stringify(said)
      if (seen.has(key)) return []
      seen.add(key)
      return [{ said, at: r.effective_at }]
    }),
  }
}
