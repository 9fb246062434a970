import type { PersonalLink } from '../api/types'

/** How many people one request makes links for. */
export const MOST_LINKS = 1000

/** A spreadsheet runs what begins so; a blank before it keeps it a text (phones keep their +, which senders of SMS need). */
const runs = (cell: string): boolean => /^[=@\t\r]/.test(cell) || (/^[-+]/.test(cell) && !/^\+\d{5,15}$/.test(cell))

function cell(text: string): string {
  const safe = runs(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Links with whom to send them to, as CSV with a BOM: name, phone, address of the link, until when. */
export function linksCSV(links: readonly PersonalLink[]): string {
  const rows = links.map((l) => [l.name, l.phone ?? '', l.url, l.link.expires_at])
  return `\uFEFF${[['name', 'phone', 'link', 'expires_at'], ...rows].map((r) => r.map(cell).join(',')).join('\r\n')}\r\n`
}
