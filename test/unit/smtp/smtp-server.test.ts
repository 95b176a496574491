import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { silentLog } from '../../../src/base/log.ts'
import { createDelivery } from '../../../src/delivery/delivery.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { openSmtpServer, type SmtpServer, type SmtpServerOptions } from '../../../src/smtp/smtp-server.ts'
import type { SmtpLimits } from '../../../src/smtp/traffic.ts'
import { gatewayErrorOf } from '../../contract/support/failure-of.ts'
import { fakeStore, type FakeStore } from '../delivery/fake-store.ts'
import { smtpClient, type SmtpTestClient } from './smtp-client.ts'

describe('the SMTP server', () => {
  let store: FakeStore
  const servers: SmtpServer[] = []
  const clients: SmtpTestClient[] = []

  beforeEach(() => {
    store = fakeStore()
  })
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy()
    for (const server of servers.splice(0)) await server.close(1)
  })

  async function open(
    limits: Partial<SmtpLimits> = {},
    port = 0,
    options: Partial<SmtpServerOptions> = {},
  ): Promise<SmtpServer> {
    const delivery = createDelivery({
      domain: 'glo2000.ca',
      accounts: {
        find: async (key) => (['alice', 'bob'].includes(key) ? [{ key, quotaOctets: 0 }] : []),
      },
      mailboxes: store.mailboxes,
      lost: createLostFolder(store.mailboxes),
      trail: { record: () => {}, close: async () => {} },
      reserve: { check: async () => {} },
      lostReply: 'refuse',
      clock: () => new Date('2026-11-21T03:04:05Z'),
    })
    const server = await openSmtpServer({
      host: '127.0.0.1',
      port,
      domain: 'glo2000.ca',
      delivery,
      limits,
      log: silentLog,
      maxMessageOctets: 200_000,
      ...options,
    })
    servers.push(server)
    return server
  }

  async function dial(server: SmtpServer): Promise<SmtpTestClient> {
    const client = await smtpClient(server.address.port)
    clients.push(client)
    return client
  }

  /** A client whose transaction has come to 354. */
  async function sending(server: SmtpServer, ...recipients: readonly string[]): Promise<SmtpTestClient> {
    const client = await dial(server)
    await client.reply()
    await client.say('EHLO client.example.org')
    await client.say('MAIL FROM:<dave@example.org>')
    for (const recipient of recipients) await client.say(`RCPT TO:<${recipient}@glo2000.ca>`)
    expect(await client.say('DATA')).to.match(/^354 /)
    return client
  }

  it('carries a message from the greeting into a mailbox', async () => {
    const client = await sending(await open(), 'alice')
    expect(await client.say('Subject: x\r\n\r\n..dot\r\n.')).to.equal('250 2.0.0 stored as m1')
    expect(store.stored()).to.deep.equal({
      alice: [
        'Return-Path: <dave@example.org>\r\n' +
          'Received: from client.example.org ([127.0.0.1])\r\n' +
          '\tby glo2000.ca with ESMTP id m1\r\n' +
          '\tfor <alice@glo2000.ca>;\r\n' +
          '\tSat, 21 Nov 2026 03:04:05 +0000\r\n' +
          'Subject: x\r\n\r\n.dot\r\n',
      ],
    })
  })

  it('takes exactly SIZE octets; one more is 552 after the final dot, and nothing is kept', async () => {
    const server = await open()
    const exact = await sending(server, 'alice')
    expect(await exact.say(`${'x'.repeat(199_998)}\r\n.`)).to.match(/^250 2\.0\.0 /)
    const over = await sending(server, 'bob')
    expect(await over.say(`${'x'.repeat(199_999)}\r\n.`)).to.match(/^552 5\.3\.4 /)
    expect(await over.say('NOOP')).to.match(/^250 /)
    expect(Object.keys(store.stored())).to.deep.equal(['alice'])
    expect(store.open()).to.equal(0)
  })

  it('refuses a message with a bare LF whole, what follows it in the packet included', async () => {
    const client = await sending(await open(), 'alice')
    const smuggled = 'a\r\n\n.\nMAIL FROM:<alice@glo2000.ca>\r\nRCPT TO:<bob@glo2000.ca>\r\nDATA\r\nb\r\n.'
    expect(await client.say(smuggled)).to.match(/^550 5\.6\.0 /)
    client.socket.end()
    expect(await client.closed).to.equal('')
    expect(store.stored()).to.deep.equal({})
  })

  it('keeps nothing when the client hangs up in the middle, and a stop waits for that', async () => {
    const server = await open()
    const client = await sending(server, 'xeno', 'alice')
    client.write('Subject: x\r\n')
    client.socket.destroy()
    await server.close(60_000)
    expect(store.stored()).to.deep.equal({})
    expect(store.open()).to.equal(0)
  })

  it('turns away the connection past the limit of one address, and no other', async () => {
    const server = await open({ connectionsPerAddress: 2 })
    const [one, two] = [await dial(server), await dial(server)]
    for (const client of [one, two]) expect((await client.reply())[0]).to.match(/^220 /)
    const third = await dial(server)
    expect(await third.closed).to.equal('421 4.7.0 too many connections; try again later\r\n')
    expect(await two.say('QUIT')).to.match(/^221 /)
  })

  it('ends a silent client with 421 once it was idle for too long', async () => {
    const client = await dial(await open({ idleMs: 20 }))
    await client.reply()
    expect(await client.closed).to.match(/^421 4\.4\.2 /)
  })

  it('listens on a Unix socket for LMTP, makes its folder, replaces an old one, and trusts whoever comes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'relais-'))
    const socketPath = join(folder, 'new', 'run', 'lmtp')
    try {
      for (const id of ['m1', 'm2']) {
        const server = await open({}, 0, { service: 'lmtp', socketPath })
        expect(server.address).to.deep.equal({ host: socketPath, port: 0 })
        expect((await stat(socketPath)).mode & 0o777).to.equal(0o660)
        const socket = connect(socketPath)
        let said = ''
        socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
        await once(socket, 'data')
        socket.write('LHLO x\r\nMAIL FROM:<bob@glo2000.ca>\r\nRCPT TO:<alice@glo2000.ca>\r\nDATA\r\n')
        socket.write('From: bob@glo2000.ca\r\n\r\nx\r\n.\r\nQUIT\r\n')
        await once(socket, 'close')
        expect(said).to.contain(`250 2.0.0 stored as ${id}\r\n221 `)
        // It stays open: the second one finds its socket, as of a process that was killed.
      }
      expect(store.stored()['alice']?.[1]).to.contain(
        'Received: from x ([local])\r\n\tby glo2000.ca with LMTP id m2',
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('says which port it cannot have', async () => {
    const { address } = await open()
    const error = await gatewayErrorOf(open({}, address.port))
    expect(error.code).to.equal('listen.refused')
    expect(error.message).to.match(/^SMTP cannot listen on 127\.0\.0\.1:\d+: the port is in use/)
  })
})
