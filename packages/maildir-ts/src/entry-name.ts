/**
 * Reads and writes the file names of messages: `UNIQUE[,S=octets][,W=octets][:2,FLAGS]`.
 * Names are text with one character an octet (latin1), so that names of any encoding survive.
 * Sources: D. J. Bernstein's maildir page (`:2,` and flags), Maildir++ (`,S=`), Dovecot (`,W=`).
 */
import { createHash } from 'node:crypto'

/** Sizes of one message in octets: as the file has it, and as POP3 sends it, with every line end as CRLF. */
export interface Sizes {
  readonly fileOctets: number
  readonly octets: number
}

/** What a file name says. */
export interface EntryName {
  readonly unique: string
  /** what follows `:2,`; empty if the name has no such part */
  readonly flags: string
  /** only from names of this library's writer; what others claim is not believed */
  readonly sizes: Sizes | undefined
}

/** The highest length of a unique-id (RFC 1939 §7). */
export const MAX_UNIQUE_ID_OCTETS = 70

const OWN = /^\d+\.tsR[0-9a-f]{8}M\d{1,6}P\d+Q\d+\.[!-+\--~]+,S=(\d{1,15}),W=(\d{1,15})$/
// What else a foreign name has behind a comma or a colon tells its file from others, and so stays in the unique part.
const FIELDS = /(?:,[SW]=\d+)+$/
const LEGAL_UNIQUE_ID = /^[!-~]{1,70}$/
const TIME = /^(\d{1,12})(?:\.(?:[^.]*?M(\d{1,6}))?(?:[^.]*?Q(\d{1,12}))?)?/

/** Takes a file name apart; never fails. */
export function parseEntryName(name: string): EntryName {
  const { base, info } = cutInfo(name)
  const flags = info.startsWith(':2,') ? info.slice(3) : ''
  const own = OWN.exec(base)
  if (own) {
    const sizes = { fileOctets: Number(own[1]), octets: Number(own[2]) }
    return { unique: base.slice(0, base.indexOf(',')), flags, sizes }
  }
  return { unique: base.includes(',') ? base.replace(FIELDS, '') : base, flags, sizes: undefined }
}

/** The file name of a message before it has flags. */
export function formatEntryName(unique: string, sizes: Sizes): string {
  return `${unique},S=${sizes.fileOctets},W=${sizes.octets}`
}

/** The same name with other flags; they are sorted and written once, whatever order they are given in. */
export function withFlags(name: string, flags: string): string {
  return `${cutInfo(name).base}:2,${[...new Set(flags)].toSorted().join('')}`
}

/** A name without its info part, and that part: from the last `:2,` or `:1,` on; empty if there is none. */
export function cutInfo(name: string): { readonly base: string; readonly info: string } {
  const at = Math.max(name.lastIndexOf(':2,'), name.lastIndexOf(':1,'))
  return at < 0 ? { base: name, info: '' } : { base: name.slice(0, at), info: name.slice(at) }
}

/**
 * A legal POP3 unique-id for a unique part: itself if it has 1 to 70 octets in 0x21 to 0x7E,
 * else `x` and the hex SHA-256 of its octets (RFC 1939 §7).
 */
export function toUniqueId(unique: string): string {
  if (LEGAL_UNIQUE_ID.test(unique)) return unique
  return `x${createHash('sha256').update(unique, 'latin1').digest('hex')}`
}

/** When a message arrived, as its name says. */
export interface Arrival {
  /** microseconds since 1970; Infinity for a name that begins with no number */
  readonly micros: number
  /** the writer's count of deliveries, 0 if not told */
  readonly count: number
}

/** Reads the time from a unique part: seconds, then what `M` says of microseconds and `Q` of the writer's count. */
export function arrivalOf(unique: string): Arrival {
  const match = TIME.exec(unique)
  if (!match) return { micros: Infinity, count: 0 }
  return { micros: Number(match[1]) * 1_000_000 + Number(match[2] ?? 0), count: Number(match[3] ?? 0) }
}
