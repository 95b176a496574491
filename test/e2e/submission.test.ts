/** Members hand in mail with the programs that people use: who gets which octets, and what the sender is told. */

import { expect } from 'chai'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'

import { type CorpusMessage, corpus } from '../corpus/corpus.ts'
import { PASSWORD, REPOSITORY, type Relais, messagesIn, newRoot, startRelais } from './support/relais.ts'
import { type Outcome, requirePrograms, run } from './support/run.ts'
import { expectUnderTrace } from './support/trace.ts'
import { openWire, retrieveAll, secureWire, sendData } from './support/wire.ts'

const ALICE = 'alice@glo2000.ca'
const MEMBERS = ['bob@glo2000.ca', 'carol@glo2000.ca']

/** A letter of alice's that lacks what a submission server adds, and has what it takes out. */
const header = (subject: string): string =>
  `From: Alice <${ALICE}>\r\nTo: bob@glo2000.ca,\r\n carol@glo2000.ca\r\n`.concat(
    `Subject: ${subject}\r\nMIME-Version: 1.0\r\n`,
    'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n',
  )
const BCC = 'Bcc: Dave <dave@example.org>,\r\n\teve@example.org\r\n'
const BODY = `\r\n.\r\n..two dots\r\n.x\r\nFrom here on\r\n  déjà vu  \r\n${'long '.repeat(190)}\r\n\r\n\r\nthe end\r\n\r\n`

interface Letter {
  readonly subject: string
  /** As it is handed in. */
  readonly bytes: Buffer
  /** As it is to arrive, under what is added. */
  readonly kept: Buffer
  readonly path: string
}

/** How one program is told to hand in a letter, to whom, over which kind of TLS. */
type Submit = (letter: Letter, to: readonly string[], tls: 'starttls' | 'tls') => Promise<Outcome>

