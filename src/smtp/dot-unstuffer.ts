/**
 * The message between DATA and the final dot, taken out of its transparency (RFC 5321 §4.5.2). Pure.
 *
 * Lines begin behind CRLF and nothing else. A dot that begins a line is dropped; with CRLF behind it, it ends the
 * message. Bare CR and LF pass as they are: what becomes of them is not decided here. The work is linear in the
 * octets, whatever they are.
 */

export interface Unstuffed {
  /** Octets of the message; they may share memory with the chunk. */
  readonly octets: Buffer
  /** What follows the final dot; `undefined` while the message goes on. */
  readonly rest: Buffer | undefined
}

export interface DotUnstuffer {
  /** Not to be called again once the message has ended. */
  push(chunk: Buffer): Unstuffed
}

const LF = 0x0a
const CR = 0x0d
const DOT = 0x2e
const WITHHELD_CR = Buffer.from('\r')

/** Where in a line the next octet stands. */
type Place = 'line start' | 'after dot' | 'after dot CR' | 'within'

export function createDotUnstuffer(): DotUnstuffer {
  let place: Place = 'line start'
  /** Within a line: whether the octet before was a CR. */
  let afterCr = false

  /** The first octet from `at` on that begins a line, or the end of the chunk. */
  function nextLineStart(chunk: Buffer, at: number): number {
    for (let from = at; ;) {
      const lf = chunk.indexOf(LF, from)
      if (lf === -1) {
        if (chunk.length > at) afterCr = chunk.at(-1) === CR
        return chunk.length
      }
      const before = lf === at ? afterCr : chunk[lf - 1] === CR
      from = lf + 1
      if (!before) continue
      place = 'line start'
      return from
    }
  }

  return {
    push(chunk) {
      const kept = createPieces(chunk)
      let at = 0
      while (at < chunk.length) {
        switch (place) {
          case 'line start':
            place = chunk[at] === DOT ? 'after dot' : 'within'
            if (place === 'after dot') at += 1
            else afterCr = false
            break
          case 'after dot':
            place = chunk[at] === CR ? 'after dot CR' : 'within'
            if (place === 'after dot CR') at += 1
            else afterCr = false
            break
          case 'after dot CR':
            if (chunk[at] === LF) return { octets: kept.all(), rest: chunk.subarray(at + 1) }
            kept.add(WITHHELD_CR, 0, 1)
            place = 'within'
            afterCr = true
            break
          case 'within': {
            const end = nextLineStart(chunk, at)
            kept.add(chunk, at, end)
            at = end
            break
          }
        }
      }
      return { octets: kept.all(), rest: undefined }
    },
  }
}

/** Pieces of a chunk put together in one copy; a single piece is not copied at all. */
function createPieces(chunk: Buffer): {
  add(from: Buffer, start: number, end: number): void
  all(): Buffer
} {
  let only: Buffer | undefined
  let joined: Buffer | undefined
  let length = 0

  return {
    add(from, start, end) {
      if (length === 0) {
        only = from.subarray(start, end)
        length = only.length
        return
      }
      if (joined === undefined) {
        joined = Buffer.allocUnsafe(chunk.length + WITHHELD_CR.length)
        only?.copy(joined)
      }
      length += from.copy(joined, length, start, end)
    },
    all: () => (joined === undefined ? (only ?? Buffer.alloc(0)) : joined.subarray(0, length)),
  }
}
