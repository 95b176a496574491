import { expect } from 'chai'
import { createDotStuffer } from '../../../src/pop3/dot-stuffer.ts'

function stuffed(...chunks: readonly string[]): string {
  const stuffer = createDotStuffer()
  const parts = chunks.map((chunk) => stuffer.stuff(Buffer.from(chunk, 'latin1')).toString('latin1'))
  return parts.join('') + stuffer.end()
}

/** What a client makes of it: RFC 1939 §3, line by line. */
function unstuffed(reply: string): string {
  expect(reply.slice(-3)).to.equal('.\r\n')
  return reply.slice(0, -3).replace(/(^|\r\n)\./g, '$1')
}

const MESSAGES = [
  '',
  '.',
  '..',
  '.\r\n',
  '\r\n',
  'plain\r\ntext\r\n',
  '.\r\n.\r\n.\r\n',
  '..\r\n...\r\n.a\r\na.b\r\n',
  'no end',
  'ends with a dot line\r\n.',
  'ends with a lone CR\r',
  'nul \x00.\r\n.\x00\r\n',
  '\r.\r\r\n.\r',
  'a bare LF\n',
  '\n',
  'a\r\n\n',
  'a\r\n\r',
  'eight bits \xff\r\n.\xff\r\n',
]

describe('dot-stuffer', () => {
  it('puts a dot before every line that starts with one', () => {
    expect(stuffed('.a\r\n.\r\nb.c\r\n..d\r\n')).to.equal('..a\r\n..\r\nb.c\r\n...d\r\n.\r\n')
  })

  it('ends an empty message with a dot alone', () => {
    expect(stuffed()).to.equal('.\r\n')
    expect(stuffed('')).to.equal('.\r\n')
  })

  it('puts the end on a line of its own after a last line without end', () => {
    expect(stuffed('a')).to.equal('a\r\n.\r\n')
    expect(stuffed('a\r')).to.equal('a\r\r\n.\r\n')
    expect(stuffed('a\r\n')).to.equal('a\r\n.\r\n')
  })

  it('puts the end behind CRLF after a last line that ends with a bare LF', () => {
    expect(stuffed('a\n')).to.equal('a\n\r\n.\r\n')
    expect(stuffed('a\r', '\n')).to.equal('a\r\n.\r\n')
    expect(stuffed('a\r', '', '\n')).to.equal('a\r\n.\r\n')
    expect(stuffed('a\r\n', '\n')).to.equal('a\r\n\n\r\n.\r\n')
    expect(stuffed('a\n.b\n')).to.equal('a\n..b\n\r\n.\r\n')
  })

  it('takes no dot after a lone CR for the start of a line', () => {
    expect(stuffed('a\r.b\r\n')).to.equal('a\r.b\r\n.\r\n')
  })

  it('gives the same at every split point', () => {
    for (const message of MESSAGES) {
      const whole = stuffed(message)
      for (let split = 0; split <= message.length; split++)
        expect(stuffed(message.slice(0, split), message.slice(split))).to.equal(whole)
      expect(stuffed(...Array.from(message))).to.equal(whole)
    }
  })

  it('is undone by a client, whatever the message', () => {
    for (const message of MESSAGES) {
      const end = message === '' || message.endsWith('\r\n') ? '' : '\r\n'
      expect(unstuffed(stuffed(message))).to.equal(message + end)
    }
  })

  it('holds the end of the reply nowhere but at its end', () => {
    for (const message of MESSAGES) {
      const reply = '+OK\r\n' + stuffed(message)
      expect(reply.indexOf('\r\n.\r\n')).to.equal(reply.length - 5)
    }
  })

  it('passes a chunk on as it is when there is nothing to stuff', () => {
    const chunk = Buffer.from('no dot at the start\r\nof any line.\r\n')
    expect(createDotStuffer().stuff(chunk)).to.equal(chunk)
  })
})
