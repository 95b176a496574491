/** Which mechanisms a protocol offers on a connection. */
import type { SaslChannel, SaslMechanism } from './exchange.js'

export interface Offer {
  readonly protocol: 'smtp' | 'pop3'
  /** Whether a password itself may be sent on this connection: under TLS, or from a trusted address (RFC 8314 §3.3). */
  readonly clearPasswords: boolean
  readonly channel: SaslChannel
}

/**
 * The best first. SCRAM is POP3's alone and never sends a password, so it stands there without TLS too;
 * its -PLUS form needs TLS 1.3 for what it binds to (RFC 9266 §3; RFC 5929 is not offered).
 */
export function offeredMechanisms({ protocol, clearPasswords, channel }: Offer): readonly SaslMechanism[] {
  if (protocol === 'smtp') return clearPasswords ? ['PLAIN', 'LOGIN'] : []
  const scram: readonly SaslMechanism[] =
    channel.tlsExporter === undefined ? ['SCRAM-SHA3-512'] : ['SCRAM-SHA3-512-PLUS', 'SCRAM-SHA3-512']
  return clearPasswords ? [...scram, 'PLAIN'] : scram
}
