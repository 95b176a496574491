import { expect } from 'chai'
import { createCommandCutter } from '../../../src/smtp/command-cutter.ts'

/** What is cut from these chunks, up to the first that is no command. */
function cut(chunks: readonly string[], limit = 20): readonly string[] {
  const cutter = createCommandCutter(limit)
  const seen: string[] = []
  for (const chunk of chunks) {
    cutter.push(Buffer.from(chunk, 'latin1'))
    for (let next = cutter.next(); next !== undefined; next = cutter.next()) {
      if (next.kind !== 'command') return [...seen, `(${next.kind})`]
      seen.push(next.octets.toString('latin1'))
    }
  }
  return seen
}

describe('the command cutter', () => {
  const cases: readonly (readonly [text: string, ...cuts: string[]])[] = [
    ['NOOP\r\nQUIT\r\n', 'NOOP', 'QUIT'],
    ['\r\n\r\nNO', '', ''],
    ['NOOP\nQUIT\r\n', '(broken)'],
    ['NOOP\r\n\nQUIT\r\n', 'NOOP', '(broken)'],
    ['NOOP\rQUIT\r\n', '(broken)'],
    ['NOOP\r\r\n', '(broken)'],
    ['NO\0OP\r\n', '(broken)'],
    ['NO\0OP', '(broken)'],
    ['NO\rOP', '(broken)'],
    ['\xff\x01\r\n', '\xff\x01'],
    ['NOOP\r'],
    [`${'x'.repeat(18)}\r\n`, 'x'.repeat(18)],
    [`${'x'.repeat(19)}\r\n`, '(endless)'],
    ['x'.repeat(21), '(endless)'],
  ]
  for (const [text, ...cuts] of cases) {
    it(`cuts ${JSON.stringify(text)}, wherever it is segmented`, () => {
      for (let at = 0; at <= text.length; at += 1)
        expect(cut([text.slice(0, at), text.slice(at)]), String(at)).to.deep.equal(cuts)
      expect(cut(text.split(''))).to.deep.equal(cuts)
    })
  }

  it('hands out what follows a command, once', () => {
    const cutter = createCommandCutter(20)
    cutter.push(Buffer.from('DATA\r\nx\n\0'))
    cutter.next()
    expect(cutter.rest().toString()).to.equal('x\n\0')
    expect(cutter.next()).to.equal(undefined)
    expect(cutter.rest()).to.have.length(0)
  })
})
