import { answer, api } from '../api/client'
import { asApiError } from '../api/problem'
import type { Event as Change } from '../api/types'
import { merged } from './events'
import { people } from './people.svelte'
import { picture } from './picture.svelte'
import { NOTHING_YET, type Remote } from './remote'
import { session } from './session.svelte'
import { where } from './where.svelte'

/** At most one refresh in this time, in milliseconds: the first at once, the rest merged into one after it. */
const GAP_MS = 500
/** Without news the screen asks anyway, so that the data age tells the truth when a connection hangs half open. */
const POLL_MS = 20_000
/** How long the first look waits for the stream, in milliseconds. */
const PATIENCE_MS = 400

/** Follows the server's stream and keeps what is on the screen in step with it. */
class Live {
  events = $state.raw<Remote<readonly Change[]>>(NOTHING_YET)
  connected = $state(false)
  /** Events that arrived since the log was last looked at. */
  unseen = $state(0)

  /** The first look has been asked for: until then nobody else needs to ask. */
  began = false

  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #poll: ReturnType<typeof setInterval> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #last = 0

  start(): void {
    this.stop()
    void this.loadEvents()
    this.#open()
    // The stream comes first, so that nothing falls between it and the first look; but a slow one isn't waited for.
    this.#timer = setTimeout(() => this.#now(), PATIENCE_MS)
    this.#poll = setInterval(() => {
      if (!document.hidden && session.state === 'in' && Date.now() - picture.confirmedAt >= POLL_MS - 1000) this.soon()
    }, POLL_MS)
    document.addEventListener('visibilitychange', this.#shown)
    window.addEventListener('online', this.#shown)
  }

  stop(): void {
    this.#source?.close()
    clearTimeout(this.#timer)
    clearTimeout(this.#retry)
    clearInterval(this.#poll)
    this.#timer = undefined
    document.removeEventListener('visibilitychange', this.#shown)
    window.removeEventListener('online', this.#shown)
  }

  #shown = (): void => {
    if (!document.hidden) this.soon()
  }

  #open(): void {
    const crisis = where.crisis
    const source = new EventSource(`/api/v1/events/stream${crisis ? `?crisis=${encodeURIComponent(crisis)}` : ''}`)
    this.#source = source
    source.onopen = () => {
      this.connected = true
      // Whatever happened between two connections is fetched, not guessed.
      this.#now()
    }
    source.onerror = () => {
      this.connected = false
      if (source.readyState !== EventSource.CLOSED) return
      // The browser gave up (an answer that isn't a stream): ask who we are, which finds an ended session, and try again.
      source.close()
      this.#retry = setTimeout(() => {
        if (session.state === 'in') {
          void this.loadEvents()
          this.#open()
        }
      }, 3000)
    }
    source.addEventListener('picture', () => this.soon())
    source.addEventListener('resync', () => {
      void this.loadEvents()
      this.soon()
    })
    source.addEventListener('event', (message) => {
      let change: Change
      try {
        change = JSON.parse((message as MessageEvent<string>).data) as Change
      } catch {
        return
      }
      this.events = { data: merged(this.events.data ?? [], [change]), loading: false }
      if (where.tab !== 'events') this.unseen++
      this.soon()
    })
  }

  /** Refreshes what is on the screen, at once or merged with others right after. */
  soon(): void {
    if (this.#timer !== undefined || document.hidden) return
    const wait = Math.max(0, this.#last + GAP_MS - Date.now())
    this.#timer = setTimeout(() => this.#now(), wait)
  }

  #now(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    void this.refresh()
  }

  async refresh(): Promise<void> {
    this.#last = Date.now()
    this.began = true
    await Promise.all([picture.loadZones(), picture.loadCells(), people.load(), picture.loadAirports(), picture.loadHeadline()])
  }

  async loadEvents(): Promise<void> {
    try {
      const { data } = await answer(api.GET('/api/v1/events', { params: { query: { crisis: where.crisis, limit: 200 } } }))
      this.events = { data: merged([], data.items), loading: false }
    } catch (thrown) {
      this.events = { ...this.events, loading: false, error: asApiError(thrown) }
    }
  }

  async older(): Promise<void> {
    const oldest = this.events.data?.at(-1)
    if (!oldest) return
    try {
      const { data } = await answer(
        api.GET('/api/v1/events', { params: { query: { crisis: where.crisis, before: oldest.seq, limit: 200 } } }),
      )
      this.events = { data: merged(this.events.data ?? [], data.items, 5000), loading: false }
    } catch (thrown) {
      this.events = { ...this.events, error: asApiError(thrown) }
    }
  }
}

export const live = new Live()
