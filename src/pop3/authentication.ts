/**
 * SASL over POP3 (RFC 5034): AUTH begins an exchange, and until it ends every line is a response. What the octets
 * mean is the mechanism's; here they become base64, and the outcome a state.
 */

import { base64 } from './arguments.js'
import type { Pop3Backend } from './backend.js'
import { failed, ok, refused, type Step, wrong } from './reply.js'
import { type Authentication, type Authorization, type Peer, transaction } from './session.js'

/** @param name the mechanism's, in upper case */
export function auth(
  session: Authorization,
  { name, initial }: { readonly name: string; readonly initial: Buffer | undefined },
  backend: Pop3Backend,
): Step | Promise<Step> {
  const { peer } = session
  if (peer.mechanisms.length === 0) return { reply: wrong(peer.texts.unknownCommand) }
  const mechanism = peer.mechanisms.find((offered) => offered === name)
  if (mechanism === undefined) return { reply: refused(notOffered(peer, name)) }
  const exchange = backend.authenticate(mechanism, peer.client)
  return respond({ state: 'authentication', peer, exchange, before: session }, initial)
}

/** Carries out one line of an exchange, without its line end. */
export function answerChallenge(session: Authentication, line: string): Step | Promise<Step> {
  const { before, peer } = session
  if (line === '*') return { reply: refused(peer.texts.cancelled), next: before }
  const response = base64(line)
  if (response === undefined) return { reply: wrong(peer.texts.malformedSignIn), next: before }
  return respond(session, response)
}

async function respond(session: Authentication, response: Buffer | undefined): Promise<Step> {
  const { before, exchange, peer } = session
  try {
    const said = await exchange.respond(response)
    if (said.kind === 'challenge') return { reply: { kind: 'challenge', octets: said.octets }, next: session }
    const maildrop = said.outcome
    const next = transaction(peer, maildrop.account, maildrop)
    return { reply: ok(peer.texts.maildropHas(maildrop.entries.length, next.octets)), next }
  } catch (cause) {
    return { reply: failed(cause), next: before }
  }
}

/** A mechanism that sends the password as it is, is refused in clear before the password is sent (RFC 8314 §3). */
function notOffered({ clearPasswords, texts, transport }: Peer, name: string): string {
  if (name !== 'PLAIN' || clearPasswords) return texts.noMechanism
  return transport === 'stls' ? texts.tlsFirst : texts.clearRefused
}
