import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/base/log.ts'
import { createSteadySignInAttempts } from '../../../src/gateway/steady-sign-in-attempts.ts'
import type { Attempt, SignInAttempts } from '../../../src/ports/sign-in-attempts.ts'
import { createMemorySignInAttempts } from '../../../src/storage/memory/memory-sign-in-attempts.ts'
import { signInAttemptsContract } from '../../contract/sign-in-attempts.ts'

const LIMITS = {
  perAccount: { failures: 3, blockMs: 10_000 },
  perAddress: { failures: 10, withinMs: 60_000 },
}
const NOW = new Date('2026-11-21T03:04:05Z')
const ALICE: Attempt = { account: 'alice', address: '192.0.2.1' }

describe('failed sign-ins on a disk that may fail', () => {
  signInAttemptsContract('a disk that does not fail', (limits) => {
    const attempts = createMemorySignInAttempts(limits)
    return {
      open: async () => createSteadySignInAttempts(attempts, createMemorySignInAttempts(limits), silentLog),
    }
  })

  let isFull: boolean
  let said: string[]
  let attempts: SignInAttempts

  beforeEach(() => {
    isFull = false
    said = []
    const disk = createMemorySignInAttempts(LIMITS)
    const demand = (): void => {
      if (isFull) throw new GatewayError('store.full', 'no space left')
    }
    const shared: SignInAttempts = {
      ...disk,
      async book(attempt, at) {
        demand()
        const booked = await disk.book(attempt, at)
        if (booked.kind !== 'booked') return booked
        return {
          kind: 'booked',
          succeed: async () => (demand(), booked.succeed()),
          fail: async (when) => (demand(), booked.fail(when)),
          withdraw: async () => (demand(), booked.withdraw()),
        }
      },
      forget: async (account) => (demand(), disk.forget(account)),
    }
    const log = { ...silentLog, error: (_fields: object, message: string) => void said.push(message) }
    attempts = createSteadySignInAttempts(shared, createMemorySignInAttempts(LIMITS), log)
  })

  async function fail(): Promise<boolean> {
    const booking = await attempts.book(ALICE, NOW)
    if (booking.kind !== 'booked') throw new Error(`not booked but ${booking.kind}`)
    return booking.fail(NOW)
  }

  it('are counted in memory while the disk is full, and block as ever; the log is told once', async () => {
    isFull = true
    expect([await fail(), await fail(), await fail()]).to.deep.equal([false, false, true])
    expect((await attempts.look(ALICE, NOW)).kind).to.equal('locked')
    expect(said).to.deep.equal(['failed sign-ins cannot be written down; counting them in memory'])
  })

  it('let the right one in while the disk is full, which ends the failures in memory', async () => {
    isFull = true
    await fail()
    await fail()
    const booking = await attempts.book(ALICE, NOW)
    if (booking.kind === 'booked') await booking.succeed()
    expect(await attempts.look(ALICE, NOW)).to.deep.equal({ kind: 'free', failures: 0 })
  })

  it('are counted when the disk fills up in the midst of an attempt', async () => {
    for (let time = 0; time < 3; time += 1) {
      isFull = false
      const booking = await attempts.book(ALICE, NOW)
      isFull = true
      if (booking.kind === 'booked') await booking.fail(NOW)
    }
    expect((await attempts.look(ALICE, NOW)).kind).to.not.equal('free')
  })

  it('on a disk that works again count together with those in memory, and end with the next success', async () => {
    isFull = true
    await fail()
    isFull = false
    await fail()
    expect(await attempts.look(ALICE, NOW)).to.deep.equal({ kind: 'free', failures: 2 })
    const booking = await attempts.book(ALICE, NOW)
    if (booking.kind === 'booked') await booking.succeed()
    expect(await attempts.look(ALICE, NOW)).to.deep.equal({ kind: 'free', failures: 0 })
  })
})
