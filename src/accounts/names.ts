/**
 * Which names an account may have. Pure.
 * A name becomes the local part of an address and the name of a folder, so it must be a plain
 * dot-atom (RFC 5322 §3.2.3) that no file system and no mail tool reads in a second way.
 */
import { LONGEST_NAME } from './limits.js'

export { describeNameProblems } from './texts.js'

export type NameProblem = 'empty' | 'too-long' | 'characters' | 'edges' | 'dots' | 'reserved'

/** Addresses with a meaning of their own, and Maildir's own folders. */
const RESERVED: ReadonlySet<string> = new Set(
  'postmaster abuse mailer-daemon lost all everyone announce system admin root new cur tmp'.split(' '),
)

/** Names that Windows keeps for devices, whatever follows behind a dot. */
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/

/**
 * The form in which names are compared and stored: ASCII letters in lower case. Others stay as they are, so that
 * no look-alike becomes a name of ours (U+212A, the sign for kelvin, would become "k").
 */
export function accountKey(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Every reason why this name is refused; none means that it is a good one. */
export function nameProblems(name: string): readonly NameProblem[] {
  if (name === '') return ['empty']
  const problems: NameProblem[] = []
  if (Array.from(name).length > LONGEST_NAME) problems.push('too-long')
  if (!/^[A-Za-z0-9._-]+$/.test(name)) problems.push('characters')
  else if (!/^[A-Za-z0-9_](?:.*[A-Za-z0-9_])?$/.test(name)) problems.push('edges')
  if (name.includes('..')) problems.push('dots')
  if (isReservedName(name)) problems.push('reserved')
  return problems
}

function isReservedName(name: string): boolean {
  const key = accountKey(name)
  return RESERVED.has(key) || DEVICE.test(key)
}
