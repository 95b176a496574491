/**
 * Cuts arriving octets into command lines, however the network segmented them.
 *
 * Pure and synchronous: it keeps at most one unfinished line and what arrived behind it.
 * A line ends with CRLF; a bare LF is taken as a line end too, because people type commands
 * by hand and no command of ours may hold one. The line end is not part of the line.
 */

export type Line =
  /** One whole line, without its end, each octet as one character (latin1). */
  | { readonly kind: 'line'; readonly text: string }
  /** A line that was longer than the limit; it was read to its end and dropped. */
  | { readonly kind: 'too-long' }

const LF = 0x0a
const CR = 0x0d
const NOTHING = Buffer.alloc(0)

export interface LineReader {
  /** Takes a chunk as it arrived. */
  push(chunk: Uint8Array): void
  /** The next line, or `undefined` until more octets arrive. */
  next(): Line | undefined
  /** Octets taken in that no line has used up yet. */
  readonly pendingOctets: number
}

/** @param limitOctets the longest line allowed, its line end included (RFC 5321 §4.5.3.1.4 counts so) */
export function createLineReader(limitOctets: number): LineReader {
  let pending = NOTHING
  let searched = 0
  let skipping = false

  function take(end: number): Buffer {
    const line = pending.subarray(0, end + 1)
    // An empty rest must not hold the chunk that it is a view of: idle connections are many.
    pending = end + 1 === pending.length ? NOTHING : pending.subarray(end + 1)
    searched = 0
    return line
  }

  function overlong(): Line | undefined {
    if (pending.length < limitOctets) return undefined
    pending = NOTHING
    searched = 0
    skipping = true
    return undefined
  }

  return {
    push(chunk) {
      pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk])
    },
    next() {
      const end = pending.indexOf(LF, searched)
      if (end === -1) {
        searched = pending.length
        return overlong()
      }
      const line = take(end)
      if (skipping || line.length > limitOctets) {
        skipping = false
        return { kind: 'too-long' }
      }
      const last = line.at(-2) === CR ? line.length - 2 : line.length - 1
      return { kind: 'line', text: line.toString('latin1', 0, last) }
    },
    get pendingOctets() {
      return pending.length
    },
  }
}
