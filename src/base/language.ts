/** The languages that Relais speaks, and which of them somebody wants. Each area keeps its own catalogue. */

export const LANGUAGES = ['en', 'fr'] as const

export type Language = (typeof LANGUAGES)[number]

/** The same thing said in every language. */
export type InEveryLanguage<Said = string> = Readonly<Record<Language, Said>>

/**
 * The language of a user's locale: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is not empty decides
 * (POSIX.1-2017 §8.2). English unless it names French, in any country and encoding.
 */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  )
  return /^fr(?:[_.@-]|$)/i.test(locale ?? '') ? 'fr' : 'en'
}
