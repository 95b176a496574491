/** What a command's end means to a script: sysexits(3), one row for every failure. */
import { GatewayError, type FailureCode } from '../base/errors.js'

export const DONE = 0
/** A bug; printed with its stack. */
const BUG = 70

const STATUS = {
  'account.exists': 65,
  'account.name-refused': 65,
  'account.password-refused': 65,
  'account.unknown': 67,
  'config.invalid': 78,
  'input.refused': 65,
  'listen.refused': 69,
  'mailbox.full': 75,
  'maildrop.in-use': 75,
  'message.gone': 74,
  'message.header-too-large': 65,
  'message.line-ends': 65,
  'message.loop': 65,
  'message.too-large': 65,
  'root.in-use': 69,
  'sender.forged': 77,
  'sender.not-own': 77,
  'sender.sign-in-required': 77,
  'sign-in.busy': 75,
  'sign-in.limited': 75,
  'sign-in.locked': 75,
  'sign-in.malformed': 77,
  'sign-in.refused': 77,
  'sign-in.refused-last': 77,
  'sign-in.too-soon': 75,
  'store.cannot-create': 73,
  'store.damaged': 74,
  'store.full': 74,
  'store.unavailable': 74,
  'usage.wrong': 64,
} as const satisfies Record<FailureCode, number>

/** The exit status of anything thrown. */
export function exitStatus(thrown: unknown): number {
  return thrown instanceof GatewayError ? STATUS[thrown.code] : BUG
}
