/**
 * Cuts arriving octets into SMTP commands, however the network segmented them. Pure.
 * Only CRLF ends a command (RFC 5321 §2.3.8); a bare CR or LF, which others may read in another way, and a NUL
 * end the conversation instead.
 */

export type Cut =
  /** One command without its CRLF. */
  | { readonly kind: 'command'; readonly octets: Buffer }
  /** A bare CR, a bare LF or a NUL: nothing that follows can be trusted. */
  | { readonly kind: 'broken' }
  /** More octets without a line end than any command may have. */
  | { readonly kind: 'endless' }

export interface CommandCutter {
  /** Takes a chunk as it arrived. */
  push(chunk: Buffer): void
  /** The next command, or `undefined` until more octets arrive. */
  next(): Cut | undefined
  /** Hands out what no command has used up: the message that follows DATA in the same chunk. */
  rest(): Buffer
}

const LF = 0x0a
const CR = 0x0d
const NUL = 0x00
const NOTHING = Buffer.alloc(0)

/** @param limitOctets the longest command, CRLF included, that is worth keeping */
export function createCommandCutter(limitOctets: number): CommandCutter {
  let pending: Buffer = NOTHING
  /** Octets of `pending` that hold no LF. */
  let searched = 0

  function unfinished(): Cut | undefined {
    // A CR at the very end may still get its LF.
    const whole = pending.at(-1) === CR ? pending.length - 1 : pending.length
    const seen = pending.subarray(0, whole)
    if (seen.includes(NUL) || seen.includes(CR)) return { kind: 'broken' }
    if (pending.length > limitOctets) return { kind: 'endless' }
    searched = whole
    return undefined
  }

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    },
    next() {
      const end = pending.indexOf(LF, searched)
      if (end === -1) return unfinished()
      const octets = pending.subarray(0, Math.max(end - 1, 0))
      if (pending[end - 1] !== CR || octets.includes(CR) || octets.includes(NUL)) return { kind: 'broken' }
      if (end >= limitOctets) return { kind: 'endless' }
      // An empty rest must not hold the chunk that it is a view of: idle connections are many.
      pending = end + 1 === pending.length ? NOTHING : pending.subarray(end + 1)
      searched = 0
      return { kind: 'command', octets }
    },
    rest() {
      const rest = pending
      pending = NOTHING
      searched = 0
      return rest
    },
  }
}
