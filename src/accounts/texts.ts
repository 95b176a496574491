/** What is said of refused names and passwords, in English and French: the catalogue of this area. */
import type { InEveryLanguage, Language } from '../base/language.js'
import { RefusedInput } from '../base/refused-input.js'
import { FEWEST_CHARACTERS, LONGEST_NAME, MOST_OCTETS } from './limits.js'
import type { NameProblem } from './names.js'
import type { PasswordProblem } from './password-rules.js'

interface Catalogue {
  /** Why a name is refused; each to stand after `nameRefused`. */
  readonly name: Readonly<Record<NameProblem, string>>
  /** What a password needs; each to stand after `passwordRefused`. */
  readonly password: Readonly<Record<PasswordProblem, string>>
  readonly nameRefused: (name: string) => string
  readonly passwordRefused: string
  /** What is easy to guess, to stand before why. */
  readonly weak: string
}

export const TEXTS = {
  en: {
    name: {
      empty: 'it is empty',
      'too-long': `it is longer than ${LONGEST_NAME} characters`,
      characters: 'it may hold only letters A to Z, digits and . _ -',
      edges: 'it must begin and end with a letter, a digit or _',
      dots: 'it may not hold two dots in a row',
      reserved: 'it is reserved',
    },
    password: {
      'too-short': `at least ${FEWEST_CHARACTERS} characters`,
      'too-long': `at most ${MOST_OCTETS} octets`,
      upper: 'an upper-case letter',
      lower: 'a lower-case letter',
      digit: 'a digit',
      characters: 'no control, invisible or unassigned characters',
    },
    nameRefused: (name) => `name ${name} is refused: `,
    passwordRefused: 'password is refused; it needs: ',
    weak: 'password is easy to guess. ',
  },
  fr: {
    name: {
      empty: 'il est vide',
      'too-long': `il dépasse ${LONGEST_NAME} caractères`,
      characters: 'il ne peut contenir que les lettres A à Z sans accent, des chiffres et . _ -',
      edges: 'il doit commencer et finir par une lettre, un chiffre ou _',
      dots: 'il ne peut contenir deux points de suite',
      reserved: 'il est réservé',
    },
    password: {
      'too-short': `au moins ${FEWEST_CHARACTERS} caractères`,
      'too-long': `au plus ${MOST_OCTETS} octets`,
      upper: 'une lettre majuscule',
      lower: 'une lettre minuscule',
      digit: 'un chiffre',
      characters: 'aucun caractère de commande, invisible ou non attribué',
    },
    nameRefused: (name) => `le nom ${name} est refusé\u00A0: `,
    passwordRefused: 'le mot de passe est refusé\u00A0; il lui faut\u00A0: ',
    weak: 'le mot de passe est facile à deviner. ',
  },
} as const satisfies InEveryLanguage<Catalogue>

/** The problems of a name in words, for one line. */
export function describeNameProblems(problems: readonly NameProblem[], language: Language = 'en'): string {
  return problems.map((problem) => TEXTS[language].name[problem]).join(language === 'fr' ? '\u00A0; ' : '; ')
}

/** What a password needs, for one line. */
export function describePasswordProblems(
  problems: readonly PasswordProblem[],
  language: Language = 'en',
): string {
  return problems.map((problem) => TEXTS[language].password[problem]).join(', ')
}

/** `account.name-refused`, with every broken rule. */
export function refusedName(name: string, problems: readonly NameProblem[]): RefusedInput {
  const quoted = JSON.stringify(name)
  return new RefusedInput('account.name-refused', problems, {
    en: TEXTS.en.nameRefused(quoted) + describeNameProblems(problems, 'en'),
    fr: TEXTS.fr.nameRefused(quoted) + describeNameProblems(problems, 'fr'),
  })
}

/** `account.password-refused`, with every broken rule. */
export function refusedPassword(problems: readonly PasswordProblem[]): RefusedInput {
  return new RefusedInput('account.password-refused', problems, {
    en: TEXTS.en.passwordRefused + describePasswordProblems(problems, 'en'),
    fr: TEXTS.fr.passwordRefused + describePasswordProblems(problems, 'fr'),
  })
}
