import { answer, api } from '../api/client'
import { asApiError } from '../api/problem'
import type { PersonList, PersonRow } from '../api/types'
import { Latest } from './latest'
import { picture } from './picture.svelte'
import { NOTHING_YET, type Remote } from './remote'
import { where } from './where.svelte'

/** The list beside the map: the same filter, the same moment, the same numbers. */
class People {
  list = $state.raw<Remote<PersonList>>(NOTHING_YET)
  more = $state(false)
  /** Row that J and K move. */
  cursor = $state(0)

  #latest = new Latest()
  #key = ''

  get rows(): readonly PersonRow[] {
    return this.list.data?.items ?? []
  }

  /** Fetches the list anew: as many rows as are shown, so that a live change doesn't throw the reader back to the top. */
  async load(): Promise<void> {
    const query = where.listQuery
    const key = JSON.stringify([where.crisis, query])
    const other = key !== this.#key
    if (other) {
      this.#key = key
      this.cursor = 0
      this.list = { loading: true }
    }
    const limit = other ? 50 : Math.min(1000, Math.max(50, this.rows.length))
    try {
      const done = await this.#latest.run(async (signal) =>
        answer(api.GET('/api/v1/people', { params: { query: { crisis: where.crisis, ...query, limit } }, signal })),
      )
      if (!done) return
      this.list = { data: done.data, loading: false }
      this.more = false
      picture.confirm(done.data.as_of)
    } catch (thrown) {
      this.list = { ...this.list, loading: false, error: asApiError(thrown) }
    }
  }

  /** The next page by the list's cursor. */
  async loadMore(): Promise<void> {
    const before = this.list.data
    if (!before?.next || this.more) return
    this.more = true
    const query = where.listQuery
    try {
      const done = await this.#latest.run(async (signal) =>
        answer(
          api.GET('/api/v1/people', {
            params: { query: { crisis: where.crisis, ...query, limit: 100, cursor: before.next } },
            signal,
          }),
        ),
      )
      if (!done) return
      const known = new Set(before.items.map((r) => r.id))
      this.list = { data: { ...done.data, items: [...before.items, ...done.data.items.filter((r) => !known.has(r.id))] }, loading: false }
    } catch (thrown) {
      this.list = { ...this.list, loading: false, error: asApiError(thrown) }
    } finally {
      this.more = false
    }
  }

  move(by: number): PersonRow | undefined {
    this.cursor = Math.max(0, Math.min(this.rows.length - 1, this.cursor + by))
    return this.rows[this.cursor]
  }
}

export const people = new People()
