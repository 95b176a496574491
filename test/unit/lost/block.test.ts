import { expect } from 'chai'
import { array, assert, property, string } from 'fast-check'
import { beginsBlock, lostBlock, readLostBlock, type LostCircumstances } from '../../../src/lost/block.ts'

const CIRCUMSTANCES: LostCircumstances = {
  reason: 'unknown-recipient',
  recipients: ['nobody@glo2000.ca', 'No.One@GLO2000.ca'],
  reversePath: 'dave@example.org',
  clientAddress: '192.0.2.7',
  answered: 550,
  receivedAt: new Date('2026-11-21T03:04:05Z'),
}

describe('the block on top of a lost message', () => {
  it('says why it is there, octet for octet', () => {
    expect(lostBlock(CIRCUMSTANCES)).to.equal(
      'X-Relais-Lost-Reason: unknown-recipient\r\n' +
        'X-Relais-Lost-Recipient: <nobody@glo2000.ca>\r\n' +
        'X-Relais-Lost-Recipient: <No.One@GLO2000.ca>\r\n' +
        'X-Relais-Lost-Reverse-Path: <dave@example.org>\r\n' +
        'X-Relais-Lost-Client: 192.0.2.7\r\n' +
        'X-Relais-Lost-Answered: 550\r\n' +
        'X-Relais-Lost-Date: Sat, 21 Nov 2026 03:04:05 +0000\r\n',
    )
  })

  it('names the account that sent it, when one did', () => {
    const lines = lostBlock({ ...CIRCUMSTANCES, account: 'alice' }).split('\r\n')
    expect(lines.slice(3, 5)).to.deep.equal([
      'X-Relais-Lost-Reverse-Path: <dave@example.org>',
      'X-Relais-Lost-Account: alice',
    ])
  })

  it('shows the null reverse-path as <>, and each reason by its name', () => {
    for (const reason of ['unknown-recipient', 'no-postmaster', 'mailbox-failed'] as const) {
      const block = lostBlock({ ...CIRCUMSTANCES, reason, reversePath: '', recipients: [], answered: 250 })
      expect(block.split('\r\n').slice(0, 4)).to.deep.equal([
        `X-Relais-Lost-Reason: ${reason}`,
        'X-Relais-Lost-Reverse-Path: <>',
        'X-Relais-Lost-Client: 192.0.2.7',
        'X-Relais-Lost-Answered: 250',
      ])
    }
  })

  for (const hostile of ['a\r\nX-Relais-Lost-Answered: 250', 'a\n\nb', 'a\rb', 'a\0b', '>\r\n\r\nbody']) {
    it(`is not broken out of with ${JSON.stringify(hostile)}`, () => {
      const honest = lostBlock({ ...CIRCUMSTANCES, recipients: ['a'] }).split('\r\n')
      const forged = lostBlock({
        ...CIRCUMSTANCES,
        recipients: [hostile],
        reversePath: hostile,
        clientAddress: hostile,
      }).split('\r\n')
      const name = (line: string): string => line.split(':')[0] ?? ''
      expect(forged.map(name)).to.deep.equal(honest.map(name))
      for (const line of forged) expect(line).to.not.match(/[\r\n\0]/)
    })
  }

  it('has one line for each fact, whatever the facts are', () => {
    const text = string({ unit: 'binary' })
    assert(
      property(array(text, { maxLength: 5 }), text, text, (recipients, reversePath, clientAddress) => {
        const block = lostBlock({ ...CIRCUMSTANCES, recipients, reversePath, clientAddress })
        const lines = block.split('\r\n')
        expect(lines).to.have.length(recipients.length + 6)
        expect(lines.at(-1)).to.equal('')
        for (const line of lines.slice(0, -1))
          expect(line).to.match(/^X-Relais-Lost-[A-Z][A-Za-z-]+: [^\r\n\0]*$/)
      }),
    )
  })
})

describe('the block, read back', () => {
  const TRACE = 'Return-Path: <dave@example.org>\r\nReceived: x\r\n'
  const read = (text: string) => readLostBlock(Buffer.from(text))

  it('is what was written, and its length is known', () => {
    for (const circumstances of [
      { ...CIRCUMSTANCES, account: undefined },
      { ...CIRCUMSTANCES, account: 'alice', reversePath: 'alice@glo2000.ca', answered: 250 as const },
      { ...CIRCUMSTANCES, account: undefined, reversePath: 'élodie@example.org' },
      { ...CIRCUMSTANCES, account: undefined, reason: 'mailbox-failed' as const, recipients: [] },
    ]) {
      const block = lostBlock(circumstances)
      expect(read(`${block}${TRACE}Subject: x\r\n`)).to.deep.equal({
        circumstances,
        octets: Buffer.byteLength(block),
      })
    }
  })

  it('survives every fact that can be written, but for what was made harmless', () => {
    const text = string({ unit: 'grapheme', maxLength: 20 })
    assert(
      property(array(text, { maxLength: 5 }), text, text, (recipients, reversePath, account) => {
        const circumstances = { ...CIRCUMSTANCES, recipients, reversePath, account }
        const block = readLostBlock(Buffer.from(lostBlock(circumstances) + TRACE))
        const harmless = (value: string): string => value.replace(/[\u0000-\u001f\u007f]/g, '?')
        expect(block?.circumstances).to.deep.equal({
          ...circumstances,
          recipients: recipients.map(harmless),
          reversePath: harmless(reversePath),
          account: harmless(account),
        })
      }),
    )
  })

  const block = lostBlock(CIRCUMSTANCES)
  const others: readonly (readonly [what: string, text: string])[] = [
    ['nothing', ''],
    ['no block', `${TRACE}${block}`],
    ['a block behind a header of another tool', `X: 1\r\n${block}${TRACE}`],
    ['a block without our trace', `${block}Subject: x\r\n\r\n`],
    ['a block with a further line', `${block}X-Relais-Lost-Answered: 250\r\n${TRACE}`],
    ['a block with its lines in another order', block.split('\r\n').toReversed().join('\r\n') + TRACE],
    ['a block with bare line ends', (block + TRACE).replaceAll('\r\n', '\n')],
    ['an unknown reason', (block + TRACE).replace('unknown-recipient', 'whim')],
    ['no date', (block + TRACE).replace(/Date: [^\r]*/, 'Date: soon')],
  ]
  for (const [what, text] of others) {
    it(`is none in ${what}`, () => {
      expect(read(text)).to.equal(undefined)
    })
  }

  it('is not there before its last octet and the line behind it are', () => {
    const whole = Buffer.from(block + TRACE)
    const needed = block.length + 'Return-Path: <'.length
    for (let octets = 0; octets < needed; octets += 1) {
      expect(readLostBlock(whole.subarray(0, octets))).to.equal(undefined)
      expect(beginsBlock(whole.subarray(0, octets))).to.equal(true)
    }
    expect(readLostBlock(whole.subarray(0, needed))?.octets).to.equal(block.length)
    for (const text of ['Return-Path: <>', 'X-Relais-Lost-Rea5on: ', 'x'])
      expect(beginsBlock(Buffer.from(text))).to.equal(false)
  })
})
