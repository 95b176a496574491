import { expect } from 'chai'
import { editDistance } from '../../../src/base/edit-distance.ts'

describe('the distance of two words', () => {
  const table: readonly (readonly [one: string, other: string, edits: number])[] = [
    ['alice', 'alice', 0],
    ['', '', 0],
    ['alice', 'alise', 1],
    ['alice', 'alce', 1],
    ['alice', 'allice', 1],
    ['alice', 'laice', 1],
    ['alice', 'alcie', 1],
    ['alice', 'bob', Infinity],
    ['ab', 'ba', 1],
    ['abcd', 'badc', 2],
    ['', 'ab', 2],
    ['', 'abc', Infinity],
  ]
  for (const [one, other, edits] of table)
    it(`from ${JSON.stringify(one)} to ${JSON.stringify(other)} is ${edits}, and back as well`, () => {
      for (const distance of [editDistance(one, other, 2), editDistance(other, one, 2)])
        expect(distance > 2 ? Infinity : distance).to.equal(edits)
    })
})
