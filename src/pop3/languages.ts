/**
 * The languages that LANG offers (RFC 6856 §3). Before LANG it is `i-default`, which is English in ASCII
 * (RFC 2277 §4.5); each description is in the language itself.
 */

import { ENGLISH, FRENCH, type Texts } from './texts.js'

export interface Language {
  /** RFC 5646. */
  readonly tag: string
  readonly description: string
  readonly texts: Texts
}

const ENGLISH_SPOKEN: Language = { tag: 'en', description: 'English', texts: ENGLISH }

export const LANGUAGES: readonly Language[] = [
  { tag: 'i-default', description: 'English', texts: ENGLISH },
  ENGLISH_SPOKEN,
  { tag: 'fr', description: 'Français', texts: FRENCH },
]

/**
 * The language for a basic language range by lookup: `fr-CA` finds `fr` (RFC 4647 §3.4).
 * @param range in any case; `*` is the one that the house prefers
 */
export function lookUp(range: string): Language | undefined {
  if (range === '*') return ENGLISH_SPOKEN
  for (let subtags = range.toLowerCase().split('-'); subtags.length > 0; subtags = shorter(subtags)) {
    const found = LANGUAGES.find(({ tag }) => tag === subtags.join('-'))
    if (found !== undefined) return found
  }
  return undefined
}

/** Without the last subtag, and without a single letter that stood before it and means nothing alone. */
function shorter(subtags: readonly string[]): string[] {
  const rest = subtags.slice(0, -1)
  return rest.length > 1 && rest.at(-1)?.length === 1 ? rest.slice(0, -1) : rest
}
