/** What a key asks for. Keys are off while somebody types. */
export type KeyCommand =
  | 'polygon'
  | 'circle'
  | 'country'
  | 'level'
  | 'finish'
  | 'last'
  | 'cancel'
  | 'undo'
  | 'redo'
  | 'down'
  | 'up'
  | 'open'
  | 'fit'
  | 'layers'
  | 'call'
  | 'search'
  | 'commands'
  | 'help'

interface Pressed {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

const LETTERS: Readonly<Record<string, KeyCommand>> = {
  KeyD: 'polygon',
  KeyC: 'circle',
  KeyB: 'country',
  KeyJ: 'down',
  KeyK: 'up',
  KeyO: 'open',
  KeyF: 'fit',
  KeyL: 'layers',
  KeyN: 'call',
}
const NAMED: Readonly<Record<string, KeyCommand>> = { Enter: 'finish', Backspace: 'last', Escape: 'cancel', '/': 'search', '?': 'help' }

/**
 * The command of a key press, or undefined. Letters go by their place on the keyboard, so that they work with a
 * Kazakh or Russian layout too. `typing`: the focus is in a field; then only Ctrl K and Escape mean something.
 */
export function commandOf(e: Pressed, typing: boolean): KeyCommand | undefined {
  const ctrl = e.ctrlKey || e.metaKey
  if (ctrl && !e.altKey && e.code === 'KeyK') return 'commands'
  if (e.key === 'Escape') return 'cancel'
  if (typing || e.altKey) return undefined
  if (ctrl) return e.code === 'KeyZ' ? (e.shiftKey ? 'redo' : 'undo') : undefined
  const named = NAMED[e.key]
  if (named) return named
  if (e.shiftKey) return undefined
  return /^(Digit|Numpad)[1-4]$/.test(e.code) ? 'level' : LETTERS[e.code]
}
