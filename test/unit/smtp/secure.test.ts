import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { silentLog, type Log, type LogFields } from '../../../src/base/log.ts'
import { createDelivery } from '../../../src/delivery/delivery.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { openSmtpServer, type SmtpServer, type SmtpServerOptions } from '../../../src/smtp/smtp-server.ts'
import { connectClient, type TestClient } from '../../dialog/support/client.ts'
import { TEST_TLS } from '../../dialog/support/pop3-tls.ts'
import { createFakeAccounts, type FakeAccounts } from '../../dialog/support/smtp-accounts.ts'
import { fakeStore, type FakeStore } from '../delivery/fake-store.ts'

const ALICE = Buffer.from('\0alice\0wonder land').toString('base64')

describe('an SMTP server with TLS and sign-in', () => {
  let store: FakeStore
  let accounts: FakeAccounts
  const servers: SmtpServer[] = []
  const clients: TestClient[] = []

  beforeEach(() => {
    store = fakeStore()
    accounts = createFakeAccounts()
  })
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy()
    for (const server of servers.splice(0)) await server.close(1)
  })

  async function open(options: Partial<SmtpServerOptions> = {}): Promise<SmtpServer> {
    const delivery = createDelivery({
      domain: 'glo2000.ca',
      accounts: { find: async (key) => (key === 'alice' ? [{ key, quotaOctets: 0 }] : []) },
      mailboxes: store.mailboxes,
      lost: createLostFolder(store.mailboxes),
      trail: { record: () => {}, close: async () => {} },
      reserve: { check: async () => {} },
      lostReply: 'refuse',
    })
    const server = await openSmtpServer({
      host: '127.0.0.1',
      port: 0,
      domain: 'glo2000.ca',
      delivery,
      log: silentLog,
      maxMessageOctets: 8_000_000,
      tls: TEST_TLS,
      auth: accounts,
      clearPasswords: () => true,
      ...options,
    })
    servers.push(server)
    return server
  }

  async function dial(server: SmtpServer): Promise<TestClient> {
    const client = await connectClient(server.address)
    clients.push(client)
    expect(await client.line()).to.match(/^220 /)
    return client
  }

  /** The last line of the reply to a command. */
  async function say(client: TestClient, command: string): Promise<string> {
    client.send(`${command}\r\n`)
    for (;;) {
      const line = await client.line()
      if (line === undefined) throw new Error(`hung up after ${command}`)
      if (line[3] === ' ') return line
    }
  }

  async function signedIn(server: SmtpServer): Promise<TestClient> {
    const client = await dial(server)
    await say(client, 'EHLO x')
    expect(await say(client, `AUTH PLAIN ${ALICE}`)).to.match(/^235 /)
    return client
  }

  async function sending(client: TestClient): Promise<TestClient> {
    for (const command of ['EHLO x', 'MAIL FROM:<dave@example.org>', 'RCPT TO:<alice@glo2000.ca>', 'DATA'])
      await say(client, command)
    client.send('Subject: x\r\n')
    return client
  }

  it('asks for the certificate at each handshake, by STARTTLS and from the start', async () => {
    let asked = 0
    const tls = {
      current() {
        asked += 1
        return TEST_TLS.current()
      },
    }
    const [starttls, implicit] = [await open({ tls }), await open({ tls, implicitTls: true })]
    for (const before of [0, 1]) {
      const client = await dial(starttls)
      expect(asked).to.equal(2 * before)
      await say(client, 'STARTTLS')
      await client.startTls()
      expect(await say(client, 'EHLO x')).to.match(/^250 /)
      const other = connectTls({ ...implicit.address, rejectUnauthorized: false })
      await once(other, 'data')
      expect(asked).to.equal(2 * before + 2)
      expect(other.getPeerCertificate().subject.CN).to.equal('mail.glo2000.ca')
      other.destroy()
    }
  })

  for (const implicitTls of [true, false]) {
    it(`speaks no TLS 1.1 and shows no certificate but ours, ${implicitTls ? 'from the start' : 'by STARTTLS'}`, async () => {
      const server = await open({ implicitTls })
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
      const failed = await (implicitTls
        ? new Promise<unknown>((resolve) => {
            const socket: TLSSocket = connectTls({ ...server.address, rejectUnauthorized: false, ...old })
            socket.once('error', resolve)
            socket.once('secureConnect', () => resolve(undefined))
          })
        : dial(server).then(async (client) => {
            await say(client, 'STARTTLS')
            return client.startTls(old).catch((error: unknown) => error)
          }))
      expect(failed).to.be.instanceOf(Error)
      const next = connectTcp(server.address.port, '127.0.0.1')
      await once(next, 'connect')
      next.destroy()
    })
  }

  it('has a context of the library’s nowhere', async () => {
    const empty = { current: () => createSecureContext() }
    const server = await open({ tls: empty, implicitTls: true })
    const failed = new Promise((resolve) =>
      connectTls({ ...server.address, rejectUnauthorized: false }).once('error', resolve),
    )
    expect(await failed).to.be.instanceOf(Error)
  })

  it('survives a handshake that breaks off, and a client that speaks in clear', async () => {
    const server = await open({ implicitTls: true })
    const noise = connectTcp(server.address.port, '127.0.0.1')
    noise.write('EHLO x\r\n')
    noise.on('error', () => {})
    noise.resume()
    await once(noise, 'close')
    const client = await dial(await open())
    await say(client, 'STARTTLS')
    client.send('MAIL FROM:<mallory@example.org>\r\n')
    await client.rest()
    client.socket.end()
    await client.closed
    const good = connectTls({ ...server.address, rejectUnauthorized: false })
    expect(String(await once(good, 'data'))).to.match(/^220 /)
    good.destroy()
  })

  it('turns away the handshake past the limit of one address, and no other once one ended', async () => {
    const server = await open({ implicitTls: true, limits: { connectionsPerAddress: 2 } })
    const silent = [1, 2].map(() => connectTcp(server.address.port, '127.0.0.1'))
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    const third = connectTcp(server.address.port, '127.0.0.1')
    third.on('error', () => {})
    third.resume()
    await once(third, 'close')
    silent[0]?.destroy()
    for (;;) {
      const next = connectTls({ ...server.address, rejectUnauthorized: false })
      const greeting = await new Promise((resolve) => {
        next.once('data', resolve)
        for (const event of ['error', 'close']) next.once(event, () => resolve(undefined))
      })
      next.destroy()
      if (greeting !== undefined) break
    }
    silent[1]?.destroy()
  })

  it('lets go of a client that leaves in the middle of its handshake', async () => {
    const server = await open()
    const client = await dial(server)
    await say(client, 'STARTTLS')
    client.send('\x16\x03\x01\x02\x00')
    client.socket.end()
    await client.rest()
    await client.closed
  })

  it('holds the session until the connection ends, and lets go of it once', async () => {
    const client = await signedIn(await open())
    expect(accounts.open).to.equal(1)
    client.socket.end()
    await client.rest()
    await client.closed
    for (let turn = 0; turn < 20 && accounts.open > 0; turn += 1) await new Promise((go) => setImmediate(go))
    expect(accounts.open).to.equal(0)
  })

  it('lets go of the session at STARTTLS', async () => {
    const client = await signedIn(await open())
    await say(client, 'STARTTLS')
    await client.startTls()
    await say(client, 'EHLO x')
    expect(accounts.open).to.equal(0)
  })

  it('gives up a sign-in whose client goes away, and a stop does not wait for it', async () => {
    const server = await open()
    const client = await dial(server)
    await say(client, 'EHLO x')
    expect(await say(client, 'AUTH LOGIN')).to.match(/^334 /)
    client.socket.destroy()
    await server.close(60_000)
    expect(accounts.abandoned).to.equal(1)
  })

  it('a stop ends a sign-in that waits for its client', async () => {
    const server = await open()
    const client = await dial(server)
    await say(client, 'EHLO x')
    await say(client, 'AUTH LOGIN')
    await server.close(60_000)
    expect(await client.rest()).to.match(/^421 4\.3\.2 /)
    expect(accounts.abandoned).to.equal(1)
  })

  it('ends the session with 421 when the account is removed or locked', async () => {
    const server = await open()
    const [one, two, other] = [await signedIn(server), await signedIn(server), await dial(server)]
    accounts.revoke()
    for (const client of [one, two])
      expect(await client.rest()).to.equal('421 4.7.0 the account is not open any more\r\n')
    expect(await say(other, 'NOOP')).to.match(/^250 /)
  })

  it('leaves nothing of a message whose sender’s account is removed in the middle', async () => {
    const server = await open()
    const client = await signedIn(server)
    await say(client, 'MAIL FROM:<alice@glo2000.ca>')
    await say(client, 'RCPT TO:<alice@glo2000.ca>')
    await say(client, 'DATA')
    client.send('Subject: x\r\n\r\nx\r\n')
    accounts.revoke()
    expect(await client.rest()).to.match(/^421 4\.7\.0 /)
    client.send('.\r\n')
    client.socket.end()
    await server.close(60_000)
    expect(store.stored()).to.deep.equal({})
    expect(store.open()).to.equal(0)
  })

  it('writes nothing of a password, of any sort of it, into the log', async () => {
    const lines: string[] = []
    const keep = (fields: LogFields, message: string): void =>
      void lines.push(JSON.stringify([fields, String(fields['err']), message]))
    const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log }
    const server = await open({ log })
    const client = await dial(server)
    await say(client, 'EHLO x')
    const secret = Buffer.from('\0alice\0hunter2hunter2').toString('base64')
    await say(client, `AUTH PLAIN ${secret}`)
    await say(client, 'AUTH LOGIN')
    await say(client, Buffer.from('alice').toString('base64'))
    await say(client, Buffer.from('hunter2hunter2').toString('base64'))
    await say(client, `AUTH PLAIN ${Buffer.from('\0bug\0hunter2hunter2').toString('base64')}`)
    await say(client, `AUTH PLAIN ${secret}!`)
    client.socket.destroy()
    await server.close(1)
    expect(lines.length).to.be.greaterThan(2)
    for (const line of lines) {
      expect(line).to.not.contain('hunter2')
      expect(line).to.not.contain(secret.slice(8, 20))
    }
  })

  it('ends a client that sends its message too slowly, or takes too long to say a command', async () => {
    const slow = await sending(await dial(await open({ limits: { dataMs: 10 }, sweepMs: 5 })))
    expect(await slow.rest()).to.equal('421 4.4.2 the message comes too slowly\r\n')
    const mute = await dial(await open({ limits: { idleMs: 30 }, sweepMs: 5 }))
    // Octets without a line end are no command: they do not keep a connection open.
    const trickle = setInterval(() => mute.send('N'), 5)
    expect(await mute.rest()).to.match(/^421 4\.4\.2 /)
    clearInterval(trickle)
    for (const { socket } of [slow, mute]) socket.end()
    await slow.closed
    for (const server of servers.splice(0)) await server.close(60_000)
    expect(store.open()).to.equal(0)
  })

  it('takes 4 MiB of dot lines in less than a second of CPU, and every one of them', async () => {
    const client = await sending(await dial(await open()))
    const began = process.cpuUsage()
    client.send('..\r\n'.repeat(1_048_576))
    expect(await say(client, '.')).to.match(/^250 /)
    expect(process.cpuUsage(began).user / 1000).to.be.below(1000)
    expect(store.stored()['alice']?.[0]?.endsWith('.\r\n'.repeat(1_048_576))).to.equal(true)
  })

  it('announces AUTH in clear to nobody by default', async () => {
    const client = await dial(await open({ clearPasswords: () => false }))
    client.send('EHLO x\r\nQUIT\r\n')
    expect(await client.rest())
      .to.match(/STARTTLS/)
      .and.to.not.match(/AUTH/)
  })
})
