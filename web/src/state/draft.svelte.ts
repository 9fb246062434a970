import { answer, api } from '../api/client'
import { type ApiError, asApiError } from '../api/problem'
import type { Impact, LonLat, Shape, Zone } from '../api/types'
import { joined } from '../geometry/paste'
import { emptyForm, faultsOf, formOf, inputOf, type ZoneForm } from './form'
import { live } from './live.svelte'
import type { Remote } from './remote'
import { where } from './where.svelte'

export type Tool = 'none' | 'polygon' | 'circle' | 'vertices'
const STORED = 'aman.draft'

interface Kept {
  readonly form: ZoneForm
  readonly shape?: Shape
  readonly stored?: Zone
  readonly etag?: string
}

/** The zone being drawn. It outlives errors, conflicts, a lost session and a reload of the page; only a person throws it away. */
class Draft {
  open = $state(false)
  form = $state<ZoneForm>(emptyForm(Date.now()))
  shape = $state.raw<Shape>()
  tool = $state<Tool>('none')
  /** The stored version this is based on; none for a new zone. */
  stored = $state.raw<Zone>()
  busy = $state<'' | 'save' | 'preview' | 'publish'>('')
  error = $state.raw<ApiError>()
  /** Somebody else's newer version, when saving met one. */
  theirs = $state.raw<Zone>()
  impact = $state.raw<Remote<Impact>>()
  /** Faults are shown once somebody has tried to go on. */
  tried = $state(false)
  /** The server holds a draft of this; said until something is tried again. */
  saved = $state(false)

  #etag: string | undefined
  #past: (Shape | undefined)[] = $state.raw([])
  #future: (Shape | undefined)[] = $state.raw([])
  #savedInput = ''
  #previewed = $state('')

