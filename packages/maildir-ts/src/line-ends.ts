/**
 * Counts a message as POP3 sends it: every line end is CRLF, so a bare LF counts two octets. A bare CR is an octet
 * like any other (RFC 1939 §11, RFC 5321 §2.3.8). A last line without an end is sent with one, because the dot that
 * ends the reply stands on a line of its own (RFC 1939 §3); what `W=` says in a name does not count that one.
 */
import type { Sizes } from './entry-name.js'

const LF = 0x0a
const CR = 0x0d

/** Counts octets as they pass, cut anywhere. */
export class LineEndCounter {
  #fileOctets = 0
  #bareLf = 0
  #last: number | undefined

  add(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      const afterCr = at === 0 ? this.#last === CR : chunk[at - 1] === CR
      if (!afterCr) this.#bareLf += 1
    }
    if (chunk.byteLength > 0) this.#last = chunk[chunk.byteLength - 1]
    this.#fileOctets += chunk.byteLength
  }

  /** What a name of this library's writer says: line ends that are there, as CRLF. */
  get sizes(): Sizes {
    return { fileOctets: this.#fileOctets, octets: this.#fileOctets + this.#bareLf }
  }

  /** The same with the CRLF that a last line without an end is sent with; an empty message has no line. */
  get sizesAsSent(): Sizes {
    const { fileOctets, octets } = this.sizes
    return { fileOctets, octets: this.#last === undefined || this.#last === LF ? octets : octets + 2 }
  }
}
