import { expect } from 'chai'
import { failureCode } from '../../../src/base/errors.ts'
import type { HeaderFilter } from '../../../src/message/header-filter.ts'
import { createReceptionHeader } from '../../../src/message/reception-header.ts'
import { createSubmissionHeader, HEADER_OCTETS } from '../../../src/message/submission-header.ts'

const alice = (): HeaderFilter =>
  createSubmissionHeader({
    address: 'Alice@glo2000.ca',
    now: new Date('2026-11-21T03:04:05Z'),
    messageId: '<id1@glo2000.ca>',
  })

/** What goes on of a message in these chunks, or the code of its failure. */
function through(filter: HeaderFilter, chunks: readonly string[]): string {
  try {
    const passed = chunks.map((chunk) => filter.push(Buffer.from(chunk, 'latin1')))
    return Buffer.concat([...passed, filter.end()]).toString('latin1')
  } catch (error) {
    return failureCode(error) ?? String(error)
  }
}

const ADDED = 'Message-ID: <id1@glo2000.ca>\r\nDate: Sat, 21 Nov 2026 03:04:05 +0000\r\n'

describe('the header of a submission', () => {
  const cases: readonly (readonly [what: string, text: string, result: string])[] = [
    ['nothing at all', '', ADDED],
    ['a body alone', '\r\nx\r\n', `${ADDED}\r\nx\r\n`],
    ['no From', 'A: 1\r\n\r\nx', `${ADDED}A: 1\r\n\r\nx`],
    [
      'a Bcc that is folded',
      'Date: d\r\nBcc: a,\r\n b\r\nMessage-ID: m\r\n\r\n',
      'Date: d\r\nMessage-ID: m\r\n\r\n',
    ],
    ['a Bcc folded before its colon', 'Bcc\r\n : a\r\nBcc \t: b\r\n\r\n', `${ADDED}\r\n`],
    [
      'somebody else in a From folded before its colon',
      'From\r\n : bob@glo2000.ca\r\n\r\n',
      'sender.not-own',
    ],
    ['somebody else in a Sender folded before its colon', 'Sender\r\n\t: x@y\r\n\r\n', 'sender.not-own'],
    ['two Bcc and nothing else', 'Bcc: a\r\nBCC: b\r\n', ADDED],
    ['somebody else in From', 'From: bob@glo2000.ca\r\n\r\n', 'sender.not-own'],
    ['somebody else in a From that has no end', 'A: 1\r\nFrom: bob@glo2000.ca', 'sender.not-own'],
    ['somebody else in Sender', 'Sender: x@y\r\n\r\n', 'sender.not-own'],
    ['51 Received', `${'Received: x\r\n'.repeat(51)}\r\n`, 'message.loop'],
    [
      'From in the body',
      'Date: d\r\nMessage-ID: m\r\n\r\nFrom: x@y',
      'Date: d\r\nMessage-ID: m\r\n\r\nFrom: x@y',
    ],
  ]
  for (const [what, text, result] of cases) {
    it(`with ${what}, wherever it is cut`, () => {
      for (let cut = 0; cut <= Math.min(text.length, 80); cut += 1)
        expect(through(alice(), [text.slice(0, cut), text.slice(cut)]), String(cut)).to.equal(result)
    })
  }

  for (const from of [
    'bob@=?utf-8?q?glo2000.ca?=',
    '=?utf-8?q?bob=40glo2000.ca?= <alice@glo2000.ca>',
    '=?utf-8?q?bob=40glo2000.ca=2C?= <alice@glo2000.ca>',
    '=?utf-8?b?Ym9i?= =?utf-8?q?=40glo2000.ca?= <alice@glo2000.ca>',
    '=?utf-8?q?=3Cbob=EF=BC=A0glo2000.ca=3E?= <alice@glo2000.ca>',
    '=?utf-8?q?alice=40glo2000.ca?=',
  ])
    it(`may not name another than its sender in encoded words: ${from}`, () =>
      expect(through(alice(), [`From: ${from}\r\n\r\n`])).to.equal('sender.not-own'))

  for (const from of [
    '=?utf-8?q?Doe=2C_Alice?= <alice@glo2000.ca>',
    '"=?utf-8?q?Doe=3B_=22Al=22?=" <ALICE@glo2000.ca>',
    'alice@glo2000.ca (=?iso-8859-1?q?=C9lodie_=28x=29?=)',
  ])
    it(`may show any name of its sender in encoded words: ${from}`, () =>
      expect(through(alice(), [`From: ${from}\r\n\r\n`])).to.equal(`${ADDED}From: ${from}\r\n\r\n`))

  it('is bounded, in one field and in many, and large enough for 100,000 fields', () => {
    const long = `A: ${'x'.repeat(1_000_000)}\r\n`
    expect(
      through(
        alice(),
        Array.from({ length: 5 }, () => long),
      ),
    ).to.equal('message.header-too-large')
    const endless = Array.from({ length: 1 + HEADER_OCTETS / 65_536 }, () => 'x'.repeat(65_536))
    expect(through(alice(), [...endless, '\r\n\r\n'])).to.equal('message.header-too-large')
    const many = `${'X-Field: 1\r\n'.repeat(100_000)}\r\n`
    expect(through(alice(), [many])).to.equal(ADDED + many)
  })
})