  input = $derived(inputOf(this.form, this.shape))
  faults = $derived(faultsOf(this.form, this.shape))
  ready = $derived(Object.keys(this.faults).length === 0)
  /** The impact on the screen is of exactly this input. */
  current = $derived(this.impact?.data !== undefined && this.#previewed === JSON.stringify(this.input))
  canUndo = $derived(this.#past.length > 0)
  canRedo = $derived(this.#future.length > 0)

  get near(): LonLat | undefined {
    return this.error?.near
  }

  begin(): void {
    this.#reset(emptyForm(Date.now()), undefined, undefined, undefined)
  }

  edit(zone: Zone): void {
    this.#reset(formOf(zone), zone.country ? undefined : (zone.geometry as Shape | undefined), zone, `"${zone.version}"`)
    this.#savedInput = JSON.stringify({ ...this.input, reason: zone.reason })
  }

  #reset(form: ZoneForm, shape: Shape | undefined, stored: Zone | undefined, etag: string | undefined): void {
    this.form = form
    this.shape = shape
    this.stored = stored
    this.#etag = etag
    this.#past = []
    this.#future = []
    this.#savedInput = ''
    this.#previewed = ''
    this.error = undefined
    this.theirs = undefined
    this.impact = undefined
    this.tried = false
    this.saved = false
    this.tool = 'none'
    this.open = true
  }

  close(): void {
    this.open = false
    this.tool = 'none'
    sessionStorage.removeItem(STORED)
  }

  /** Keeps the draft for a reload. Zones name nobody, so this tab's storage may hold one. */
  keep(): void {
    if (!this.open) return
    const kept: Kept = {
      form: $state.snapshot(this.form) as ZoneForm,
      ...(this.shape ? { shape: this.shape } : {}),
      ...(this.stored ? { stored: this.stored } : {}),
      ...(this.#etag ? { etag: this.#etag } : {}),
    }
    try {
      sessionStorage.setItem(STORED, JSON.stringify(kept))
    } catch {
      // A full or refused storage costs the draft only if the page is closed.
    }
  }

  restore(): void {
    try {
      const kept = JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as Kept | null
      if (kept) this.#reset(kept.form, kept.shape, kept.stored, kept.etag)
    } catch {
      sessionStorage.removeItem(STORED)
    }
  }

  /** A new shape by hand: what was there can be had back. */
  setShape(shape: Shape | undefined): void {
    this.#past = [...this.#past.slice(-99), this.shape]
    this.#future = []
    this.shape = shape
    if (shape) this.form.country = undefined
  }

  addShape(shape: Shape): void {
    this.setShape(joined(this.shape, shape))
  }

  undo(): void {
    if (!this.canUndo) return
    this.#future = [...this.#future, this.shape]
    this.shape = this.#past.at(-1)
    this.#past = this.#past.slice(0, -1)
  }

  redo(): void {
    if (!this.canRedo) return
    this.#past = [...this.#past, this.shape]
    this.shape = this.#future.at(-1)
    this.#future = this.#future.slice(0, -1)
  }

  async preview(): Promise<void> {
    this.tried = true
    if (!this.ready || this.busy) return
    this.tool = 'none'
    this.busy = 'preview'
    this.error = undefined
    this.impact = { loading: true }
    const input = this.input
    try {
      const query = { crisis: where.crisis, ...(this.stored ? { replaces: this.stored.id } : {}) }
      const { data } = await answer(api.POST('/api/v1/zones/preview', { params: { query }, body: input }))
      this.#previewed = JSON.stringify(input)
      this.impact = { data, loading: false }
    } catch (thrown) {
      this.impact = undefined
      this.error = asApiError(thrown)
    } finally {
      this.busy = ''
    }
  }

  /** Stores the draft; true when it is stored. A conflict fetches what the other one wrote and changes nothing here. */
  async save(): Promise<boolean> {
    this.tried = true
    if (!this.ready || this.busy) return false
    this.busy = 'save'
    try {
      return await this.#save()
    } finally {
      this.busy = ''
    }
  }

  async #save(): Promise<boolean> {
    const input = this.input
    this.error = undefined
    try {
      const saved = this.stored
        ? await answer(
            api.PUT('/api/v1/zones/{id}', {
              params: { path: { id: this.stored.id }, header: { 'If-Match': this.#etag ?? `"${this.stored.version}"` } },
              body: input,
            }),
          )
        : await answer(api.POST('/api/v1/zones', { params: { query: { crisis: where.crisis } }, body: input }))
      this.stored = saved.data
      this.#etag = saved.etag ?? `"${saved.data.version}"`
      this.#savedInput = JSON.stringify(input)
      this.theirs = undefined
      this.saved = true
      live.soon()
      return true
    } catch (thrown) {
      await this.#failed(asApiError(thrown))
      return false
    }
  }

  /** Puts the draft in force, storing it first where it changed; a lowering only becomes a proposal. Undefined when it failed: see `error`. */
  async publish(): Promise<'published' | 'proposed' | undefined> {
    this.tried = true
    if (!this.ready || this.busy) return undefined
    this.busy = 'publish'
    this.error = undefined
    try {
      if (this.#savedInput !== JSON.stringify(this.input) && !(await this.#save())) return undefined
      const { stored } = this
      if (!stored) return undefined
      const { data, status } = await answer(
        api.POST('/api/v1/zones/{id}/publish', {
          params: { path: { id: stored.id }, header: { 'If-Match': this.#etag ?? `"${stored.version}"` } },
        }),
      )
      this.close()
      where.zone = data.id
      live.soon()
      return status === 202 ? 'proposed' : 'published'
    } catch (thrown) {
      await this.#failed(asApiError(thrown))
      return undefined
    } finally {
      this.busy = ''
    }
  }

  async #failed(error: ApiError): Promise<void> {
    this.error = error
    if (!error.conflict || !this.stored) return
    try {
      this.theirs = (await answer(api.GET('/api/v1/zones/{id}', { params: { path: { id: this.stored.id } } }))).data
    } catch (thrown) {
      asApiError(thrown)
    }
  }

  /** Conflict: keep what is here, on top of the other's version. */
  keepMine(): void {
    const { theirs } = this
    if (!theirs) return
    this.stored = theirs
    this.#etag = `"${theirs.version}"`
    this.#savedInput = ''
    this.theirs = undefined
    this.error = undefined
  }

  /** Conflict: throw this away and go on from the other's version. */
  takeTheirs(): void {
    if (this.theirs) this.edit(this.theirs)
  }
}

export const draft = new Draft()
