import { connect } from 'node:net'
import { expect } from 'chai'
import { GatewayError, systemCode } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/base/log.ts'
import { openPop3Server } from '../../../src/pop3/server.ts'
import { connectClient } from '../../dialog/support/client.ts'
import { createFakeBackend } from '../../dialog/support/fake-backend.ts'
import { gate, turns, withServer } from '../../dialog/support/serve.ts'

const HALF_A_MESSAGE = { messages: [`${'x'.repeat(78)}\r\n`.repeat(4)], chunkOctets: 100 }

describe('POP3 server', () => {
  it('tells which address it cannot listen on, and why', async () => {
    await withServer({}, async ({ server }) => {
      const { host, port } = server.address
      const thrown = await openPop3Server({
        backend: createFakeBackend({}),
        log: silentLog,
        host,
        port,
        clearPasswords: () => true,
        implementation: 'Relais-1.2.3',
        domain: 'glo2000.ca',
      }).catch((error: unknown) => error)
      expect(thrown).to.be.instanceOf(GatewayError)
      expect(thrown).to.have.property('code', 'listen.refused')
      expect(thrown)
        .to.have.property('message')
        .that.contains(`POP3 cannot listen on ${host}:${port}: the port is in use`)
      expect(systemCode(thrown)).to.equal('EADDRINUSE')
    })
  })

  it('greets without a timestamp in angle brackets: there is no APOP (RFC 1939 §7)', async () => {
    await withServer({}, async ({ server }) => {
      const client = await connectClient(server.address)
      expect(await client.line()).to.equal('+OK glo2000.ca POP3 server ready')
    })
  })

  for (const [limit, which] of [
    ['connections', 'in all'],
    ['connectionsPerAddress', 'from one address'],
  ] as const)
    it(`turns away connections beyond those allowed ${which}, and takes new ones when others left`, async () => {
      await withServer({ limits: { [limit]: 2 } }, async ({ connect, server }) => {
        const first = await connect()
        await connect()
        const third = await connectClient(server.address)
        expect(await third.rest()).to.equal('-ERR [SYS/TEMP] too many connections, try again later\r\n')
        first.socket.end('QUIT\r\n')
        await first.closed
        await turns(10)
        const fourth = await connectClient(server.address)
        expect(await fourth.line()).to.match(/^\+OK/)
      })
    })

  describe('closing in order', () => {
    it('takes no new connections', async () => {
      await withServer({}, async ({ server }) => {
        await server.close(0)
        const socket = connect(server.address)
        const error = await new Promise((resolve) => socket.once('error', resolve))
        expect(systemCode(error)).to.equal('ECONNREFUSED')
      })
    })

    it('ends idle sessions at once, with no reply cut', async () => {
      await withServer({}, async ({ backend, server, connect, signIn }) => {
        const idle = [await connect(), await signIn()]
        const closed = server.close(60_000)
        for (const client of idle) {
          expect(await client.rest()).to.equal('')
          client.socket.end()
        }
        await closed
        expect(backend.accounts.get('alice')?.held).to.equal(false)
      })
    })

    it('lets a message in flight finish, and refuses what comes next', async () => {
      const more = gate()
      await withServer({ ...HALF_A_MESSAGE, chunkGate: more.passed }, async ({ backend, server, signIn }) => {
        const client = await signIn()
        client.send('RETR 1\r\nDELE 1\r\nQUIT\r\n')
        while (backend.octetsRead === 0) await turns(1)
        const closed = server.close(60_000)
        await turns(10)
        more.open()
        expect(await client.line()).to.equal('+OK 320 octets')
        expect(await client.multiline()).to.have.length(4)
        expect(await client.rest()).to.match(/^-ERR \[SYS\/TEMP\] [^\r]*\r\n$/)
        client.socket.end()
        await closed
        expect(backend.accounts.get('alice')?.messages).to.have.length(1)
      })
    })

    it('lets a sign-in in flight finish, and frees its maildrop', async () => {
      const [began, allowed] = [gate(), gate()]
      const options = { onSignIn: began.open, signInGate: allowed.passed }
      await withServer(options, async ({ backend, server, connect }) => {
        const client = await connect()
        client.send('USER alice\r\nPASS wonder land\r\n')
        await began.passed
        const closed = server.close(60_000)
        allowed.open()
        expect(await client.rest()).to.match(/^\+OK .*\r\n\+OK maildrop has 3 .*\r\n$/)
        client.socket.end()
        await closed
        expect(backend.accounts.get('alice')?.held).to.equal(false)
      })
    })

    it('breaks off after the grace a client that does not read', async () => {
      await withServer({ messages: ['x'.repeat(64 * 1024 * 1024)] }, async ({ backend, server, signIn }) => {
        const client = await signIn()
        client.socket.pause()
        client.send('RETR 1\r\n')
        while (backend.octetsRead === 0) await turns(1)
        await server.close(20)
        expect(backend.openMessages).to.equal(0)
        expect(backend.accounts.get('alice')?.held).to.equal(false)
      })
    })

    it('is done once, however often it is asked for', async () => {
      await withServer({}, async ({ server }) => {
        expect(server.close(0)).to.equal(server.close(0))
        await server.close(0)
      })
    })
  })
})
