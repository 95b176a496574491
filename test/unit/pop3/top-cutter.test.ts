import { expect } from 'chai'
import { createTopCutter } from '../../../src/pop3/top-cutter.ts'

function top(bodyLines: number, ...chunks: readonly string[]): string {
  const cutter = createTopCutter(bodyLines)
  return chunks.map((chunk) => cutter.cut(Buffer.from(chunk, 'latin1')).toString('latin1')).join('')
}

/** The same by the words of RFC 1939 §7, slowly. */
function model(bodyLines: number, message: string): string {
  const lines = message.split(/(?<=\r\n)/)
  const blank = lines.indexOf('\r\n')
  return blank === -1 ? message : lines.slice(0, blank + 1 + bodyLines).join('')
}

const MESSAGES = [
  '',
  'a: b\r\n',
  'a: b',
  'a: b\r\n\r\n',
  'a: b\r\nc: d\r\n e\r\n\r\n1\r\n2\r\n3\r\n',
  'a: b\r\n\r\n1\r\n\r\n\r\nlast',
  '\r\nbody\r\n',
  '\r\n\r\n\r\n',
  'a: b\r\n\r\r\n\r\n1\r\n',
  'a\r\r\n\r\n1\r\n',
  '\r\r\n\r\n1\r\n2',
]

describe('TOP cutter', () => {
  it('takes header, blank line and that many lines of the body', () => {
    expect(top(1, 'a: b\r\n\r\n1\r\n2\r\n')).to.equal('a: b\r\n\r\n1\r\n')
  })

  it('takes header and blank line alone for 0', () => {
    expect(top(0, 'a: b\r\n\r\n1\r\n2\r\n')).to.equal('a: b\r\n\r\n')
  })

  it('agrees with the RFC for every message, count and split point', () => {
    for (const message of MESSAGES)
      for (const count of [0, 1, 2, 3, 10, 1e20]) {
        const expected = model(count, message)
        for (let split = 0; split <= message.length; split++)
          expect(top(count, message.slice(0, split), message.slice(split))).to.equal(expected)
        expect(top(count, ...Array.from(message))).to.equal(expected)
      }
  })

  it('is done with the line end of the last line, so that no more is read', () => {
    const cutter = createTopCutter(1)
    for (const [chunk, done] of [
      ['a: b\r\n\r', false],
      ['\n', false],
      ['1\r', false],
      ['\n', true],
    ] as const) {
      cutter.cut(Buffer.from(chunk))
      expect(cutter.done).to.equal(done)
    }
  })

  it('is done with the blank line for 0', () => {
    const cutter = createTopCutter(0)
    cutter.cut(Buffer.from('a: b\r\n\r\n'))
    expect(cutter.done).to.equal(true)
  })

  it('gives nothing after the top', () => {
    expect(top(0, '\r\n', 'more\r\n', 'and more\r\n')).to.equal('\r\n')
  })
})
