/**
 * Counts a message as POP3 sends it: every line end is CRLF, so a bare LF counts two octets. A bare CR is an octet
 * like any other (RFC 1939 §11, RFC 5321 §2.3.8).
 */
import type { Sizes } from './entry-name.js'

const LF = 0x0a
const CR = 0x0d

/** Counts octets as they pass, cut anywhere. */
export class LineEndCounter {
  #fileOctets = 0
  #bareLf = 0
  #lastWasCr = false

  add(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      const afterCr = at === 0 ? this.#lastWasCr : chunk[at - 1] === CR
      if (!afterCr) this.#bareLf += 1
    }
    if (chunk.byteLength > 0) this.#lastWasCr = chunk[chunk.byteLength - 1] === CR
    this.#fileOctets += chunk.byteLength
  }

  get sizes(): Sizes {
    return { fileOctets: this.#fileOctets, octets: this.#fileOctets + this.#bareLf }
  }
}
