import type { Problem } from './types'

/** An answer that isn't a success, or no answer at all (status 0, code `unreachable`). */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  /** lon, lat of the place in a shape that was refused. */
  readonly near: readonly [number, number] | undefined
  readonly requestId: string | undefined

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail || problem.title || '')
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? (status === 0 ? 'unreachable' : 'unknown')
    this.field = problem.field
    const [lon, lat] = problem.near ?? []
    this.near = lon !== undefined && lat !== undefined ? [lon, lat] : undefined
    this.requestId = problem.request_id
  }

  /** Somebody else changed it first. */
  get conflict(): boolean {
    return this.status === 409 || this.status === 412
  }
}

/** Reads whatever a failed answer held; a proxy's HTML page is as good as nothing. */
export function problemOf(status: number, body: unknown): ApiError {
  return new ApiError(status, typeof body === 'object' && body !== null ? (body as Partial<Problem>) : {})
}

/** Turns anything thrown into an ApiError; an AbortError means that a newer request took over and is thrown on. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
  if (thrown instanceof TypeError) return new ApiError(0, { code: 'unreachable' })
  throw thrown
}