describe('a member hands in mail', () => {
  const folder = newRoot()
  let relais: Relais

  before(async () => {
    relais = await startRelais()
    await relais.addAccounts('alice', 'bob', 'carol')
  })

  after(async () => {
    await relais?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function letter(subject: string): Letter {
    const path = join(folder, `${subject.replaceAll(/\W+/g, '-')}.eml`)
    const bytes = Buffer.from(header(subject) + BCC + BODY)
    writeFileSync(path, bytes)
    return { subject, bytes, kept: Buffer.from(header(subject) + BODY), path }
  }

  const portFor = (tls: 'starttls' | 'tls'): number =>
    tls === 'tls' ? relais.submissionsPort : relais.submissionPort

  function swaks(mechanism: 'PLAIN' | 'LOGIN', from = ALICE): Submit {
    return ({ path, bytes }, to, tls) => {
      // What ends the message is the file's here: swaks would end it with a second CRLF.
      writeFileSync(path, Buffer.concat([bytes, Buffer.from('.')]))
      const server = ['--server', `127.0.0.1:${portFor(tls)}`, '--helo', 'client']
      const secure = [tls === 'tls' ? '--tls-on-connect' : '--tls', '--tls-verify', '--tls-ca-path']
      const auth = ['--auth', mechanism, '--auth-user', 'alice', '--auth-password', PASSWORD]
      const envelope = ['--from', from, '--to', to.join(','), '--no-strip-from', '--data', `@${path}`]
      return run('swaks', [...server, ...secure, relais.certificate, ...auth, ...envelope])
    }
  }

  const msmtp: Submit = ({ bytes }, to, tls) => {
    const settings = join(folder, 'msmtprc')
    const text = `account default
host 127.0.0.1
port ${portFor(tls)}
from ${ALICE}
auth plain
user alice
password ${PASSWORD}
tls on
tls_starttls ${tls === 'starttls' ? 'on' : 'off'}
tls_trust_file ${relais.certificate}
set_from_header off
set_date_header off
set_msgid_header off
remove_bcc_headers off
`
    writeFileSync(settings, text, { mode: 0o600 })
    // It takes letters as Unix has them.
    const stdin = bytes.toString().replaceAll('\r\n', '\n')
    return run('msmtp', [`--file=${settings}`, '--', ...to], { stdin })
  }

  const curl: Submit = ({ path }, to, tls) => {
    const [scheme, ...demand] = tls === 'tls' ? ['smtps'] : ['smtp', '--ssl-reqd']
    const server = [`${scheme}://127.0.0.1:${portFor(tls)}/client`, ...demand, '--cacert', relais.certificate]
    const recipients = to.flatMap((address) => ['--mail-rcpt', address])
    const letter = ['--mail-from', ALICE, ...recipients, '-T', path]
    return run('curl', ['-sS', ...server, '-u', `alice:${PASSWORD}`, ...letter])
  }

  const smtplib: Submit = ({ path }, to, tls) => {
    const script = join(REPOSITORY, 'test/e2e/clients/smtplib_submit.py')
    const args = [tls, String(portFor(tls)), relais.certificate, 'alice', PASSWORD, path]
    return run('python3', [script, ...args, ...to])
  }

  const nodemailer = async (
    { bytes }: Pick<Letter, 'bytes'>,
    to: readonly string[],
    tls: 'starttls' | 'tls',
    envelope: object = {},
  ): Promise<Outcome> => {
    const transport = createTransport({
      host: '127.0.0.1',
      port: portFor(tls),
      secure: tls === 'tls',
      requireTLS: true,
      auth: { user: 'alice', pass: PASSWORD },
      tls: { ca: readFileSync(relais.certificate), servername: 'localhost' },
    })
    try {
      const { response } = await transport.sendMail({
        envelope: { from: ALICE, to: [...to] },
        raw: bytes,
        ...envelope,
      })
      return { status: 0, stdout: Buffer.from(response), stderr: '' }
    } catch (error) {
      return { status: 1, stdout: Buffer.from(''), stderr: String(error) }
    }
  }

  for (const [program, name, submit] of [
    ['swaks', 'swaks, AUTH PLAIN', swaks('PLAIN')],
    ['swaks', 'swaks, AUTH LOGIN', swaks('LOGIN')],
    ['msmtp', 'msmtp', msmtp],
    ['curl', 'curl', curl],
    ['python3', 'smtplib', smtplib],
    ['node', 'nodemailer', nodemailer],
  ] as const)
    for (const tls of ['starttls', 'tls'] as const)
      it(`with ${name}, ${tls === 'tls' ? 'over TLS' : 'with STARTTLS'}, to two members and an unknown one`, async function () {
        requirePrograms(this, program, 'python3')
        const sent = letter(`with ${name} ${tls}`)
        const unknown = `nobody.${name.toLowerCase().replaceAll(/\W+/g, '.')}.${tls}@glo2000.ca`
        const { status, stdout, stderr } = await submit(sent, [...MEMBERS, unknown], tls)
        expect(status, `${stdout.toString()}${stderr}`).to.equal(0)
        expectArrived('bob', sent)
        expectArrived('carol', sent)
        await expectNotified(sent.subject, unknown)
      })

  it('with s-nail, which writes the letter itself', async function () {
    requirePrograms(this, 's-nail', 'python3')
    const text = 'Hello\n.\ndéjà vu\n'
    const unknown = 'nobody.s.nail@glo2000.ca'
    const settings = {
      'v15-compat': '',
      // It looks for a name in the certificate, never for an address.
      mta: `smtp://alice:${PASSWORD}@localhost:${relais.submissionPort}`,
      'smtp-use-starttls': '',
      'smtp-auth': 'plain',
      'tls-ca-file': relais.certificate,
      'tls-verify': 'strict',
      from: ALICE,
      DEAD: join(folder, 'dead.letter'),
      'mime-encoding': '8bit',
      ttycharset: 'utf-8',
    }
    const given = Object.entries(settings).flatMap(([key, value]) => [
      '-S',
      value === '' ? key : `${key}=${value}`,
    ])
    const recipients = ['-b', 'carol@glo2000.ca', 'bob@glo2000.ca', unknown]
    const args = ['-:/', ...given, '-s', 'with s-nail', ...recipients]
    const { status, stdout, stderr } = await run('s-nail', args, { stdin: text })
    expect(status, `${stdout.toString()}${stderr}`).to.equal(0)
    const copy = String(found('bob', 'with s-nail'))
    expect(copy.slice(copy.indexOf('\r\n\r\n') + 4)).to.equal(text.replaceAll('\n', '\r\n'))
    expect(copy).not.to.match(/^Bcc:|carol/im)
    expect(copy).to.match(/^Message-ID: <[^<>]+>\r\n/im)
    expect(copy.match(/^Date: /gm)).to.have.length(1)
    expect(String(found('carol', 'with s-nail'))).to.equal(copy)
    await expectNotified('with s-nail', unknown)
  })

  it('to somebody unknown that the postmaster then finds: redelivered, octet for octet', async function () {
    requirePrograms(this, 'python3')
    const sent = letter('for carole')
    const { status, stderr } = await smtplib(sent, ['bob@glo2000.ca', 'carole@glo2000.ca'], 'tls')
    expect(status, stderr).to.equal(0)
    expect(found('carol', sent.subject)).to.equal(undefined)
    const selection = ['--recipient', 'carole']
    const redelivered = await relais.cli(['lost', 'redeliver', ...selection, '--to', 'carol'])
    expect(redelivered.status, redelivered.stderr).to.equal(0)
    expectArrived('carol', sent)
    expect(await lostFor('carole@glo2000.ca')).to.deep.equal([])
  })

  it('to unknown people alone: 550 that names what the postmaster has, and no notification', async function () {
    requirePrograms(this, 'swaks')
    const to = 'all.astray@glo2000.ca'
    for (const submit of [swaks('PLAIN'), nodemailer] satisfies readonly Submit[]) {
      const sent = letter(`all astray ${submit === nodemailer ? 'with nodemailer' : 'with swaks'}`)
      const { status, stdout, stderr } = await submit(sent, [to], 'starttls')
      expect(status).to.equal(submit === nodemailer ? 1 : 26)
      const said = `${stdout.toString()}${stderr}`
      const [, id] = /550 5\.1\.1 there is no mailbox all\.astray@glo2000\.ca; .* as (\S+)/.exec(said) ?? []
      expect((await lostFor(to)).map((entry) => entry.id)).to.include(id)
      expect(found('alice', `Subject: ${sent.subject}`)).to.equal(undefined)
    }
  })

  it('with nodemailer, asking for notifications of every kind by an envelope id', async function () {
    requirePrograms(this, 'python3')
    const sent = letter('with an envelope id')
    const dsn = { id: 'QQ+314159', return: 'headers', notify: ['success', 'failure'], recipient: ALICE }
    const to = ['bob@glo2000.ca', 'nobody.dsn@glo2000.ca']
    const { status, stderr } = await nodemailer(sent, to, 'starttls', { dsn })
    expect(status, stderr).to.equal(0)
    const facts = await notificationOf(sent.subject)
    expect(facts.message).to.include({ 'original-envelope-id': 'QQ+314159' })
    expect(facts.parts.at(-1)).to.equal('text/rfc822-headers')
    const outcomes = facts.recipients.map((fields) => [
      fields['final-recipient'],
      fields['action'],
      fields['status'],
    ])
    expect(outcomes).to.have.deep.members([
      ['rfc822; bob@glo2000.ca', 'delivered', '2.1.5'],
      ['rfc822; nobody.dsn@glo2000.ca', 'failed', '5.1.1'],
    ])
  })

  describe('and is refused with 550 5.7.1', () => {
    for (const [what, from, field] of [
      ['by somebody else’s From', ALICE, 'From: Bob <bob@glo2000.ca>'],
      ['by a second mailbox in From', ALICE, `From: Alice <${ALICE}>, bob@glo2000.ca`],
      ['by a foreign From', ALICE, 'From: alice@example.org'],
      ['by somebody else’s Sender', ALICE, `From: ${ALICE}\r\nSender: bob@glo2000.ca`],
      ['by somebody else’s reverse-path', 'bob@glo2000.ca', `From: ${ALICE}`],
      ['by a foreign reverse-path', 'alice@example.org', `From: ${ALICE}`],
    ] as const)
      it(what, async function () {
        requirePrograms(this, 'swaks')
        const bytes = Buffer.from(`${field}\r\nSubject: forged\r\n\r\nforged\r\n`)
        const forged = { ...letter('forged'), bytes }
        const { status, stdout } = await swaks('PLAIN', from)(forged, MEMBERS, 'tls')
        expect(status, stdout.toString()).to.equal(from === ALICE ? 26 : 23)
        expect(stdout.toString()).to.match(/^<~\* +550 5\.7\.1 /m)
        for (const name of ['bob', 'carol']) expect(found(name, 'forged')).to.equal(undefined)
      })
  })

  it('without a sign-in: 530, also under TLS', async () => {
    const clear = await openWire(relais.submissionPort)
    await clear.reply()
    for (const wire of [clear, await secured(relais.submissionPort)]) {
      await wire.smtp('EHLO client')
      expect(await wire.smtp(`MAIL FROM:<${ALICE}>`)).to.match(/^530 5\.7\.0 /)
      expect(await wire.smtp('MAIL FROM:<dave@example.org>')).to.match(/^530 5\.7\.0 /)
      wire.hangUp()
    }
  })

  /** Behind STARTTLS, before EHLO. */
  async function secured(port: number) {
    const wire = await openWire(port)
    await wire.reply()
    await wire.smtp('EHLO client')
    expect(await wire.smtp('STARTTLS')).to.match(/^220 /)
    return secureWire(wire, readFileSync(relais.certificate))
  }

  /** The one message of an account that has this subject. */
  function found(name: string, subject: string): Buffer | undefined {
    const all = messagesIn(join(relais.root, 'maildir', name))
    return all.find((octets) => octets.includes(`\r\nSubject: ${subject}\r\n`))
  }

  function expectArrived(name: string, { subject, kept }: Letter): void {
    const copy = found(name, subject)
    const [added = ''] =
      /^Message-ID: <[^<>\r\n]+@glo2000\.ca>\r\nDate: [^\r\n]+\r\n/m.exec(String(copy)) ?? []
    expect(added, 'Message-ID and Date').not.to.equal('')
    expectUnderTrace(copy, Buffer.concat([Buffer.from(added), kept]))
    expect(String(copy)).to.match(/^Return-Path: <alice@glo2000\.ca>\r\nReceived: [^]*? with ESMTPSA /)
  }

  async function expectNotified(subject: string, unknown: string): Promise<void> {
    const entries = await lostFor(unknown)
    expect(entries).to.have.length(1)
    const [entry] = entries
    expect(entry).to.include({
      reason: 'unknown-recipient',
      reversePath: ALICE,
      account: 'alice',
      answered: 250,
    })
    const { text, message, recipients, answers, ...facts } = await notificationOf(subject)
    expect(facts).to.deep.include({
      type: 'multipart/report',
      reportType: 'delivery-status',
      returnPath: '<>',
      from: 'postmaster@glo2000.ca',
      to: ALICE,
      subject: 'Mail not delivered',
      autoSubmitted: 'auto-replied',
      parts: ['text/plain', 'message/delivery-status', 'text/rfc822-headers'],
      originalSubject: subject,
      originalId: answers,
      defects: [],
    })
    expect(text).to.include(unknown).and.include(String(entry?.id))
    expect(message).to.include({ 'reporting-mta': 'dns; glo2000.ca' })
    expect(recipients).to.deep.equal([
      {
        'final-recipient': `rfc822; ${unknown}`,
        action: 'failed',
        status: '5.1.1',
        'x-relais-lost-id': entry?.id,
      },
    ])
  }

  /** What Python reads in the notification about the letter of this subject. */
  async function notificationOf(subject: string): Promise<ReportFacts> {
    const script = join(REPOSITORY, 'test/e2e/clients/report_facts.py')
    const { status, stdout, stderr } = await run('python3', [script], {
      stdin: found('alice', subject) ?? '',
    })
    expect(status, stderr).to.equal(0)
    return JSON.parse(stdout.toString())
  }

  async function lostFor(address: string): Promise<readonly LostFacts[]> {
    const { stdout } = await relais.cli(['lost', 'list', '--json', '--recipient', address])
    return JSON.parse(stdout.toString())
  }
})

interface ReportFacts {
  readonly answers: string
  readonly text: string
  readonly parts: readonly string[]
  readonly message: Readonly<Record<string, string>>
  readonly recipients: readonly Readonly<Record<string, string>>[]
}

interface LostFacts {
  readonly id: string
  readonly reason: string
}

/** Messages of the corpus that somebody else than bob@example.org has written. */
const OF_OTHERS = [
  'body-iso-2022-jp',
  'body-shift-jis',
  'calendar-invitation',
  'digest',
  'dsn',
  'header-encoded-words',
  'header-raw-latin-1',
  'header-raw-utf-8',
  'header-twice',
  'list-post',
  'newsletter-inline-image',
  'tnef-winmail-dat',
  'vacation-reply',
]

const ID = /^Message-ID: <[^<>\r\n]+@example\.org>\r\n$/
const DATE = /^Date: [^\r\n]+\r\n$/
const ID_AND_DATE = new RegExp(`${ID.source.slice(0, -1)}${DATE.source.slice(1)}`)

/** What stands on top of the others that lack it. */
const ADDED: ReadonlyMap<string, RegExp> = new Map([
  ['dots-first-line', ID_AND_DATE],
  ['empty-message', ID_AND_DATE],
  ['first-line-space', new RegExp(ID.source.replace('$', '\\r\\n$'))], // nothing folds into it
  ['header-without-colon', ID],
  ['no-date', DATE],
  ['no-header', ID_AND_DATE],
  ['no-header-blank-line-first', ID_AND_DATE],
  ['no-message-id', ID],
  ['only-a-line-end', ID_AND_DATE],
])

describe('the corpus, handed in by its writer', () => {
  let relais: Relais

  before(async () => {
    relais = await startRelais({ env: { RELAIS_DOMAIN: 'example.org' } })
    await relais.addAccounts('alice', 'bob')
  })

  after(() => relais?.close())

  it('comes out octet for octet but for what a submission server does, and nothing of others', async () => {
    const wire = await openWire(relais.submissionPort)
    await wire.reply()
    await wire.smtp('EHLO client')
    expect(await wire.smtp(`AUTH PLAIN ${plain('bob')}`)).to.match(/^235 /)
    const taken: CorpusMessage[] = []
    for (const message of corpus()) {
      await wire.smtp('MAIL FROM:<bob@example.org>')
      await wire.smtp('RCPT TO:<alice@example.org>')
      const reply = await sendData(wire, message.afterSmtp)
      expect(reply, message.name).to.match(
        OF_OTHERS.includes(message.name) ? /^550 5\.7\.1 from names somebody else / : /^250 2\.0\.0 /,
      )
      if (reply.startsWith('250')) taken.push(message)
    }
    wire.hangUp()

    const received = await retrieveAll(relais.pop3Port)
    expect(received).to.have.length(taken.length)
    for (const [index, { name, afterSmtp }] of taken.entries()) {
      const sent = withoutBcc(afterSmtp)
      const rest = received[index]?.toString('latin1').replace(TRACE, '') ?? ''
      const added = rest.slice(0, Math.max(rest.length - sent.length, 0))
      expectUnderTrace(received[index], Buffer.concat([Buffer.from(added), sent]))
      expect(added, name).to.match(ADDED.get(name) ?? /^$/)
    }
  })
})

const TRACE = /^Return-Path: [^\r\n]*\r\nReceived: [^\r\n]+\r\n(?:[ \t]+[^\r\n]+\r\n)*/

function withoutBcc(message: Buffer): Buffer {
  const text = message.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  return Buffer.from(text.slice(0, end).replace(/\r\nBcc: [^\r\n]*/, '') + text.slice(end), 'latin1')
}

describe('a member whose password may not be sent in clear', () => {
  let relais: Relais

  before(async () => {
    relais = await startRelais({ env: { RELAIS_AUTH_CLEAR_FROM: 'none' } })
    await relais.addAccounts('alice')
  })

  after(() => relais?.close())

  for (const port of ['smtpPort', 'submissionPort'] as const)
    it(`is offered AUTH behind STARTTLS alone, on the ${port}`, async () => {
      const clear = await openWire(relais[port])
      await clear.reply()
      expect(await clear.smtp('EHLO client'))
        .to.match(/STARTTLS/)
        .and.not.match(/AUTH/)
      // Refused before the password is sent, where the mechanism allows it.
      for (const command of ['AUTH PLAIN', 'AUTH LOGIN', `AUTH PLAIN ${plain('alice')}`])
        expect(await clear.smtp(command)).to.match(/^538 5\.7\.11 /)
      expect(await clear.smtp('STARTTLS')).to.match(/^220 /)
      const secure = await secureWire(clear, readFileSync(relais.certificate))
      expect(await secure.smtp('EHLO client'))
        .to.match(/^250[- ]AUTH PLAIN LOGIN$/m)
        .and.not.match(/STARTTLS/)
      expect(await secure.smtp(`AUTH PLAIN ${plain('alice')}`)).to.match(/^235 /)
      secure.hangUp()
    })

  it('has nothing carried out that was put behind STARTTLS in clear', async () => {
    const wire = await openWire(relais.submissionPort)
    await wire.reply()
    await wire.smtp('EHLO client')
    wire.send(`STARTTLS\r\nEHLO injected\r\nAUTH PLAIN ${plain('alice')}\r\nMAIL FROM:<${ALICE}>\r\n`)
    const answer = await wire.reply()
    if (answer.startsWith('220')) {
      const secure = await secureWire(wire, readFileSync(relais.certificate))
      expect(await secure.smtp(`MAIL FROM:<${ALICE}>`)).to.match(/^5/)
      secure.hangUp()
    } else expect(answer).to.match(/^[45]/)
    wire.hangUp()
  })

  it('has swaks give up in clear, and sends nothing of it', async function () {
    requirePrograms(this, 'swaks')
    const server = ['--server', `127.0.0.1:${relais.submissionPort}`, '--from', ALICE, '--to', ALICE]
    const auth = ['--auth', 'PLAIN', '--auth-user', 'alice', '--auth-password', PASSWORD]
    const { status, stdout, stderr } = await run('swaks', [...server, ...auth])
    expect(status, stderr).to.equal(28)
    expect(stdout.toString()).not.to.include(plain('alice'))
  })

  it('has curl refused in clear with 530, and sends nothing of it', async function () {
    requirePrograms(this, 'curl')
    const url = `smtp://127.0.0.1:${relais.submissionPort}`
    const letter = ['--mail-from', ALICE, '--mail-rcpt', ALICE, '-T', '-']
    const { status, stderr } = await run('curl', ['-v', url, '-u', `alice:${PASSWORD}`, ...letter])
    expect(status, stderr).to.equal(55)
    expect(stderr)
      .to.match(/^< 530 5\.7\.0 /m)
      .and.not.include(plain('alice'))
  })

  it('signs in to the port of TLS', async function () {
    requirePrograms(this, 'swaks')
    const server = [
      '--server',
      `127.0.0.1:${relais.submissionsPort}`,
      '--tls-on-connect',
      '--quit-after',
      'AUTH',
    ]
    const { status, stdout } = await run('swaks', [
      ...server,
      '--auth',
      'LOGIN',
      '-au',
      'alice',
      '-ap',
      PASSWORD,
      '--to',
      ALICE,
    ])
    expect(status, stdout.toString()).to.equal(0)
    expect(stdout.toString()).to.match(/235 2\.7\.0/)
  })
})

const plain = (name: string): string => Buffer.from(`\0${name}\0${PASSWORD}`).toString('base64')
