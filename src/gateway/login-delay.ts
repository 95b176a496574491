/**
 * Least time between two sign-ins of one account over POP3 (RFC 2449 §6.5), for houses whose members poll too often.
 * Counted by this process; asked only when the password was right, so that it tells nobody anything.
 */
import type { Clock } from '../base/clock.js'
import { GatewayError } from '../base/errors.js'

export interface LoginDelay {
  /** @throws GatewayError `sign-in.too-soon` */
  demand(account: string): void
  /** The account is signed in and its maildrop open: its time begins. A sign-in that found it in use is none. */
  note(account: string): void
}

export function createLoginDelay(seconds: number, clock: Clock): LoginDelay {
  /** In the order of the sign-ins, so that the oldest come first. */
  const last = new Map<string, number>()

  function forgetOld(): number {
    const now = clock().getTime()
    for (const [account, at] of last) {
      if (at > now - seconds * 1000) break
      last.delete(account)
    }
    return now
  }

  return {
    demand(account) {
      if (seconds === 0) return
      forgetOld()
      if (last.has(account)) throw new GatewayError('sign-in.too-soon', `${account} signed in a moment ago`)
    },
    note(account) {
      if (seconds === 0) return
      const now = forgetOld()
      last.delete(account)
      last.set(account, now)
    },
  }
}
