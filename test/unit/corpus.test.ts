/**
 * Each message of the corpus is what its name promises: octets are looked at as octets,
 * structure through mailparser. A message without a row here fails.
 */

import { expect } from 'chai'
import { type ParsedMail, simpleParser } from 'mailparser'
import { readFileSync } from 'node:fs'

import { corpus } from '../corpus/corpus.ts'

/** Octets as latin1, one character each, and the message as mailparser reads it. */
type Promised = (octets: string, mail: ParsedMail) => void

const PROMISES = new Map<string, Promised>([
  ['alternative', both(text(/^Déjeuner à midi/), html(/<b>midi<\/b>/))],
  ['attachment-1-mib', sizes(2 ** 20)],
  ['attachment-10-mib', sizes(10 * 2 ** 20)],
  ['attachment-hostile-names', files('../../etc/passwd', 'invoice.pdf                    .exe')],
  [
    'attachment-rfc2231',
    files('résumé.txt', 'un très long nom de fichier qui-se-continue-sur-la ligne suivante.txt', 'été.txt'),
  ],
  ['base64', both(text(/^Chère Alice,/), octets(/\r\n\r\nQ2jDqHJl/))],
  ['blank-lines-at-end', octets(/\.\r\n\r\n\r\n\r\n\r\n \r\n\t\r\n\r\n\r\n$/)],
  ['body-iso-2022-jp', both(text(/^アリス様/), (octets) => expect(octets).to.include('\x1b$B'))],
  ['body-iso-8859-1', both(text(/les élèves/), octets(/les \xe9l\xe8ves/))],
  ['body-mbox-from', both(octets(/\r\n\r\nFrom the first/), octets(/^>From /m))],
  ['body-shift-jis', both(text(/^表示能力ソ/), octets(/\x83\x5c/))],
  ['body-utf-16', text(/Été 🐎/)],
  ['body-utf-8', both(text(/日本語.*🐎/), octets(/\xf0\x9f\x90\x8e/))],
  ['body-windows-1252', both(text(/^“Smart quotes” – dashes — .*… for 5 €/), octets(/\x93Smart/))],
  ['body-wrong-charset', both(text(/d\ufffdj\ufffd/), octets(/d\xe9j\xe0/))],
  ['byte-order-mark', octets(/^\xef\xbb\xbfFrom: /)],
  ['calendar-invitation', kinds('text/calendar', 'application/ics')],
  [
    'chat-text',
    both(octets(/^Chat-Version: 1\.0\r$/m), (_, mail) => expect(mail.subject).to.equal(undefined)),
  ],
  ['control-octets', everyOctetButLineEnds],
  ['digest', octets(/^Content-Type: multipart\/digest/m)],
  ['dkim-signature', both(header('dkim-signature', 1), header('arc-seal', 1))],
  ['dots-double', both(lines('..', 1), lines('...', 1))],
  ['dots-first-line', octets(/^\.X-Dot: .*\r\n\.folded: no\r\n\r\n/s)],
  ['dots-leading', both(lines('.profile', 1), both(lines('. ', 1), lines('QUIT', 1)))],
  ['dots-long', lines('.', 300)],
  ['dots-no-final-line-end', octets(/\r\n\.$/)],
  ['dots-single', both(lines('.', 3), octets(/\r\n\.\r\n$/))],
  ['dsn', both(octets(/^Final-Recipient: rfc822; dave@example\.org\r$/m), kinds('text/rfc822-headers'))],
  ['empty-body', octets(/[^\n]\r\n\r\n$/)],
  [
    'empty-body-no-blank-line',
    both(octets(/[^\n]\r\n$/), (octets) => expect(octets).not.to.include('\r\n\r\n')),
  ],
  ['empty-message', exactly('')],
  ['encrypted-pgp', kinds('application/pgp-encrypted', 'application/octet-stream')],
  ['encrypted-smime', both(kinds('application/pkcs7-mime'), files('smime.p7m'))],
  ['external-body', kinds('message/external-body')],
  ['first-line-mbox-from', octets(/^From bob@example\.org Tue .*\r\nFrom: /)],
  ['first-line-space', octets(/^ this line.*\r\nFrom: /)],
  ['format-flowed', both(octets(/delsp=yes/), octets(/\S {2}\r\n/))],
  ['header-bcc', header('bcc', 1)],
  ['header-empty', both(octets(/^Cc:\r$/m), octets(/^X-Only-Tab:\t\r$/m))],
  [
    'header-encoded-words',
    subject('Réunion du comité : ordre du jour, procès-verbal et prévisions (2024) 🐎'),
  ],
  [
    'header-folded',
    both(subject('folded with a tab, then with three spaces, then with both'), lines(' \t ', 1)),
  ],
  ['header-long-references', (_, mail) => expect(mail.references).to.have.length(150)],
  ['header-own-return-path', octets(/^Return-Path: <bounce\+4711@example\.com>\r\nDelivered-To: /)],
  ['header-raw-latin-1', octets(/^Subject: R\xe9union/m)],
  ['header-raw-utf-8', both(subject('Réunion à 15 h — 会議 🐎'), octets(/^From: Fran\xc3\xa7oise/m))],
  ['header-resent', both(octets(/^Resent-From: /), header('resent-message-id', 1))],
  ['header-trailing-spaces', both(octets(/^From: .*> {3}\r$/m), octets(/^X-Space-Before-Colon : /m))],
  ['header-twice', both(header('from', 2), both(header('subject', 2), header('message-id', 2)))],
  ['header-without-colon', lines('This line is no header at all', 1)],
  ['line-998', (octets) => expect(lengths(octets).filter((length) => length === 998)).to.have.length(4)],
  [
    'line-998-header',
    (octets) => expect(lengths(octets).filter((length) => length === 998)).to.have.length(2),
  ],
  ['line-20000', (octets) => expect(lengths(octets)).to.include(20_000)],
  [
    'line-20000-header',
    both(header('x-spam-report', 1), (octets) => expect(lengths(octets)).to.include(20_000)),
  ],
  ['list-post', both(octets(/^List-Id: /m), octets(/^List-Unsubscribe: /m))],
  ['many-received', header('received', 45)],
  ['mdn', kinds('message/disposition-notification')],
  ['message-partial', kinds('message/partial')],
  ['mixed-attachments', files('minutes.pdf', 'log.gz', 'prices.csv')],
  ['multipart-deep', (octets) => expect(octets.match(/^--deep-\d+--\r$/gm)).to.have.length(12)],
  ['multipart-no-boundary', octets(/^Content-Type: multipart\/mixed\r$/m)],
  ['multipart-unclosed', both(files('half.bin'), (octets) => expect(octets).not.to.match(/^--cut--/m))],
  ['nested-forwards', both(kinds('message/rfc822'), octets(/message\/rfc822.*message\/rfc822.*chevaux/s))],
  ['newsletter-inline-image', both(html(/<img/), kinds('image/png'))],
  ['no-date', header('date', 0)],
  ['no-final-line-end', octets(/\r\n\r\nThe last line has no line end$/)],
  ['no-final-line-end-header', octets(/\r\nMIME-Version: 1\.0$/)],
  ['no-from', header('from', 0)],
  ['no-header', (octets) => expect(octets).not.to.include('\r\n\r\n')],
  ['no-header-blank-line-first', octets(/^\r\nThe header is empty/)],
  ['no-message-id', header('message-id', 0)],
  ['nul-in-body', octets(/octet \0 stands.*\0\0\0\.\r\n\0\r\n/)],
  ['only-a-line-end', exactly('\r\n')],
  ['plain-ascii', octets(/^[\x20-\x7e\r\n]+$/)],
  ['quoted-printable', both(text(/softly — twice/), octets(/=\r\n/))],
  ['signed-pgp', kinds('application/pgp-signature')],
  ['signed-smime', both(kinds('application/pkcs7-signature'), octets(/ {2}\r\n.*\t\r\n/))],
  [
    'tnef-winmail-dat',
    both(files('winmail.dat'), (_, mail) => expect(tnefSignature(mail)).to.equal(0x223e9f78)),
  ],
  ['uuencode', both(lines('begin 644 logo.png', 1), header('mime-version', 0))],
  ['vacation-reply', both(octets(/^Return-Path: <>\r\n/), header('auto-submitted', 1))],
])

