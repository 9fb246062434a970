import type { Lang } from './time'

// Browsers are often built without Kazakh, and then sort its letters after all of Russian's: the order is kept here.
const KAZAKH = 'аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя'
const RANK = new Map([...KAZAKH].map((letter, i) => [letter, i]))

function rank(letter: string): number {
  // Latin letters and digits keep their code points' order before the Cyrillic ones.
  return RANK.has(letter) ? 0x10_000 + (RANK.get(letter) ?? 0) : (letter.codePointAt(0) ?? 0)
}

/** Orders two names as the language's alphabet does (Қ after К, Ә after А), letter case aside: negative when a comes first. */
export function compareNames(a: string, b: string, lang: Lang): number {
  if (lang !== 'kk') return a.localeCompare(b, lang)
  const [x, y] = [[...a.toLowerCase()], [...b.toLowerCase()]]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const d = rank(x[i] ?? '') - rank(y[i] ?? '')
    if (d !== 0) return d
  }
  return x.length - y.length
}
