import { expect } from 'chai'
import { array, assert, property, string } from 'fast-check'
import { lostBlock, type LostCircumstances } from '../../../src/lost/block.ts'

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
