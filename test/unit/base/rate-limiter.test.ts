import { expect } from 'chai'
import { createRateLimiter } from '../../../src/base/rate-limiter.ts'

describe('the rate limiter', () => {
  function at(perMinute: number, keys?: number) {
    const clock = { ms: 0 }
    const limiter = createRateLimiter({
      perMinute,
      nowMs: () => clock.ms,
      ...(keys === undefined ? {} : { keys }),
    })
    return { clock, limiter }
  }

  it('takes a minute’s worth at once, for each key, and no more', () => {
    const { limiter } = at(3)
    expect([1, 2, 3, 4].map(() => limiter.take('a'))).to.deep.equal([true, true, true, false])
    expect(limiter.take('b')).to.equal(true)
  })

  it('fills up steadily, and never above a minute’s worth', () => {
    const { clock, limiter } = at(6)
    for (let count = 0; count < 6; count += 1) limiter.take('a')
    clock.ms += 9_999
    expect(limiter.take('a')).to.equal(false)
    clock.ms += 10_000
    expect(limiter.take('a')).to.equal(true)
    expect(limiter.take('a')).to.equal(false)
    clock.ms += 3_600_000
    expect(Array.from({ length: 7 }, () => limiter.take('a')).filter(Boolean)).to.have.length(6)
  })

  it('takes nothing at 0 and everything without a bound', () => {
    expect(at(0).limiter.take('a')).to.equal(false)
    const { limiter } = at(Number.POSITIVE_INFINITY)
    expect(Array.from({ length: 1000 }, () => limiter.take('a'))).to.not.include(false)
  })

  it('forgets those longest unheard of when there are too many', () => {
    const { limiter } = at(1, 2)
    for (const key of ['a', 'b', 'a', 'c']) limiter.take(key)
    expect(limiter.take('a')).to.equal(false)
    expect(limiter.take('b')).to.equal(true)
  })
})
