/** Puts values into a text of the catalogue: "{n} entered" with {n: 14}. A name without a value stays as it is. */
export function interpolate(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole))
}

/** The first of the wanted languages (BCP 47 tags, best first) that there is; Kazakh when there is none. */
export function pickLang(wanted: readonly string[]): 'kk' | 'ru' | 'en' {
  for (const tag of wanted) {
    const lang = tag.toLowerCase().split('-')[0]
    if (lang === 'kk' || lang === 'ru' || lang === 'en') return lang
  }
  return 'kk'
}
