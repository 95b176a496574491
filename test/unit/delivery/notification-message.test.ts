import { expect } from 'chai'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Notice, RecipientOutcome } from '../../../src/delivery/notification.ts'
import { notificationMessage, type NotificationFacts } from '../../../src/delivery/notification-message.ts'
import type { RecipientDsn } from '../../../src/delivery/recipient-list.ts'

const HEADER = 'From: alice@glo2000.ca\r\nMessage-ID: <1@glo2000.ca>\r\nSubject: hi\r\n'

function notice(address: string, outcome: RecipientOutcome, dsn: RecipientDsn = {}): Notice {
  return { recipient: { address, dsn, place: { kind: 'held' } }, outcome }
}
const unknown = (address: string, dsn?: RecipientDsn): Notice =>
  notice(address, { kind: 'failed', failure: 'unknown-recipient', lostId: 'm2' }, dsn)
const delivered = (address: string, dsn?: RecipientDsn): Notice => notice(address, { kind: 'delivered' }, dsn)

function facts(more: Partial<NotificationFacts> = {}): NotificationFacts {
  return {
    domain: 'glo2000.ca',
    to: 'alice@glo2000.ca',
    id: 'm3',
    notices: [unknown('xeno@glo2000.ca')],
    original: { header: Buffer.from(HEADER), whole: undefined },
    envid: undefined,
    receivedAt: new Date('2026-11-21T03:04:05Z'),
    writtenAt: new Date('2026-11-21T03:04:06Z'),
    language: 'en',
    ...more,
  }
}

const withHeader = (header: string | Buffer): Partial<NotificationFacts> => ({
  original: { header: Buffer.from(header), whole: undefined },
})

interface Report {
  readonly headers: readonly (readonly [string, string])[]
  readonly type: string
  readonly reportType: string
  readonly defects: readonly string[]
  readonly text: string
  readonly statusType: string
  readonly groups: readonly (readonly (readonly [string, string])[])[]
  readonly originalType: string
  readonly original: string
}

/** The notification as Python's library for mail reads it. */
async function read(given: NotificationFacts): Promise<Report> {
  const octets = await notificationMessage(given)
  expect(octets.toString('latin1').replaceAll('\r\n', '')).to.not.match(/[\r\n]/)
  const output = execFileSync('python3', [join(import.meta.dirname, 'read_report.py')], { input: octets })
  return JSON.parse(output.toString()) as Report // oxlint-disable-line typescript/no-unsafe-type-assertion
}

const headerOf = ({ headers }: Report, name: string): string | undefined =>
  headers.find(([found]) => found === name)?.[1]

