import { answer, api } from '../api/client'
import { type ApiError, asApiError } from '../api/problem'
import type { Callback, CallbackList, CallbackState } from '../api/types'
import { Latest } from './latest'
import { session } from './session.svelte'
import { where } from './where.svelte'

const EVERY_MS = 30_000

/** How many are asked for at a time, and shown before somebody wants more. */
const PAGE = 200

/** Who waits to be rung: asked for every half minute, and when somebody comes back to the window. */
class Callbacks {
  items = $state.raw<readonly Callback[]>([])
  /** How many there are, those that aren't shown too. */
  total = $state(0)
  /** How many of them still wait. */
  waiting = $state(0)
  /** Those that are done and refused too. */
  all = $state(false)
  loaded = $state(false)
  error = $state.raw<ApiError>()

  #latest = new Latest()
  #shown = PAGE

  /** Asks again and again, once somebody has loaded the queue for a crisis; the answer stops it. */
  watch(): () => void {
    const look = (): void => {
      if (document.visibilityState === 'visible' && session.state === 'in' && this.loaded) void this.load()
    }
    const timer = setInterval(look, EVERY_MS)
    addEventListener('focus', look)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      removeEventListener('focus', look)
      document.removeEventListener('visibilitychange', look)
      this.#latest.stop()
    }
  }

  async load(): Promise<void> {
    if (!session.can('callbacks.work')) return
    try {
      const got = await this.#latest.run((signal) => this.#read(signal))
      if (!got) return
      this.items = got.items
      this.total = got.total
      this.waiting = got.waiting
      this.loaded = true
      this.error = undefined
    } catch (thrown) {
      this.error = asApiError(thrown)
    }
  }

  /** Shows one page more. */
  async loadMore(): Promise<void> {
    this.#shown = this.items.length + PAGE
    await this.load()
  }

  /** Reads from the start as many as are shown: what was done meanwhile moves up the rest. */
  async #read(signal: AbortSignal): Promise<CallbackList> {
    const items: Callback[] = []
    let cursor: string | undefined
    for (;;) {
      const query = { crisis: where.crisis, state: this.all ? 'all' : 'open', limit: PAGE, cursor } as const
      const { data } = await answer(api.GET('/api/v1/callbacks', { params: { query }, signal }))
      items.push(...data.items)
      cursor = data.next
      if (!cursor || items.length >= this.#shown) return { ...data, items }
    }
  }

  /** Notes how far one has got, based on the version that is shown. Errors are thrown; after a conflict the list is the latest. */
  async change(callback: Callback, state: CallbackState, outcome: string): Promise<void> {
    try {
      await answer(
        api.POST('/api/v1/callbacks/{id}', {
          params: { path: { id: callback.id }, header: { 'If-Match': `"${callback.version}"` } },
          body: { state, ...(outcome.trim() ? { outcome: outcome.trim() } : {}) },
        }),
      )
    } finally {
      await this.load()
    }
  }
}

export const callbacks = new Callbacks()
