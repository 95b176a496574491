/** Every way in which something can fail, as POP3 says it (RFC 2449 §8, RFC 3206). */

import { type FailureCode, failureCode } from '../base/errors.js'
import type { ResponseCode } from './reply.js'
import type { Texts } from './texts.js'

interface Refusal {
  readonly code: ResponseCode | undefined
  readonly text:
    | 'wrongSignIn'
    | 'malformedSignIn'
    | 'tryLater'
    | 'maildropInUse'
    | 'messageGone'
    | 'cannot'
    | 'tooSoon'
}

const TEMPORARY: Refusal = { code: 'SYS/TEMP', text: 'tryLater' }
const PERMANENT: Refusal = { code: 'SYS/PERM', text: 'cannot' }
/** One text for an unknown name and a wrong password. */
const CREDENTIALS: Refusal = { code: 'AUTH', text: 'wrongSignIn' }

const FAILURES = {
  'account.exists': PERMANENT,
  'account.name-refused': CREDENTIALS,
  'account.password-refused': CREDENTIALS,
  'account.unknown': CREDENTIALS,
  'config.invalid': PERMANENT,
  'input.refused': PERMANENT,
  'listen.refused': PERMANENT,
  'mailbox.full': TEMPORARY,
  'maildrop.in-use': { code: 'IN-USE', text: 'maildropInUse' },
  'message.gone': { code: undefined, text: 'messageGone' },
  'message.header-too-large': PERMANENT,
  'message.line-ends': PERMANENT,
  'message.loop': PERMANENT,
  'message.too-large': PERMANENT,
  'root.in-use': PERMANENT,
  'sender.forged': PERMANENT,
  'sender.not-own': PERMANENT,
  'sender.sign-in-required': PERMANENT,
  'sign-in.busy': TEMPORARY,
  'sign-in.limited': TEMPORARY,
  'sign-in.locked': TEMPORARY,
  'sign-in.malformed': { code: undefined, text: 'malformedSignIn' },
  'sign-in.refused': CREDENTIALS,
  'sign-in.refused-last': CREDENTIALS,
  'sign-in.too-soon': { code: 'LOGIN-DELAY', text: 'tooSoon' },
  'store.cannot-create': PERMANENT,
  'store.damaged': PERMANENT,
  'store.full': TEMPORARY,
  'store.unavailable': TEMPORARY,
  'usage.wrong': PERMANENT,
} as const satisfies Record<FailureCode, Refusal>

/** What a client is told of something thrown; a bug is told as temporary. */
export function refusalOf(thrown: unknown, texts: Texts): { code: ResponseCode | undefined; text: string } {
  const failure = failureCode(thrown)
  const refusal: Refusal = failure === undefined ? TEMPORARY : FAILURES[failure]
  return { code: refusal.code, text: texts[refusal.text] }
}
