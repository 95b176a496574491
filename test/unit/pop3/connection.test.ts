import { getEventListeners } from 'node:events'
import type { Socket } from 'node:net'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { type Log, silentLog } from '../../../src/base/log.ts'
import { DEFAULT_LIMITS } from '../../../src/pop3/limits.ts'
import { gate, turns, withServer } from '../../dialog/support/serve.ts'

const MIB = 1024 * 1024

describe('POP3 connection', () => {
  describe('that drops', () => {
    for (const how of ['FIN', 'RST'] as const) {
      const drop = (socket: Socket): void =>
        void (how === 'FIN' ? socket.destroy() : socket.resetAndDestroy())

      it(`frees the maildrop and removes nothing after ${how}`, async () => {
        const closed = gate()
        await withServer({ onClose: closed.open }, async ({ backend, signIn }) => {
          const client = await signIn()
          client.send('DELE 1\r\n')
          await client.line()
          drop(client.socket)
          await closed.passed
          expect(backend.accounts.get('alice')).to.include({ held: false })
          expect(backend.accounts.get('alice')?.messages).to.have.length(3)
        })
      })

      it(`frees the maildrop of a sign-in that was under way at ${how}`, async () => {
        const [began, allowed, closed] = [gate(), gate(), gate()]
        const options = { onSignIn: began.open, signInGate: allowed.passed, onClose: closed.open }
        await withServer(options, async ({ backend, connect }) => {
          const client = await connect()
          client.send('USER alice\r\nPASS wonder land\r\nDELE 1\r\n')
          await began.passed
          drop(client.socket)
          await client.closed
          allowed.open()
          await closed.passed
          expect(backend.accounts.get('alice')?.messages).to.have.length(3)
        })
      })

      it(`frees message and maildrop while a message is sent at ${how}`, async () => {
        const [more, closed] = [gate(), gate()]
        const options = { chunkOctets: 5, chunkGate: more.passed, onClose: closed.open }
        await withServer(options, async ({ backend, signIn }) => {
          const client = await signIn()
          client.send('DELE 2\r\nRETR 1\r\n')
          while (backend.octetsRead === 0) await turns(1)
          drop(client.socket)
          await client.closed
          more.open()
          await closed.passed
          expect(backend.openMessages).to.equal(0)
          expect(backend.accounts.get('alice')?.messages).to.have.length(3)
        })
      })

      it(`frees the maildrop of a client that stopped reading at ${how}`, async () => {
        const closed = gate()
        const options = { messages: ['x'.repeat(64 * MIB)], onClose: closed.open }
        await withServer(options, async ({ backend, signIn }) => {
          const client = await signIn()
          client.socket.pause()
          client.send('RETR 1\r\n')
          await stalled(() => backend.octetsRead)
          drop(client.socket)
          await closed.passed
          expect(backend.openMessages).to.equal(0)
        })
      })
    }

    it('leaves the maildrop to the next session at once', async () => {
      const closed = gate()
      await withServer({ onClose: closed.open }, async ({ connect, signIn }) => {
        const first = await signIn()
        const second = await connect()
        second.send('USER alice\r\nPASS wonder land\r\n')
        expect([await second.line(), await second.line()][1]).to.match(/^-ERR \[IN-USE\]/)
        first.socket.resetAndDestroy()
        await closed.passed
        second.send('USER alice\r\nPASS wonder land\r\n')
        expect([await second.line(), await second.line()][1]).to.match(/^\+OK maildrop has 3/)
      })
    })
  })

  it('answers all that came before a half-close, then ends', async () => {
    await withServer({}, async ({ backend, connect }) => {
      const client = await connect()
      client.socket.end('USER alice\r\nPASS wonder land\r\nDELE 1\r\nRETR 2\r\nQUIT\r\n')
      expect(await client.rest()).to.match(/\+OK message 1 deleted\r\n\+OK 37 .*\r\n\.\r\n\+OK goodbye\r\n$/s)
      expect(backend.accounts.get('alice')?.messages).to.have.length(2)
    })
  })

  it('sends a long reply whole to a client that half-closed', async () => {
    const message = `${'x'.repeat(70)}\r\n`.repeat(200_000)
    await withServer({ messages: [message] }, async ({ connect }) => {
      const client = await connect()
      client.socket.end('USER alice\r\nPASS wonder land\r\nRETR 1\r\nQUIT\r\n')
      const all = await client.rest()
      expect(all.endsWith('\r\n.\r\n+OK goodbye\r\n')).to.equal(true)
      expect(all.includes(message)).to.equal(true)
    })
  })

  it('writes pipelined replies together', async () => {
    await withServer({}, async ({ signIn }) => {
      const client = await signIn()
      let segments = 0
      client.socket.on('data', () => (segments += 1))
      client.send('NOOP\r\n'.repeat(1000) + 'QUIT\r\n')
      expect(await client.rest()).to.equal(`${'+OK\r\n'.repeat(1000)}+OK goodbye\r\n`)
      expect(segments).to.be.lessThan(10)
    })
  })

  it('reads no further ahead than its buffer for a client that pipelines 2,000 RETRs and does not read', async () => {
    const octets = 64 * 1024
    const message = `${'x'.repeat(62)}\r\n`.repeat(octets / 64)
    await withServer({ messages: [message] }, async ({ backend, signIn }) => {
      const client = await signIn()
      const reply = octets + '+OK 65536 octets\r\n.\r\n'.length
      client.socket.pause()
      client.send('RETR 1\r\n'.repeat(2000) + 'QUIT\r\n')
      // What the kernel holds on both sides comes on top of the server's own; 125 MiB would be all of it.
      expect(await stalled(() => backend.octetsRead)).to.be.within(octets, 48 * MIB)
      let received = 0
      let furthestAhead = 0
      client.socket.removeAllListeners('data')
      client.socket.on('data', (chunk: Buffer) => {
        received += chunk.length
        furthestAhead = Math.max(furthestAhead, backend.octetsRead - received)
      })
      client.socket.resume()
      await client.rest()
      expect(received).to.equal(2000 * reply + '+OK goodbye\r\n'.length)
      expect(backend.octetsRead).to.equal(2000 * octets)
      expect(furthestAhead).to.be.lessThan(48 * MIB)
    })
  })

  for (const [how, tls] of [
    ['in clear', {}],
    ['under TLS', { tls: 'implicit' }],
  ] as const)
    it(`costs a client that pipelines 100,000 RETRs and reads slowly a fixed buffer, ${how}`, async () => {
      const content = `${'x'.repeat(598)}\r\n`
      const commands = 100_000
      await withServer({ messages: [content], ...tls }, async ({ backend, server, signIn }) => {
        const client = await signIn()
        const reply = content.length + '+OK 600 octets\r\n.\r\n'.length
        client.socket.removeAllListeners('data')
        client.socket.pause()
        client.send('RETR 1\r\n'.repeat(commands) + 'QUIT\r\n')
        // 57 MiB would be all of it; what the kernel takes on both sides is not ours.
        expect(await stalled(() => backend.octetsRead)).to.be.lessThan(24 * MIB)
        expect(server.bufferedOctets).to.be.within(1, 3 * DEFAULT_LIMITS.outputOctets)
        let received = 0
        let most = 0
        client.socket.on('data', (chunk: Buffer) => {
          received += chunk.length
          most = Math.max(most, server.bufferedOctets)
          client.socket.pause()
          setImmediate(() => client.socket.resume())
        })
        client.socket.resume()
        await client.rest()
        expect(received).to.equal(commands * reply + '+OK goodbye\r\n'.length)
        expect(most).to.be.lessThan(3 * DEFAULT_LIMITS.outputOctets)
        expect(server.bufferedOctets).to.equal(0)
      })
    })

  it('answers the same however its input is cut in two', async () => {
    const said = 'USER alice\r\nPASS wonder land\r\nSTAT\r\nRETR 2\r\nAUTH\r\nQUIT\r\n'
    await withServer({}, async ({ connect }) => {
      const answers = new Set<string>()
      for (let at = 0; at <= said.length; at += 1) {
        const client = await connect()
        client.send(said.slice(0, at))
        await turns(2)
        client.send(said.slice(at))
        answers.add(await client.rest())
        client.socket.destroy()
        await client.closed
      }
      expect([...answers]).to.have.length(1)
      expect([...answers][0]).to.match(/\+OK 3 96\r\n.*\+OK goodbye\r\n$/s)
    })
  })

  it('leaves input with a sender that sends and does not read', async () => {
    await withServer({ messages: ['x'.repeat(MIB)] }, async ({ signIn }) => {
      const client = await signIn()
      client.socket.pause()
      const line = Buffer.from('RETR 1\r\n'.repeat(8192))
      let taken = 0
      const more = (): void => void client.socket.write(line, (error) => error || ((taken += 1), more()))
      more()
      expect((await stalled(() => taken)) * line.length).to.be.lessThan(48 * MIB)
    })
  })

  it('lists a large maildrop to a slow reader line by line', async () => {
    const messages = Array.from({ length: 20_000 }, () => 'x\r\n')
    await withServer({ messages }, async ({ signIn }) => {
      const client = await signIn()
      client.send('LIST\r\nUIDL\r\n')
      expect(await client.line()).to.equal('+OK 20000 messages (60000 octets)')
      expect((await client.multiline()).at(-1)).to.equal('20000 3')
      await client.line()
      expect((await client.multiline()).at(-1)).to.equal('20000 uid-20000')
    })
  })

  it('stops reading a message early for TOP', async () => {
    const message = `a: b\r\n\r\n${'line\r\n'.repeat(100_000)}`
    await withServer({ messages: [message], chunkOctets: 1000 }, async ({ backend, signIn }) => {
      const client = await signIn()
      client.send('TOP 1 2\r\n')
      await client.line()
      expect(await client.multiline()).to.deep.equal(['a: b', '', 'line', 'line'])
      expect(backend.octetsRead).to.equal(1000)
    })
  })

  for (const atHand of [false, true])
    it(`breaks off without the final dot when a message breaks off${atHand ? ', at hand' : ''}`, async () => {
      const messages = [`${'x'.repeat(78)}\r\n`.repeat(10_000)]
      const options = { messages, faults: { broken: [1] }, chunkOctets: 200_000, atHand }
      await withServer(options, async ({ backend, signIn }) => {
        const client = await signIn()
        client.send('NOOP\r\nRETR 1\r\nNOOP\r\nQUIT\r\n')
        const all = await client.rest()
        expect(all.startsWith('+OK\r\n+OK 800000 octets\r\nxxx')).to.equal(true)
        expect(all.endsWith('xxx\r\n')).to.equal(true)
        expect(all.includes('\r\n.\r\n')).to.equal(false)
        expect(backend.openMessages).to.equal(0)
      })
    })

  it('closes without a word after too long a silence, and removes nothing', async () => {
    await withServer({ limits: { idleMs: 250 } }, async ({ backend, connect, signIn }) => {
      const waiting = await connect()
      const client = await signIn()
      client.send('DELE 1\r\n')
      expect(await client.line()).to.equal('+OK message 1 deleted')
      expect(await client.rest()).to.equal('')
      expect(await waiting.rest()).to.equal('')
      expect(backend.accounts.get('alice')?.messages).to.have.length(3)
    })
  })

  it('closes on a client that has stopped reading for too long', async () => {
    const closed = gate()
    const options = { limits: { idleMs: 250 }, messages: ['x'.repeat(64 * MIB)], onClose: closed.open }
    await withServer(options, async ({ signIn }) => {
      const client = await signIn()
      client.socket.pause()
      client.send('RETR 1\r\n')
      await closed.passed
    })
  })

  it('takes octets that make no command for silence', async () => {
    const closed = gate()
    await withServer({ limits: { idleMs: 250 }, onClose: closed.open }, async ({ signIn }) => {
      const client = await signIn()
      while (!client.socket.destroyed && !client.socket.readableEnded) {
        client.send('x')
        await turns(1)
      }
      await closed.passed
    })
  })

  describe('whose account is removed or locked', () => {
    it('ends at once when it is idle, and removes nothing', async () => {
      const removal = new AbortController()
      await withServer({ revoked: removal.signal }, async ({ backend, signIn }) => {
        const client = await signIn()
        client.send('DELE 1\r\n')
        await client.line()
        removal.abort()
        expect(await client.rest()).to.equal('')
        client.socket.end()
        await client.closed
        expect(backend.accounts.get('alice')).to.include({ held: false })
        expect(backend.accounts.get('alice')?.messages).to.have.length(3)
      })
    })

    it('is answered what is being answered, and refused what comes behind it, QUIT too', async () => {
      const removal = new AbortController()
      const more = gate()
      const options = { revoked: removal.signal, chunkOctets: 5, chunkGate: more.passed }
      await withServer(options, async ({ backend, signIn }) => {
        const client = await signIn()
        client.send('DELE 2\r\nRETR 1\r\nQUIT\r\n')
        while (backend.octetsRead === 0) await turns(1)
        removal.abort()
        more.open()
        expect(await client.rest()).to.match(
          /^\+OK .*\r\n\+OK 30 octets\r\n.*\r\n\.\r\n-ERR \[SYS\/PERM\] this account is closed now[^\n]*\n$/s,
        )
        expect(backend.accounts.get('alice')?.messages).to.have.length(3)
        expect(backend.marked).to.have.length(0)
      })
    })

    it('ends when that happened while it signed in', async () => {
      await withServer({ revoked: AbortSignal.abort() }, async ({ backend, connect }) => {
        const client = await connect()
        client.send('USER alice\r\nPASS wonder land\r\nDELE 1\r\nQUIT\r\n')
        expect(await client.rest()).to.match(/-ERR \[SYS\/PERM\] [^\n]*\n$/)
        expect(backend.accounts.get('alice')?.messages).to.have.length(3)
      })
    })

    it('leaves no listener behind', async () => {
      const removal = new AbortController()
      const closed = gate()
      await withServer({ revoked: removal.signal, onClose: closed.open }, async ({ server, signIn }) => {
        const client = await signIn()
        client.send('QUIT\r\n')
        await client.rest()
        client.socket.end()
        await closed.passed
        await server.close(0)
        expect(getEventListeners(removal.signal, 'abort')).to.have.length(0)
      })
    })
  })

  describe('marking what was retrieved as seen', () => {
    it('names what RETR sent and DELE did not remove, after QUIT', async () => {
      const closed = gate()
      await withServer({ onClose: closed.open }, async ({ backend, signIn }) => {
        const client = await signIn()
        client.send('RETR 1\r\nRETR 2\r\nRETR 2\r\nTOP 3 1\r\nRETR 9\r\nDELE 1\r\nQUIT\r\n')
        expect(await client.rest()).to.match(/goodbye\r\n$/)
        await closed.passed
        expect(backend.marked).to.deep.equal([[2]])
      })
    })

    it('comes after the reply of QUIT', async () => {
      const [marking, closed] = [gate(), gate()]
      await withServer({ seenGate: marking.passed, onClose: closed.open }, async ({ backend, signIn }) => {
        const client = await signIn()
        client.send('RETR 1\r\nQUIT\r\n')
        expect(await client.rest()).to.match(/goodbye\r\n$/)
        expect(backend.marked).to.have.length(0)
        marking.open()
        await closed.passed
        expect(backend.marked).to.deep.equal([[1]])
      })
    })

    it('does not happen without QUIT, and not for a message that could not be read', async () => {
      const closed = gate()
      const options = { onClose: closed.open, faults: { unreadable: [2] } }
      await withServer(options, async ({ backend, signIn }) => {
        const client = await signIn()
        client.send('RETR 2\r\nQUIT\r\n')
        await client.rest()
        await closed.passed
        const second = await signIn()
        second.send('RETR 1\r\n')
        await second.line()
        await second.multiline()
        second.socket.destroy()
        await second.closed
        while (backend.accounts.get('alice')?.held === true) await turns(1)
        expect(backend.marked).to.have.length(0)
      })
    })

    it('that fails is told to the operator alone, and the maildrop is freed', async () => {
      const warnings: unknown[] = []
      const log: Log = { ...silentLog, warn: (_, message) => void warnings.push(message), child: () => log }
      const closed = gate()
      const faults = { storeDown: false }
      await withServer({ log, faults, onClose: closed.open }, async ({ signIn }) => {
        const client = await signIn()
        client.send('RETR 1\r\n')
        await client.line()
        await client.multiline()
        faults.storeDown = true
        client.send('QUIT\r\n')
        expect(await client.rest()).to.equal('+OK goodbye\r\n')
        await closed.passed
      })
      expect(warnings).to.deep.equal(['retrieved messages could not be marked as seen'])
    })
  })

  it('does not wait for ever for a client that never ends its side', async () => {
    await withServer({ limits: { lingerMs: 20 } }, async ({ connect, server }) => {
      const client = await connect()
      client.send('QUIT\r\n')
      expect(await client.rest()).to.equal('+OK goodbye\r\n')
      await server.close(60_000)
    })
  })

  it('tells the operator, not the client, that the store failed', async () => {
    const errors: unknown[] = []
    const log: Log = { ...silentLog, error: (fields) => void errors.push(fields), child: () => log }
    await withServer({ log, faults: { storeAway: true } }, async ({ connect }) => {
      const client = await connect()
      client.send('USER alice\r\nPASS wonder land\r\nQUIT\r\n')
      expect(await client.rest()).to.match(/-ERR \[SYS\/TEMP\] (?!.*the folder is gone)/)
    })
    expect(errors).to.have.length(1)
    expect(errors[0]).to.include({ code: 'store.unavailable', command: 'PASS ***' })
  })

  it('says no octet of an AUTH exchange in its log', async () => {
    const said: unknown[] = []
    const note = (fields: unknown, message: string): void => void said.push(fields, message)
    const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log }
    await withServer({ log }, async ({ connect }) => {
      const client = await connect()
      client.send(`AUTH PLAIN ${WRONG}\r\nAUTH PLAIN\r\n${WRONG}\r\nAUTH PLAIN\r\n${WRONG}!\r\n`)
      client.send(`AUTH PLAIN ${WRONG} x\r\n${WRONG}\r\nAUTH PLAIN\r\n${RIGHT}\r\nQUIT\r\n`)
      expect(await client.rest()).to.match(/goodbye\r\n$/)
    })
    const all = inspect(said, { depth: 9 })
    expect(all).not.to.include('hunter2')
    expect(all).not.to.include(WRONG.slice(0, 12))
    expect(all).to.include('AUTH ***')
    expect(all).to.include('response ***')
    expect(all).to.include("account: 'alice'")
  })

  for (const [how, end] of [
    ['leaves', ''],
    ['cancels', '*\r\n'],
    ['sends what is no base64', '!\r\n'],
    ['sends too long a line', `${'A'.repeat(13_000)}\r\n`],
  ] as const)
    it(`abandons the exchange of a client that ${how}`, async () => {
      await withServer({}, async ({ backend, connect }) => {
        const client = await connect()
        client.send(`AUTH PLAIN\r\n${end}`)
        client.socket.end()
        await client.rest()
        expect(backend.abandoned).to.equal(1)
      })
    })

  it('frees the maildrop of an exchange that ended well after the client had gone', async () => {
    const [allowed, closed] = [gate(), gate()]
    await withServer({ signInGate: allowed.passed, onClose: closed.open }, async ({ backend, connect }) => {
      const client = await connect()
      client.send(`AUTH PLAIN ${RIGHT}\r\nDELE 1\r\nQUIT\r\n`)
      while (backend.seen.length === 0) await turns(1)
      client.socket.resetAndDestroy()
      await client.closed
      await turns(5)
      allowed.open()
      await closed.passed
      expect(backend.accounts.get('alice')?.messages).to.have.length(3)
      expect(backend.abandoned).to.equal(0)
    })
  })

  it('says no secret in its log', async () => {
    const said: unknown[] = []
    const note = (fields: unknown, message: string): void => void said.push(fields, message)
    const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log }
    await withServer({ log, faults: { signInBug: true } }, async ({ connect }) => {
      const client = await connect()
      client.send('PASS hunter2\r\nPASShunter2\r\nUSER alice\r\nPASS\r\nPASS hunter2\r\n')
      await client.rest()
    })
    expect(said).not.to.have.length(0)
    expect(inspect(said, { depth: 9 })).not.to.include('hunter2')
    expect(inspect(said, { depth: 9 })).to.include('PASS ***')
  })
})

/** PLAIN with a right and a wrong password. */
const RIGHT = Buffer.from('\0alice\0wonder land').toString('base64')
const WRONG = Buffer.from('\0alice\0hunter2').toString('base64')

/** The value once it has stopped growing for many turns of the event loop. */
async function stalled(value: () => number): Promise<number> {
  let last = -1
  while (value() !== last) {
    last = value()
    await turns(300)
  }
  return last
}
