/**
 * Which passwords may be set, and which can be anybody's at all. Pure.
 * The rules hold when a password is set, never at sign-in, so that an older record goes on working.
 */
import { FEWEST_CHARACTERS, MOST_OCTETS } from './limits.js'
import { isFreeform, mapOpaqueString, prepareOpaqueString } from './opaque-string.js'

export { describePasswordProblems } from './texts.js'

export type PasswordProblem = 'too-short' | 'too-long' | 'upper' | 'lower' | 'digit' | 'characters'

/** UTF-16 units of which no text can be prepared to `MOST_OCTETS`: form C makes a character of 4 at most. */
const MOST_UNITS = 4 * MOST_OCTETS

/** Every rule that the password breaks, all at once. Characters are code points of the prepared form. */
export function passwordProblems(password: string): readonly PasswordProblem[] {
  const bounded = password.length <= MOST_UNITS
  const mapped = bounded ? mapOpaqueString(password) : password
  const problems: PasswordProblem[] = []
  if (Array.from(mapped).length < FEWEST_CHARACTERS) problems.push('too-short')
  if (!bounded || Buffer.byteLength(mapped) > MOST_OCTETS) problems.push('too-long')
  if (!/\p{Lu}/u.test(mapped)) problems.push('upper')
  if (!/\p{Ll}/u.test(mapped)) problems.push('lower')
  if (!/\p{Nd}/u.test(mapped)) problems.push('digit')
  if (bounded && !isFreeform(mapped)) problems.push('characters')
  return problems
}

/**
 * The form of a password that is hashed (RFC 8265 §4.2); `undefined` for what no record is made of: no
 * OpaqueString, or more than `MOST_OCTETS`. Such a password is nobody's, which a caller that signs people in
 * finds out at the price of any other: `verifyPassword` derives a key all the same.
 */
export function preparedOrUndefined(password: string): string | undefined {
  if (password.length > MOST_UNITS) return undefined
  const prepared = prepareOpaqueString(password)
  return prepared !== undefined && Buffer.byteLength(prepared) <= MOST_OCTETS ? prepared : undefined
}

/** The rules that even an old password must keep so that a record can be made of it; of the empty one its length. */
export function preparationProblems(password: string): readonly PasswordProblem[] {
  if (password === '') return ['too-short']
  return passwordProblems(password).filter((problem) => problem === 'characters' || problem === 'too-long')
}
