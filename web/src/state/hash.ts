import { type Filters, filtersFrom, filtersInto } from './filters'

/** What is kept in the address: enough to show a colleague the same picture, and nothing that names a person. */
export interface Place {
  readonly crisis?: string
  /** Map centre in degrees and web map zoom. */
  readonly map?: { readonly lon: number; readonly lat: number; readonly zoom: number }
  readonly filters: Filters
  /** The list follows the map's view. */
  readonly follow: boolean
  readonly tab: Tab
  /** Zone that is looked at, by id. */
  readonly selected?: string
}

/** What is done beside the picture stands together, behind one tab of the bar. */
export const DESK = ['callbacks', 'links', 'duty'] as const
export type DeskTab = (typeof DESK)[number]
export const TABS = ['map', 'zones', 'people', 'lists', 'events', ...DESK] as const
export type Tab = (typeof TABS)[number]

/** The part of the desk that a tab is; undefined for the others. */
export const deskOf = (tab: Tab): DeskTab | undefined => DESK.find((d) => d === tab)

/** Reads a hash, with or without '#'; what makes no sense is left out. */
export function placeFrom(hash: string): Place {
  const params = new URLSearchParams(hash.replace(/^#/, ''))
  const [zoom, lat, lon] = (params.get('map') ?? '').split('/').map((s) => (s === '' ? Number.NaN : Number(s)))
  const sane =
    zoom !== undefined && lat !== undefined && lon !== undefined && zoom >= 0 && zoom <= 18 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180
  const crisis = params.get('crisis') ?? ''
  const selected = params.get('look') ?? ''
  return {
    ...(/^[a-z0-9-]{1,40}$/.test(crisis) ? { crisis } : {}),
    ...(sane ? { map: { lon, lat, zoom } } : {}),
    filters: filtersFrom(params),
    follow: params.get('follow') === '1',
    tab: TABS.find((tab) => tab === params.get('tab')) ?? 'people',
    ...(/^[0-9a-f-]{36}$/i.test(selected) ? { selected } : {}),
  }
}

/** Writes a hash without '#': the inverse of placeFrom, the map to four digits. */
export function hashOf(place: Place): string {
  const params = new URLSearchParams()
  if (place.crisis) params.set('crisis', place.crisis)
  if (place.map) params.set('map', `${place.map.zoom}/${Number(place.map.lat.toFixed(4))}/${Number(place.map.lon.toFixed(4))}`)
  filtersInto(place.filters, params)
  if (place.follow) params.set('follow', '1')
  if (place.tab !== 'people') params.set('tab', place.tab)
  if (place.selected) params.set('look', place.selected)
  return params.toString().replaceAll('%2F', '/').replaceAll('%2C', ',')
}
