/** Every promise of `ports/sign-in-attempts.ts`, once, for every engine. */
import { expect } from 'chai'
import type { Attempt, AttemptLimits, Booking, SignInAttempts } from '../../src/ports/sign-in-attempts.ts'

/** One place where attempts are counted, empty at first; each `open` is a handle on it as another process may have one. */
export interface AttemptsPlace {
  open(): Promise<SignInAttempts>
}

const LIMITS: AttemptLimits = {
  perAccount: { failures: 3, blockMs: 10_000 },
  perAddress: { failures: 5, withinMs: 60_000 },
}

const START = Date.parse('2026-11-21T03:04:05Z')
/** So many milliseconds after the start. */
const at = (ms: number): Date => new Date(START + ms)

let lastAddress = 0
/** An attempt on an account, from an address of its own unless one is given. */
const on = (account: string, address = `address ${(lastAddress += 1)}`): Attempt => ({ account, address })

export function signInAttemptsContract(
  engine: string,
  newPlace: (limits: AttemptLimits) => AttemptsPlace,
): void {
  describe(`counts of failed sign-ins on ${engine}`, () => {
    const handles: SignInAttempts[] = []
    let place: AttemptsPlace
    let attempts: SignInAttempts

    async function open(limits = LIMITS): Promise<SignInAttempts> {
      place = newPlace(limits)
      return another()
    }

    async function another(): Promise<SignInAttempts> {
      const handle = await place.open()
      handles.push(handle)
      return handle
    }

    beforeEach(async () => {
      attempts = await open()
    })
    afterEach(async () => {
      for (const handle of handles.splice(0)) await handle.close()
    })

    async function booked(attempt: Attempt, ms = 0, by = attempts): Promise<Booking> {
      const booking = await by.book(attempt, at(ms))
      if (booking.kind !== 'booked') throw new Error(`not booked but ${booking.kind}`)
      return booking
    }

    /** Answers for each failure whether it blocked the account. */
    async function fail(
      times: number,
      attempt: () => Attempt,
      ms = 0,
      by = attempts,
    ): Promise<readonly boolean[]> {
      const outcomes: boolean[] = []
      for (let time = 0; time < times; time += 1)
        outcomes.push(await (await booked(attempt(), ms, by)).fail(at(ms)))
      return outcomes
    }

    it('know nothing against anybody at first', async () => {
      expect(await attempts.look(on('alice'), at(0))).to.deep.equal({ kind: 'free', failures: 0 })
    })

    it('block an account with the last of so many failures in a row, from wherever they come', async () => {
      expect(await fail(3, () => on('alice'))).to.deep.equal([false, false, true])
      expect(await attempts.look(on('alice'), at(1))).to.deep.equal({ kind: 'locked', until: at(10_000) })
      expect((await attempts.book(on('alice'), at(9_999))).kind).to.equal('locked')
    })

    it('leave other accounts alone', async () => {
      await fail(3, () => on('alice'))
      expect(await attempts.look(on('bob'), at(1))).to.deep.equal({ kind: 'free', failures: 0 })
    })

    it('end the block after its time, and the failures with it', async () => {
      await fail(3, () => on('alice'))
      expect(await attempts.look(on('alice'), at(10_000))).to.deep.equal({ kind: 'free', failures: 0 })
      expect(await fail(2, () => on('alice'), 10_001)).to.deep.equal([false, false])
      expect(await fail(1, () => on('alice'), 10_002)).to.deep.equal([true])
    })

    it('count a block from when the failure was known, not from when it was booked', async () => {
      await fail(2, () => on('alice'))
      const slow = await booked(on('alice'))
      await slow.fail(at(8_000))
      expect((await attempts.look(on('alice'), at(17_999))).kind).to.equal('locked')
      expect((await attempts.look(on('alice'), at(18_000))).kind).to.equal('free')
    })

    it('neither count nor extend while blocked', async () => {
      await fail(3, () => on('alice'))
      for (let second = 0; second < 10; second += 1)
        await attempts.book(on('alice', 'one'), at(second * 1000))
      expect((await attempts.look(on('alice', 'one'), at(10_000))).kind).to.equal('free')
    })

    it('begin anew after a success: fail, fail, succeed, fail, fail blocks nobody', async () => {
      await fail(2, () => on('alice'))
      expect(await attempts.look(on('alice'), at(1))).to.deep.equal({ kind: 'free', failures: 2 })
      await (await booked(on('alice'))).succeed()
      expect(await attempts.look(on('alice'), at(1))).to.deep.equal({ kind: 'free', failures: 0 })
      expect(await fail(2, () => on('alice'))).to.deep.equal([false, false])
    })

    it('take a withdrawn attempt back without ending the failures before it', async () => {
      await fail(2, () => on('alice'))
      await (await booked(on('alice'))).withdraw()
      expect(await attempts.look(on('alice'), at(1))).to.deep.equal({ kind: 'free', failures: 2 })
    })

    it('let no more attempts be looked at than may fail, and say that others are pending', async () => {
      const underWay = [await booked(on('alice')), await booked(on('alice')), await booked(on('alice'))]
      for (let guess = 0; guess < 100; guess += 1)
        expect((await attempts.book(on('alice'), at(1))).kind).to.equal('pending')
      await underWay[0]?.fail(at(2))
      expect((await attempts.book(on('alice'), at(2))).kind).to.equal('pending')
      await underWay[1]?.succeed()
      await underWay[2]?.fail(at(3))
      // The one that was under way when another succeeded came after it.
      expect(await attempts.look(on('alice'), at(4))).to.deep.equal({ kind: 'free', failures: 1 })
    })

    it('book a hundred guesses at once from several processes as so many as may fail', async () => {
      const others = [attempts, await another(), await another()]
      const outcomes = await Promise.all(
        Array.from({ length: 99 }, (_, index) => (others[index % 3] ?? attempts).book(on('alice'), at(0))),
      )
      expect(outcomes.filter(({ kind }) => kind === 'booked')).to.have.length(3)
      expect(outcomes.filter(({ kind }) => kind === 'pending')).to.have.length(96)
    })

    it('turn an address away after its failures over many accounts, before any account is touched', async () => {
      for (let account = 0; account < 5; account += 1) await fail(1, () => on(`account ${account}`, 'one'))
      expect((await attempts.look(on('alice', 'one'), at(1))).kind).to.equal('limited')
      expect((await attempts.book(on('account 1', 'one'), at(1))).kind).to.equal('limited')
      expect(await attempts.look(on('account 1'), at(1))).to.deep.equal({ kind: 'free', failures: 1 })
      expect((await attempts.look(on('alice', 'other'), at(1))).kind).to.equal('free')
    })

    it('say of an address that it is limited, though the account is blocked as well', async () => {
      await fail(3, () => on('alice', 'one'))
      await fail(2, () => on('bob', 'one'))
      expect((await attempts.look(on('alice', 'one'), at(1))).kind).to.equal('limited')
      expect((await attempts.look(on('alice', 'other'), at(1))).kind).to.equal('locked')
    })

    it('forget an address’s failures one by one as they grow old', async () => {
      for (let second = 0; second < 5; second += 1) await fail(1, () => on(`${second}`, 'one'), second * 1000)
      expect((await attempts.look(on('alice', 'one'), at(59_999))).kind).to.equal('limited')
      expect((await attempts.look(on('alice', 'one'), at(60_000))).kind).to.equal('free')
      await fail(1, () => on('alice', 'one'), 60_000)
      expect((await attempts.look(on('alice', 'one'), at(60_500))).kind).to.equal('limited')
    })

    it('keep an address’s failures when an account of its own succeeds', async () => {
      for (let account = 0; account < 4; account += 1) await fail(1, () => on(`account ${account}`, 'one'))
      await (await booked(on('alice', 'one'))).succeed()
      await fail(1, () => on('bob', 'one'))
      expect((await attempts.look(on('alice', 'one'), at(1))).kind).to.equal('limited')
    })

    it('take back what was never settled when they are told to, and nothing else', async () => {
      await fail(1, () => on('alice'))
      await booked(on('alice'))
      await booked(on('alice'))
      await attempts.forgetOrphans()
      expect(await attempts.look(on('alice'), at(1))).to.deep.equal({ kind: 'free', failures: 1 })
    })

    it('end failures and block of an account when they are told to forget', async () => {
      await fail(3, () => on('alice'))
      await fail(2, () => on('bob'))
      await attempts.forget('alice')
      await attempts.forget('nobody')
      expect(await attempts.look(on('alice'), at(1))).to.deep.equal({ kind: 'free', failures: 0 })
      expect(await attempts.look(on('bob'), at(1))).to.deep.equal({ kind: 'free', failures: 2 })
    })

    it('block with the first failure when one is all that is allowed', async () => {
      attempts = await open({ ...LIMITS, perAccount: { failures: 1, blockMs: 1000 } })
      expect(await fail(1, () => on('alice'))).to.deep.equal([true])
      expect((await attempts.look(on('alice'), at(999))).kind).to.equal('locked')
    })

    it('block nobody and limit nobody when that is switched off', async () => {
      attempts = await open({ perAccount: undefined, perAddress: undefined })
      expect(await fail(50, () => on('alice', 'one'))).to.not.include(true)
      expect(await attempts.look(on('alice', 'one'), at(1))).to.deep.equal({ kind: 'free', failures: 0 })
    })

    it('make no block longer than it is when the clock is set back', async () => {
      await fail(3, () => on('alice'), 3_600_000)
      expect((await attempts.look(on('alice'), at(0))).kind).to.equal('free')
    })

    it('show what one handle counted to every other with the next call', async () => {
      const other = await another()
      await fail(2, () => on('alice'))
      expect(await other.look(on('alice'), at(1))).to.deep.equal({ kind: 'free', failures: 2 })
      expect(await fail(1, () => on('alice'), 1, other)).to.deep.equal([true])
      expect((await attempts.look(on('alice'), at(2))).kind).to.equal('locked')
    })

    it('take account and address as text, whatever is in it', async () => {
      for (const account of ["' OR ''='", '%', '', 'älice']) {
        await fail(2, () => on(account, account))
        expect(await attempts.look(on(account), at(1))).to.deep.equal({ kind: 'free', failures: 2 })
      }
    })
  })
}
