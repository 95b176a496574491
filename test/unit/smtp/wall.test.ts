import { expect } from 'chai'
import { once } from 'node:events'
import { connect } from 'node:net'
import { listenOn } from '../../../src/base/listen.ts'
import { HungUp } from '../../../src/smtp/hung-up.ts'
import { reply, type Reply } from '../../../src/smtp/reply.ts'
import type { SmtpClient, SmtpHandlers } from '../../../src/smtp/client.ts'
import { WalledServer } from '../../../src/smtp/wall.ts'
import { textOf } from '../../contract/support/octets.ts'
import { smtpClient, type SmtpTestClient } from './smtp-client.ts'

/** A promise that a test settles. */
function signal() {
  let resolve = (): void => {}
  const promise = new Promise<void>((yes) => {
    resolve = yes
  })
  return { promise, resolve }
}

describe('the wall around smtp-server', () => {
  let steps: string[]
  let clients: SmtpClient[]
  let wall: WalledServer
  let port: number
  let handlers: { -readonly [Name in keyof SmtpHandlers]: SmtpHandlers[Name] }
  const open: SmtpTestClient[] = []

  beforeEach(async () => {
    steps = []
    clients = []
    handlers = {
      connect(client) {
        clients.push(client)
        return undefined
      },
      mechanisms: () => [],
      auth: async () => reply(504, '5.5.4', 'no mechanism'),
      secured: () => void steps.push('secured'),
      async mail(_client, { reversePath }) {
        steps.push(`mail ${reversePath}`)
        return reply(250, '2.1.0', 'sender ok')
      },
      async rcpt(_client, { forwardPath }) {
        steps.push(`rcpt ${forwardPath}`)
        return reply(250, '2.1.5', 'will have it')
      },
      async data(_client, message) {
        const text = await textOf(message).catch(() => 'hung up')
        steps.push(`data ${JSON.stringify(text)}`)
        return reply(250, '2.0.0', 'stored')
      },
      reset: () => void steps.push('reset'),
      close: () => void steps.push('close'),
      error: () => void steps.push('error'),
    }
    wall = new WalledServer(
      {
        name: 'glo2000.ca',
        lmtp: false,
        maxMessageOctets: 1000,
        maxHandshakesPerAddress: 3,
        maxRecipients: 3,
        idleMs: 60_000,
        pace: { totalMs: 60_000, octetsPerSecond: 0, graceMs: 0 },
        wrongCommands: 10,
        offersAuth: false,
        dsn: false,
        tls: undefined,
        implicitTls: false,
        sweepMs: 60_000,
      },
      new Proxy(handlers, {}),
    )
    const address = await listenOn(wall.server, 'SMTP', { host: '127.0.0.1', port: 0 })
    port = address.port
  })

  afterEach(async () => {
    for (const { socket } of open.splice(0)) socket.destroy()
    await wall.drain(1)
  })

  async function dial(options: { readonly allowHalfOpen?: boolean } = {}): Promise<SmtpTestClient> {
    const client = await smtpClient(port, options)
    open.push(client)
    return client
  }

  /** A client that has been greeted. */
  async function greeted(hello = 'EHLO client.example.org'): Promise<SmtpTestClient> {
    const client = await dial()
    await client.reply()
    await client.say(hello)
    return client
  }

  /** A client in the middle of its message. */
  async function sending(options: { readonly allowHalfOpen?: boolean } = {}): Promise<SmtpTestClient> {
    const client = await dial(options)
    await client.reply()
    for (const command of ['EHLO x', 'MAIL FROM:<dave@example.org>', 'RCPT TO:<alice@glo2000.ca>', 'DATA'])
      await client.say(command)
    client.write('Subject: x\r\n')
    return client
  }

  describe('greeting', () => {
    it('comes by itself, without the library’s 100 ms for early talkers', async () => {
      const delays: unknown[] = []
      const { setTimeout: original } = globalThis
      const watched = (...given: Parameters<typeof original>) => {
        delays.push(given[1])
        return original(...given)
      }
      globalThis.setTimeout = Object.assign(watched, original)
      try {
        const client = await dial()
        expect(await client.reply()).to.deep.equal(['220 glo2000.ca ESMTP Relais'])
      } finally {
        globalThis.setTimeout = original
      }
      expect(delays).to.not.include(100)
    })

    it('is replaced by a refusal, and the connection ends', async () => {
      handlers.connect = () => reply(421, '4.7.0', 'too many connections; try again later')
      const client = await dial()
      expect(await client.closed).to.equal('421 4.7.0 too many connections; try again later\r\n')
    })

    it('is not for who talks before it', async () => {
      const client = await dial()
      await client.reply()
      // As it was before the greeting, which no client can be sure to overtake.
      for (const connection of wall.connections) Reflect.set(connection, '_ready', false)
      client.write('EHLO x\r\nNOOP\r\n')
      expect(await client.closed).to.match(/^421 4\.7\.0 you talk too soon[^\r]*\r\n$/)
    })

    it('announces what fully works and nothing else', async () => {
      const client = await dial()
      await client.reply()
      expect(await client.say('EHLO x')).to.equal(
        '250-glo2000.ca|250-PIPELINING|250-8BITMIME|250-ENHANCEDSTATUSCODES|250-SMTPUTF8|250-SIZE 1000|250 LIMITS RCPTMAX=3',
      )
      expect(await client.say('HELO x')).to.equal('250 glo2000.ca')
    })

    it('knows no command that is not announced', async () => {
      const client = await greeted()
      for (const command of [
        'LHLO x',
        'AUTH PLAIN AA==',
        'STARTTLS',
        'XCLIENT NAME=x',
        'XFORWARD NAME=x',
        'WIZ',
        'SHELL',
        'KILL',
      ])
        expect(await client.say(command), command).to.match(/^500 5\.5\.2 /)
    })
  })

  describe('the client of a connection', () => {
    it('is one object from greeting to end, with its address, its name and its protocol', async () => {
      const client = await dial()
      await client.reply()
      const [known] = clients
      expect(known).to.include({ address: '127.0.0.1', heloName: 'unknown' })
      await client.say('HELO Client.Example.ORG')
      expect(known).to.include({ heloName: 'client.example.org', protocol: 'SMTP' })
      await client.say('EHLO [127.0.0.1]')
      expect(known).to.include({ heloName: '[127.0.0.1]', protocol: 'ESMTP' })
      for (const refused of ['HELO', 'HELO a b', 'LHLO x']) {
        expect(await client.say(refused)).to.match(/^50[01] /)
        await client.say('RSET')
        expect(known).to.include({ heloName: '[127.0.0.1]', protocol: 'ESMTP' })
      }
      const seen = new Promise<SmtpClient>((resolve) => {
        handlers.close = resolve
      })
      await client.say('QUIT')
      expect(await seen).to.equal(known)
    })
  })

  describe('a command line', () => {
    const fill = (command: string, octets: number): string => command.padEnd(octets - 2, ' ')

    it('may have 512 octets with its line end, and MAIL 53 more for SIZE, BODY and SMTPUTF8', async () => {
      const client = await greeted()
      expect(await client.say(fill('NOOP', 512))).to.match(/^250 /)
      expect(await client.say(fill('NOOP', 513))).to.equal('500 5.5.2 line too long')
      expect(await client.say(fill('MAIL FROM:<dave@example.org>', 566))).to.equal('500 5.5.2 line too long')
      expect(await client.say(fill('mail FROM:<dave@example.org>', 565))).to.equal('250 2.1.0 sender ok')
      expect(await client.say(fill('RCPT TO:<alice@glo2000.ca>', 513))).to.equal('500 5.5.2 line too long')
      expect(await client.say(fill('RCPT TO:<alice@glo2000.ca>', 512))).to.equal('250 2.1.5 will have it')
    })

    it('that takes no argument is 501 with one, and a space at its end is none', async () => {
      const client = await greeted()
      for (const command of ['data now', 'RSET all', 'QUIT please'])
        expect(await client.say(command)).to.match(/^501 5\.5\.4 (DATA|RSET|QUIT) takes no argument$/)
      expect(await client.say('RSET  ')).to.match(/^250 /)
      expect(await client.say('QUIT ')).to.match(/^221 /)
    })

    it('that is too long does not stop those that follow in the same packet', async () => {
      const client = await greeted()
      client.write(`${'x'.repeat(600)}\r\nNOOP\r\n${'y'.repeat(16_000)}\r\nNOOP\r\n`)
      const codes: (string | undefined)[] = []
      for (let count = 0; count < 4; count += 1) codes.push((await client.reply())[0]?.slice(0, 3))
      expect(codes).to.deep.equal(['500', '250', '500', '250'])
    })

    it('longer than 16 KiB ends the connection with 421', async () => {
      const client = await greeted()
      client.write('x'.repeat(20_000))
      expect(await client.closed).to.match(/^421 /)
    })

    it('of binary noise is an error, and the session goes on', async () => {
      const client = await greeted()
      expect(await client.say('\xff\xfe\x80 \x01')).to.match(/^500 5\.5\.2 /)
      expect(await client.say('NOOP')).to.match(/^250 /)
    })

    for (const [what, octets] of [
      ['a bare LF', 'NOOP\nNOOP\r\n'],
      ['a bare CR', 'NOOP\rNOOP\r\n'],
      ['a NUL', 'NO\x00OP\r\nNOOP\r\n'],
      ['a NUL and no end yet', 'NO\x00'],
    ] as const) {
      it(`with ${what} is 500, and the last one: the output ends, the input is read on`, async () => {
        const client = await dial({ allowHalfOpen: true })
        await client.reply()
        client.write(octets)
        expect(await client.reply()).to.deep.equal([
          '500 5.5.2 a command ends with CRLF and holds neither CR, LF nor NUL',
        ])
        await once(client.socket, 'end')
        client.write('x'.repeat(100_000))
        client.socket.end()
        expect(await client.closed).to.equal('')
      })
    }
  })

  describe('replies', () => {
    it('of several lines carry code and status on every line', async () => {
      handlers.data = async (_client, message) => {
        await textOf(message)
        return reply(250, '2.0.0', 'stored as m1', 'there is no mailbox x', 'there is no mailbox y')
      }
      const client = await sending()
      expect(await client.say('.')).to.equal(
        '250-2.0.0 stored as m1|250-2.0.0 there is no mailbox x|250 2.0.0 there is no mailbox y',
      )
    })

    it('that refuse carry their own code and status once', async () => {
      const refusals: readonly Reply[] = [
        reply(452, '4.3.1', 'not enough space'),
        reply(550, '5.7.1', 'no relaying'),
        reply(550, '5.1.1', 'one', 'two'),
      ]
      const client = await greeted()
      await client.say('MAIL FROM:<dave@example.org>')
      for (const refusal of refusals) {
        handlers.rcpt = async () => refusal
        const { code, status, lines } = refusal
        const expected = lines.map(
          (line, at) => `${code}${at + 1 < lines.length ? '-' : ' '}${status} ${line}`,
        )
        expect(await client.say('RCPT TO:<alice@glo2000.ca>')).to.equal(expected.join('|'))
      }
      handlers.mail = async () => reply(530, '5.7.0', 'sign in first')
      await client.say('RSET')
      expect(await client.say('MAIL FROM:<alice@glo2000.ca>')).to.equal('530 5.7.0 sign in first')
    })

    it('to RCPT are those of its own connection', async () => {
      const wait = signal()
      handlers.rcpt = async (_client, { forwardPath }) => {
        if (forwardPath.startsWith('slow')) await wait.promise
        return reply(250, '2.1.0', `for ${forwardPath}`)
      }
      const [slow, quick] = [await greeted(), await greeted()]
      for (const client of [slow, quick]) await client.say('MAIL FROM:<>')
      const slowReply = slow.say('RCPT TO:<slow@glo2000.ca>')
      expect(await quick.say('RCPT TO:<quick@glo2000.ca>')).to.equal('250 2.1.0 for quick@glo2000.ca')
      wait.resolve()
      expect(await slowReply).to.equal('250 2.1.0 for slow@glo2000.ca')
    })

    it('of the library keep the status of its table', async () => {
      const client = await greeted()
      expect(await client.say('RSET')).to.equal('250 2.0.0 Flushed')
      expect(await client.say('RCPT TO:<alice@glo2000.ca>')).to.match(/^503 5\.5\.1 /)
      expect(await client.say('DATA')).to.match(/^503 5\.5\.1 /)
      expect(await client.say('VRFY alice')).to.match(/^252 2\.5\.0 /)
      expect(await client.say('QUIT')).to.match(/^221 2\.0\.0 /)
    })

    it('stop taking recipients past the limit, and keep those before it', async () => {
      const client = await greeted()
      await client.say('MAIL FROM:<dave@example.org>')
      const codes: string[] = []
      for (const name of ['a', 'b', 'c', 'd'])
        codes.push((await client.say(`RCPT TO:<${name}@glo2000.ca>`)).slice(0, 9))
      expect(codes).to.deep.equal(['250 2.1.5', '250 2.1.5', '250 2.1.5', '452 4.5.3'])
      expect(await client.say('DATA')).to.match(/^354 /)
    })
  })

  describe('an address', () => {
    const kept = [
      'dave@xn--bcher-kva.example',
      'Dave@Example.ORG',
      'dave@[IPv6:2001:DB8::1]',
      "o'neil+list=x@example.org",
      '"a b"@example.org',
      '"a@b\\"c"@example.org',
      'dave@[192.0.2.1]',
      '',
    ]
    for (const address of kept) {
      it(`stays as it was written: <${address}>`, async () => {
        const client = await greeted()
        expect(await client.say(`MAIL FROM:<${address}>`)).to.match(/^250 /)
        await client.say('RSET')
        await client.say('MAIL FROM:<>')
        if (address !== '') expect(await client.say(`RCPT TO:<${address}>`)).to.match(/^250 /)
        const seen = steps.filter((step) => step !== 'reset')
        expect(seen).to.deep.equal(
          address === '' ? ['mail ', 'mail '] : [`mail ${address}`, 'mail ', `rcpt ${address}`],
        )
      })
    }

    it('loses its source route and nothing else', async () => {
      const client = await greeted()
      await client.say('MAIL FROM:<@relay.example.org:Dave@Example.org> SIZE=10 BODY=8BITMIME')
      await client.say('RCPT TO:<@one.example,@two.example:alice@glo2000.ca>')
      await client.say('RCPT TO:<Postmaster>')
      expect(steps.slice(-3)).to.deep.equal([
        'mail Dave@Example.org',
        'rcpt alice@glo2000.ca',
        'rcpt Postmaster',
      ])
    })

    const refused = [
      '<\xe9lodie@example.org>',
      '<\xe2\x80\x8bdave@example.org>',
      '<"a"b@example.org>',
      '<a..b@example.org>',
      '<dave@[127.0.0.300]>',
      '<dave@[IPv6:::1%eth0]>',
      '<dave@-x.example>',
      '<dave@example.org',
      'dave@example.org',
      '<dave>',
      '<@example.org>',
      '<a@b@c>',
      '<<dave@example.org>>',
    ]
    for (const path of refused) {
      it(`is refused before any of ours sees it: ${JSON.stringify(path)}`, async () => {
        const client = await greeted()
        steps.length = 0
        expect(await client.say(`MAIL FROM:${path}`)).to.match(/^501 5\.1\.7 /)
        await client.say('MAIL FROM:<>')
        expect(await client.say(`RCPT TO:${path}`)).to.match(/^501 5\.1\.3 /)
        expect(steps).to.deep.equal(['mail '])
      })
    }

    it('that is not ASCII is taken with SMTPUTF8 and 553 without', async () => {
      const client = await greeted()
      const path = '<\xc3\xa9lodie@b\xc3\xbccher.example>'
      expect(await client.say(`MAIL FROM:${path}`)).to.match(/^553 5\.6\.7 /)
      await client.say('MAIL FROM:<>')
      expect(await client.say(`RCPT TO:${path}`)).to.match(/^553 5\.6\.7 /)
      await client.say('RSET')
      expect(await client.say(`MAIL FROM:${path} SMTPUTF8`)).to.match(/^250 /)
      expect(clients[0]?.protocol).to.equal('UTF8SMTP')
      expect(await client.say(`RCPT TO:${path}`)).to.match(/^250 /)
      expect(steps.slice(-2)).to.deep.equal(['mail élodie@bücher.example', 'rcpt élodie@bücher.example'])
      await client.say('RSET')
      expect(clients[0]?.protocol).to.equal('ESMTP')
    })

    it('may not announce a message that is too large', async () => {
      const client = await greeted()
      expect(await client.say('MAIL FROM:<dave@example.org> SIZE=1001')).to.match(/^552 5\.3\.4 /)
      expect(await client.say('MAIL FROM:<dave@example.org> SIZE=1000')).to.match(/^250 /)
    })
  })

  describe('a transaction', () => {
    for (const [what, command] of [
      ['RSET', 'RSET'],
      ['EHLO', 'EHLO again.example.org'],
      ['HELO', 'HELO again.example.org'],
    ] as const) {
      it(`ends with ${what}`, async () => {
        const client = await greeted()
        await client.say('MAIL FROM:<dave@example.org>')
        await client.say('RCPT TO:<alice@glo2000.ca>')
        steps.length = 0
        await client.say(command)
        expect(steps).to.deep.equal(['reset'])
        expect(await client.say('DATA')).to.match(/^503 /)
      })
    }

    it('ends after DATA, and the next message begins anew', async () => {
      const client = await sending()
      expect(await client.say('.')).to.equal('250 2.0.0 stored')
      expect(steps.slice(-2)).to.deep.equal(['data "Subject: x\\r\\n"', 'reset'])
      expect(await client.say('DATA')).to.match(/^503 /)
      expect(await client.say('MAIL FROM:<>')).to.match(/^250 /)
    })

    it('ends after DATA that was refused as well', async () => {
      handlers.data = async (_client, message) => {
        await textOf(message)
        return reply(552, '5.3.4', 'too large')
      }
      const client = await sending()
      expect(await client.say('.')).to.equal('552 5.3.4 too large')
      expect(steps.at(-1)).to.equal('reset')
      expect(await client.say('RCPT TO:<alice@glo2000.ca>')).to.match(/^503 /)
    })

    it('is not disturbed by a refused MAIL or RCPT within it', async () => {
      const client = await greeted()
      await client.say('MAIL FROM:<dave@example.org>')
      expect(await client.say('MAIL FROM:<>')).to.match(/^503 5\.5\.1 /)
      handlers.rcpt = async () => reply(550, '5.1.1', 'nobody')
      await client.say('RCPT TO:<x@glo2000.ca>')
      expect(await client.say('DATA')).to.match(/^503 /)
      handlers.rcpt = async () => reply(250, '2.1.5', 'somebody')
      expect(await client.say('RCPT TO:<alice@glo2000.ca>')).to.equal('250 2.1.5 somebody')
    })

    it('takes pipelined commands in their order, and the message behind them', async () => {
      const client = await greeted()
      steps.length = 0
      client.write(
        'MAIL FROM:<dave@example.org>\r\nRCPT TO:<alice@glo2000.ca>\r\nRCPT TO:<bob@glo2000.ca>\r\nDATA\r\n',
      )
      for (const code of [/^250 2\.1\.0/, /^250 2\.1\.5/, /^250 2\.1\.5/, /^354/])
        expect((await client.reply())[0]).to.match(code)
      client.write('..\r\n...\r\nx\r\n.\r\nQUIT\r\n')
      expect((await client.reply())[0]).to.match(/^250 2\.0\.0 stored/)
      expect((await client.reply())[0]).to.match(/^221 /)
      expect(steps.slice(0, 5)).to.deep.equal([
        'mail dave@example.org',
        'rcpt alice@glo2000.ca',
        'rcpt bob@glo2000.ca',
        'data ".\\r\\n..\\r\\nx\\r\\n"',
        'reset',
      ])
    })

    it('fails for its handler when the client hangs up in the middle of the message', async () => {
      const failed = new Promise<unknown>((resolve) => {
        handlers.data = async (_client, message) => {
          resolve(await textOf(message).catch((error: unknown) => error))
          return reply(451, '4.3.0', 'nobody reads this')
        }
      })
      const client = await sending()
      client.socket.destroy()
      expect(await failed).to.be.instanceOf(HungUp)
    })
  })

  describe('draining', () => {
    const SHUTTING_DOWN = '421 4.3.2 the server is shutting down; try again later'

    it('ends idle connections at once with 421', async () => {
      const fresh = await dial()
      await fresh.reply()
      const between = await greeted()
      await between.say('MAIL FROM:<dave@example.org>')
      await wall.drain(60_000)
      expect(await fresh.closed).to.equal(`${SHUTTING_DOWN}\r\n`)
      expect(await between.closed).to.equal(`${SHUTTING_DOWN}\r\n`)
    })

    it('takes no new connection', async () => {
      await wall.drain(60_000)
      const refused = await new Promise<unknown>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port })
        socket.on('error', resolve)
        socket.on('connect', () => resolve(undefined))
      })
      expect(refused).to.have.property('code', 'ECONNREFUSED')
    })

    it('lets a message under way finish with its 250, then says 421', async () => {
      const client = await sending()
      let drained = false
      const draining = wall.drain(60_000).then(() => (drained = true))
      client.write('body\r\n')
      client.write('.\r\n')
      expect(await client.reply()).to.deep.equal(['250 2.0.0 stored'])
      expect(await client.reply()).to.deep.equal([SHUTTING_DOWN])
      expect(await client.closed).to.equal('')
      await draining
      expect(drained).to.equal(true)
      expect(steps).to.include('data "Subject: x\\r\\nbody\\r\\n"')
    })

    it('lets a reply of ours that is under way be sent', async () => {
      const [asked, wait] = [signal(), signal()]
      handlers.rcpt = async () => {
        asked.resolve()
        await wait.promise
        return reply(250, '2.1.5', 'late')
      }
      const client = await greeted()
      await client.say('MAIL FROM:<>')
      const answer = client.say('RCPT TO:<alice@glo2000.ca>')
      await asked.promise
      const draining = wall.drain(60_000)
      wait.resolve()
      expect(await answer).to.equal('250 2.1.5 late')
      await draining
      expect(await client.closed).to.equal(`${SHUTTING_DOWN}\r\n`)
    })

    it('ends a message that is not finished in time, also for a client that does not hang up', async () => {
      const failed = new Promise<unknown>((resolve) => {
        handlers.data = async (_client, message) => {
          resolve(await textOf(message).catch((error: unknown) => error))
          return reply(451, '4.3.0', 'nobody reads this')
        }
      })
      await sending({ allowHalfOpen: true })
      await wall.drain(1)
      expect(await failed).to.be.instanceOf(HungUp)
    })
  })
})
