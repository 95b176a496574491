/**
 * The corpus out through the clients that people use. Each fetches the whole maildrop and leaves it there, and
 * what it then holds is what a bare socket reads, trace headers included. What a client changes is named here.
 */

import { expect } from 'chai'
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { corpus } from '../corpus/corpus.ts'
import { PASSWORD, type Relais, messagesIn, newRoot, startRelais } from './support/relais.ts'
import { requirePrograms, run } from './support/run.ts'
import { expectAllUnderTrace, fromUnixFile } from './support/trace.ts'
import { retrieveAll, sendMessage } from './support/wire.ts'

/** fetchmail reads a header that it knows before it hands a message on. */
const CHANGED_BY_FETCHMAIL = new Set([
  'dots-first-line', // leaves the dots of header lines doubled
  'empty-body-no-blank-line', // adds the blank line, here and in the next two
  'no-final-line-end-header',
  'no-header',
  'first-line-mbox-from', // takes that line away
  'line-20000', // breaks it where its buffer ends
])

/** getmail6 parses a message and writes it anew: folds what is long, ends what is open, moves what is misplaced. */
const CHANGED_BY_GETMAIL = new Set([
  'attachment-hostile-names',
  'attachment-rfc2231',
  'byte-order-mark',
  'dkim-signature',
  'empty-body-no-blank-line',
  'first-line-mbox-from',
  'header-empty',
  'header-folded',
  'header-long-references',
  'header-own-return-path',
  'header-trailing-spaces',
  'header-without-colon',
  'line-20000-header',
  'line-998-header',
  'mdn',
  'message-partial',
  'multipart-deep',
  'multipart-unclosed',
  'newsletter-inline-image',
  'no-final-line-end-header',
  'no-header',
  'vacation-reply',
])

describe('the corpus, out through', () => {
  const messages = corpus()
  const folder = newRoot()
  let relais: Relais
  let stored: readonly Buffer[]

  before(async () => {
    relais = await startRelais()
    await relais.addAccounts('alice')
    for (const { afterSmtp } of messages)
      await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes: afterSmtp })
    stored = await retrieveAll(relais.pop3Port)
    expectAllUnderTrace(stored, messages)
  })

  after(async () => {
    await relais.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('curl, octet for octet', async function () {
    requirePrograms(this, 'curl')
    const out = newFolder('curl')
    const urls = `pop3://127.0.0.1:${relais.pop3Port}/[1-${messages.length}]`
    const { status, stderr } = await run('curl', [
      '-sS',
      urls,
      '-u',
      `alice:${PASSWORD}`,
      '-o',
      join(out, '#1'),
    ])
    expect(status, stderr).to.equal(0)
    expectStored(filesIn(out))
  })

  it('mpop, octet for octet but for line ends', async function () {
    requirePrograms(this, 'mpop')
    const out = newMaildir('mpop')
    const settings = `account default
host 127.0.0.1
port ${relais.pop3Port}
tls off
auth user
user alice
password ${PASSWORD}
keep on
received_header off
uidls_file ${join(folder, 'mpop-uidls')}
delivery maildir ${out}
`
    const { status, stderr } = await run('mpop', ['--quiet', `--file=${settingsFile('mpoprc', settings)}`])
    expect(status, stderr).to.equal(0)
    expectStored(messagesIn(out).map(fromUnixFile))
  })

  it('fetchmail, octet for octet but for line ends', async function () {
    requirePrograms(this, 'fetchmail')
    const out = newFolder('fetchmail')
    const settings = `set invisible
poll 127.0.0.1 protocol pop3 port ${relais.pop3Port} auth password bad-header accept
  username alice password "${PASSWORD}"
  fetchall keep no rewrite no mimedecode no dropstatus pass8bits sslproto ''
  mda "cat > ${out}/$(($(ls ${out} | wc -l) + 1))"
`
    const args = [
      '--fetchmailrc',
      settingsFile('fetchmailrc', settings),
      '--idfile',
      join(folder, 'fetchmail-ids'),
    ]
    const { status, stderr } = await run('fetchmail', [...args, '--pidfile', join(folder, 'fetchmail-pid')])
    expect(status, stderr).to.equal(0)
    expectStored(filesIn(out).map(fromUnixFile), CHANGED_BY_FETCHMAIL)
  })

  it('getmail6, octet for octet but for line ends', async function () {
    requirePrograms(this, 'getmail')
    const out = newMaildir('getmail')
    const settings = `[retriever]
type = SimplePOP3Retriever
server = 127.0.0.1
port = ${relais.pop3Port}
username = alice
password = ${PASSWORD}
[destination]
type = Maildir
path = ${out}/
${asNobody(out)}
[options]
read_all = true
delete = false
delivered_to = false
received = false
verbose = 0
`
    const rcfile = settingsFile('getmailrc', settings)
    const { status, stderr, stdout } = await run('getmail', [`--getmaildir=${folder}`, `--rcfile=${rcfile}`])
    expect(status, `${stdout.toString()}${stderr}`).to.equal(0)
    expectStored(messagesIn(out).map(fromUnixFile), CHANGED_BY_GETMAIL)
  })

  function expectStored(received: readonly Buffer[], changed: ReadonlySet<string> = new Set()): void {
    expect(received).to.have.length(stored.length)
    const there = new Set(received.map((octets) => octets.toString('latin1')))
    const missing = messages.filter((_, index) => !there.has(stored[index]?.toString('latin1') ?? ''))
    expect(missing.map(({ name }) => name).filter((name) => !changed.has(name))).to.deep.equal([])
  }

  function newFolder(name: string): string {
    const path = join(folder, name)
    mkdirSync(path)
    return path
  }

  function newMaildir(name: string): string {
    const path = newFolder(name)
    for (const part of ['new', 'cur', 'tmp']) mkdirSync(join(path, part))
    return path
  }

  function settingsFile(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
})

/** getmail delivers to no Maildir as root, but then as another user. */
function asNobody(maildir: string): string {
  if (process.getuid?.() !== 0) return ''
  const nobody = 65534
  for (const part of ['.', 'new', 'cur', 'tmp']) chownSync(join(maildir, part), nobody, nobody)
  chmodSync(join(maildir, '..'), 0o711)
  return 'user = nobody'
}

function filesIn(folder: string): Buffer[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name)))
}
