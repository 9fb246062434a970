import type english from '../../i18n/en.json'
import type { Names } from '../api/types'
import type { Lang } from '../format/time'
import { interpolate, pickLang } from './interpolate'

/** Every key of the catalogue: a wrong one doesn't compile. */
export type Key = keyof typeof english
type Catalogue = Readonly<Record<string, string>>

const LOADERS: Record<Lang, () => Promise<{ default: Catalogue }>> = {
  kk: () => import('../../i18n/kk.json'),
  ru: () => import('../../i18n/ru.json'),
  en: () => import('../../i18n/en.json'),
}
export const LANGS: readonly Lang[] = ['kk', 'ru', 'en']
const STORED = 'aman.lang'

class Words {
  lang = $state<Lang>('kk')
  #catalogue = $state.raw<Catalogue>({})

  /** Loads a language's texts and switches to it; the choice is remembered on this computer. */
  async use(lang: Lang, remember = true): Promise<void> {
    this.#catalogue = (await LOADERS[lang]()).default
    this.lang = lang
    document.documentElement.lang = lang
    if (remember) store(STORED, lang)
  }

  /** The remembered language, or else the browser's. */
  start(): Promise<void> {
    return this.use(pickLang([read(STORED) ?? '', ...navigator.languages]), false)
  }

  text(key: Key, values?: Readonly<Record<string, string | number>>): string {
    const text = this.#catalogue[key] ?? key
    return values ? interpolate(text, values) : text
  }
}

export const words = new Words()

/** A text of the catalogue in the language in use. */
export const t = (key: Key, values?: Readonly<Record<string, string | number>>): string => words.text(key, values)

/** A name in the language in use; where that is empty, the first that isn't, in the order en, ru, kk. */
export function nameIn(names: Names | undefined): string {
  return names ? names[words.lang] || names.en || names.ru || names.kk : ''
}

// A browser may refuse storage; then a choice lasts until the page is closed.
export function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

export function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Nothing to do: see above.
  }
}
