/**
 * Which names an account may have. Pure.
 * A name becomes the local part of an address and the name of a folder, so it must be a plain
 * dot-atom (RFC 5322 §3.2.3) that no file system and no mail tool reads in a second way.
 */

export type NameProblem = 'empty' | 'too-long' | 'characters' | 'edges' | 'dots' | 'reserved'

const LONGEST = 64

/** Addresses with a meaning of their own, and Maildir's own folders. */
const RESERVED: ReadonlySet<string> = new Set(
  'postmaster abuse mailer-daemon lost all everyone announce system admin root new cur tmp'.split(' '),
)

/** Names that Windows keeps for devices, whatever follows behind a dot. */
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/

/** The form in which names are compared and stored: lower case. */
export function accountKey(name: string): string {
  return name.toLowerCase()
}

/** Every reason why this name is refused; none means that it is a good one. */
export function nameProblems(name: string): readonly NameProblem[] {
  if (name === '') return ['empty']
  const problems: NameProblem[] = []
  if (name.length > LONGEST) problems.push('too-long')
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

const WORDS = {
  empty: 'it is empty',
  'too-long': `it is longer than ${LONGEST} characters`,
  characters: 'it may hold only letters A to Z, digits and . _ -',
  edges: 'it must begin and end with a letter, a digit or _',
  dots: 'it may not hold two dots in a row',
  reserved: 'it is reserved',
} as const satisfies Record<NameProblem, string>

/** The problems in words, for one line. */
export function describeNameProblems(problems: readonly NameProblem[]): string {
  return problems.map((problem) => WORDS[problem]).join('; ')
}
