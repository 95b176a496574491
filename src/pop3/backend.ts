/**
 * What POP3 needs from the house: somebody who checks a password and opens a maildrop.
 *
 * Declared here, so that the protocol knows neither accounts nor storage. The shapes are those of
 * `ports/mailbox-store.ts` and fit it without a cast.
 */

import type { SaslChannel, SaslExchange, SaslMechanism } from '../sasl/exchange.js'

/** Where a client connects from; an IPv4 address is written as such, also on a dual-stack socket. */
export interface ClientAddress {
  readonly address: string
  readonly port: number
}

/** What a sign-in may know of the client and of the connection that it is tried on. */
export interface SignInChannel extends ClientAddress, SaslChannel {}

/** What a client gave to sign in. Never logged, never kept after the call. */
export interface Credentials {
  readonly name: string
  readonly password: string
}

/** One message as it is listed; never changes while the maildrop is open. */
export interface MaildropEntry {
  /** From 1, by arrival: `entries[number - 1]` is this entry for the whole session (RFC 1939 §4). */
  readonly number: number
  /** 1 to 70 octets of 0x21 to 0x7E (RFC 1939 §7). */
  readonly uid: string
  /** Size as sent, each line end counted as CRLF, dot-stuffing not counted. */
  readonly octets: number
}

/**
 * A message opened for reading. What is at hand may be given without a promise, here and by `Maildrop.open`: a batch of
 * small messages then costs no turn of the event loop for each.
 */
export interface StoredMessage {
  /**
   * The octets, not dot-stuffed, every line end CRLF, read as fast as the consumer asks.
   * A chunk belongs to the consumer once it is handed out: it is not written to again.
   */
  chunks(): AsyncIterable<Buffer> | Iterable<Buffer>
  close(): Promise<void> | undefined
}

/** The messages of one account, held alone until `close`. */
export interface Maildrop {
  /** Whose it is, for the log: a SASL exchange does not tell the protocol. */
  readonly account?: string
  readonly entries: readonly MaildropEntry[]
  /** @throws GatewayError `message.gone`, `store.*` */
  open(entry: MaildropEntry): Promise<StoredMessage> | StoredMessage
  /** Days after which the house removes a message of this account (RFC 2449 §6.7); absent: never. */
  readonly expireDays?: number
  /** Aborts when the account is removed or locked: the session ends after what is being answered, and deletes nothing. */
  readonly revoked?: AbortSignal
  /**
   * Notes that these were retrieved and kept. Called once at most, after QUIT's reply and before `close`;
   * what it throws is logged, and that is all.
   */
  markSeen?(entries: readonly MaildropEntry[]): Promise<void>
  /** Removes for good, and answers the entries that are still there. @throws GatewayError `store.*` */
  remove(entries: readonly MaildropEntry[]): Promise<readonly MaildropEntry[]>
  close(): Promise<void>
}

export interface Pop3Backend {
  /**
   * Checks name and password and opens the maildrop alone. One call at a time for each connection;
   * when the client has gone meanwhile, the maildrop is closed as soon as it is there.
   * @throws GatewayError `sign-in.refused` for an unknown name and a wrong password alike;
   * `sign-in.refused-last` for the one that blocked the account, after which the connection is closed;
   * `sign-in.locked`, `sign-in.limited`, `sign-in.busy`, `sign-in.too-soon` (only for the right password),
   * `maildrop.in-use`, `store.*`
   */
  signIn(credentials: Credentials, channel: SignInChannel): Promise<Maildrop>
  /**
   * Begins a SASL exchange (RFC 5034) with a mechanism that is offered on this channel. It ends with the maildrop
   * of whoever signed in, open, and throws as `signIn` does, and `sign-in.malformed`. When the client has gone before
   * it ended, it is abandoned; when it ended meanwhile, the maildrop is closed as soon as it is there.
   */
  authenticate(mechanism: SaslMechanism, channel: SignInChannel): SaslExchange<Maildrop>
}
