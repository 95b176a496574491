/** The octets of a SASL message as text: bounded, and UTF-8 or nothing. */
import { GatewayError } from '../base/errors.js'

/**
 * The longest message that a mechanism of ours reads, decoded. Two names of 255 octets (RFC 4616 §2) and a
 * password of 1,024 octets fit in three times over: letters that are typed decomposed need up to that much.
 */
export const MAX_RESPONSE_OCTETS = 4096

/** A byte order mark is kept: what was hashed has to be what was sent. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws GatewayError `sign-in.malformed` for too many octets or invalid UTF-8 */
export function readText(octets: Buffer): string {
  if (octets.length > MAX_RESPONSE_OCTETS) throw malformed(`a message of ${octets.length} octets`)
  try {
    return UTF_8.decode(octets)
  } catch (cause) {
    throw malformed('a message that is not UTF-8', { cause })
  }
}

/** @param what never holds what the message held: it goes into the log */
export function malformed(what: string, options?: ErrorOptions): GatewayError {
  return new GatewayError('sign-in.malformed', `SASL: ${what}`, options)
}
