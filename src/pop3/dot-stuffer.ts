/**
 * Byte-stuffing of a multi-line reply (RFC 1939 §3): a dot before every line that starts with one,
 * and the end of the reply. Works on chunks; a line start may lie between two of them.
 *
 * Line starts are found by their LF: stored octets have CRLF line ends only, so this is the same as
 * looking for CRLF, and it cannot be split. A chunk without such a line is passed on as it is.
 * The end alone stands behind CRLF whatever came before: a file that was edited in place may end with a bare LF, and a
 * client that looks for CRLF would wait for ever.
 */

const CR = 0x0d
const LF = 0x0a
const DOT = 0x2e
const LINE_WITH_DOT = Buffer.from('\n.')

export interface DotStuffer {
  stuff(chunk: Buffer): Buffer
  /**
   * What ends the reply after all that went through. A message whose last line does not end with CRLF gets one
   * here, which the size in its name does not count: the dot has to stand on a line of its own.
   */
  end(): string
}

export function createDotStuffer(): DotStuffer {
  let atLineStart = true
  let afterCr = false
  let afterCrlf = true

  return {
    stuff(chunk) {
      if (chunk.length === 0) return chunk
      const dots = dotsToStuff(chunk, atLineStart)
      const last = chunk[chunk.length - 1]
      atLineStart = last === LF
      afterCrlf = atLineStart && (chunk.length === 1 ? afterCr : chunk[chunk.length - 2] === CR)
      afterCr = last === CR
      return dots.length === 0 ? chunk : withDotsAt(chunk, dots)
    },
    end: () => (afterCrlf ? '.\r\n' : '\r\n.\r\n'),
  }
}

function dotsToStuff(chunk: Buffer, atLineStart: boolean): number[] {
  const dots = atLineStart && chunk[0] === DOT ? [0] : []
  for (let at = chunk.indexOf(LINE_WITH_DOT); at !== -1; at = chunk.indexOf(LINE_WITH_DOT, at + 2))
    dots.push(at + 1)
  return dots
}

function withDotsAt(chunk: Buffer, dots: readonly number[]): Buffer {
  const stuffed = Buffer.allocUnsafe(chunk.length + dots.length)
  let copied = 0
  let length = 0
  for (const dot of dots) {
    length += chunk.copy(stuffed, length, copied, dot)
    stuffed[length++] = DOT
    copied = dot
  }
  chunk.copy(stuffed, length, copied)
  return stuffed
}
