import { answer, api } from '../api/client'
import { type ApiError, asApiError } from '../api/problem'
import type { Receipt, ReportInput } from '../api/types'
import { type CallForm, missing, newCall, reportOf } from './call'
import { live } from './live.svelte'
import { session } from './session.svelte'
import { where } from './where.svelte'

const STORED = 'aman.call'

interface Kept {
  /** Whose draft it is: at the next seat nobody else's call is shown. */
  readonly login: string
  readonly form: CallForm
  readonly key: string
  readonly sent?: ReportInput
}

/**
 * The call that is being logged. It outlives errors, a lost connection and a reload, in this tab alone; signing out wipes it.
 * One idempotency key belongs to a call, so that trying again after a lost answer stores it once.
 */
class Call {
  open = $state(false)
  form = $state<CallForm>(newCall(Date.now()))
  busy = $state(false)
  error = $state.raw<ApiError>()
  receipt = $state.raw<Receipt>()

  /** The IIN is held by a mission that the account doesn't see: only whom to ring is told. */
  heldBy = $state<string>()

  #key: string = crypto.randomUUID()
  /** What was sent under the key, while nobody knows whether it arrived. */
  #sent: ReportInput | undefined
  /** What an earlier page left is taken up first; only then may it be written over. */
  #restored = false

  missing = $derived(missing(this.form))
  ready = $derived(this.missing === undefined)
  /** Something was typed that would be lost. */
  begun = $derived(
    this.missing !== 'says' ||
      this.form.person !== undefined ||
      [this.form.phone, this.form.name, this.form.callerName, this.form.relation].some((s) => s.trim() !== ''),
  )

  /** Opens the form: on the call that was left, or else on a new one. */
  show(): void {
    if (!this.open && !this.begun) this.next()
    this.open = true
  }

  /** An empty form for the next call. */
  next(): void {
    this.form = newCall(Date.now())
    this.#key = crypto.randomUUID()
    this.#sent = undefined
    this.error = undefined
    this.heldBy = undefined
    this.receipt = undefined
    this.keep()
  }

  /** Stores the call. A second try of what was changed meanwhile is filed besides, with the same person. */
  async save(): Promise<void> {
    if (this.busy || !this.ready) return
    this.busy = true
    this.error = undefined
    this.heldBy = undefined
    try {
      this.receipt = await this.#file(reportOf(this.form))
      this.form = newCall(Date.now())
      this.#sent = undefined
      this.keep()
      live.soon()
    } catch (thrown) {
      this.error = asApiError(thrown)
      // Refused whole: nothing of it was stored, and the key is free for what will be put right.
      if (this.error.status >= 400 && this.error.status < 500) this.#sent = undefined
      this.keep()
    } finally {
      this.busy = false
    }
  }

  /** Files the call with whoever is held under the IIN that was refused as taken. */
  async useHeld(): Promise<void> {
    if (this.busy) return
    this.busy = true
    try {
      const body = { kind: 'iin' as const, value: this.form.iin.trim(), reason: 'hotline call' }
      const { data } = await answer(api.POST('/api/v1/people/lookup', { params: { query: { crisis: where.crisis } }, body }))
      this.error = undefined
      if (data.person_id) this.form.person = { id: data.person_id, name: this.form.name.trim() || this.form.iin }
      else this.heldBy = data.duty_phone ?? ''
    } catch (thrown) {
      this.error = asApiError(thrown)
    } finally {
      this.busy = false
    }
  }

  async #file(body: ReportInput): Promise<Receipt> {
    const before = this.#sent
    if (before && JSON.stringify(before) !== JSON.stringify(body)) {
      // The answer to what was sent first was lost. Asked again, it says about whom it was stored, now or then.
      const first = await this.#post(before)
      this.#key = crypto.randomUUID()
      this.#sent = undefined
      const { person: _, ...rest } = body
      body = { ...rest, person_id: first.person_id }
    }
    this.#sent = body
    this.keep()
    return this.#post(body)
  }

  async #post(body: ReportInput): Promise<Receipt> {
    const params = { query: { crisis: where.crisis }, header: { 'Idempotency-Key': this.#key } }
    return (await answer(api.POST('/api/v1/reports', { params, body }))).data
  }

  /** Writes the draft down; a browser that stores nothing only loses it with the page. */
  keep(): void {
    if (!this.#restored) return
    try {
      if (!this.begun) {
        sessionStorage.removeItem(STORED)
        return
      }
      const kept: Kept = { login: session.me?.login ?? '', form: this.form, key: this.#key, ...(this.#sent ? { sent: this.#sent } : {}) }
      sessionStorage.setItem(STORED, JSON.stringify(kept))
    } catch {
      // See above.
    }
  }

  /** Takes up what a reload interrupted. */
  restore(): void {
    this.#restored = true
    try {
      const kept = JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as Kept | null
      if (!kept || kept.login !== session.me?.login) return
      this.form = { ...newCall(Date.now()), ...kept.form }
      this.#key = kept.key
      this.#sent = kept.sent
    } catch {
      sessionStorage.removeItem(STORED)
    }
  }
}

export const call = new Call()
