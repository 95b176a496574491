/** What the tests' server offers: PLAIN where passwords may be sent, and what binds to TLS 1.3 only there. */

import type { SignInChannel } from '../../../src/pop3/backend.ts'
import type { SaslMechanism } from '../../../src/sasl/exchange.ts'

export function mechanisms(channel: SignInChannel, clearPasswords: boolean): readonly SaslMechanism[] {
  return [
    ...(channel.tlsExporter === undefined ? [] : (['SCRAM-SHA3-512-PLUS'] as const)),
    'SCRAM-SHA3-512',
    ...(clearPasswords ? (['PLAIN'] as const) : []),
  ]
}
