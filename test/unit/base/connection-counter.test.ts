import { expect } from 'chai'
import { createConnectionCounter } from '../../../src/base/connection-counter.ts'

describe('the connection counter', () => {
  it('lets one address in as often as it may, and others beside it', () => {
    const counter = createConnectionCounter({ inAll: 10, perAddress: 2 })
    expect([1, 2, 3].map(() => counter.enter('192.0.2.1'))).to.deep.equal([true, true, false])
    expect(counter.enter('192.0.2.2')).to.equal(true)
  })

  it('lets in as many as it may in all, whoever they are', () => {
    const counter = createConnectionCounter({ inAll: 3, perAddress: Infinity })
    const entered = [1, 2, 3, 4].map((n) => counter.enter(`192.0.2.${n}`))
    expect(entered).to.deep.equal([true, true, true, false])
  })

  it('has room again after one that was counted left', () => {
    const counter = createConnectionCounter({ inAll: 1, perAddress: 1 })
    counter.enter('192.0.2.1')
    expect(counter.enter('192.0.2.1')).to.equal(false)
    counter.leave('192.0.2.1')
    expect(counter.enter('192.0.2.1')).to.equal(true)
    expect(counter.enter('192.0.2.1')).to.equal(false)
  })
})
