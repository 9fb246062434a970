import type { AmanMap, LayerName } from '../map/map'

/** How much room there is: three columns, a map with one panel beside it, or one thing at a time. */
export type Room = 'wide' | 'medium' | 'narrow'

const QUERIES = [matchMedia('(min-width: 1100px)'), matchMedia('(min-width: 700px)')] as const

function roomNow(): Room {
  return QUERIES[0].matches ? 'wide' : QUERIES[1].matches ? 'medium' : 'narrow'
}

/** What is open on this screen and isn't worth an address. */
class Screen {
  room = $state<Room>(roomNow())
  palette = $state(false)
  help = $state(false)
  layers = $state(false)
  /** A card is opened to be corrected. */
  editing = $state(false)
  /** The list as a table over more of the screen. */
  broad = $state(false)
  hidden = $state.raw<ReadonlySet<LayerName>>(new Set())
  map = $state.raw<AmanMap>()
  /** What was done last, said for a few seconds to whoever looks or listens. */
  notice = $state('')

  #quiet: ReturnType<typeof setTimeout> | undefined

  say(text: string): void {
    this.notice = text
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => {
      this.notice = ''
    }, 8000)
  }

  /** Watches the window's width; the answer stops it. */
  watch(): () => void {
    const read = (): void => {
      this.room = roomNow()
    }
    for (const q of QUERIES) q.addEventListener('change', read)
    return () => {
      for (const q of QUERIES) q.removeEventListener('change', read)
    }
  }

  toggleLayer(name: LayerName): void {
    const hidden = new Set(this.hidden)
    if (!hidden.delete(name)) hidden.add(name)
    this.hidden = hidden
    this.map?.show(name, !hidden.has(name))
  }
}

export const screen = new Screen()
