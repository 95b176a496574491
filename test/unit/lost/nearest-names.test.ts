import { expect } from 'chai'
import { nearestNames } from '../../../src/lost/nearest-names.ts'

describe('the nearest names', () => {
  const NAMES = ['alise', 'alyssa', 'bob', 'carol', 'caroline', 'dave', 'jean-paul']
  const table: readonly (readonly [name: string, near: readonly string[]])[] = [
    ['alice', ['alise']],
    ['alsie', ['alise']],
    ['lise', ['alise']],
    ['allise', ['alise']],
    ['alisee', ['alise']],
    ['alissa', ['alyssa', 'alise']],
    ['jeanpaul', ['jean-paul']],
    ['bbo', ['bob']],
    ['bo', ['bob']],
    ['b', []],
    ['rob', ['bob']],
    ['ddva', []],
    ['carolin', ['caroline', 'carol']],
    ['xeno', []],
    ['', []],
  ]
  for (const [name, near] of table) {
    it(`of ${JSON.stringify(name)} are ${near.join(', ') || 'none'}`, () => {
      expect(nearestNames(name, NAMES)).to.deep.equal(near)
    })
  }

  it('are three at most, the nearest first and then by alphabet', () => {
    expect(nearestNames('annaa', ['annab', 'annac', 'annad', 'anna', 'annabc'])).to.deep.equal([
      'anna',
      'annab',
      'annac',
    ])
  })
})
