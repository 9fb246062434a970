import { answer, api } from '../api/client'
import { type ApiError, asApiError } from '../api/problem'
import type { Hotline, HotlineInput, Shift, ShiftInput } from '../api/types'
import { session } from './session.svelte'

const DAY_MS = 86_400_000
/** How far ahead a rota is shown and written. */
const ROTA_DAYS = 14

/** Who can be rung: the numbers and turns of duty of missions, and of the ministry, which has no id. */
class Duty {
  hotlines = $state.raw<readonly Hotline[]>([])
  error = $state.raw<ApiError>()

  /** Turns by mission ('' is the ministry), as far as they were asked for. */
  #rotas = $state.raw<Readonly<Record<string, readonly Shift[]>>>({})

  /** The numbers of a mission in their order. */
  lines(mission: string | undefined): readonly Hotline[] {
    return this.hotlines.filter((h) => h.mission === mission)
  }

  /** The turns of a mission from the day before today on; undefined until they are loaded. */
  rota(mission: string | undefined): readonly Shift[] | undefined {
    return this.#rotas[mission ?? '']
  }

  /** Those of them that stand at a moment, milliseconds. */
  at(mission: string | undefined, ms: number): readonly Shift[] {
    return (this.rota(mission) ?? []).filter((s) => Date.parse(s.from) <= ms && ms < Date.parse(s.to))
  }

  /** Whether the account may set a mission's: only an administrator sets another's than their own. */
  mine(mission: string | undefined): boolean {
    return session.can('duty.write') && (session.me?.role === 'admin' || mission === session.me?.mission?.id)
  }

  /** The stretch of a rota: from the day before today, for a turn of the night goes on. */
  stretch(now: number): { readonly from: string; readonly to: string } {
    const today = Math.floor(now / DAY_MS) * DAY_MS
    const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
    return { from: iso(today - DAY_MS), to: iso(today + ROTA_DAYS * DAY_MS) }
  }

  async load(now: number, mission: string | undefined): Promise<void> {
    if (!session.can('duty.read')) return
    const { from, to } = this.stretch(now)
    try {
      this.hotlines = (await answer(api.GET('/api/v1/hotlines'))).data.items
      const { data } = await answer(api.GET('/api/v1/shifts', { params: { query: { ...(mission ? { mission } : {}), from, to } } }))
      this.#keep(mission, data.items)
      this.error = undefined
    } catch (thrown) {
      this.error = asApiError(thrown)
    }
  }

  /** Replaces a mission's numbers. Errors are thrown. */
  async setHotlines(mission: string | undefined, items: HotlineInput[]): Promise<void> {
    const body = { ...(mission ? { mission } : {}), items }
    this.hotlines = (await answer(api.PUT('/api/v1/hotlines', { body }))).data.items
  }

  /** Replaces a mission's turns that begin within [from, to). Errors are thrown. */
  async setShifts(mission: string | undefined, from: string, to: string, items: ShiftInput[]): Promise<void> {
    const body = { ...(mission ? { mission } : {}), from, to, items }
    this.#keep(mission, (await answer(api.PUT('/api/v1/shifts', { body }))).data.items)
  }

  #keep(mission: string | undefined, shifts: readonly Shift[]): void {
    this.#rotas = { ...this.#rotas, [mission ?? '']: shifts }
  }
}

export const duty = new Duty()
