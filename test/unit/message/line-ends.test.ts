import { expect } from 'chai'
import { array, assert, constantFrom, nat, property } from 'fast-check'
import { createLineEndGuard, createLineEndNormaliser } from '../../../src/message/line-ends.ts'
import { octetsOf } from '../../contract/support/octets.ts'

/** What the guard should say of a whole text: a CR at its very end is not judged. */
const reference = (text: string): boolean => /\r[^\n]|(?<!\r)\n/.test(text)

function judged(text: string, cuts: readonly number[]): boolean {
  const guard = createLineEndGuard()
  let from = 0
  for (const cut of [...cuts, text.length]) {
    guard.see(octetsOf(text.slice(from, cut)))
    from = cut
  }
  return guard.bare
}

describe('the line-end guard', () => {
  const texts: readonly (readonly [text: string, bare: boolean])[] = [
    ['', false],
    ['a', false],
    ['a\r\nb\r\n', false],
    ['\r\n\r\n', false],
    ['a\r', false],
    ['a\nb\r\n', true],
    ['\n', true],
    ['a\rb\r\n', true],
    ['\r\r\n', true],
    ['\r\n\n', true],
    ['\n\r', true],
    ['a\r\n.\n', true],
    ['a\n.\r\n', true],
    ['a\r.\r\n', true],
    ['a\r\n.\r', false],
  ]
  for (const [text, bare] of texts) {
    it(`finds ${bare ? 'a' : 'no'} bare line end in ${JSON.stringify(text)}, wherever it is cut`, () => {
      expect(reference(text), 'the reference itself').to.equal(bare)
      for (let one = 0; one <= text.length; one += 1) {
        for (let two = one; two <= text.length; two += 1)
          expect(judged(text, [one, two]), `cut at ${one} and ${two}`).to.equal(bare)
      }
    })
  }

  it('equals a reference for any mixture of line ends, cut anywhere', () => {
    const text = array(constantFrom('\r', '\n', '\r\n', 'a', '.'), { maxLength: 20 }).map((parts) =>
      parts.join(''),
    )
    assert(
      property(text, array(nat(30), { maxLength: 4 }), (whole, cuts) => {
        const places = cuts.map((cut) => Math.min(cut, whole.length)).toSorted((a, b) => a - b)
        expect(judged(whole, places)).to.equal(reference(whole))
      }),
      { numRuns: 500 },
    )
  })

  it('does not forget what it has seen', () => {
    const guard = createLineEndGuard()
    guard.see(octetsOf('\n'))
    guard.see(octetsOf('a\r\n'))
    expect(guard.bare).to.equal(true)
  })
})

describe('the line end normaliser', () => {
  const cases = [
    ['a\r\nb\r\n', 'a\r\nb\r\n'],
    ['a\nb\rc\r\n', 'a\r\nb\r\nc\r\n'],
    ['\n\n\r\r\n\r', '\r\n\r\n\r\n\r\n\r\n'],
    ['\xff\x00\n', '\xff\x00\r\n'],
    ['', ''],
  ] as const
  for (const [given, normal] of cases) {
    it(`makes ${JSON.stringify(normal)} of ${JSON.stringify(given)}, wherever it is cut`, () => {
      for (const chunks of [
        given.split(''),
        ...Array.from(given, (_, cut) => [given.slice(0, cut), given.slice(cut)]),
      ]) {
        const normaliser = createLineEndNormaliser()
        const passed = chunks.map((chunk) => normaliser.push(Buffer.from(chunk, 'latin1')))
        expect(Buffer.concat([...passed, normaliser.end()]).toString('latin1')).to.equal(normal)
      }
    })
  }
})
