import type { Names, Shape, Zone, ZoneInput } from '../api/types'
import { type ShapeFault, shapeFault } from '../geometry/check'

export const ACTIONS = ['monitor', 'prepare', 'avoid', 'shelter', 'evacuate', 'none'] as const
export const KINDS = ['ground', 'maritime', 'airspace'] as const

/** A zone as it is typed and drawn. Exactly one of shape and country ends up in what is sent. */
export interface ZoneForm {
  level: 1 | 2 | 3 | 4
  kind: (typeof KINDS)[number]
  action: (typeof ACTIONS)[number]
  floorM: number | undefined
  ceilingM: number | undefined
  names: Names
  advice: Names
  /** RFC 3339, UTC. */
  validFrom: string
  validTo: string | undefined
  source: string
  reason: string
  country: string | undefined
}

/** An empty form that begins at `now`, to the minute. */
export function emptyForm(now: number): ZoneForm {
  return {
    level: 2,
    kind: 'ground',
    action: 'avoid',
    floorM: undefined,
    ceilingM: undefined,
    names: { kk: '', ru: '', en: '' },
    advice: { kk: '', ru: '', en: '' },
    validFrom: new Date(Math.floor(now / 60_000) * 60_000).toISOString().replace('.000Z', 'Z'),
    validTo: undefined,
    source: '',
    reason: '',
    country: undefined,
  }
}

/** The form of a stored zone. The reason is left empty: a new version wants its own. */
export function formOf(zone: Zone): ZoneForm {
  return {
    level: zone.level as ZoneForm['level'],
    kind: zone.kind,
    action: zone.action,
    floorM: zone.floor_m,
    ceilingM: zone.ceiling_m,
    names: { ...zone.names },
    advice: zone.advice ? { ...zone.advice } : { kk: '', ru: '', en: '' },
    validFrom: zone.valid_from,
    validTo: zone.valid_to,
    source: zone.source,
    reason: '',
    country: zone.country,
  }
}

/** What is sent to the server. */
export function inputOf(form: ZoneForm, shape: Shape | undefined): ZoneInput {
  const advised = Object.values(form.advice).some((s) => s.trim() !== '')
  const airspace = form.kind === 'airspace'
  return {
    level: form.level,
    kind: form.kind,
    action: form.action,
    ...(airspace && form.floorM !== undefined ? { floor_m: form.floorM } : {}),
    ...(airspace && form.ceilingM !== undefined ? { ceiling_m: form.ceilingM } : {}),
    names: form.names,
    ...(advised ? { advice: form.advice } : {}),
    valid_from: form.validFrom,
    ...(form.validTo ? { valid_to: form.validTo } : {}),
    source: form.source,
    reason: form.reason,
    ...(form.country ? { country: form.country } : shape ? { geometry: shape as unknown as ZoneInput['geometry'] } : {}),
  }
}

/** Field by field, what must be put right before the server is asked (a word of the catalogue each). */
export interface FormFaults {
  readonly shape?: ShapeFault['rule'] | 'none'
  readonly names?: 'required'
  readonly reason?: 'required'
  readonly validTo?: 'order'
  readonly ceiling?: 'order'
}

export function faultsOf(form: ZoneForm, shape: Shape | undefined): FormFaults {
  const fault = form.country ? undefined : shape ? shapeFault(shape)?.rule : 'none'
  return {
    ...(fault ? { shape: fault } : {}),
    ...(Object.values(form.names).every((s) => s.trim() === '') ? { names: 'required' as const } : {}),
    ...(form.reason.trim() === '' ? { reason: 'required' as const } : {}),
    ...(form.validTo && Date.parse(form.validTo) <= Date.parse(form.validFrom) ? { validTo: 'order' as const } : {}),
    ...(form.kind === 'airspace' && form.floorM !== undefined && form.ceilingM !== undefined && form.ceilingM <= form.floorM
      ? { ceiling: 'order' as const }
      : {}),
  }
}

/** The members in which two versions of a zone differ, to show beside each other in a conflict. */
export function differences(
  mine: ZoneInput,
  theirs: Zone,
): readonly { readonly field: string; readonly mine: string; readonly theirs: string }[] {
  const text = (v: unknown): string =>
    v === undefined || v === null ? '—' : typeof v === 'object' ? Object.values(v).filter(Boolean).join(' / ') : String(v)
  const fields = ['level', 'action', 'kind', 'names', 'advice', 'valid_from', 'valid_to', 'source', 'country'] as const
  const out = fields.flatMap((field) => {
    const [a, b] = [text(mine[field]), text(theirs[field])]
    const same = a === b || (field.startsWith('valid') && Date.parse(a) === Date.parse(b))
    return same ? [] : [{ field: field as string, mine: a, theirs: b }]
  })
  if (!mine.country && JSON.stringify(mine.geometry) !== JSON.stringify(theirs.geometry))
    out.push({ field: 'geometry', mine: '≠', theirs: '≠' })
  return out
}
