/** In which of our languages a sender is written to. Pure. */
import type { Language } from '../base/language.js'

/**
 * The first of some language tags (RFC 5646 §2.1, any case) that we speak, by its primary part.
 * @param tags in order of preference; what is no tag is passed over
 */
export function chooseLanguage(tags: readonly string[], otherwise: Language): Language {
  for (const tag of tags) {
    const primary = /^[a-z]+/.exec(tag.trim().toLowerCase())?.[0]
    if (primary === 'en' || primary === 'fr') return primary
  }
  return otherwise
}
