/**
 * The deletion marks of one session (RFC 1939 §5, DELE and RSET).
 *
 * Changed in place, alone among a session's facts: marking 100,000 messages one by one must not copy
 * 100,000 sets. Counts are kept, so that STAT costs the same whatever the size of the maildrop.
 */

import type { MaildropEntry } from './backend.js'

export interface Deletions {
  has(entry: MaildropEntry): boolean
  /** Marks an entry that is not marked yet. */
  mark(entry: MaildropEntry): void
  /** Takes every mark away. */
  clear(): void
  readonly count: number
  /** The sizes of the marked messages together. */
  readonly octets: number
}

export function createDeletions(): Deletions {
  const numbers = new Set<number>()
  let octets = 0

  return {
    has: (entry) => numbers.has(entry.number),
    mark(entry) {
      numbers.add(entry.number)
      octets += entry.octets
    },
    clear() {
      numbers.clear()
      octets = 0
    },
    get count() {
      return numbers.size
    },
    get octets() {
      return octets
    },
  }
}
