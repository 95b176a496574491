/**
 * What somebody gave and the house's rules refuse: a name, a password.
 * It carries every broken rule, and the whole refusal in every language, so that each surface can say it in its own.
 */
import { GatewayError, type FailureCode } from './errors.js'
import type { InEveryLanguage, Language } from './language.js'

/** `message` is the English one. */
export class RefusedInput extends GatewayError {
  /** The rules that it breaks, as the area that refuses calls them: `too-short`, `upper`. */
  readonly problems: readonly string[]
  readonly said: InEveryLanguage

  constructor(code: FailureCode, problems: readonly string[], said: InEveryLanguage) {
    super(code, said.en)
    this.name = 'RefusedInput'
    this.problems = problems
    this.said = said
  }
}

/** A failure in somebody's language as far as it is known in it, else in English. One line. */
export function messageIn(language: Language, error: GatewayError): string {
  return error instanceof RefusedInput ? error.said[language] : error.message
}
