/**
 * What the server's side of an exchange asks for next. A step does nothing itself: the house finds keys, books
 * attempts and decides about passwords, the protocol carries octets. All reading functions, `next` and the start
 * alike, throw GatewayError `sign-in.malformed`, after which the exchange is over.
 */

/** What is kept of a password (RFC 5802 §3); neither key can stand in for it. Keys have 64 octets. */
export interface ScramKeys {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

export type ServerStep =
  /** To be sent, however short; takes the client's answer. */
  | { readonly kind: 'challenge'; readonly octets: Buffer; readonly next: (response: Buffer) => ServerStep }
  /** PLAIN and LOGIN end here: the house decides. Neither is empty; the authorization id often is. */
  | {
      readonly kind: 'password'
      readonly authorizationId: string
      readonly name: string
      readonly password: string
    }
  /**
   * SCRAM asks for the keys of a name, which may be anyone's: an unknown one needs keys as well, with the same
   * salt each time. Whether this name may act as another authorization id is for the house to say; empty: none given.
   */
  | {
      readonly kind: 'keys'
      readonly authorizationId: string
      readonly name: string
      readonly next: (keys: ScramKeys) => ServerStep
    }
  /** A well-formed client-final-message is here. Book the attempt, then `check`: the answer is a challenge or `refused`. */
  | { readonly kind: 'proof'; readonly name: string; readonly check: () => ServerStep }
  /** The proof was wrong. */
  | { readonly kind: 'refused' }
  /** The proof was right, and the client has seen ours. */
  | { readonly kind: 'proven'; readonly authorizationId: string; readonly name: string }
