/**
 * The states of a POP3 session (RFC 1939 §3) as types: what a state does not have cannot be used in it.
 * The UPDATE state is no type: it is the QUIT row of the TRANSACTION table.
 */

import type { SaslExchange, SaslMechanism } from '../sasl/exchange.js'
import type { Maildrop, MaildropEntry, SignInChannel } from './backend.js'
import { createDeletions, type Deletions } from './deletions.js'
import type { Texts } from './texts.js'

/** How octets travel: under TLS, in clear with STLS to change that, or in clear where there is no TLS. */
export type Transport = 'tls' | 'stls' | 'clear'

/** What holds for a connection in every state. STLS makes a new one: nothing said in clear is remembered. */
export interface Peer {
  readonly client: SignInChannel
  readonly transport: Transport
  /** Whether this peer may send a password as it is: under TLS, or from an address that may in clear. */
  readonly clearPasswords: boolean
  /** The SASL mechanisms that are offered on this connection as it is now. */
  readonly mechanisms: readonly SaslMechanism[]
  /** The client has said UTF8 (RFC 6856 §2). */
  readonly utf8: boolean
  /** What holds for whoever is here, as CAPA announces it. */
  readonly policy: Policy
  readonly texts: Texts
}

/** What the house does and asks, of which CAPA tells (RFC 2449 §6). */
export interface Policy {
  /** Our name and version, `Relais-0.1.0`. */
  readonly implementation: string
  /** Seconds between two sign-ins of an account that the house asks for; 0 asks for nothing. */
  readonly loginDelaySeconds: number
  /** Before sign-in; asked at each CAPA. */
  readonly expiry: () => Expiry
}

/** How long messages are kept, over all accounts (RFC 2449 §6.7). */
export interface Expiry {
  /** The smallest number of any account; `undefined`: every account keeps for ever. */
  readonly days: number | undefined
  /** Whether accounts differ. */
  readonly differs: boolean
}

export interface Authorization {
  readonly state: 'authorization'
  readonly peer: Peer
  /** The name given by USER that no PASS has used up yet. */
  readonly user: string | undefined
}

/** Between AUTH and its outcome: the next line is a response of the mechanism, and no command (RFC 5034 §4). */
export interface Authentication {
  readonly state: 'authentication'
  readonly peer: Peer
  readonly exchange: SaslExchange<Maildrop>
  /** Where a failed AUTH leads back to, as if it had not been issued. */
  readonly before: Authorization
}

export interface Transaction {
  readonly state: 'transaction'
  readonly peer: Peer
  /** The name that signed in, as the client wrote it, or the account's; for the log. */
  readonly user: string | undefined
  readonly maildrop: Maildrop
  /** All messages together, deleted or not. */
  readonly octets: number
  readonly deletions: Deletions
  /** The numbers of those that RETR sent whole; grows in place. */
  readonly retrieved: Set<number>
}

export type Session = Authorization | Authentication | Transaction

/** After STLS's `+OK`: a TLS handshake, and AUTHORIZATION again behind it (RFC 2595 §4). */
export interface Handshake {
  readonly state: 'handshake'
}

export const HANDSHAKE: Handshake = { state: 'handshake' }

/** After QUIT, and after everything that ends a connection. */
export interface Closed {
  readonly state: 'closed'
  /** What QUIT leaves to be done once its reply is out; the maildrop stays open for it. */
  readonly seen?: Seen
}

/** Messages that were retrieved and kept, and the maildrop that is to note it. */
export interface Seen {
  readonly maildrop: Maildrop
  readonly entries: readonly MaildropEntry[]
}

export const CLOSED: Closed = { state: 'closed' }

export function authorization(peer: Peer): Authorization {
  return { state: 'authorization', peer, user: undefined }
}

export function transaction(peer: Peer, user: string | undefined, maildrop: Maildrop): Transaction {
  let octets = 0
  for (const entry of maildrop.entries) octets += entry.octets
  return {
    state: 'transaction',
    peer,
    user,
    maildrop,
    octets,
    deletions: createDeletions(),
    retrieved: new Set(),
  }
}
