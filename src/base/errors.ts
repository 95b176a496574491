/**
 * The one error type of the house and every way in which something can fail.
 *
 * Each area throws `GatewayError` with a code from `FailureCode`; each protocol and the command line
 * map every code to their own words in one table that the compiler holds complete.
 * A thrown value that is no `GatewayError` is a bug: logged with its stack, answered as temporary.
 */

/** What can fail, as `area.reason`. `true`: trying again later, unchanged, may succeed. */
const FAILURES = {
  'account.exists': false,
  'account.name-refused': false,
  'account.password-refused': false,
  'account.unknown': false,
  'config.invalid': false,
  'input.refused': false,
  'listen.refused': false,
  'mailbox.full': true,
  'maildrop.in-use': true,
  'message.gone': false,
  'message.header-too-large': false,
  'message.line-ends': false,
  'message.loop': false,
  'message.too-large': false,
  'root.in-use': false,
  'sender.forged': false,
  'sender.not-own': false,
  'sender.sign-in-required': false,
  'sign-in.busy': true,
  'sign-in.limited': true,
  'sign-in.locked': true,
  'sign-in.malformed': false,
  'sign-in.refused': false,
  'sign-in.refused-last': false,
  'sign-in.too-soon': true,
  'store.cannot-create': false,
  'store.damaged': false,
  'store.full': true,
  'store.unavailable': true,
  'usage.wrong': false,
} as const satisfies Record<string, boolean>

export type FailureCode = keyof typeof FAILURES

/** A failure that has a name. `message` is safe to show to the operator, not always to a remote client. */
export class GatewayError extends Error {
  readonly code: FailureCode

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GatewayError'
    this.code = code
  }

  /** Whether the same request may succeed later (4xx, `[SYS/TEMP]`). */
  get temporary(): boolean {
    return FAILURES[this.code]
  }
}

/** The failure code of anything thrown; `undefined` means a bug. */
export function failureCode(thrown: unknown): FailureCode | undefined {
  return thrown instanceof GatewayError ? thrown.code : undefined
}

/** The `code` of a Node system error (`ENOSPC`, `EADDRINUSE`), searched along `cause`. */
export function systemCode(thrown: unknown): string | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code))
      return error.code
  }
  return undefined
}
