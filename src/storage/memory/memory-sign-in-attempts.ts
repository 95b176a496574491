/** Failed sign-ins in this process's memory. For test suites. */
import type { Attempt, AttemptLimits, AttemptState, SignInAttempts } from '../../ports/sign-in-attempts.js'

interface Kept {
  /** `undefined` when the failures in a row have ended and only the address counts it. */
  account: string | undefined
  readonly address: string
  readonly at: number
  inFlight: boolean
}

/** Attempts past which the oldest are forgotten. */
const MOST_KEPT = 10_000

export function createMemorySignInAttempts({ perAccount, perAddress }: AttemptLimits): SignInAttempts {
  const attempts = new Set<Kept>()
  const blocks = new Map<string, number>()

  const ofAccount = (account: string): readonly Kept[] =>
    [...attempts].filter((attempt) => attempt.account === account)

  function endRow(account: string, alsoInFlight: boolean): void {
    for (const attempt of ofAccount(account))
      if (alsoInFlight || !attempt.inFlight) attempt.account = undefined
  }

  function state({ account, address }: Attempt, now: number): AttemptState {
    if (perAddress !== undefined) {
      const since = now - perAddress.withinMs
      const failures = [...attempts].filter((kept) => kept.address === address && kept.at > since)
      if (failures.length >= perAddress.failures) return { kind: 'limited' }
    }
    if (perAccount === undefined) return { kind: 'free', failures: 0 }
    const until = blocks.get(account) ?? 0
    if (until > now && until <= now + perAccount.blockMs) return { kind: 'locked', until: new Date(until) }
    const counted = ofAccount(account)
    const failures = counted.filter(({ inFlight }) => !inFlight).length
    return counted.length < perAccount.failures ? { kind: 'free', failures } : { kind: 'pending' }
  }

  function forgetOldest(): void {
    for (const oldest of attempts) {
      if (attempts.size <= MOST_KEPT) return
      attempts.delete(oldest)
    }
  }

  return {
    look: async (attempt, at) => state(attempt, at.getTime()),

    async book(attempt, at) {
      const found = state(attempt, at.getTime())
      if (found.kind !== 'free') return found
      const kept: Kept = { ...attempt, at: at.getTime(), inFlight: true }
      attempts.add(kept)
      forgetOldest()
      return {
        kind: 'booked',
        async succeed() {
          attempts.delete(kept)
          endRow(attempt.account, false)
        },
        async fail(when) {
          kept.inFlight = false
          if (perAccount === undefined) return false
          const failures = ofAccount(attempt.account).filter(({ inFlight }) => !inFlight).length
          if (failures < perAccount.failures) return false
          blocks.set(attempt.account, when.getTime() + perAccount.blockMs)
          endRow(attempt.account, true)
          return true
        },
        async withdraw() {
          attempts.delete(kept)
        },
      }
    },

    async forgetOrphans() {
      for (const kept of attempts) if (kept.inFlight) attempts.delete(kept)
    },

    async forget(account) {
      endRow(account, false)
      blocks.delete(account)
    },

    close: async () => {},
  }
}
