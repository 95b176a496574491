import { expect } from 'chai'
import { keepOriginal } from '../../../src/delivery/original.ts'

/** What is kept of a message that comes in pieces. */
function kept(text: string, ret?: 'FULL' | 'HDRS', pieceOctets = 7) {
  const keeper = keepOriginal(ret)
  const octets = Buffer.from(text, 'latin1')
  for (let at = 0; at < octets.length; at += pieceOctets) {
    const piece = Buffer.from(octets.subarray(at, at + pieceOctets))
    keeper.see(piece)
    piece.fill(0)
  }
  const { header, whole } = keeper.kept()
  return { header: header.toString('latin1'), whole: whole?.toString('latin1') }
}

describe('what is kept of a message for a notification', () => {
  const headers: readonly (readonly [what: string, text: string, header: string])[] = [
    ['a header and a body', 'A: 1\r\nB: 2\r\n\r\nbody\r\n\r\n', 'A: 1\r\nB: 2\r\n'],
    ['no body', 'A: 1\r\n', 'A: 1\r\n'],
    ['no header', '\r\nbody\r\n', ''],
    ['nothing', '', ''],
    ['one line without an end', 'A: 1', ''],
  ]
  for (const [what, text, header] of headers) {
    it(`is the header, wherever the pieces end: ${what}`, () => {
      for (let octets = 1; octets <= 9; octets += 1)
        expect(kept(text, 'HDRS', octets)).to.deep.equal({ header, whole: undefined })
    })
  }

  it('is the whole message when that is asked for', () => {
    const text = 'A: 1\r\n\r\nb\xe9\r\n'
    expect(kept(text, 'FULL')).to.deep.equal({ header: 'A: 1\r\n', whole: text })
    expect(kept(text)).to.deep.equal({ header: 'A: 1\r\n', whole: undefined })
  })

  it('is the header alone of a message past 256 KiB', () => {
    const whole = `A: 1\r\n\r\n${'x'.repeat(256 * 1024 - 8)}`
    expect(kept(whole, 'FULL', 65_536).whole).to.equal(whole)
    expect(kept(`${whole}y`, 'FULL', 65_536)).to.deep.equal({ header: 'A: 1\r\n', whole: undefined })
  })

  it('ends at a line end within 64 KiB of a longer header', () => {
    const line = `A: ${'x'.repeat(95)}\r\n`
    for (const ret of ['FULL', 'HDRS'] as const)
      expect(kept(line.repeat(1000), ret, 4096).header).to.equal(line.repeat(Math.floor(65_536 / 100)))
  })
})
