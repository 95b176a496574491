import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { silentLog } from '../../../src/base/log.ts'
import { createDelivery } from '../../../src/delivery/delivery.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { openSmtpServer, type SmtpServer } from '../../../src/smtp/smtp-server.ts'
import { TEST_TLS } from '../../dialog/support/pop3-tls.ts'
import { createFakeAccounts } from '../../dialog/support/smtp-accounts.ts'
import { fakeStore, type FakeStore } from '../delivery/fake-store.ts'
import { smtpClient } from './smtp-client.ts'

const MEBI = 1024 * 1024
const TO_DATA = 'EHLO x\r\nMAIL FROM:<dave@example.org>\r\nRCPT TO:<alice@glo2000.ca>\r\nDATA\r\n'
const ALICE = Buffer.from('\0alice\0wonder land').toString('base64')

describe('an SMTP server under hostile input', () => {
  let store: FakeStore
  let server: SmtpServer

  beforeEach(async () => {
    store = fakeStore()
    const delivery = createDelivery({
      domain: 'glo2000.ca',
      accounts: { find: async (key) => (key === 'alice' ? [{ key, quotaOctets: 0 }] : []) },
      mailboxes: store.mailboxes,
      lost: createLostFolder(store.mailboxes),
      trail: { record: () => {}, close: async () => {} },
      reserve: { check: async () => {} },
      lostReply: 'refuse',
    })
    server = await openSmtpServer({
      host: '127.0.0.1',
      port: 0,
      domain: 'glo2000.ca',
      delivery,
      log: silentLog,
      maxMessageOctets: 4 * MEBI,
      tls: TEST_TLS,
      auth: createFakeAccounts(),
      clearPasswords: () => true,
      limits: { connectionsPerAddress: 1000, connectionsPerMinute: 10_000 },
    })
  })

  afterEach(async () => {
    await normalMessage()
    await server.close(1)
    expect(store.open(), 'messages neither kept nor dropped').to.equal(0)
  })

  /** Whatever happened, the next one is served within two seconds. */
  async function normalMessage(): Promise<void> {
    const began = performance.now()
    const client = await smtpClient(server.address.port)
    await client.reply()
    client.write(`${TO_DATA}Subject: normal\r\n\r\nx\r\n.\r\nQUIT\r\n`)
    expect(await client.closed).to.match(/250 2\.0\.0 stored as \w+\r\n221 /)
    expect(performance.now() - began).to.be.below(2000)
  }

  /** All that the server says to these octets. */
  async function told(...octets: readonly string[]): Promise<string> {
    const client = await smtpClient(server.address.port)
    await client.reply()
    for (const part of octets) client.write(part)
    client.socket.end()
    return client.closed
  }

  async function opened(): Promise<Socket> {
    const socket = connect(server.address.port, '127.0.0.1')
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('data', resolve))
    return socket
  }

  it('10 MB without a line end, as a command', async () => {
    expect(await told('x'.repeat(10_000_000))).to.match(/421 4\.7\.0 the line has no end\r\n$/)
  })

  it('10 MB without a line end, as a message', async () => {
    expect(await told(TO_DATA, 'x'.repeat(10_000_000), '\r\n.\r\n')).to.match(/\r\n552 5\.3\.4 /)
    expect(store.stored()).to.deep.equal({})
  })

  it('100,000 header fields, from a stranger and from a member', async () => {
    const message = `${'X-Field: 1\r\n'.repeat(100_000)}\r\nx\r\n.\r\n`
    expect(await told(TO_DATA, message)).to.match(/\r\n250 2\.0\.0 /)
    const signedIn = `EHLO x\r\nAUTH PLAIN ${ALICE}\r\n${TO_DATA.replace('dave@example.org', 'alice@glo2000.ca')}`
    expect(await told(signedIn, message)).to.match(/\r\n250 2\.0\.0 /)
  })

  it('a header line of 1 MB, and a From of 1 MB', async () => {
    expect(await told(TO_DATA, `Subject: ${'x'.repeat(1_000_000)}\r\n\r\nx\r\n.\r\n`)).to.match(
      /\r\n250 2\.0\.0 /,
    )
    expect(await told(TO_DATA, `From: ${'x,'.repeat(500_000)}\r\n\r\nx\r\n.\r\n`)).to.match(
      /\r\n552 5\.3\.4 /,
    )
  })

  it('1,000 nested MIME levels', async () => {
    const levels = Array.from(
      { length: 1000 },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
    )
    expect(await told(TO_DATA, levels.join(''), '.\r\n')).to.match(/\r\n250 2\.0\.0 /)
  })

  it('20,000 NOOPs in one segment', async () => {
    expect((await told('NOOP\r\n'.repeat(20_000))).match(/^250 2\.0\.0 /gm)).to.have.length(20_000)
  })

  it('a client that pipes commands and reads no reply', async () => {
    const socket = await opened()
    socket.pause()
    for (let count = 0; count < 100; count += 1) socket.write('HELP\r\n'.repeat(10_000))
    await normalMessage()
    socket.destroy()
  })

  for (const state of [
    '',
    'EHLO x\r\n',
    'EHLO x\r\nMAIL FROM:<>\r\n',
    TO_DATA,
    `${TO_DATA}Subject: x\r\n`,
    `${TO_DATA}Subject: x\r\n\r\nx\r\n.\r\n`,
    'EHLO x\r\nAUTH LOGIN\r\n',
    'STARTTLS\r\n',
    'STARTTLS\r\n\x16\x03\x01\x02\x00',
  ]) {
    it(`a hundred connections that are reset, or stay half open, after ${JSON.stringify(state.slice(-24))}`, async () => {
      const sockets = await Promise.all(Array.from({ length: 100 }, opened))
      for (const [index, socket] of sockets.entries()) {
        socket.write(state, 'latin1')
        if (index % 3 === 0) socket.resetAndDestroy()
        if (index % 3 === 1) socket.end()
      }
      await normalMessage()
      for (const socket of sockets) socket.destroy()
    })
  }

  it('two hundred senders that say an octet now and then', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, opened))
    for (const socket of sockets) socket.write(TO_DATA)
    for (let round = 0; round < 5; round += 1) {
      for (const socket of sockets) socket.write('x')
      await new Promise((resolve) => setImmediate(resolve))
    }
    await normalMessage()
    for (const socket of sockets) socket.destroy()
  })

  it('recipients made of paths, controls and look-alikes leave nothing', async () => {
    const names = [
      '../alice',
      '/etc/passwd',
      '"../../alice"',
      '"al\\ ice"',
      'аlice',
      'alice\x7f',
      'alice/',
      '~alice',
      '*',
    ]
    const said = await told(
      `EHLO x\r\nMAIL FROM:<dave@example.org> SMTPUTF8\r\n`,
      ...names.map((name) => `RCPT TO:<${Buffer.from(name).toString('latin1')}@glo2000.ca>\r\n`),
      'DATA\r\nQUIT\r\n',
    )
    expect(said.match(/^550 5\.1\.1 |^501 5\.1\.3 /gm)).to.have.length(names.length)
    expect(said).to.match(/\r\n503 5\.5\.1 /)
  })
})
