import { expect } from 'chai'
import { createLineReader, type Line, type LineReader } from '../../../src/base/line-reader.ts'

const line = (text: string): Line => ({ kind: 'line', text })
const TOO_LONG: Line = { kind: 'too-long' }

function drain(reader: LineReader): Line[] {
  const lines: Line[] = []
  for (let next = reader.next(); next !== undefined; next = reader.next()) lines.push(next)
  return lines
}

/** The lines of `chunks`, taken out after each of them. */
function read(limitOctets: number, chunks: readonly string[]): Line[] {
  const reader = createLineReader(limitOctets)
  return chunks.flatMap((chunk) => {
    reader.push(Buffer.from(chunk, 'latin1'))
    return drain(reader)
  })
}

describe('line reader', () => {
  it('cuts lines at CRLF and keeps what is unfinished', () => {
    const reader = createLineReader(80)
    reader.push(Buffer.from('USER alice\r\nPASS x\r\nQU'))
    expect(drain(reader)).to.deep.equal([line('USER alice'), line('PASS x')])
    expect(reader.pendingOctets).to.equal(2)
    reader.push(Buffer.from('IT\r\n'))
    expect(drain(reader)).to.deep.equal([line('QUIT')])
    expect(reader.pendingOctets).to.equal(0)
  })

  it('takes a bare LF as a line end, and a CR elsewhere as an octet', () => {
    expect(read(80, ['a\nb\rc\r\n\n\r\n'])).to.deep.equal([line('a'), line('b\rc'), line(''), line('')])
  })

  it('gives each octet as one character', () => {
    expect(read(80, ['\x00\x7f\x80\xff\r\n'])).to.deep.equal([line('\x00\x7f\x80\xff')])
  })

  it('gives the same lines at every split point', () => {
    const input = 'USER alice\r\n\r\n\nx\ry\r\n' + 'z'.repeat(30) + '\r\nQUIT\r\n'
    const whole = read(20, [input])
    expect(whole).to.deep.equal([
      line('USER alice'),
      line(''),
      line(''),
      line('x\ry'),
      TOO_LONG,
      line('QUIT'),
    ])
    for (let split = 0; split <= input.length; split++)
      expect(read(20, [input.slice(0, split), input.slice(split)]), `at ${split}`).to.deep.equal(whole)
    expect(read(20, Array.from(input))).to.deep.equal(whole)
  })

  it('allows a line of exactly the limit, its end included, and no octet more', () => {
    expect(read(10, ['12345678\r\n'])).to.deep.equal([line('12345678')])
    expect(read(10, ['123456789\n'])).to.deep.equal([line('123456789')])
    expect(read(10, ['123456789\r\n', 'NOOP\r\n'])).to.deep.equal([TOO_LONG, line('NOOP')])
  })

  it('tells a line that is too long once, at its end, and keeps nothing of it', () => {
    const reader = createLineReader(10)
    for (let times = 0; times < 100; times++) {
      reader.push(Buffer.alloc(50, 'x'))
      expect(reader.next()).to.equal(undefined)
      expect(reader.pendingOctets).to.equal(0)
    }
    reader.push(Buffer.from('\r\nNOOP\r\n'))
    expect(drain(reader)).to.deep.equal([TOO_LONG, line('NOOP')])
  })

  it('does not change when the chunk it took is written to again', () => {
    const reader = createLineReader(80)
    const chunk = Buffer.from('NOOP\r\nQUIT\r\n')
    reader.push(chunk)
    chunk.fill('x')
    expect(drain(reader)).to.deep.equal([line('NOOP'), line('QUIT')])
  })
})
