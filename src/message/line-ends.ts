/**
 * Watches a message go by and tells whether a line in it ends with anything but CRLF.
 * A bare CR or a bare LF has two readings, and what has two readings can be used to smuggle a second
 * message behind the first (RFC 5321 §2.3.8 forbids both).
 */

const CR = 0x0d
const LF = 0x0a

export interface LineEndGuard {
  /** Looks at the next chunk; a CR at its end is judged with the chunk that follows. */
  see(chunk: Uint8Array): void
  /** Whether a bare CR or LF was seen. A CR that ends the last chunk is not judged: SMTP's message ends with CRLF. */
  readonly bare: boolean
}

export function createLineEndGuard(): LineEndGuard {
  let bare = false
  let endsInCr = false

  return {
    see(chunk) {
      if (bare || chunk.length === 0) return
      bare = hasBareLineEnd(chunk, endsInCr)
      endsInCr = chunk[chunk.length - 1] === CR
    },
    get bare() {
      return bare
    },
  }
}

/** Octet by octet: looking for each line end by itself would cost most where lines are shortest. */
function hasBareLineEnd(chunk: Uint8Array, endedInCr: boolean): boolean {
  let afterCr = endedInCr
  for (const octet of chunk) {
    if (afterCr !== (octet === LF)) return true
    afterCr = octet === CR
  }
  return false
}

/** Gives every line of a message CRLF for an end, in the place of a bare CR or LF. */
export interface LineEndNormaliser {
  /** @returns the chunk's lines; a CR at its end is withheld until the next chunk tells what it is */
  push(chunk: Buffer): Buffer
  /** The message is whole. @returns the line end that a CR at its very end stands for */
  end(): Buffer
}

const CRLF = Buffer.from('\r\n')
const NOTHING = Buffer.alloc(0)

export function createLineEndNormaliser(): LineEndNormaliser {
  let withheldCr = false

  return {
    push(chunk) {
      const given = withheldCr ? Buffer.concat([CRLF.subarray(0, 1), chunk]) : chunk
      withheldCr = given.at(-1) === CR
      const whole = withheldCr ? given.subarray(0, -1) : given
      if (!hasBareLineEnd(whole, false) && whole.at(-1) !== CR) return whole
      return Buffer.from(whole.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1')
    },
    end: () => (withheldCr ? CRLF : NOTHING),
  }
}
