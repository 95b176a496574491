import { expect } from 'chai'
import { createDayBudget } from '../../../src/lost/day-budget.ts'

const START = Date.parse('2026-11-21T03:00:00Z')
const HOUR_MS = 3_600_000

function budgetOf(messages: number, octets: number) {
  const now = { hours: 0 }
  const budget = createDayBudget({ messages, octets }, () => new Date(START + now.hours * HOUR_MS))
  return { budget, now }
}

describe('a day’s budget', () => {
  it('allows so many messages in 24 hours, and more as the first of them grow old', () => {
    const { budget, now } = budgetOf(2, 0)
    for (const hours of [0, 10]) {
      now.hours = hours
      expect(budget.allows('192.0.2.7')).to.equal(true)
      budget.begin('192.0.2.7').settle(1)
    }
    for (const [hours, allowed] of [
      [10, false],
      [23.99, false],
      [24, true],
    ] as const) {
      now.hours = hours
      expect(budget.allows('192.0.2.7'), `${hours} h`).to.equal(allowed)
    }
  })

  it('allows so many octets, and the message that goes past them as the last', () => {
    const { budget } = budgetOf(0, 100)
    budget.begin('192.0.2.7').settle(99)
    expect(budget.allows('192.0.2.7')).to.equal(true)
    budget.begin('192.0.2.7').settle(1000)
    expect(budget.allows('192.0.2.7')).to.equal(false)
  })

  it('counts a message from its beginning, and not if it comes to nothing', () => {
    const { budget } = budgetOf(1, 0)
    const spending = budget.begin('192.0.2.7')
    expect(budget.allows('192.0.2.7')).to.equal(false)
    spending.giveBack()
    expect(budget.allows('192.0.2.7')).to.equal(true)
    const kept = budget.begin('192.0.2.7')
    kept.settle(10)
    kept.giveBack()
    expect(budget.allows('192.0.2.7')).to.equal(false)
  })

  it('is each client’s own, and one for a whole IPv6 /64', () => {
    const { budget } = budgetOf(1, 0)
    budget.begin('192.0.2.7').settle(1)
    budget.begin('2001:db8:0:1::7').settle(1)
    for (const [address, allowed] of [
      ['192.0.2.8', true],
      ['2001:db8:0:1:ffff::1', false],
      ['2001:db8:0:2::7', true],
      ['::ffff:192.0.2.7', false],
    ] as const)
      expect(budget.allows(address), address).to.equal(allowed)
  })

  it('counts what was spent before a start, if it is less than a day old', () => {
    const { budget, now } = budgetOf(1, 0)
    budget.spend('192.0.2.7', 1, new Date(START - 24 * HOUR_MS))
    expect(budget.allows('192.0.2.7')).to.equal(true)
    budget.spend('192.0.2.7', 1, new Date(START - 23 * HOUR_MS))
    expect(budget.allows('192.0.2.7')).to.equal(false)
    now.hours = 1
    budget.forget()
    expect(budget.allows('192.0.2.7')).to.equal(true)
  })

  it('without bounds allows everything', () => {
    const { budget } = budgetOf(0, 0)
    for (let count = 0; count < 1000; count += 1) budget.begin('192.0.2.7').settle(1e9)
    expect(budget.allows('192.0.2.7')).to.equal(true)
  })
})
