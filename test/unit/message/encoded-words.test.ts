import { expect } from 'chai'
import { decodeEncodedWords } from '../../../src/message/encoded-words.ts'

describe('encoded words', () => {
  const cases: readonly (readonly [value: string, decoded: string])[] = [
    ['plain =?= ?q? text', 'plain =?= ?q? text'],
    ['=?utf-8?Q?=C3=89lodie_D.?= <e@x.org>', 'Élodie D. <e@x.org>'],
    ['=?iso-8859-1*fr?b?yWxvZGll?=', 'Élodie'],
    ['=?utf-8?q?a?=\r\n =?utf-8?b?Yg==?= c', 'ab c'],
    ['=?x-unknown?q?=E9?=', 'é'],
    ['=?utf-8?q?what?_no?=', 'what? no'],
  ]
  for (const [value, decoded] of cases)
    it(`are decoded: ${JSON.stringify(value)}`, () => expect(decodeEncodedWords(value)).to.equal(decoded))

  it('hand the text of adjacent words out as one', () => {
    const words = '=?utf-8?q?a?= =?utf-8?q?b?= x =?utf-8?q?c?='
    expect(decodeEncodedWords(words, (text) => `<${text}>`)).to.equal('<ab> x <c>')
  })

  it('cost little where they have no end', () => {
    const value = '=?a?q?x'.repeat(10_000)
    expect(decodeEncodedWords(value) === value).to.equal(true)
  }).timeout(2000)
})