describe('the header of a message from outside', () => {
  const outside = (): HeaderFilter => createReceptionHeader('glo2000.ca')

  it('goes on as it is, chunk by chunk', () => {
    const filter = outside()
    for (const chunk of ['A: 1\r\nFr', 'om: x@y\r\n', '\r\nFrom: bob@glo2000.ca\r\n'])
      expect(filter.push(Buffer.from(chunk)).toString()).to.equal(chunk)
    expect(filter.end()).to.have.length(0)
  })

  for (const from of [
    'bob@glo2000.ca',
    'x@y, bob@GLO2000.CA.',
    'bob@glo2000.ca <x@y.org>',
    '"bob" @ (x) glo2000.ca',
    'bob@ glo2000.ca, broken <',
  ]) {
    it(`may not name one of ours: ${from}`, () => {
      const text = `Subject: x\r\nFrom: ${from}\r\n\r\nx`
      for (let cut = 0; cut <= text.length; cut += 1)
        expect(through(outside(), [text.slice(0, cut), text.slice(cut)])).to.equal('sender.forged')
      expect(through(outside(), [text.slice(0, -5)])).to.equal('sender.forged')
      expect(through(createReceptionHeader(undefined), [text])).to.equal(text)
    })
  }

  for (const from of [
    '=?utf-8?q?bob=40glo2000=2Eca?=',
    'bob@=?utf-8?q?glo2000.ca?=',
    '=?UTF-8*en?B?Ym9iQGdsbzIw?=\r\n =?us-ascii?q?00.ca?= <x@y.org>',
    '=?utf-8?q?bob?=@glo2000.ca',
    '=?unknown?q?bob?=@=?unknown?q?glo2000?=.ca',
    'bob@ｇｌｏ2000.ca',
    'bob@glo２000.ca',
    'bob@glo2000。ca',
    'bob@glo2000.ca。',
    'bob@glo\u00ad2000.ca',
    'bob＠glo2000.ca',
    'bob@glo\u200b2000.ca <x@y.org>',
    'bob@=?utf-8?q?glo=EF=BC=92000=E3=80=82ca?=',
  ]) {
    it(`may not name one of ours in another writing: ${from}`, () => {
      const message = Buffer.from(`From: ${from}\r\n\r\n`).toString('latin1')
      expect(through(outside(), [message])).to.equal('sender.forged')
    })
  }

  it('may not name one of ours in a From with a fold before its colon', () => {
    const text = 'From\r\n \t : bob@glo2000.ca\r\n\r\nx'
    for (let cut = 0; cut <= text.length; cut += 1)
      expect(through(outside(), [text.slice(0, cut), text.slice(cut)])).to.equal('sender.forged')
    expect(through(outside(), [`From${' '.repeat(70_000)}: bob@glo2000.ca\r\n\r\n`])).to.equal(
      'message.header-too-large',
    )
  })

  for (const from of [
    'bob@glo2000.ca.example.org',
    '"bob@glo2000.ca" <x@y>',
    'bob@sub.glo2000.ca',
    'bob@xglo2000.ca <',
    '=?utf-8?q?Doe=2C_Bob?= <x@y.org>',
    '=?utf-8?q?glo2000.ca?= <x@y.org>',
    '=?utf-8?q?no_end <x@y.org>',
    '"B\u00f6b" <x@gl\u00f62000.ca>',
  ]) {
    it(`may name who is none of ours: ${from}`, () => {
      const text = `From: ${from}\r\n\r\n`
      expect(through(outside(), [text])).to.equal(text)
    })
  }

  it('may have fields of any length but From', () => {
    const long = `Subject: ${'x'.repeat(1_000_000)}\r\nReceived: x\r\n\r\n`
    expect(through(outside(), [long])).to.equal(long)
    expect(through(outside(), [`From: (${'x'.repeat(70_000)}) bob@glo2000.ca\r\n\r\n`])).to.equal(
      'message.header-too-large',
    )
  })
})
