/** What the client's side of an exchange asks for next; pure as the server's. */
import type { ClientKeys } from './scram-keys.js'

/** What may be kept in place of the password, for as long as the server keeps salt and iterations. A secret. */
export interface SavedKeys extends ClientKeys {
  readonly iterations: number
  readonly salt: Buffer
}

export type ClientStep =
  /**
   * To be sent, however short; takes the server's challenge. A success that comes in place of the challenge is to be
   * taken for a failure: the server has not proved itself.
   */
  | { readonly kind: 'send'; readonly octets: Buffer; readonly next: (challenge: Buffer) => ClientStep }
  /** PBKDF2-HMAC of the password's UTF-8 with the mechanism's digest (SHA3-512), as long as the digest: 64 octets. */
  | {
      readonly kind: 'derive'
      readonly password: string
      readonly salt: Buffer
      readonly iterations: number
      readonly next: (saltedPassword: Buffer) => ClientStep
    }
  /** To be sent; what follows is the protocol's success or failure. `keys`: of a server that has proved itself. */
  | { readonly kind: 'last'; readonly octets: Buffer; readonly keys?: SavedKeys }
