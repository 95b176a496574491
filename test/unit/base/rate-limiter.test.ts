import { expect } from 'chai'
import { clientNetwork } from '../../../src/base/client-network.ts'
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

describe('the network of a client', () => {
  const cases = [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:DB8::5', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['2001:0db8:0001::', '2001:db8:1:0::/64'],
    ['local', 'local'],
  ] as const
  for (const [address, network] of cases) {
    it(`of ${address} is ${network}`, () => {
      expect(clientNetwork(address)).to.equal(network)
    })
  }
})
