import { expect } from 'chai'
import { tooSlow } from '../../../src/smtp/pace.ts'

describe('the pace of a message', () => {
  const pace = { totalMs: 100_000, octetsPerSecond: 10, graceMs: 5000 }
  const cases: readonly (readonly [sinceMs: number, octets: number, slow: boolean])[] = [
    [0, 0, false],
    [5000, 0, false],
    [5001, 50, true],
    [5001, 51, false],
    [100_000, 1_000_000, false],
    [100_001, 1_000_000, true],
  ]
  for (const [sinceMs, octets, slow] of cases) {
    it(`is ${slow ? 'too slow' : 'good'} with ${octets} octets after ${sinceMs} ms`, () => {
      expect(tooSlow(pace, sinceMs, octets)).to.equal(slow)
    })
  }

  it('has no bound for octets at 0', () => {
    expect(tooSlow({ ...pace, octetsPerSecond: 0 }, 99_999, 0)).to.equal(false)
  })
})
