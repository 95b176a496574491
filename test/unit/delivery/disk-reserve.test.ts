import { expect } from 'chai'
import { createDiskReserve } from '../../../src/delivery/disk-reserve.ts'
import { failureOf } from '../../contract/support/failure-of.ts'

const MIB = 1024 * 1024

describe('the disk reserve', () => {
  /** A disk that says how often it was read. */
  function disk(free: number, total: number) {
    const state = { free, total, reads: 0, nowMs: 0 }
    const mailboxes = {
      async freeOctets() {
        state.reads += 1
        return { free: state.free, total: state.total }
      },
    }
    return { state, mailboxes, nowMs: () => state.nowMs }
  }

  async function isFull(free: number, total: number, reserve: number | 'auto'): Promise<boolean> {
    const { mailboxes, nowMs } = disk(free, total)
    const check = createDiskReserve(mailboxes, reserve, nowMs).check()
    return check.then(
      () => false,
      async () => (await failureOf(check)) === 'store.full',
    )
  }

  const cases: readonly (readonly [free: number, total: number, reserve: number | 'auto', full: boolean])[] =
    [
      [100, 1000, 100, false],
      [99, 1000, 100, true],
      [0, 1000, 0, false],
      [20, 1000, 'auto', false],
      [19, 1000, 'auto', true],
      [512 * MIB, 1024 * 1024 * MIB, 'auto', false],
      [512 * MIB - 1, 1024 * 1024 * MIB, 'auto', true],
    ]
  for (const [free, total, reserve, full] of cases) {
    it(`of ${reserve} with ${free} of ${total} octets free is ${full ? 'touched' : 'kept'}`, async () => {
      expect(await isFull(free, total, reserve)).to.equal(full)
    })
  }

  it('of 0 never asks the disk', async () => {
    const { state, mailboxes, nowMs } = disk(0, 0)
    await createDiskReserve(mailboxes, 0, nowMs).check()
    expect(state.reads).to.equal(0)
  })

  it('asks the disk once a second, however many messages come', async () => {
    const { state, mailboxes, nowMs } = disk(100, 1000)
    const reserve = createDiskReserve(mailboxes, 50, nowMs)
    await Promise.all([reserve.check(), reserve.check(), reserve.check()])
    state.nowMs = 999
    state.free = 0
    await reserve.check()
    expect(state.reads).to.equal(1)
    state.nowMs = 1000
    expect(await failureOf(reserve.check())).to.equal('store.full')
    expect(await failureOf(reserve.check())).to.equal('store.full')
    expect(state.reads).to.equal(2)
    state.free = 100
    state.nowMs = 2000
    await reserve.check()
    expect(state.reads).to.equal(3)
  })
})
