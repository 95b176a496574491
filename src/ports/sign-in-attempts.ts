/**
 * What the house asks of the place where failed sign-ins are counted. Types and promises only.
 *
 * Counts are shared by every process of the house: what one has booked, the next call of another sees.
 * Names and addresses come in as opaque texts, so that nothing a person typed by mistake is kept.
 */

export interface AttemptLimits {
  /** Failures in a row that block an account; `undefined`: no account is ever blocked. */
  readonly perAccount: { readonly failures: number; readonly blockMs: number } | undefined
  /** Failures within a time after which an address is turned away; `undefined`: none ever is. */
  readonly perAddress: { readonly failures: number; readonly withinMs: number } | undefined
}

/** Whose attempt it is. */
export interface Attempt {
  /** The account or what was given for one, at most 64 octets; the same text for the same name. */
  readonly account: string
  /** The client's address or network, at most 64 octets. */
  readonly address: string
}

export type AttemptState =
  /** Nothing stands against it. */
  | { readonly kind: 'free'; readonly failures: number }
  /** So many attempts are being looked at elsewhere that one more might be one too many; ask again in a moment. */
  | { readonly kind: 'pending' }
  /** The address has failed too often; looked at first. */
  | { readonly kind: 'limited' }
  /** The account is blocked. */
  | { readonly kind: 'locked'; readonly until: Date }

/** An attempt that counts as a failure from now on, until it is settled. Settle it once. */
export interface Booking {
  readonly kind: 'booked'
  /** It was right: takes it back, and ends the account's failures in a row. The address's earlier ones stay. */
  succeed(): Promise<void>
  /** It was wrong. Answers whether it has blocked the account: then for the whole time from `at` on. */
  fail(at: Date): Promise<boolean>
  /** Nobody knows whether it was right: takes it back, and nothing else. */
  withdraw(): Promise<void>
}

export interface SignInAttempts {
  /** Looks without writing. @throws GatewayError `store.*` */
  look(attempt: Attempt, at: Date): Promise<AttemptState>
  /**
   * Books an attempt as a failure, in one step with looking: of any number of calls at once, in any number of
   * processes, only so many are booked that their failing blocks the account once.
   * @throws GatewayError `store.*`
   */
  book(attempt: Attempt, at: Date): Promise<Booking | Exclude<AttemptState, { readonly kind: 'free' }>>
  /**
   * Takes back what was booked and never settled: to be called by the first process of a house, when there is no
   * other that could settle it. @throws GatewayError `store.*`
   */
  forgetOrphans(): Promise<void>
  /** Ends the failures in a row and a block of an account, as its postmaster may wish. @throws GatewayError `store.*` */
  forget(account: string): Promise<void>
  close(): Promise<void>
}
