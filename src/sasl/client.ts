/** The client's side, from the choice of a mechanism. Pure: see `client-step.ts`. */
import type { ClientStep } from './client-step.js'
import type { SaslMechanism } from './exchange.js'
import { plainMessage } from './plain.js'
import { startScramClient, type Secret } from './scram-client.js'

export interface ClientTerms {
  /** What the server says it offers. */
  readonly offered: readonly string[]
  /** Of our end of the connection (RFC 9266); absent without TLS 1.3. */
  readonly tlsExporter?: Buffer | undefined
  /** Whether the password itself may be sent, where nothing better is offered. */
  readonly clearPassword: boolean
  readonly name: string
  readonly secret: Secret
  /** Printable ASCII without comma, fresh and unguessable for each exchange. */
  readonly nonce: string
}

export interface ClientStart {
  readonly mechanism: SaslMechanism
  /** Its octets are the initial response. */
  readonly step: ClientStep
}

/**
 * Takes the best mechanism that both sides can; `undefined` when there is none.
 * @throws GatewayError `sign-in.malformed` for a name or password that the mechanism cannot carry
 */
export function startClient(terms: ClientTerms): ClientStart | undefined {
  const { offered, tlsExporter: bindTo, name, secret, nonce } = terms
  if (bindTo !== undefined && offered.includes('SCRAM-SHA3-512-PLUS')) {
    const step = startScramClient({ flag: 'p=tls-exporter', bindTo, name, secret, nonce })
    return { mechanism: 'SCRAM-SHA3-512-PLUS', step }
  }
  if (offered.includes('SCRAM-SHA3-512')) {
    // Someone between us may have struck -PLUS from the list: `y` lets the server notice (RFC 5802 §6).
    const flag = bindTo === undefined ? 'n' : 'y'
    const step = startScramClient({ flag, bindTo: Buffer.alloc(0), name, secret, nonce })
    return { mechanism: 'SCRAM-SHA3-512', step }
  }
  if (offered.includes('PLAIN') && terms.clearPassword && secret.kind === 'password')
    return { mechanism: 'PLAIN', step: { kind: 'last', octets: plainMessage(name, secret.password) } }
  return undefined
}
