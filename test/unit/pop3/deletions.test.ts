import { expect } from 'chai'
import { createDeletions } from '../../../src/pop3/deletions.ts'

describe('deletion marks', () => {
  it('count messages and octets, and forget them all at once', () => {
    const one = { number: 1, uid: 'a', octets: 10 }
    const two = { number: 2, uid: 'b', octets: 5 }
    const deletions = createDeletions()
    deletions.mark(one)
    deletions.mark(two)
    expect([deletions.count, deletions.octets]).to.deep.equal([2, 15])
    expect(deletions.has(one)).to.equal(true)
    deletions.clear()
    expect([deletions.count, deletions.octets]).to.deep.equal([0, 0])
    expect(deletions.has(one)).to.equal(false)
  })
})
