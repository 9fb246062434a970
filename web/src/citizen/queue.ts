import type { Report } from './report'

/** The part of Storage that the queue needs. */
export interface Box {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** Reports that wait to be sent. */
export interface Queue {
  /** Oldest first. */
  all(): Report[]
  /** Keeps r; false when it is kept in memory only and lost with the page. */
  add(r: Report): boolean
  remove(id: string): void
  /** Whether everything that waits outlives the page. */
  durable(): boolean
}

/**
 * A queue in the phone's storage, so that a closed page loses nothing; where storage
 * is blocked or full, in memory. Storage is read anew each time: a second tab may
 * have added to it. box throws where storage is blocked: even naming localStorage may.
 */
export function openQueue(box: () => Box, key: string): Queue {
  let memory: Report[] = []

  function stored(): Report[] {
    try {
      const list = JSON.parse(box().getItem(key) || '[]')
      return Array.isArray(list) ? list.filter((r) => r && typeof r.id === 'string') : []
    } catch (_) {
      return []
    }
  }

  function store(list: Report[]): boolean {
    try {
      const b = box()
      if (!list.length) {
        b.removeItem(key)
        return true
      }
      const text = JSON.stringify(list)
      b.setItem(key, text)
      return b.getItem(key) === text
    } catch (_) {
      return false
    }
  }

  return {
    all: () => stored().concat(memory),
    add(r) {
      if (store(stored().concat(r))) return true
      memory.push(r)
      return false
    },
    remove(id) {
      const other = (r: Report): boolean => r.id !== id
      memory = memory.filter(other)
      const list = stored()
      if (!list.every(other)) store(list.filter(other))
    },
    durable: () => !memory.length,
  }
}
