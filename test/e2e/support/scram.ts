/** Signs in to POP3 by SCRAM with our own client's side, over an open connection (RFC 5034, RFC 5802). */

import { pbkdf2Sync, randomBytes } from 'node:crypto'

import type { ClientStep } from '../../../src/sasl/client-step.ts'
import { startClient } from '../../../src/sasl/client.ts'
import { PASSWORD } from './relais.ts'
import type { Wire } from './wire.ts'

/** What differs from a client that binds to nothing. */
export interface ScramTerms {
  readonly name?: string
  readonly password?: string
  /** What the client believes to be offered; default SCRAM-SHA3-512. */
  readonly offered?: readonly string[]
  /** Of the client's end of the connection. */
  readonly tlsExporter?: Buffer | undefined
}

/** Gives the line that ended the exchange. @throws GatewayError when the client refuses the server */
export async function scram(wire: Wire, terms: ScramTerms = {}): Promise<string> {
  const { name = 'alice', password = PASSWORD, offered = ['SCRAM-SHA3-512'], tlsExporter } = terms
  const nonce = randomBytes(18).toString('base64')
  const secret = { kind: 'password', password } as const
  const start = startClient({ offered, tlsExporter, clearPassword: false, name, secret, nonce })
  if (start === undefined) throw new Error('no mechanism that both sides can')
  return converse(wire, start.step, `AUTH ${start.mechanism} `)
}

/** @param before stands in front of the client's first message */
async function converse(wire: Wire, step: ClientStep, before = ''): Promise<string> {
  if (step.kind === 'derive') {
    const { password, salt, iterations } = step
    return converse(wire, step.next(pbkdf2Sync(password, salt, iterations, 64, 'sha3-512')))
  }
  const reply = await wire.pop3(`${before}${step.octets.toString('base64')}`)
  if (step.kind === 'last' || !reply.startsWith('+ ')) return reply
  return converse(wire, step.next(Buffer.from(reply.slice(2), 'base64')))
}
