/** What each failure is called in SMTP: one row for every code. Outside text is generic; the log has the cause. */
import { GatewayError, type FailureCode } from '../base/errors.js'
import { fitting, last, reply, type Reply } from './reply.js'

const TEMPORARY = reply(451, '4.3.0', 'local trouble, the message was not taken; try again later')

/** One text for an unknown name and a wrong password. */
const WRONG_SIGN_IN = reply(535, '5.7.8', 'wrong name or password')

const REPLIES = {
  'account.exists': TEMPORARY,
  'account.name-refused': TEMPORARY,
  'account.password-refused': TEMPORARY,
  'account.unknown': TEMPORARY,
  'config.invalid': TEMPORARY,
  'input.refused': TEMPORARY,
  'listen.refused': TEMPORARY,
  'mailbox.full': reply(452, '4.2.2', 'the mailbox is full; try again later'),
  'maildrop.in-use': TEMPORARY,
  'message.gone': TEMPORARY,
  'message.header-too-large': reply(552, '5.3.4', 'the header of the message is too large to be looked at'),
  'message.line-ends': last(
    reply(550, '5.6.0', 'the message holds a bare CR or LF; only CRLF may end a line (RFC 5321 2.3.8)'),
  ),
  'message.loop': reply(554, '5.4.6', 'the message went through too many servers; it runs in a loop'),
  'message.too-large': reply(552, '5.3.4', 'the message is larger than the SIZE announced in EHLO'),
  'root.in-use': TEMPORARY,
  'sender.forged': reply(550, '5.7.1', 'From names a sender of this domain, who must sign in first'),
  'sender.not-own': reply(550, '5.7.1', 'the sender named is not the address of the account that signed in'),
  'sender.sign-in-required': reply(
    530,
    '5.7.0',
    'a sender of this domain must sign in first: with AUTH here, or on the submission port',
  ),
  'sign-in.busy': reply(454, '4.7.0', 'too many sign-ins are waiting; try again in a moment'),
  'sign-in.limited': reply(454, '4.7.0', 'too many failed sign-ins from this address; try again later'),
  'sign-in.locked': reply(454, '4.7.0', 'too many failed sign-ins; try again in a moment'),
  'sign-in.malformed': reply(501, '5.5.2', 'that is no answer of this mechanism'),
  'sign-in.refused': WRONG_SIGN_IN,
  'sign-in.refused-last': last(WRONG_SIGN_IN),
  'sign-in.too-soon': reply(454, '4.7.0', 'too soon after the last session; try again later'),
  'store.cannot-create': TEMPORARY,
  'store.damaged': TEMPORARY,
  'store.full': reply(452, '4.3.1', 'not enough space left; try again later'),
  'store.unavailable': TEMPORARY,
  'usage.wrong': TEMPORARY,
} as const satisfies Record<FailureCode, Reply>

/** Failures whose message is written for the client: it names what the client has to change. */
const TOLD: ReadonlySet<FailureCode> = new Set(['sender.not-own'])

/** The reply to anything thrown. What is no `GatewayError` is a bug: temporary, so that no message is lost by it. */
export function failureReply(thrown: unknown): Reply {
  if (!(thrown instanceof GatewayError)) return TEMPORARY
  const { code, message } = thrown
  return TOLD.has(code) ? { ...REPLIES[code], lines: [fitting(message)] } : REPLIES[code]
}
