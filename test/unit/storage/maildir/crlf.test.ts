import { expect } from 'chai'
import { assert, array, asyncProperty, constantFrom, nat } from 'fast-check'
import { withCrlf } from '../../../../src/storage/maildir/crlf.ts'
import { octetsOf, textOf } from '../../../contract/support/octets.ts'

/** What it should do, on a whole text. */
const reference = (text: string): string => text.replace(/(?<!\r)\n/g, '\r\n')

async function* inPieces(text: string, ...cuts: readonly number[]): AsyncIterable<Buffer> {
  let from = 0
  for (const cut of [...cuts, text.length]) {
    yield octetsOf(text.slice(from, cut))
    from = cut
  }
}

describe('converting to CRLF', () => {
  it('gives the same octets wherever the text is cut', async () => {
    const text = '\na\nb\r\n\n\r\r\n\n\r'
    for (let one = 0; one <= text.length; one += 1) {
      for (let two = one; two <= text.length; two += 1)
        expect(await textOf(withCrlf(inPieces(text, one, two), reference(text).length))).to.equal(
          reference(text),
        )
    }
  })

  it('equals a reference for any mixture of line ends', async () => {
    const text = array(constantFrom('\r', '\n', '\r\n', 'a'), { maxLength: 30 }).map((parts) =>
      parts.join(''),
    )
    await assert(
      asyncProperty(text, nat(30), async (whole, cut) => {
        const at = Math.min(cut, whole.length)
        expect(await textOf(withCrlf(inPieces(whole, at), reference(whole).length))).to.equal(
          reference(whole),
        )
      }),
    )
  })

  it('ends the last line where the announced octets count that, and only there', async () => {
    for (const text of ['a', 'a\nb', 'a\r\nb', 'a\r', '\n\r']) {
      const sent = reference(text)
      for (let cut = 0; cut <= text.length; cut += 1) {
        expect(await textOf(withCrlf(inPieces(text, cut), sent.length + 2))).to.equal(`${sent}\r\n`)
        expect(await textOf(withCrlf(inPieces(text, cut), sent.length))).to.equal(sent)
      }
    }
    expect(await textOf(withCrlf(inPieces(''), 0))).to.equal('')
  })

  it('yields chunks of at most 64 KiB, and none that is empty', async () => {
    const lengths: number[] = []
    for await (const chunk of withCrlf(inPieces('\n'.repeat(65_536), 0, 1), 131_072))
      lengths.push(chunk.length)
    expect(lengths).to.deep.equal([2, 65_536, 65_534])
  })
})
