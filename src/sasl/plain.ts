/** PLAIN, both sides (RFC 4616): `[authzid] NUL authcid NUL passwd`, in one message of the client's. */
import { malformed, readText } from './message-text.js'
import type { ServerStep } from './server-step.js'

const MESSAGE = /^([^\0]*)\0([^\0]+)\0([^\0]+)$/

/** @throws GatewayError `sign-in.malformed` */
export function readPlain(message: Buffer): ServerStep {
  const match = MESSAGE.exec(readText(message))
  if (match === null) throw malformed('PLAIN needs a name and a password between its two NULs')
  const [, authorizationId = '', name = '', password = ''] = match
  return { kind: 'password', authorizationId, name, password }
}

/**
 * The client's message, without an authorization id: the account acts as itself.
 * @throws GatewayError `sign-in.malformed` for a name or password that PLAIN cannot carry
 */
export function plainMessage(name: string, password: string): Buffer {
  const message = Buffer.from(`\0${name}\0${password}`)
  readPlain(message)
  return message
}
