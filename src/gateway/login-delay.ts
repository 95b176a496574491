/**
 * Least time between two sign-ins of one account over POP3 (RFC 2449 §6.5), for houses whose members poll too often.
 * Counted by this process; asked only when the password was right, so that it tells nobody anything.
 */
import type { Clock } from '../base/clock.js'
import { GatewayError } from '../base/errors.js'

export interface LoginDelay {
  /** @throws GatewayError `sign-in.too-soon`; else the time begins anew */
  demand(account: string): void
}

export function createLoginDelay(seconds: number, clock: Clock): LoginDelay {
  /** In the order of the sign-ins, so that the oldest come first. */
  const last = new Map<string, number>()

  function forgetOld(now: number): void {
    for (const [account, at] of last) {
      if (at > now - seconds * 1000) return
      last.delete(account)
    }
  }

  return {
    demand(account) {
      if (seconds === 0) return
      const now = clock().getTime()
      forgetOld(now)
      if (last.has(account)) throw new GatewayError('sign-in.too-soon', `${account} signed in a moment ago`)
      last.set(account, now)
    },
  }
}
