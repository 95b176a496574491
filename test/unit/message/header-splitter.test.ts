import { expect } from 'chai'
import { createHeaderSplitter } from '../../../src/message/header-splitter.ts'

/** Fields as `name|octets` (`!` when cut) and the body, for a message that arrives in these chunks. */
function split(chunks: readonly string[], maxFieldOctets = 1000) {
  const splitter = createHeaderSplitter(maxFieldOctets)
  const fields: string[] = []
  let body: string | undefined
  for (const chunk of chunks) {
    if (body !== undefined) {
      body += chunk
      continue
    }
    const seen = splitter.push(Buffer.from(chunk, 'latin1'))
    for (const { name, octets, cut } of seen.fields)
      fields.push(`${name}|${octets.toString('latin1')}${cut ? '!' : ''}`)
    body = seen.body?.toString('latin1')
  }
  if (body === undefined)
    for (const { name, octets, cut } of splitter.end())
      fields.push(`${name}|${octets.toString('latin1')}${cut ? '!' : ''}`)
  return { fields, body }
}

describe('the header splitter', () => {
  const cases: readonly (readonly [
    what: string,
    text: string,
    fields: readonly string[],
    body: string | undefined,
  ])[] = [
    ['fields and a body', 'A: 1\r\nb : 2\r\n\r\nC: 3\r\n', ['a|A: 1\r\n', 'b|b : 2\r\n'], '\r\nC: 3\r\n'],
    ['folded fields', 'A: 1\r\n 2\r\n\t3\r\nB:\r\n\r\n', ['a|A: 1\r\n 2\r\n\t3\r\n', 'b|B:\r\n'], '\r\n'],
    ['a line of blanks, which folds', 'A: 1\r\n \r\n\r\nx', ['a|A: 1\r\n \r\n'], '\r\nx'],
    [
      'names with blanks and folds before the colon',
      'A\t : 1\r\nFrom\r\n : x\r\nBcc\r\n \r\n\t: y\r\nB x: 2\r\n\r\n',
      ['a|A\t : 1\r\n', 'from|From\r\n : x\r\n', 'bcc|Bcc\r\n \r\n\t: y\r\n', '|B x: 2\r\n'],
      '\r\n',
    ],
    ['no header', '\r\nA: 1\r\n', [], '\r\nA: 1\r\n'],
    ['nothing', '', [], undefined],
    ['a message that ends in its header', 'A: 1\r\nB: 2\r\n', ['a|A: 1\r\n', 'b|B: 2\r\n'], undefined],
    ['a message that ends within a line', 'A: 1\r\n folded', ['a|A: 1\r\n folded'], undefined],
    [
      'lines that are no fields',
      'junk\r\n: x\r\nA: 1\r\n\r\n',
      ['|junk\r\n', '|: x\r\n', 'a|A: 1\r\n'],
      '\r\n',
    ],
    ['a first line that is folded', ' x\r\nA: 1\r\n\r\n', ['| x\r\n', 'a|A: 1\r\n'], '\r\n'],
  ]
  for (const [what, text, fields, body] of cases) {
    it(`takes apart ${what}, wherever it is cut`, () => {
      for (let cut = 0; cut <= text.length; cut += 1)
        expect(split([text.slice(0, cut), text.slice(cut)]), String(cut)).to.deep.equal({ fields, body })
      expect(split(text.split(''))).to.deep.equal({ fields, body })
    })
  }

  it('knows the name of a field that was cut off before its colon', () => {
    expect(split([`From${' '.repeat(50)}: x\r\n\r\n`], 20).fields).to.deep.equal([
      `from|From${' '.repeat(16)}!`,
    ])
  })

  it('leaves out fields that are not wanted, wherever it is cut', () => {
    const text = 'A: 1\r\n 2\r\nFrom: x\r\n y\r\nZ: 3\r\n\t4\r\n 5\r\nfROM: z\r\nFoo: 6\r\n\r\nFrom: w\r\n'
    for (let cut = 0; cut <= text.length; cut += 1) {
      const splitter = createHeaderSplitter(100, new Set(['from']))
      const fields: string[] = []
      let body = ''
      for (const chunk of [text.slice(0, cut), text.slice(cut)]) {
        if (body !== '') break
        const seen = splitter.push(Buffer.from(chunk))
        fields.push(
          ...seen.fields.filter(({ name }) => name === 'from').map(({ octets }) => octets.toString()),
        )
        body = seen.body?.toString() ?? ''
      }
      expect(fields, String(cut)).to.deep.equal(['From: x\r\n y\r\n', 'fROM: z\r\n'])
      expect(body).to.match(/^\r\n/)
    }
  })

  it('keeps so much of a field and says that it was cut, in one line or in many', () => {
    expect(split(['A: 23456789\r\nB: 2\r\n\r\n'], 6).fields).to.deep.equal(['a|A: 234!', 'b|B: 2\r\n'])
    expect(split(['A: 1\r\n 2\r\n 3\r\nB: 2\r\n\r\n'], 8).fields).to.deep.equal([
      'a|A: 1\r\n 2!',
      'b|B: 2\r\n',
    ])
    expect(split(['A: ', '1', '2', '3', '4', '5', '\r\n', '\r\n'], 6).fields).to.deep.equal(['a|A: 123!'])
  })
})
