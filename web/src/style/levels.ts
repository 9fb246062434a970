/** Colours of danger levels: told apart by colour-blind eyes and in grey; always with the number and the outline too. */
export interface LevelStyle {
  readonly fill: string
  readonly outline: string
  readonly text: string
  /** SVG dash pattern in pixels; empty for a solid line. */
  readonly dash: string
  /** Outline width in pixels. */
  readonly width: number
}

const STYLES: readonly LevelStyle[] = [
  { fill: '#FFFFFF', outline: '#4A5560', text: '#14181D', dash: '', width: 1.5 },
  { fill: '#FFE08A', outline: '#7A5200', text: '#14181D', dash: '6 4', width: 2 },
  { fill: '#F58A1F', outline: '#8A3B00', text: '#14181D', dash: '', width: 2 },
  { fill: '#B5301A', outline: '#7A1508', text: '#FFFFFF', dash: '', width: 2.5 },
  { fill: '#4A0D3F', outline: '#2C0326', text: '#FFFFFF', dash: '', width: 4 },
]

/** Level 0 to 4; 0 stands for nobody's zone. Anything else is shown as 0. */
export function levelStyle(level: number): LevelStyle {
  return STYLES[level] ?? (STYLES[0] as LevelStyle)
}

/** Colours of how people are, used with their sign, never alone. */
export const STATUS = {
  safe: { colour: '#00566A', sign: '✓' },
  needs_help: { colour: '#A4133C', sign: '!' },
  leaving: { colour: '#14181D', sign: '→' },
  none: { colour: '#4A5560', sign: '?' },
} as const
export type Status = keyof typeof STATUS

/** The one sign that stands for a person: help first, then on the way, then safe; else no answer. */
export function statusOf(row: { readonly wellbeing: string; readonly intention: string }): Status {
  if (row.wellbeing === 'needs_help' || row.wellbeing === 'injured') return 'needs_help'
  if (row.intention === 'leaving') return 'leaving'
  return row.wellbeing === 'safe' ? 'safe' : 'none'
}
