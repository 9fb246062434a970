import { CLOCK_ZONES, type ClockZone } from '../format/time'
import { read, store } from '../i18n/words.svelte'

/** What this person chose on this computer, and the running clock that ages are told by. */
class Prefs {
  zone = $state<ClockZone>(CLOCK_ZONES.find((z) => z === read('aman.clock')) ?? 'astana')
  keys = $state(read('aman.keys') !== 'off')
  /** Milliseconds since 1970, moved on every second. */
  now = $state(Date.now())

  setZone(zone: ClockZone): void {
    this.zone = zone
    store('aman.clock', zone)
  }

  setKeys(on: boolean): void {
    this.keys = on
    store('aman.keys', on ? 'on' : 'off')
  }

  /** Starts the clock; the answer stops it. */
  run(): () => void {
    const timer = setInterval(() => {
      this.now = Date.now()
    }, 1000)
    return () => clearInterval(timer)
  }
}

export const prefs = new Prefs()
