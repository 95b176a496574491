import { expect } from 'chai'
import { failureCode } from '../../../src/base/errors.ts'
import { createLoginDelay } from '../../../src/gateway/login-delay.ts'

describe('the delay between sign-ins', () => {
  let nowMs = 0
  const outcome = (act: () => void): string | undefined => {
    try {
      act()
      return undefined
    } catch (error) {
      return failureCode(error)
    }
  }

  it('begins with the maildrop, not with the question for it', () => {
    const delay = createLoginDelay(60, () => new Date(nowMs))
    for (let time = 0; time < 3; time += 1) expect(outcome(() => delay.demand('alice'))).to.equal(undefined)
    delay.note('alice')
    expect(outcome(() => delay.demand('alice'))).to.equal('sign-in.too-soon')
  })

  it('counts from the last of two sign-ins that were demanded together, and still forgets the oldest first', () => {
    const delay = createLoginDelay(60, () => new Date(nowMs))
    delay.note('alice')
    nowMs += 1
    delay.note('bob')
    nowMs += 1
    delay.note('alice')
    nowMs += 59_999
    expect(outcome(() => delay.demand('bob'))).to.equal(undefined)
    expect(outcome(() => delay.demand('alice'))).to.equal('sign-in.too-soon')
    nowMs += 1
    expect(outcome(() => delay.demand('alice'))).to.equal(undefined)
  })

  it('keeps an account away for its time after each sign-in, and nobody else', () => {
    const delay = createLoginDelay(60, () => new Date(nowMs))
    delay.note('alice')
    nowMs += 59_999
    expect(outcome(() => delay.demand('alice'))).to.equal('sign-in.too-soon')
    expect(outcome(() => delay.demand('bob'))).to.equal(undefined)
    nowMs += 1
    expect(outcome(() => delay.demand('alice'))).to.equal(undefined)
    delay.note('alice')
    expect(outcome(() => delay.demand('alice'))).to.equal('sign-in.too-soon')
  })

  it('is not lengthened by coming too soon', () => {
    const delay = createLoginDelay(60, () => new Date(nowMs))
    delay.note('alice')
    nowMs += 30_000
    expect(outcome(() => delay.demand('alice'))).to.equal('sign-in.too-soon')
    nowMs += 30_000
    expect(outcome(() => delay.demand('alice'))).to.equal(undefined)
  })

  it('of 0 keeps nobody away', () => {
    const delay = createLoginDelay(0, () => new Date(nowMs))
    for (let time = 0; time < 3; time += 1) {
      expect(outcome(() => delay.demand('alice'))).to.equal(undefined)
      delay.note('alice')
    }
  })
})
