import { expect } from 'chai'
import type { Log } from '../../../src/base/log.ts'
import { connectClient } from '../../dialog/support/client.ts'
import { gate, withServer } from '../../dialog/support/serve.ts'

/** A log that keeps what is said at debug and above. */
function memory(): {
  readonly log: Log
  readonly said: { readonly level: string; readonly message: string }[]
} {
  const said: { level: string; message: string }[] = []
  const at = (level: string) => (_: unknown, message: string) => void said.push({ level, message })
  const log: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  }
  return { log, said }
}

describe('POP3 under TLS', () => {
  describe('carries out nothing that came in clear behind STLS', () => {
    const commands = 'USER alice\r\nPASS wonder land\r\nDELE 1\r\nQUIT\r\n'

    it('in the same segment: the connection is closed with a reply', async () => {
      await withServer({ tls: 'stls' }, async ({ backend, connect }) => {
        const client = await connect()
        client.send(`STLS\r\n${commands}`)
        expect(await client.rest()).to.equal('-ERR nothing may follow STLS before its reply\r\n')
        expect(backend.seen).to.have.length(0)
      })
    })

    it('not even half a line', async () => {
      await withServer({ tls: 'stls' }, async ({ connect }) => {
        const client = await connect()
        client.send('STLS\r\nU')
        expect(await client.rest()).to.equal('-ERR nothing may follow STLS before its reply\r\n')
      })
    })

    it('after its reply: it is no handshake, and the connection is closed', async () => {
      const { log, said } = memory()
      await withServer({ tls: 'stls', log }, async ({ backend, connect }) => {
        const client = await connect()
        client.send('STLS\r\n')
        expect(await client.line()).to.equal('+OK start the TLS handshake')
        client.send(commands)
        await client.rest()
        expect(backend.seen).to.have.length(0)
      })
      expect(said).to.deep.include({ level: 'debug', message: 'no TLS' })
      expect(said.map(({ level }) => level)).not.to.include('error')
    })
  })

  describe('with a handshake that fails', () => {
    for (const tls of ['stls', 'implicit'] as const)
      for (const [what, octets] of [
        ['silence', ''],
        ['half a record', '\x16\x03\x01\x02\x00\x01'],
        ['HTTP', 'GET / HTTP/1.1\r\n\r\n'],
        ['random octets', '\xff\x00'.repeat(300)],
      ] as const)
        it(`closes the connection and serves the next client: ${what}, ${tls}`, async () => {
          const { log, said } = memory()
          await withServer({ tls, log, limits: { handshakeMs: 60 } }, async ({ server, signIn }) => {
            const client = await connectClient(server.address)
            if (tls === 'stls') {
              await client.line()
              client.send('STLS\r\n')
              await client.line()
            }
            if (octets !== '') client.send(octets)
            await client.rest()
            const next = await signIn()
            next.send('STAT\r\n')
            expect(await next.line()).to.equal('+OK 3 96')
            next.socket.destroy()
          })
          expect(said).to.deep.include({ level: 'debug', message: 'no TLS' })
          expect(said.map(({ level }) => level)).not.to.include('error')
        })

    it('refuses a client that knows nothing above TLS 1.1', async () => {
      await withServer({ tls: 'implicit' }, async ({ server, connect }) => {
        const old = await connectClient(server.address)
        const outcome = await old
          .startTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' })
          .catch((error: unknown) => error)
        expect(outcome).to.be.instanceOf(Error)
        await connect()
      })
    })

    it('is broken off at a shutdown, after the grace', async () => {
      await withServer({ tls: 'implicit' }, async ({ server }) => {
        const client = await connectClient(server.address)
        await server.close(10)
        await client.rest()
      })
    })

    it('counts for the number of connections, and gives its place back', async () => {
      const limits = { connections: 1, handshakeMs: 60 }
      await withServer({ tls: 'implicit', limits }, async ({ server, connect }) => {
        const silent = await connectClient(server.address)
        const second = await connectClient(server.address)
        expect(await second.rest()).to.equal('')
        await silent.rest()
        await connect()
      })
    })
  })

  for (const how of ['close_notify and FIN', 'RST', 'octets that are no record'] as const)
    it(`frees the maildrop and removes nothing after ${how}`, async () => {
      const closed = gate()
      await withServer({ tls: 'implicit', onClose: closed.open }, async ({ backend, server }) => {
        const client = await connectClient(server.address)
        const clear = client.socket
        await client.startTls()
        client.send('USER alice\r\nPASS wonder land\r\nDELE 1\r\n')
        for (let line = 0; line < 4; line += 1) await client.line()
        if (how === 'RST') clear.resetAndDestroy()
        else if (how === 'octets that are no record') clear.write('x'.repeat(100))
        else client.socket.end()
        await closed.passed
        expect(backend.accounts.get('alice')?.messages).to.have.length(3)
      })
    })

  it('sends a long reply whole', async () => {
    const message = `${'x'.repeat(70)}\r\n`.repeat(100_000)
    await withServer({ tls: 'implicit', messages: [message] }, async ({ signIn }) => {
      const client = await signIn()
      client.send('RETR 1\r\nQUIT\r\n')
      const all = await client.rest()
      expect(all.length).to.equal(message.length + '+OK 7200000 octets\r\n.\r\n+OK goodbye\r\n'.length)
      expect(all.includes(message)).to.equal(true)
    })
  })
})
