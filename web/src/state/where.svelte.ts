import type { Cell } from '../api/types'
import type { Bbox } from '../geometry/bbox'
import { cellBox } from '../style/cells'
import { type Filters, NO_FILTERS, queryOf } from './filters'
import { hashOf, type Place, placeFrom, type Tab } from './hash'

export interface MapView {
  readonly bbox: Bbox
  readonly lon: number
  readonly lat: number
  readonly zoom: number
}

/** People of one map symbol: the list opens on exactly them. Never in the address, for it is a place of people. */
export interface CellPick {
  readonly cell: Cell
  readonly bbox: Bbox
}

/** Where one is in the console: what is selected and what everything is narrowed to. */
class Where {
  crisis = $state<string>()
  filters = $state.raw<Filters>(NO_FILTERS)
  follow = $state(false)
  tab = $state<Tab>('people')
  left = $state<'zones' | 'airports'>('zones')
  zone = $state<string>()
  airport = $state<string>()
  person = $state<string>()
  view = $state.raw<MapView>()
  pick = $state.raw<CellPick>()
  /** The map view that the address asked for at the start. */
  readonly asked: Place

  constructor() {
    this.asked = placeFrom(location.hash)
    this.#read(this.asked)
  }

  #read(place: Place): void {
    // An address that names no crisis means the one that is open.
    this.crisis = place.crisis ?? this.crisis
    this.filters = place.filters
    this.follow = place.follow
    this.tab = place.tab
    this.zone = place.selected
  }

  /** Takes over an address that somebody typed or that the back button brought. */
  readAddress(): Place {
    const place = placeFrom(location.hash)
    this.#read(place)
    return place
  }

  get hash(): string {
    return hashOf({
      crisis: this.crisis,
      map: this.view,
      filters: this.filters,
      follow: this.follow,
      tab: this.tab,
      selected: this.zone,
    })
  }

  narrow(change: Partial<Filters>): void {
    const next = { ...this.filters, ...change }
    this.filters = Object.fromEntries(Object.entries(next).filter(([, v]) => v !== undefined)) as unknown as Filters
    this.pick = undefined
    this.person = undefined
  }

  showAll(): void {
    this.filters = NO_FILTERS
    this.pick = undefined
    this.follow = false
  }

  /** Opens the list on the people of one map symbol. */
  open(cell: Cell, zoom: number): void {
    this.pick = { cell, bbox: cellBox(cell.lon, cell.lat, zoom) }
    this.person = undefined
    this.tab = 'people'
  }

  /** Filter of the list: the map's, and the picked symbol's or the view's box. */
  get listQuery(): ReturnType<typeof queryOf> {
    const { pick } = this
    if (!pick) return queryOf(this.filters, this.follow ? this.view?.bbox : undefined)
    // With a zone filter a symbol's level is that zone's, while the list's level filter is about the highest one.
    const level = this.filters.zone ? this.filters.level : [pick.cell.level as Filters['level'][number]]
    return queryOf({ ...this.filters, level, verdict: [pick.cell.verdict] }, pick.bbox)
  }
}

export const where = new Where()
