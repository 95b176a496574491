/** The server's side of every mechanism, from its first step. Pure: see `server-step.ts`. */
import type { SaslChannel, SaslMechanism } from './exchange.js'
import { startLogin } from './login.js'
import { malformed } from './message-text.js'
import { readPlain } from './plain.js'
import { startScram } from './scram-server.js'
import type { ServerStep } from './server-step.js'

export interface ServerTerms {
  readonly mechanism: SaslMechanism
  readonly channel: SaslChannel
  /** What the client was offered on this connection; a mechanism outside of it is not started. */
  readonly offered: readonly SaslMechanism[]
  /** For SCRAM: printable ASCII without comma, fresh and unguessable for each exchange. */
  readonly nonce: string
}

/**
 * @param initial decoded; `undefined` when the client gave no initial response, which is not the empty one
 * @throws GatewayError `sign-in.malformed`
 */
export function startServer(terms: ServerTerms, initial: Buffer | undefined): ServerStep {
  if (!terms.offered.includes(terms.mechanism)) throw malformed('a mechanism that was not offered')
  if (terms.mechanism === 'LOGIN') return startLogin(initial)
  const read = clientFirstReader(terms)
  if (initial !== undefined) return read(initial)
  // The client speaks first here: it is asked to with nothing (RFC 4422 §5, 2a).
  return { kind: 'challenge', octets: Buffer.alloc(0), next: read }
}

function clientFirstReader({
  mechanism,
  channel,
  offered,
  nonce,
}: ServerTerms): (message: Buffer) => ServerStep {
  if (mechanism === 'PLAIN') return readPlain
  const plusOffered = offered.includes('SCRAM-SHA3-512-PLUS')
  if (mechanism !== 'SCRAM-SHA3-512-PLUS') return (message) => startScram({ plusOffered, nonce }, message)
  const bindTo = channel.tlsExporter
  if (bindTo === undefined) throw malformed('no channel to bind to')
  return (message) => startScram({ bindTo, plusOffered, nonce }, message)
}