describe('a notification, read by Python’s email package', () => {
  before(function () {
    if (spawnSync('python3', ['--version']).status === 0) return
    console.log('      python3 is missing: nobody reads the notifications')
    this.skip()
  })

  it('is a multipart/report from the postmaster that answers the message', async () => {
    const report = await read(facts())
    expect(report.defects).to.deep.equal([])
    expect(report).to.include({ type: 'multipart/report', reportType: 'delivery-status' })
    const expected = {
      From: 'Mail Delivery System <postmaster@glo2000.ca>',
      To: 'alice@glo2000.ca',
      Subject: 'Mail not delivered',
      Date: 'Sat, 21 Nov 2026 03:04:06 +0000',
      'Message-ID': '<m3@glo2000.ca>',
      'In-Reply-To': '<1@glo2000.ca>',
      References: '<1@glo2000.ca>',
      'Auto-Submitted': 'auto-replied',
      'MIME-Version': '1.0',
    }
    for (const [name, value] of Object.entries(expected)) expect(headerOf(report, name), name).to.equal(value)
  })

  it('says to programs what became of each recipient (RFC 3464 §2)', async () => {
    const full: RecipientOutcome = { kind: 'failed', failure: 'mailbox-full', lostId: 'm4' }
    const broken: RecipientOutcome = { kind: 'failed', failure: 'mailbox-failed', lostId: 'm4' }
    const { statusType, groups } = await read(
      facts({
        envid: 'QQ 314159',
        notices: [
          unknown('xeno@glo2000.ca', { orcpt: 'rfc822;Xeno+x@glo2000.ca' }),
          notice('bob@glo2000.ca', full),
          notice('carol@glo2000.ca', broken),
          delivered('alice@glo2000.ca'),
        ],
      }),
    )
    expect(statusType).to.equal('message/delivery-status')
    expect(groups).to.deep.equal([
      [
        ['Original-Envelope-Id', 'QQ 314159'],
        ['Reporting-MTA', 'dns; glo2000.ca'],
        ['Arrival-Date', 'Sat, 21 Nov 2026 03:04:05 +0000'],
      ],
      [
        ['Original-Recipient', 'rfc822; Xeno+x@glo2000.ca'],
        ['Final-Recipient', 'rfc822; xeno@glo2000.ca'],
        ['Action', 'failed'],
        ['Status', '5.1.1'],
        ['X-Relais-Lost-Id', 'm2'],
      ],
      [
        ['Final-Recipient', 'rfc822; bob@glo2000.ca'],
        ['Action', 'failed'],
        ['Status', '5.2.2'],
        ['X-Relais-Lost-Id', 'm4'],
      ],
      [
        ['Final-Recipient', 'rfc822; carol@glo2000.ca'],
        ['Action', 'failed'],
        ['Status', '5.2.0'],
        ['X-Relais-Lost-Id', 'm4'],
      ],
      [
        ['Final-Recipient', 'rfc822; alice@glo2000.ca'],
        ['Action', 'delivered'],
        ['Status', '2.1.5'],
      ],
    ])
  })

  it('says to people who was not reached, why, and where the message is', async () => {
    const { text } = await read(facts({ notices: [unknown('xeno@glo2000.ca'), delivered('bob@glo2000.ca')] }))
    expect(text.replaceAll('\r\n', '\n')).to.equal(
      'This is the mail system of glo2000.ca, about a message that you sent\n' +
        'on Sat, 21 Nov 2026 03:04:05 +0000.\n\n' +
        'It could NOT be delivered to:\n\n' +
        '  xeno@glo2000.ca\n    nobody has this address; the postmaster keeps the message as\n    m2\n\n' +
        'Write to the postmaster if the message should still reach somebody.\n\n' +
        'It was delivered to:\n\n  bob@glo2000.ca\n',
    )
  })

  it('names fifty recipients to people and all to programs', async () => {
    const notices = Array.from({ length: 60 }, (_, at) => unknown(`x${at}@glo2000.ca`))
    const { text, groups } = await read(facts({ notices }))
    expect(text).to.contain('x49@').and.to.not.contain('x50@')
    expect(text).to.contain('and 10 more')
    expect(groups).to.have.length(61)
  })

  it('of a success has its own subject and never the whole message (RFC 3461 §4.3)', async () => {
    const original = { header: Buffer.from(HEADER), whole: Buffer.from(`${HEADER}\r\nbody\r\n`) }
    const report = await read(facts({ notices: [delivered('bob@glo2000.ca')], original }))
    expect(headerOf(report, 'Subject')).to.equal('Mail delivered')
    expect(report.originalType).to.equal('text/rfc822-headers')
    expect(report.text).to.not.contain('NOT')
  })

  const languages: readonly (readonly [
    what: string,
    header: string,
    language: 'en' | 'fr',
    subject: string,
  ])[] = [
    ['the house', HEADER, 'fr', 'Message non remis'],
    ['Content-Language', `${HEADER}Content-Language: fr-CA\r\n`, 'en', 'Message non remis'],
    [
      'Accept-Language',
      `${HEADER}accept-language: de,\r\n en-US\r\nContent-Language: fr\r\n`,
      'fr',
      'Mail not delivered',
    ],
    [
      'the house, for one that is not spoken',
      `${HEADER}Content-Language: de\r\n`,
      'en',
      'Mail not delivered',
    ],
  ]
  for (const [what, header, language, subject] of languages) {
    it(`is written in the language of ${what}`, async () => {
      const report = await read(facts({ ...withHeader(header), language }))
      expect(headerOf(report, 'Subject')).to.equal(subject)
      const isFrench = subject.startsWith('Message')
      expect(headerOf(report, 'Content-Language')).to.equal(isFrench ? 'fr' : 'en')
      expect(report.text).to.contain(isFrench ? 'Il n’a PAS pu être remis à :' : 'It could NOT')
      expect(report.defects).to.deep.equal([])
    })
  }

  describe('gives back', () => {
    const headers: readonly (readonly [what: string, header: string | Buffer, type: string])[] = [
      ['a header', HEADER, 'text/rfc822-headers'],
      ['a header with long lines', `${HEADER}X: ${'x '.repeat(400)}y\r\n`, 'text/rfc822-headers'],
      ['an empty header', '', 'text/rfc822-headers'],
      ['a header in UTF-8', `${HEADER}X: é\r\n`, 'message/global-headers'],
    ]
    for (const [what, header, type] of headers) {
      it(`${what} as ${type}`, async () => {
        const report = await read(facts(withHeader(header)))
        expect(report.originalType).to.equal(type)
        expect(report.original.replaceAll('\r\n', '\n').trimEnd()).to.equal(
          header.toString().replaceAll('\r\n', '\n').trimEnd(),
        )
        expect(report.defects).to.deep.equal([])
      })
    }

    it('a header that is no UTF-8 octet for octet', async () => {
      const octets = Buffer.concat([Buffer.from(HEADER), Buffer.from('X: \xe9\r\n', 'latin1')])
      const report = await read(facts(withHeader(octets)))
      expect(report.originalType).to.equal('text/rfc822-headers')
      expect(report.original).to.contain('X: \ufffd')
    })

    for (const [body, header, type] of [
      ['body', HEADER, 'message/rfc822'],
      ['bódy', HEADER, 'message/rfc822'],
      ['bódy', `${HEADER}X: é\r\n`, 'message/global'],
    ] as const) {
      it(`the whole message as ${type} with a body of ${body}`, async () => {
        const whole = Buffer.from(`${header}\r\n${body}\r\n`)
        const octets = await notificationMessage(facts({ original: { header: Buffer.from(header), whole } }))
        expect(octets.includes(whole)).to.equal(true)
        expect(
          (await read(facts({ original: { header: Buffer.from(header), whole } }))).originalType,
        ).to.equal(type)
      })
    }
  })

  it('has the types of RFC 6533 where an address is in UTF-8', async () => {
    const { statusType, groups } = await read(
      facts({ notices: [unknown('xeno@glo2000.ca', { orcpt: 'utf-8;élodie@glo2000.ca' })] }),
    )
    expect(statusType).to.equal('message/global-delivery-status')
    expect(groups[1]?.[0]).to.deep.equal(['Original-Recipient', 'utf-8; élodie@glo2000.ca'])
  })

  const hostile = 'x\r\nSubject: forged\r\n\r\nbody'
  it('is not broken out of by what the sender wrote', async () => {
    const report = await read(
      facts({
        envid: hostile,
        notices: [unknown(hostile, { orcpt: hostile })],
        ...withHeader(`${HEADER}X: \0\r\n`.replace('<1@glo2000.ca>', '<1\0@x> <2@x>')),
      }),
    )
    expect(report.headers.filter(([name]) => name === 'Subject')).to.have.length(1)
    expect(headerOf(report, 'In-Reply-To')).to.equal(undefined)
    expect(report.groups.map((group) => group.map(([name]) => name))).to.deep.equal([
      ['Original-Envelope-Id', 'Reporting-MTA', 'Arrival-Date'],
      ['Original-Recipient', 'Final-Recipient', 'Action', 'Status', 'X-Relais-Lost-Id'],
    ])
  })
})
