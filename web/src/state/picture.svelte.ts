import { answer, api } from '../api/client'
import { asApiError } from '../api/problem'
import type { Airport, AsOf, CellList, CountList, Crisis, Mission, Shape, Zone } from '../api/types'
import type { Country } from '../geometry/topojson'
import { queryOf } from './filters'
import { Latest } from './latest'
import { NOTHING_YET, type Remote } from './remote'
import { where } from './where.svelte'

/** The numbers that stand above the map: the whole crisis within one's scope, not narrowed by filters. */
export interface Headline {
  readonly levels: CountList
  readonly wellbeing: CountList
  readonly freshness: CountList
}

/** What the map shows: zones, airports, cells and the numbers above it. */
class Picture {
  crises = $state.raw<readonly Crisis[]>([])
  missions = $state.raw<readonly Mission[]>([])
  countries = $state.raw<readonly Country[]>([])
  zones = $state.raw<Remote<readonly Zone[]>>(NOTHING_YET)
  /** Shape in force by zone id, where a newer draft has another one. */
  forced = $state.raw<ReadonlyMap<string, Zone>>(new Map())
  airports = $state.raw<Remote<readonly Airport[]>>(NOTHING_YET)
  cells = $state.raw<Remote<CellList>>(NOTHING_YET)
  headline = $state.raw<Remote<Headline>>(NOTHING_YET)
  /** When the server last answered, by this computer's clock, in milliseconds; 0 for never. */
  confirmedAt = $state(0)
  asOf = $state.raw<AsOf>()

  #zones = new Latest()
  #airports = new Latest()
  #cells = new Latest()
  #headline = new Latest()

  /** Every answer of the live picture confirms how old the data on the screen is. */
  confirm(asOf: AsOf): void {
    this.confirmedAt = Date.now()
    if (!this.asOf || this.asOf.epoch !== asOf.epoch || asOf.seq >= this.asOf.seq) this.asOf = asOf
  }

  async loadReference(): Promise<void> {
    const [crises, missions] = await Promise.all([answer(api.GET('/api/v1/crises')), answer(api.GET('/api/v1/missions'))])
    this.crises = crises.data.items
    this.missions = missions.data.items
    if (!this.crises.some((c) => c.slug === where.crisis)) where.crisis = this.crises[0]?.slug
  }

  async loadZones(): Promise<void> {
    const crisis = where.crisis
    try {
      const done = await this.#zones.run(async (signal) => {
        const { data } = await answer(api.GET('/api/v1/zones', { params: { query: { crisis, geometry: false } }, signal }))
        const known = new Map((this.zones.data ?? []).map((z) => [z.id, z]))
        const same = (z: Zone): boolean =>
          known.get(z.id)?.version === z.version && known.get(z.id)?.in_force_version === z.in_force_version
        // Shapes are heavy and change seldom: they are fetched again only when some zone has another version.
        if (data.items.every((z) => same(z) && known.get(z.id)?.geometry))
          return { items: data.items.map((z) => ({ ...z, geometry: known.get(z.id)?.geometry })), asOf: data.as_of, forced: this.forced }
        const full = (await answer(api.GET('/api/v1/zones', { params: { query: { crisis } }, signal }))).data
        return { items: full.items, asOf: full.as_of, forced: await this.#loadForced(full.items, signal) }
      })
      if (!done) return
      this.forced = done.forced
      this.zones = { data: done.items, loading: false }
      this.confirm(done.asOf)
    } catch (thrown) {
      this.zones = { ...this.zones, loading: false, error: asApiError(thrown) }
    }
  }

  async #loadForced(zones: readonly Zone[], signal: AbortSignal): Promise<ReadonlyMap<string, Zone>> {
    const drafts = zones.filter((z) => z.in_force_version !== undefined && z.in_force_version !== z.version)
    const found = await Promise.all(
      drafts.map(async (z): Promise<[string, Zone] | undefined> => {
        const { data } = await answer(api.GET('/api/v1/zones/{id}/versions', { params: { path: { id: z.id } }, signal }))
        const version = data.items.find((v) => v.version === z.in_force_version)
        return version && [z.id, version]
      }),
    )
    return new Map(found.filter((f) => f !== undefined))
  }

  /** What the map draws: the version in force where there is one, else the newest. */
  shown(zone: Zone): { readonly level: number; readonly shape: Shape | undefined; readonly inForce: boolean } {
    const version = this.forced.get(zone.id) ?? zone
    const shape = (version.geometry as Shape | undefined) ?? this.countries.find((c) => c.code === version.country)?.shape
    return { level: zone.in_force ? (zone.in_force_level ?? version.level) : zone.level, shape, inForce: zone.in_force }
  }

  async loadAirports(): Promise<void> {
    try {
      const done = await this.#airports.run(async (signal) =>
        answer(api.GET('/api/v1/airports', { params: { query: { crisis: where.crisis, limit: 1000 } }, signal })),
      )
      if (!done) return
      this.airports = { data: done.data.items, loading: false }
      this.confirm(done.data.as_of)
    } catch (thrown) {
      this.airports = { ...this.airports, loading: false, error: asApiError(thrown) }
    }
  }

  /** One request for the view; the newest wins. */
  async loadCells(): Promise<void> {
    const { view } = where
    if (!view) return
    try {
      const done = await this.#cells.run(async (signal) =>
        answer(
          api.GET('/api/v1/cells', {
            params: { query: { crisis: where.crisis, zoom: Math.round(view.zoom), ...queryOf(where.filters, view.bbox) } },
            signal,
          }),
        ),
      )
      if (!done) return
      this.cells = { data: done.data, loading: false }
      this.confirm(done.data.as_of)
    } catch (thrown) {
      this.cells = { ...this.cells, loading: false, error: asApiError(thrown) }
    }
  }

  async loadHeadline(): Promise<void> {
    const by = async (by: 'level' | 'wellbeing' | 'freshness', signal: AbortSignal): Promise<CountList> =>
      (await answer(api.GET('/api/v1/counts', { params: { query: { crisis: where.crisis, by } }, signal }))).data
    try {
      const done = await this.#headline.run(async (signal) => {
        const [levels, wellbeing, freshness] = await Promise.all([by('level', signal), by('wellbeing', signal), by('freshness', signal)])
        return { levels, wellbeing, freshness }
      })
      if (!done) return
      this.headline = { data: done, loading: false }
      this.confirm(done.levels.as_of)
    } catch (thrown) {
      this.headline = { ...this.headline, loading: false, error: asApiError(thrown) }
    }
  }

  /** Another crisis: nothing of the old one may stay on the screen. */
  clear(): void {
    this.zones = NOTHING_YET
    this.airports = NOTHING_YET
    this.cells = NOTHING_YET
    this.headline = NOTHING_YET
    this.forced = new Map()
  }
}

export const picture = new Picture()
