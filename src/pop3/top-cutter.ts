/**
 * The start of a message for TOP (RFC 1939 §7): header, the blank line, and a number of body lines.
 *
 * Nothing is made up: a message without a body ends where it ends, without a blank line that RETR
 * would not show. Line ends are found by their LF; stored octets have CRLF line ends only.
 */

const LF = 0x0a
const CR = 0x0d

export interface TopCutter {
  /** That part of the chunk which belongs to the top; empty once all of it came. */
  cut(chunk: Buffer): Buffer
  /** Whether nothing that follows belongs to the top. */
  readonly done: boolean
}

/** @param bodyLines how many lines of the body; may be larger than any message */
export function createTopCutter(bodyLines: number): TopCutter {
  let left = bodyLines
  let inHeader = true
  let done = false
  // Of the header line at hand: a blank one has no octet but the CR of its end.
  let lineOctets = 0
  let lineStartsWithCr = false

  function follow(chunk: Buffer, start: number, end: number): void {
    if (lineOctets === 0) lineStartsWithCr = chunk[start] === CR
    lineOctets += end - start
  }

  function endLine(): void {
    if (inHeader) inHeader = !(lineOctets === 0 || (lineOctets === 1 && lineStartsWithCr))
    else left -= 1
    lineOctets = 0
    done = !inHeader && left === 0
  }

  return {
    cut(chunk) {
      let start = 0
      while (!done) {
        const end = chunk.indexOf(LF, start)
        if (inHeader) follow(chunk, start, end === -1 ? chunk.length : end)
        if (end === -1) return chunk
        endLine()
        start = end + 1
      }
      return chunk.subarray(0, start)
    },
    get done() {
      return done
    },
  }
}
