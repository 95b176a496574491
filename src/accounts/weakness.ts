/**
 * Whether a password is one that guessers try early, though it keeps every rule: `Password123`.
 *
 * Guesses are counted by zxcvbn over dictionaries of leaked passwords, English and French words and names, and
 * the owner's own name and domain. The dictionaries are megabytes, so they are loaded when first asked for:
 * about 0.3 s and 80 MB, which stay. Counting blocks the event loop, so only the beginning of a password is
 * looked at: some 10 ms as a rule, up to half a second for what is made to be slow.
 */
import type { ZxcvbnFactory, ZxcvbnResult } from '@zxcvbn-ts/core'
import type { InEveryLanguage } from '../base/language.js'
import { RefusedInput } from '../base/refused-input.js'
import { mapOpaqueString } from './opaque-string.js'
import { TEXTS } from './texts.js'

/** Whose password it is: what a guesser knows. */
export interface Owner {
  readonly name: string
  readonly domain: string
}

/** UTF-16 units that are looked at; the work grows faster than their number. */
const MOST_UNITS = 40
/** The library's score of "safely unguessable": 10^8 guesses, at a quarter of a second of a core each. */
const STRONG_ENOUGH = 3
/** Parts of a name or domain that are shorter say nothing. */
const SHORTEST_WORD = 3

/** Why the password is easy to guess, in sentences; `undefined` when it is not. */
export async function weakness(password: string, owner: Owner): Promise<InEveryLanguage | undefined> {
  meter ??= loadMeter()
  const { factory, explain } = await meter
  const result = factory.check(mapOpaqueString(password.slice(0, MOST_UNITS)), ownWords(owner))
  return result.score < STRONG_ENOUGH ? explain(result.feedback) : undefined
}

/** `account.password-refused`, for a house that refuses what is easy to guess. */
export function refusedAsWeak(why: InEveryLanguage): RefusedInput {
  return new RefusedInput('account.password-refused', ['weak'], why)
}

function ownWords({ name, domain }: Owner): string[] {
  const parts = [...name.split(/[._-]/), ...domain.split('.')]
  return [name, domain, ...parts.filter((part) => part.length >= SHORTEST_WORD)]
}

interface Meter {
  readonly factory: ZxcvbnFactory
  readonly explain: (feedback: Feedback) => InEveryLanguage
}

type Feedback = ZxcvbnResult['feedback']

let meter: Promise<Meter> | undefined

async function loadMeter(): Promise<Meter> {
  const [{ ZxcvbnFactory }, common, en, fr] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
    import('@zxcvbn-ts/language-fr'),
  ])
  const factory = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...en.dictionary, ...fr.dictionary },
    graphs: common.adjacencyGraphs,
    translations: en.translations,
    maxLength: MOST_UNITS,
  })
  const french = new Map<string, string>()
  for (const kind of ['warnings', 'suggestions'] as const) {
    const words = new Map<string, string>(Object.entries(fr.translations[kind]))
    for (const [key, english] of Object.entries(en.translations[kind]))
      french.set(english, words.get(key) ?? english)
  }
  return {
    factory,
    explain({ warning, suggestions }) {
      const english = [warning ?? '', ...suggestions].filter((sentence) => sentence !== '')
      return {
        en: TEXTS.en.weak + english.map(asSentence).join(' '),
        fr: TEXTS.fr.weak + english.map((said) => asSentence(french.get(said) ?? said)).join(' '),
      }
    },
  }
}

function asSentence(text: string): string {
  return /[.)]$/.test(text) ? text : `${text}.`
}
