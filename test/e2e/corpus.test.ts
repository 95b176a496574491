/** Every message of the corpus in through smtplib, and out again, octet for octet. */

import { expect } from 'chai'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type CorpusFile, corpusFiles } from './support/letters.ts'
import { PASSWORD, type Relais, newRoot, startRelais } from './support/relais.ts'
import { requirePrograms, run } from './support/run.ts'
import { expectAllUnderTrace, expectUnderTrace } from './support/trace.ts'
import { openWire, retrieveAll, sendMessage, signIn } from './support/wire.ts'

const CLIENTS = join(import.meta.dirname, 'clients')

describe('the corpus, in through smtplib', () => {
  const folder = newRoot()
  let files: readonly CorpusFile[]
  let relais: Relais
  let replies: string[]

  before(async function () {
    requirePrograms(this, 'python3')
    files = corpusFiles(join(folder, 'in'))
    relais = await startRelais()
    await relais.addAccounts('alice')
    const manifest = join(folder, 'manifest')
    writeFileSync(manifest, files.map(({ path }) => `${path}\n`).join(''))
    const script = join(CLIENTS, 'smtplib_in.py')
    const args = [script, String(relais.smtpPort), 'bob@example.org', 'alice@glo2000.ca', manifest]
    const { status, stdout, stderr } = await run('python3', args)
    expect(status, stderr).to.equal(0)
    replies = stdout.toString().trimEnd().split('\n')
  })

  after(async () => {
    await relais?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is accepted, every message', () => {
    expect(replies).to.have.length(files.length)
    for (const [index, { name }] of files.entries()) expect(replies[index], name).to.match(/^250 2\.0\.0 /)
  })

  it('comes out of a bare socket, octet for octet', async () => {
    expectAllUnderTrace(await retrieveAll(relais.pop3Port), files)
  })

  it('comes out of poplib, octet for octet', async () => {
    const out = join(folder, 'poplib')
    mkdirSync(out)
    const script = join(CLIENTS, 'poplib_out.py')
    const { status, stderr } = await run('python3', [script, String(relais.pop3Port), 'alice', PASSWORD, out])
    expect(status, stderr).to.equal(0)
    const received = files.map((_, index) => readFileSync(join(out, String(index + 1))))
    expectAllUnderTrace(received, files)
  })

  it('is as large in LIST as in RETR', async () => {
    const sizes = (await retrieveAll(relais.pop3Port)).map(
      (message, index) => `${index + 1} ${message.length}`,
    )
    const wire = await signIn(relais.pop3Port)
    await wire.pop3('LIST')
    const listed = (await wire.multiline()).toString().trimEnd().split('\r\n')
    await wire.pop3('QUIT')
    expect(listed).to.deep.equal(sizes)
  })
})

describe('what no client library sends', () => {
  let relais: Relais

  before(async () => {
    relais = await startRelais()
    await relais.addAccounts('alice')
  })

  after(() => relais.close())

  it('a message of no octet at all comes out as trace headers alone', async () => {
    await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes: Buffer.alloc(0) })
    const [received] = await retrieveAll(relais.pop3Port)
    expectUnderTrace(received, Buffer.alloc(0))
  })

  it('a null reverse-path becomes Return-Path: <>', async () => {
    await sendMessage(relais.smtpPort, {
      from: '',
      to: ['alice@glo2000.ca'],
      bytes: Buffer.from('a notice\r\n'),
    })
    const received = (await retrieveAll(relais.pop3Port)).at(-1)
    expect(received?.toString()).to.match(/^Return-Path: <>\r\nReceived: /)
  })

  it('octets that arrive one by one are the same message', async () => {
    const bytes = Buffer.from('Subject: slow\r\n\r\n.\r\n..\r\nslow\r\n')
    const wire = await openWire(relais.smtpPort)
    await wire.line()
    for (const command of [
      'EHLO a.example.org',
      'MAIL FROM:<bob@example.org>',
      'RCPT TO:<alice@glo2000.ca>',
      'DATA',
    ])
      await wire.smtp(command)
    for (const octet of 'Subject: slow\r\n\r\n..\r\n...\r\nslow\r\n')
      await new Promise((resolve) => wire.socket.write(octet, resolve))
    expect(await wire.smtp('.')).to.match(/^250 /)
    await wire.smtp('QUIT')
    expectUnderTrace((await retrieveAll(relais.pop3Port)).at(-1), bytes)
  })
})
