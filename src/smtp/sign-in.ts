/**
 * The AUTH command and its lines (RFC 4954 §4): base64 and the words around it. Who may in is asked of the exchange.
 * Nothing of what is said here goes into a log.
 */
import { failureCode } from '../base/errors.js'
import type { SaslChannel, SaslExchange } from '../sasl/exchange.js'
import type { Ask } from './client.js'
import { AUTH_LINE_OCTETS } from './command-line.js'
import { failureReply } from './failures.js'
import { reply, type Reply } from './reply.js'

/** Mechanisms that AUTH offers, by their registered names. */
export const MECHANISMS = ['PLAIN', 'LOGIN'] as const

export type SmtpMechanism = (typeof MECHANISMS)[number]

/** Who has signed in, until the session ends. */
export interface SignedIn {
  /** Of the account. */
  readonly key: string
  /** The account's own address: the only one it may send as. */
  readonly address: string
  readonly name: string
  /** Aborted when the account is removed or locked: the session ends then. */
  readonly revoked: AbortSignal
  /** To be called once, when the session ends. */
  release(): void
}

/** Who decides about sign-ins. */
export interface SmtpAuthentication {
  authenticate(mechanism: SmtpMechanism, channel: SaslChannel): SaslExchange<SignedIn>
}

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly signedIn: SignedIn }
  | { readonly kind: 'refused'; readonly reply: Reply; readonly cause?: unknown }

const NO_ARGUMENT = reply(501, '5.5.4', 'AUTH takes a mechanism and at most one initial response')
const CANCELLED = reply(501, '5.7.0', 'the sign-in was cancelled')
const NOT_BASE64 = reply(501, '5.5.2', 'that is no base64')
const TOO_LONG = reply(500, '5.5.6', 'line too long')
const OUT_OF_ORDER = reply(454, '4.7.0', 'signing in is out of order; try again later')

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** What stands behind AUTH, taken apart; a reply when it is wrong. `initial` is still in base64. */
export function readAuth(
  argument: string,
): { readonly mechanism: SmtpMechanism; readonly initial: string | undefined } | Reply {
  const [name = '', initial, ...more] = argument.split(/ +/)
  if (name === '' || more.length > 0) return NO_ARGUMENT
  const mechanism = MECHANISMS.find((known) => known === name.toUpperCase())
  if (mechanism === undefined) return reply(504, '5.5.4', `AUTH knows ${MECHANISMS.join(' and ')}`)
  return { mechanism, initial }
}

/** Carries the exchange through. @throws HungUp from `ask` */
export async function signIn(
  exchange: SaslExchange<SignedIn>,
  initial: string | undefined,
  ask: Ask,
): Promise<SignInOutcome> {
  try {
    // RFC 4954 §4: "=" is an initial response without octets.
    let response = initial === undefined ? undefined : decode(initial === '=' ? '' : initial)
    for (;;) {
      if (response !== undefined && !Buffer.isBuffer(response)) return refused(exchange, response)
      const step = await exchange.respond(response)
      if (step.kind === 'done') return { kind: 'signed-in', signedIn: step.outcome }
      const line = await ask(step.octets)
      response = line === '*' ? CANCELLED : decode(line)
    }
  } catch (error) {
    exchange.abandon()
    const known = failureCode(error)?.startsWith('sign-in.') === true
    return { kind: 'refused', reply: known ? failureReply(error) : OUT_OF_ORDER, cause: error }
  }
}

function refused(exchange: SaslExchange<SignedIn>, given: Reply): SignInOutcome {
  exchange.abandon()
  return { kind: 'refused', reply: given }
}

function decode(line: string): Buffer | Reply {
  if (line.length + 2 > AUTH_LINE_OCTETS) return TOO_LONG
  return BASE64.test(line) ? Buffer.from(line, 'base64') : NOT_BASE64
}
