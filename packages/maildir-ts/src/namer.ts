/**
 * Makes the unique parts of file names: `SECONDS.tsRrandomMmicrosPpidQcount.HOST`, at most 70 printable octets.
 * Unique over hosts (HOST), processes and threads (pid, and 32 random bits for each namer), restarts (random, time)
 * and clock jumps: the time of one namer never goes back and no two names of it have the same.
 * `ts` marks this library's writer, whose sizes are believed. Source: D. J. Bernstein's maildir page.
 */
import { createHash, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { MAX_UNIQUE_ID_OCTETS } from './entry-name.js'

/** Gives out unique parts. */
export interface Namer {
  /** A unique part that was never given before, by no namer on any host. */
  next(): string
}

/** What a namer is made of; each has a default, they exist for tests. */
export interface NamerOptions {
  readonly host?: string
  readonly pid?: number
  /** 8 hex digits that tell this namer from all others with the same pid */
  readonly random?: string
  /** milliseconds since 1970 */
  readonly now?: () => number
}

// SECONDS (11) . tsR (8) M (6) P (pid) Q (10) .
const LONGEST_REST = 11 + 1 + 2 + 9 + 7 + 1 + 11 + 1

/** A namer; one for each process or thread is enough. */
export function createNamer(options: NamerOptions = {}): Namer {
  const pid = String(options.pid ?? process.pid)
  const random = options.random ?? randomBytes(4).toString('hex')
  const host = shortHost(options.host ?? hostname(), MAX_UNIQUE_ID_OCTETS - LONGEST_REST - pid.length)
  const now = options.now ?? Date.now
  let last = 0
  let count = 0
  return {
    next() {
      last = Math.max(now() * 1000, last + 1)
      count += 1
      const seconds = Math.floor(last / 1_000_000)
      // Of one width, so that names of one second sort by time.
      const micros = String(last % 1_000_000).padStart(6, '0')
      return `${seconds}.tsR${random}M${micros}P${pid}Q${count}.${host}`
    },
  }
}

/** The namer of this process or worker thread. */
export const processNamer: Namer = createNamer()

/** A host name that fits: `/`, `:`, `,` and what is not printable as `\ooo`; a long one ends in a piece of its SHA-256. */
function shortHost(host: string, octets: number): string {
  const escaped = [...Buffer.from(host === '' ? 'localhost' : host)].map(escapeOctet).join('')
  if (escaped.length <= octets) return escaped
  const digest = createHash('sha256').update(host).digest('hex').slice(0, 8)
  return `${escaped.slice(0, octets - digest.length - 1)}-${digest}`
}

function escapeOctet(octet: number): string {
  const character = String.fromCharCode(octet)
  return /[!-~]/.test(character) && !'/:,\\='.includes(character)
    ? character
    : `\\${octet.toString(8).padStart(3, '0')}`
}
