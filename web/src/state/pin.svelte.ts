import type { LonLat } from '../api/types'

/** A place that a form is waiting for: the next click on the map answers it. */
class Pin {
  /** lon, lat of the pin shown. */
  at = $state.raw<LonLat>()
  waiting = $state(false)

  ask(): void {
    this.waiting = true
  }

  answer(at: LonLat): void {
    this.at = at
    this.waiting = false
  }

  clear(): void {
    this.at = undefined
    this.waiting = false
  }
}

export const pin = new Pin()
