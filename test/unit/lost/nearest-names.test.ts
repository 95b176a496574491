import { expect } from 'chai'
import { assert, property, string } from 'fast-check'
import { nearestNames } from '../../../src/lost/nearest-names.ts'

/** Restricted Damerau-Levenshtein distance, straight from its definition. */
function distance(one: string, other: string): number {
  if (one === '' || other === '') return one.length + other.length
  const [a, b] = [one.slice(0, -1), other.slice(0, -1)]
  const same = one.at(-1) === other.at(-1) ? 0 : 1
  const swapped =
    one.length > 1 && other.length > 1 && one.at(-1) === other.at(-2) && one.at(-2) === other.at(-1)
  return Math.min(
    distance(a, other) + 1,
    distance(one, b) + 1,
    distance(a, b) + same,
    swapped ? distance(one.slice(0, -2), other.slice(0, -2)) + 1 : Infinity,
  )
}

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

  it('are those and no others that so many wrong letters lead to', () => {
    const name = string({ unit: 'binary-ascii', maxLength: 6 }).map((text) => text.replace(/[^]/g, letter))
    assert(
      property(name, name, (one, other) => {
        const isNear = distance(one, other) <= (one.length <= 4 ? 1 : 2)
        expect(nearestNames(one, [other])).to.deep.equal(isNear ? [other] : [])
      }),
    )

    /** One of few letters, so that names come near each other. */
    function letter(character: string): string {
      return 'abc'.charAt(character.charCodeAt(0) % 3)
    }
  })

  it('are three at most, the nearest first and then by alphabet', () => {
    expect(nearestNames('annaa', ['annab', 'annac', 'annad', 'anna', 'annabc'])).to.deep.equal([
      'anna',
      'annab',
      'annac',
    ])
  })
})
