/** Where the phone is, as the browser tells it. */
export interface Fix {
  readonly lon: number
  readonly lat: number
  /** Metres, 95 %. */
  readonly accuracy: number
  /** Milliseconds since 1970 by the phone's clock. */
  readonly at: number
}

/** Good enough to stop looking, metres. */
const good = 60
/** How long to hope for a better fix after the first, and for any at all. */
const betterMs = 6000
const anyMs = 19000

/**
 * Asks the phone where it is, and answers within 19 s whatever the phone does: with
 * the best fix that came, or null when it was refused or nothing came. Some web views
 * never call back, so the browser's own timeout isn't trusted.
 */
export function locate(geo: Geolocation | undefined, now: () => number = Date.now): Promise<Fix | null> {
  return new Promise((resolve) => {
    let best: Fix | null = null
    let watch: number | undefined
    let better: ReturnType<typeof setTimeout> | undefined
    let over = false

    function end(): void {
      over = true
      clearTimeout(any)
      clearTimeout(better)
      if (watch !== undefined && geo) geo.clearWatch(watch)
      resolve(best)
    }

    const any = setTimeout(end, anyMs)
    try {
      if (!geo) return end()
      watch = geo.watchPosition(
        (p) => {
          const c = p.coords
          if (over || !(c.accuracy >= 0)) return
          const first = !best
          if (!best || c.accuracy < best.accuracy) {
            // Some phones give times since they were switched on, or in microseconds.
            const age = now() - p.timestamp
            best = { lon: c.longitude, lat: c.latitude, accuracy: c.accuracy, at: age >= 0 && age < 864e5 ? p.timestamp : now() }
          }
          if (best.accuracy <= good) end()
          else if (first) better = setTimeout(end, betterMs)
        },
        (e) => {
          // Refused is final; "unavailable" may still be followed by a fix.
          if (!over && e.code === 1) end()
        },
        { enableHighAccuracy: true, timeout: 18000, maximumAge: 60000 },
      )
      // A web view may call back before it returns the watch.
      if (over) geo.clearWatch(watch)
    } catch (_) {
      end()
    }
  })
}
