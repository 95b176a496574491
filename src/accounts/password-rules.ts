/**
 * Which passwords may be set, and the one form in which a password is hashed. Pure.
 * The rules hold when a password is set, never at sign-in, so that an older record goes on working.
 */

export type PasswordProblem = 'too-short' | 'too-long' | 'upper' | 'lower' | 'digit' | 'control'

const FEWEST_CHARACTERS = 10
const MOST_OCTETS = 1024

/** Every rule that the password breaks, all at once. Characters are code points after `preparePassword`. */
export function passwordProblems(password: string): readonly PasswordProblem[] {
  const prepared = preparePassword(password)
  const problems: PasswordProblem[] = []
  if (Array.from(prepared).length < FEWEST_CHARACTERS) problems.push('too-short')
  if (Buffer.byteLength(prepared) > MOST_OCTETS) problems.push('too-long')
  if (!/\p{Lu}/u.test(prepared)) problems.push('upper')
  if (!/\p{Ll}/u.test(prepared)) problems.push('lower')
  if (!/\p{Nd}/u.test(prepared)) problems.push('digit')
  if (/\p{Cc}/u.test(prepared)) problems.push('control')
  return problems
}

/**
 * The same password typed on two systems becomes the same octets: spaces of every kind become U+0020,
 * then Unicode form C (RFC 8265 §4.2.2).
 */
export function preparePassword(password: string): string {
  return password.replace(/\p{Zs}/gu, ' ').normalize('NFC')
}

const WORDS = {
  'too-short': `at least ${FEWEST_CHARACTERS} characters`,
  'too-long': `at most ${MOST_OCTETS} octets`,
  upper: 'an upper-case letter',
  lower: 'a lower-case letter',
  digit: 'a digit',
  control: 'no control characters',
} as const satisfies Record<PasswordProblem, string>

/** What the password needs, for one line. */
export function describePasswordProblems(problems: readonly PasswordProblem[]): string {
  return problems.map((problem) => WORDS[problem]).join(', ')
}
