/**
 * What a handler answers with: a reply, said in words that hide the wire, and the state that follows.
 * Only the connection turns a reply into octets.
 */

import type { StoredMessage } from './backend.js'
import type { Closed, Handshake, Session } from './session.js'

/** Extended response codes that we give (RFC 2449 §8, RFC 3206 §4 and §5). */
export type ResponseCode = 'AUTH' | 'IN-USE' | 'LOGIN-DELAY' | 'SYS/TEMP' | 'SYS/PERM'

export type Reply =
  /** `+OK`. */
  | { readonly kind: 'ok'; readonly text: string }
  /** `+ ` and what the mechanism asks, in base64 (RFC 5034 §4). */
  | { readonly kind: 'challenge'; readonly octets: Buffer }
  /** `-ERR` to a command that was understood and cannot be carried out. */
  | { readonly kind: 'refused'; readonly text: string; readonly code?: ResponseCode }
  /** `-ERR` to a command that is unknown, misplaced or malformed; the connection counts these. */
  | { readonly kind: 'wrong'; readonly text: string }
  /** `-ERR` because something was thrown; `failures.ts` finds code and text unless `text` is there. */
  | { readonly kind: 'failed'; readonly cause: unknown; readonly text?: string }
  /** `+OK`, then lines, then a line of one dot. */
  | { readonly kind: 'lines'; readonly text: string; readonly lines: Iterable<string> }
  /** `+OK`, then a message, then a line of one dot. With `bodyLines`, its header and that many lines (TOP). */
  | {
      readonly kind: 'message'
      readonly text: string
      readonly message: StoredMessage
      readonly bodyLines: number | undefined
      /** The message-number that counts as retrieved once all of it is sent; TOP retrieves nothing. */
      readonly retrieves?: number
    }

/** The outcome of a command. Without `next` the session stays as it is. */
export interface Step {
  readonly reply: Reply
  readonly next?: Session | Handshake | Closed
}

export const ok = (text = ''): Reply => ({ kind: 'ok', text })
export const refused = (text: string, code?: ResponseCode): Reply =>
  code === undefined ? { kind: 'refused', text } : { kind: 'refused', text, code }
export const wrong = (text: string): Reply => ({ kind: 'wrong', text })
export const failed = (cause: unknown): Reply => ({ kind: 'failed', cause })
export const lines = (text: string, all: Iterable<string>): Reply => ({ kind: 'lines', text, lines: all })
