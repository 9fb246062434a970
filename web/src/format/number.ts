import { type Lang, localeOf } from './time'

/** A whole number with the language's thousands separator. */
export function formatCount(n: number, lang: Lang): string {
  return new Intl.NumberFormat(localeOf(lang), { maximumFractionDigits: 0, useGrouping: true }).format(n)
}

/** At most four characters for a map symbol: 999, 1.2k, 12k, 1.2M. Rounded down, so that it never says more than there are. */
export function formatShort(n: number): string {
  const cut = (x: number, suffix: string): string => (x < 10 ? (Math.floor(x * 10) / 10).toString() : Math.floor(x).toString()) + suffix
  if (n < 1000) return String(n)
  return n < 1_000_000 ? cut(n / 1000, 'k') : cut(n / 1_000_000, 'M')
}

/** Metres as "80 m", "1.2 km" or "35 km" with the language's separators; the unit words come from the catalogue. */
export function formatMetres(m: number, lang: Lang, units: { readonly m: string; readonly km: string }): string {
  const format = (x: number, digits: number): string => new Intl.NumberFormat(localeOf(lang), { maximumFractionDigits: digits }).format(x)
  if (m < 1000) return `${format(Math.round(m), 0)} ${units.m}`
  return `${format(m / 1000, m < 10_000 ? 1 : 0)} ${units.km}`
}

/** A share of 0 to 1 as whole per cent; never 0 % for something and never 100 % for less than all. */
export function formatShare(share: number): string {
  const percent = share <= 0 || share >= 1 ? Math.round(share * 100) : Math.min(99, Math.max(1, Math.round(share * 100)))
  return `${percent} %`
}
