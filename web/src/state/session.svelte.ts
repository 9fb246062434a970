import { answer, api, onSignedOut } from '../api/client'
import { type ApiError, asApiError } from '../api/problem'
import type { Me } from '../api/types'
import { read, store } from '../i18n/words.svelte'

/** Words of Me.permissions that the console looks at. The server decides; this only hides what would be refused. */
export type Permission =
  | 'zones.write'
  | 'zones.publish'
  | 'people.read'
  | 'people.edit'
  | 'people.export'
  | 'reports.create'
  | 'reports.retract'
  | 'airports.write'
  | 'links.create'
  | 'lists.take'
  | 'callbacks.work'
  | 'duty.read'
  | 'duty.write'
  | 'people.erase'
  | 'people.lookup'
  | 'people.merge'
  | 'messages.send'
  | 'messages.announce'

/**
 * Whether this browser is signed in, as far as it remembers: `yes` or `no`. It spares a visitor the question that would be
 * answered 401 and stand as an error in the browser's log; the server decides all the same.
 */
const REMEMBERED = 'aman.session'

class Session {
  me = $state.raw<Me>()
  /** asking: the first look at the cookie; out: show the login; in: work; lost: it ended while at work, and what is on the screen stays. */
  state = $state<'asking' | 'out' | 'in' | 'lost'>('asking')
  error = $state.raw<ApiError>()

  constructor() {
    onSignedOut(() => {
      store(REMEMBERED, 'no')
      this.state = this.me ? 'lost' : 'out'
    })
  }

  can(permission: Permission): boolean {
    return this.me?.permissions.includes(permission) ?? false
  }

  async start(): Promise<void> {
    // A browser that can't remember anything reads nothing back, and asks.
    if (read(REMEMBERED) === undefined) store(REMEMBERED, 'no')
    if (read(REMEMBERED) === 'no') {
      this.state = 'out'
      return
    }
    try {
      this.me = (await answer(api.GET('/api/v1/me'))).data
      this.state = 'in'
    } catch (thrown) {
      const error = asApiError(thrown)
      if (error.status !== 401) this.error = error
      this.state = 'out'
    }
  }

  /** Signs in; false with `error` set when refused. */
  async login(login: string, password: string): Promise<boolean> {
    this.error = undefined
    try {
      const { data } = await answer(api.POST('/api/v1/login', { body: { login, password } }))
      // After a lost session somebody else may take the seat: what the other one saw must not stay.
      if (this.me && this.me.login !== data.login) location.reload()
      this.me = data
      this.state = 'in'
      store(REMEMBERED, 'yes')
      return true
    } catch (thrown) {
      this.error = asApiError(thrown)
      return false
    }
  }

  async logout(): Promise<void> {
    try {
      await answer(api.POST('/api/v1/logout'))
    } catch (thrown) {
      asApiError(thrown)
    }
    store(REMEMBERED, 'no')
    sessionStorage.clear()
    location.reload()
  }
}

export const session = new Session()
