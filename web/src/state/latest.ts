/** One request at a time for one view: a newer one aborts the one before, and an older answer never lands. */
export class Latest {
  #running: AbortController | undefined

  /** Runs the work; undefined when a newer run took over meanwhile. Other failures are thrown. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.#running?.abort()
    const own = new AbortController()
    this.#running = own
    try {
      const result = await work(own.signal)
      return own.signal.aborted ? undefined : result
    } catch (thrown) {
      if (own.signal.aborted) return undefined
      throw thrown
    } finally {
      if (this.#running === own) this.#running = undefined
    }
  }

  stop(): void {
    this.#running?.abort()
    this.#running = undefined
  }
}
