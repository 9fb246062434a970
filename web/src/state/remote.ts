import type { ApiError } from '../api/problem'

/** What came from the server: the last good answer stays on the screen while a newer one is fetched or fails. */
export interface Remote<T> {
  readonly data?: T
  readonly error?: ApiError
  readonly loading: boolean
}

export const NOTHING_YET = { loading: true } as const
