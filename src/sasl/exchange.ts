/**
 * One SASL exchange as a protocol drives it (RFC 4422 §3): octets in, octets out. Base64 and the words around
 * it belong to the protocol, what the octets mean to the mechanism, who may in to the house.
 */

/** The mechanisms of this house by their registered names; LOGIN is no standard, but old SMTP clients know nothing else. */
export type SaslMechanism = 'PLAIN' | 'LOGIN' | 'SCRAM-SHA3-512' | 'SCRAM-SHA3-512-PLUS'

/** What the exchange may know of the connection that it runs over. */
export interface SaslChannel {
  /** The client's address; an IPv4 address is written as such. */
  readonly address: string
  /** `tls-exporter` channel binding (RFC 9266), 32 octets; absent without TLS 1.3. */
  readonly tlsExporter?: Buffer | undefined
}

/** @typeParam Outcome what a finished exchange gives: who has signed in */
export type SaslReply<Outcome> =
  /** To be sent, however short; the client's answer goes into the next `respond`. */
  | { readonly kind: 'challenge'; readonly octets: Buffer }
  | { readonly kind: 'done'; readonly outcome: Outcome }

export interface SaslExchange<Outcome> {
  /**
   * Takes the client's next message, one call at a time.
   * @param response decoded; `undefined` only for the first, when the client gave no initial response
   * @throws GatewayError `sign-in.*`; the exchange is over then
   */
  respond(response: Buffer | undefined): Promise<SaslReply<Outcome>>
  /** The client gave up (`*`) or went away; may be called at any time. */
  abandon(): void
}
