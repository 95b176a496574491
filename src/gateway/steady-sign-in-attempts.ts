/**
 * Failed sign-ins go on being counted when they cannot be written down: reading and deleting mail must work on a
 * disk that is full, and a guesser must not be let loose by filling one. What is counted in memory meanwhile holds
 * for this process, and on top of what is on disk.
 */
import { failureCode } from '../base/errors.js'
import type { Log } from '../base/log.js'
import type { Attempt, AttemptState, Booking, SignInAttempts } from '../ports/sign-in-attempts.js'

/** @param shared on disk, of all processes @param own in memory, with the same limits */
export function createSteadySignInAttempts(
  shared: SignInAttempts,
  own: SignInAttempts,
  log: Log,
): SignInAttempts {
  let isSteady = true

  /** What the disk says; `undefined` when it says nothing. Told once, until it works again. */
  async function ask<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await act()
      isSteady = true
      return result
    } catch (error) {
      if (failureCode(error)?.startsWith('store.') !== true) throw error
      if (isSteady)
        log.error({ err: error }, 'failed sign-ins cannot be written down; counting them in memory')
      isSteady = false
      return undefined
    }
  }

  /** A booking on disk that is settled in memory when the disk fails in between. */
  function steady(booking: Booking, attempt: Attempt): Booking {
    return {
      kind: 'booked',
      succeed: async () => {
        await ask(booking.succeed)
        await own.forget(attempt.account)
      },
      fail: async (at) => (await ask(() => booking.fail(at))) ?? failInMemory(attempt, at),
      withdraw: async () => {
        await ask(booking.withdraw)
      },
    }
  }

  async function failInMemory(attempt: Attempt, at: Date): Promise<boolean> {
    const booking = await own.book(attempt, at)
    return booking.kind === 'booked' ? booking.fail(at) : booking.kind === 'locked'
  }

  async function look(attempt: Attempt, at: Date): Promise<AttemptState> {
    const inMemory = await own.look(attempt, at)
    if (inMemory.kind !== 'free') return inMemory
    const found = await ask(() => shared.look(attempt, at))
    return found?.kind === 'free'
      ? { kind: 'free', failures: found.failures + inMemory.failures }
      : (found ?? inMemory)
  }

  return {
    look,

    async book(attempt, at) {
      const inMemory = await own.look(attempt, at)
      if (inMemory.kind !== 'free') return inMemory
      const booked = await ask(() => shared.book(attempt, at))
      if (booked === undefined) return own.book(attempt, at)
      return booked.kind === 'booked' ? steady(booked, attempt) : booked
    },

    forgetOrphans: async () => {
      await ask(() => shared.forgetOrphans())
    },

    async forget(account) {
      await own.forget(account)
      await ask(() => shared.forget(account))
    },

    async close() {
      await own.close()
      await shared.close()
    },
  }
}