describe('the corpus', () => {
  const messages = corpus()

  it('holds at least 40 messages', () => {
    expect(messages).to.have.length.greaterThanOrEqual(40)
  })

  it('has a row in its README for every message and no other', () => {
    const readme = readFileSync(new URL('../corpus/README.md', import.meta.url), 'utf8')
    const rows = [...readme.matchAll(/^\| ([\w-]+) \|/gm)]
      .map((match) => match[1])
      .filter((name) => name !== 'name')
    expect(rows).to.have.members(messages.map(({ name }) => name))
  })

  it('promises something of every message and no other', () => {
    expect([...PROMISES.keys()]).to.have.members(messages.map(({ name }) => name))
  })

  for (const { name, bytes, afterSmtp } of messages) {
    it(`${name} is what its name says`, async () => {
      PROMISES.get(name)?.(bytes.toString('latin1'), await simpleParser(bytes))
    })

    it(`${name} has no line end but CRLF, and ends with one after SMTP`, () => {
      const octets = bytes.toString('latin1')
      expect(octets).not.to.match(/\r(?!\n)|(?<!\r)\n/)
      expect(afterSmtp.toString('latin1')).to.equal(octets.endsWith('\r\n') ? octets : `${octets}\r\n`)
    })
  }
})

function both(one: Promised, other: Promised): Promised {
  return (octets, mail) => {
    one(octets, mail)
    other(octets, mail)
  }
}

function octets(pattern: RegExp): Promised {
  return (octets) => void expect(octets).to.match(pattern)
}

function exactly(expected: string): Promised {
  return (octets) => void expect(octets).to.equal(expected)
}

function lines(line: string, count: number): Promised {
  return (octets) => void expect(octets.split('\r\n').filter((each) => each === line)).to.have.length(count)
}

function header(name: string, count: number): Promised {
  return (_, mail) => void expect(mail.headerLines.filter(({ key }) => key === name)).to.have.length(count)
}

function subject(expected: string): Promised {
  return (_, mail) => void expect(mail.subject).to.equal(expected)
}

function text(pattern: RegExp): Promised {
  return (_, mail) => void expect(mail.text).to.match(pattern)
}

function html(pattern: RegExp): Promised {
  return (_, mail) => void expect(mail.html).to.match(pattern)
}

function files(...names: string[]): Promised {
  return (_, mail) => void expect(mail.attachments.map(({ filename }) => filename)).to.deep.equal(names)
}

function kinds(...types: string[]): Promised {
  return (_, mail) => void expect(mail.attachments.map(({ contentType }) => contentType)).to.deep.equal(types)
}

function sizes(...octets: number[]): Promised {
  return (_, mail) => void expect(mail.attachments.map(({ content }) => content.length)).to.deep.equal(octets)
}

function everyOctetButLineEnds(octets: string): void {
  for (let octet = 0; octet < 256; octet++)
    if (octet !== 10 && octet !== 13) expect(octets).to.include(String.fromCodePoint(octet))
}

function lengths(octets: string): number[] {
  return octets.split('\r\n').map((line) => line.length)
}

function tnefSignature(mail: ParsedMail): number | undefined {
  return mail.attachments[0]?.content.readUInt32LE(0)
}
