/**
 * LOGIN, the server's side (draft-murchison-sasl-login): a name, then a password, each asked for.
 * The draft asks for `User Name` and `Password`, with a NUL; clients know the words below, which every server sends.
 */
import { malformed, readText } from './message-text.js'
import type { ServerStep } from './server-step.js'

/** @param initial the user name, from clients that send it with the command */
export function startLogin(initial: Buffer | undefined): ServerStep {
  if (initial !== undefined) return askPassword(initial)
  return { kind: 'challenge', octets: Buffer.from('Username:'), next: askPassword }
}

function askPassword(response: Buffer): ServerStep {
  const name = readField(response)
  return {
    kind: 'challenge',
    octets: Buffer.from('Password:'),
    next: (answer) => ({ kind: 'password', authorizationId: '', name, password: readField(answer) }),
  }
}

function readField(response: Buffer): string {
  const text = readText(response)
  if (text === '' || text.includes('\0')) throw malformed('LOGIN needs a name and a password without NUL')
  return text
}
