import { expect } from 'chai'
import { array, assert, constantFrom, property } from 'fast-check'
import { createDotUnstuffer } from '../../../src/smtp/dot-unstuffer.ts'

/** RFC 5321 §4.5.2 and §4.1.1.4 to the letter, on the whole of what follows DATA. */
function reference(text: string): { octets: string; rest: string | undefined } {
  const end = `\r\n${text}`.indexOf('\r\n.\r\n')
  const message = end === -1 ? text : text.slice(0, end)
  const octets = `\r\n${message}`.replace(/\r\n\./g, '\r\n').slice(2)
  return { octets, rest: end === -1 ? undefined : text.slice(end + 3) }
}

function unstuff(chunks: readonly string[]): { octets: string; rest: string | undefined } {
  const unstuffer = createDotUnstuffer()
  let octets = ''
  for (const [index, chunk] of chunks.entries()) {
    const step = unstuffer.push(Buffer.from(chunk, 'latin1'))
    octets += step.octets.toString('latin1')
    if (step.rest !== undefined)
      return { octets, rest: step.rest.toString('latin1') + chunks.slice(index + 1).join('') }
  }
  return { octets, rest: undefined }
}

describe('the dot unstuffer', () => {
  const cases: readonly (readonly [given: string, octets: string, rest?: string])[] = [
    ['.\r\n', '', ''],
    ['.\r\nQUIT\r\n', '', 'QUIT\r\n'],
    ['a\r\n.\r\n', 'a\r\n', ''],
    ['..\r\n.\r\n', '.\r\n', ''],
    ['.a\r\n..b\r\n. \r\n.\r\n', 'a\r\n.b\r\n \r\n', ''],
    ['a\n.\n..\r\n.\r\n', 'a\n.\n..\r\n', ''],
    ['a\r.\r\n..\r\n.\r\n', 'a\r.\r\n.\r\n', ''],
    ['.\r\r\n.\r\n', '\r\r\n', ''],
    ['.\r.\r\n.\r\n', '\r.\r\n', ''],
    ['a\r\n.\n.\r\n.\r\n', 'a\r\n\n.\r\n', ''],
    ['\r\n\r\n.\r\n.\r\n', '\r\n\r\n', '.\r\n'],
  ]
  for (const [given, octets, rest] of cases) {
    it(`makes ${JSON.stringify(octets)} of ${JSON.stringify(given)}, wherever it is cut`, () => {
      for (let cut = 0; cut <= given.length; cut += 1)
        expect(unstuff([given.slice(0, cut), given.slice(cut)])).to.deep.equal({ octets, rest })
      expect(unstuff(given.split(''))).to.deep.equal({ octets, rest })
    })
  }

  it('does what the RFC says of every text of dots and line ends, in every segmentation', () => {
    const texts = array(array(constantFrom('.', '\r', '\n', '\r\n', '\r\n.', 'a', '\0'), { maxLength: 6 }), {
      maxLength: 8,
    })
    assert(
      property(texts, (parts) => {
        const chunks = parts.map((part) => part.join(''))
        const given = chunks.join('')
        const seen = unstuff(chunks)
        const whole = reference(given)
        if (whole.rest !== undefined) expect(seen).to.deep.equal(whole)
        // Without an end the last octets may still be waiting for what follows.
        else expect(whole.octets.startsWith(seen.octets)).to.equal(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('works in linear time: 4 MiB of dots take less than half a second', () => {
    const unstuffer = createDotUnstuffer()
    const chunk = Buffer.from('..\r\n'.repeat(16_384))
    const began = process.cpuUsage()
    for (let count = 0; count < 64; count += 1) unstuffer.push(chunk)
    expect(process.cpuUsage(began).user / 1000).to.be.below(500)
  })
})
