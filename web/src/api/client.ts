import createClient from 'openapi-fetch'
import { problemOf } from './problem'
import type { paths } from './schema'

export const api = createClient<paths>({
  baseUrl: '',
  querySerializer: { array: { style: 'form', explode: false } },
})

const listeners = new Set<() => void>()

/** Calls back whenever an answer says that nobody is signed in (any more). */
export function onSignedOut(call: () => void): () => void {
  listeners.add(call)
  return () => listeners.delete(call)
}

export interface Answer<T> {
  readonly data: T
  readonly status: number
  readonly etag: string | undefined
}

/** Waits for an answer and throws an ApiError unless it is a success. */
export async function answer<T>(request: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<Answer<T>> {
  const { data, error, response } = await request
  if (!response.ok) {
    const problem = problemOf(response.status, error)
    if (response.status === 401) for (const call of listeners) call()
    throw problem
  }
  return { data: data as T, status: response.status, etag: response.headers.get('ETag') ?? undefined }
}
