/** The session of the README, as a new user would try it. */

import { expect } from 'chai'
import { createHash, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'

import { PASSWORD, type Relais, messagesIn, startRelais } from './support/relais.ts'
import { requirePrograms, run } from './support/run.ts'

describe('the session of the README', () => {
  const photo = createHash('shake256', { outputLength: 100_000 }).update('photo').digest()
  let relais: Relais

  before(async () => {
    relais = await startRelais()
  })

  after(() => relais.close())

  it('greets with every address, the fingerprint, the data folder and the command for the first account', () => {
    const { fingerprint256 } = new X509Certificate(readFileSync(join(relais.root, 'config/tls/cert.pem')))
    expect(relais.greeting).to.equal(
      `Relais 0.1.0, ready for glo2000.ca
  SMTP        127.0.0.1:${relais.smtpPort}
  SUBMISSION  127.0.0.1:${relais.submissionPort}
  SUBMISSIONS 127.0.0.1:${relais.submissionsPort}
  POP3        127.0.0.1:${relais.pop3Port}
  POP3S       127.0.0.1:${relais.pop3sPort}
  TLS         SHA256:${fingerprint256}
  data        ${relais.root}
  add the first account with:  node dist/main.js account add NAME --root ${relais.root}
`,
    )
  })

  it('adds an account while the server runs', async () => {
    const { status, stderr } = await relais.cli(
      ['account', 'add', 'alice', '--password-stdin'],
      `${PASSWORD}\n`,
    )
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
    const { stdout } = await relais.cli(['account', 'list'])
    expect(stdout.toString()).to.include('alice')
  })

  it('takes a photo from swaks', async function () {
    requirePrograms(this, 'swaks')
    const path = join(relais.root, 'photo.jpg')
    writeFileSync(path, photo)
    const envelope = ['--from', 'someone@example.org', '--to', 'alice@glo2000.ca', '--attach', `@${path}`]
    const { status, stdout } = await run('swaks', ['--server', `127.0.0.1:${relais.smtpPort}`, ...envelope])
    expect(status, stdout.toString('latin1').slice(-500)).to.equal(0)
    expect(stdout.toString('latin1')).to.match(/^<- {2}250 2\.0\.0 stored as \S+\r?$/m)
  })

  it('keeps it in maildir/alice/new/, its size in its name', function () {
    requirePrograms(this, 'swaks')
    const folder = join(relais.root, 'maildir/alice/new')
    const names = readdirSync(folder)
    expect(names).to.have.length(1)
    const size = statSync(join(folder, names[0] ?? '')).size
    expect(names[0]).to.match(new RegExp(`,S=${size},W=${size}$`))
  })

  it('hands it to curl, octet for octet, with the photo in it', async function () {
    requirePrograms(this, 'swaks', 'curl')
    const url = `pop3://127.0.0.1:${relais.pop3Port}/1`
    const { status, stdout } = await run('curl', ['-s', url, '-u', `alice:${PASSWORD}`])
    expect(status).to.equal(0)
    expect(stdout.equals(messagesIn(join(relais.root, 'maildir/alice'))[0] ?? Buffer.alloc(0))).to.equal(true)
    const { attachments } = await simpleParser(stdout)
    expect(
      attachments.some(({ filename, content }) => filename === 'photo.jpg' && content.equals(photo)),
    ).to.equal(true)
  })
})
