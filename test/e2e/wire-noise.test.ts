/** What no client should say. It gets an error or is hung up on, and the next client is served as ever. */

import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { letter } from './support/letters.ts'
import { type Relais, startRelais } from './support/relais.ts'
import { type Wire, openWire, retrieveAll, sendMessage, signIn } from './support/wire.ts'

const ALICE = 'alice@glo2000.ca'

describe('noise on the wire', () => {
  let relais: Relais
  let letters = 0

  before(async () => {
    relais = await startRelais()
    await relais.addAccounts('alice')
  })

  afterEach(async () => {
    letters += 1
    const bytes = letter(`letter ${letters}`)
    expect((await sendMessage(relais.smtpPort, { to: [ALICE], bytes })).data).to.match(/^250 /)
    expect((await retrieveAll(relais.pop3Port)).at(-1)?.toString()).to.include(bytes.toString())
  })

  after(async () => {
    await relais.stop()
    try {
      expect(leftInTmp(relais.root)).to.deep.equal([])
    } finally {
      await relais.close()
    }
  })

  describe('SMTP', () => {
    for (const octets of [513, 2_000, 100_000])
      it(`a command line of ${octets} octets`, async () => {
        expect(await answer(await smtp(), `NOOP ${'x'.repeat(octets - 'NOOP \r\n'.length)}\r\n`)).to.match(
          /^(5\d\d |421 |closed)/,
        )
      })

    it('a command line of 512 octets is none of it', async () => {
      expect(await answer(await smtp(), `NOOP ${'x'.repeat(512 - 'NOOP \r\n'.length)}\r\n`)).to.match(/^250 /)
    })

    for (const command of [
      'XYZZY',
      '',
      ' ',
      '\0',
      '\xff\xfe',
      'EHLO',
      'MAIL',
      'MAIL FROM:',
      'RCPT TO:<alice@glo2000.ca>',
      'DATA',
      'constructor',
      '__proto__',
    ])
      it(`the command ${JSON.stringify(command)}`, async () => {
        expect(await answer(await smtp(), Buffer.from(`${command}\r\n`, 'latin1'))).to.match(/^5\d\d /)
      })

    it('64 KiB of binary noise', async () => {
      const wire = await smtp()
      wire.send(noise('smtp'))
      wire.socket.end()
      await wire.closed()
    })

    it('64 KiB without a line end', async () => {
      const wire = await smtp()
      wire.send(Buffer.alloc(65_536, 'x'))
      wire.socket.end()
      await wire.closed()
    })

    for (const [what, text] of [
      ['LF', 'a bare\nLF\r\n'],
      ['CR', 'a bare\rCR\r\n'],
    ] as const)
      it(`a message with a bare ${what}`, async () => {
        const wire = await smtp(['MAIL FROM:<bob@example.org>', `RCPT TO:<${ALICE}>`, 'DATA'])
        wire.send(text)
        expect(await wire.smtp('.')).to.match(/^550 5\.6\.0 /)
        // Whoever writes so may mean other commands than we read: the session is over.
        await wire.closed()
      })

    it('an end of data smuggled behind a bare LF', async () => {
      const wire = await smtp(['MAIL FROM:<bob@example.org>', `RCPT TO:<${ALICE}>`, 'DATA'])
      wire.send('smuggled\n.\nMAIL FROM:<bob@example.org>\r\n')
      expect(await wire.smtp('.')).to.match(/^5\d\d /)
      wire.hangUp()
    })
  })

  describe('POP3', () => {
    for (const state of ['AUTHORIZATION', 'TRANSACTION'] as const) {
      const open = async (): Promise<Wire> => {
        if (state === 'TRANSACTION') return signIn(relais.pop3Port)
        const wire = await openWire(relais.pop3Port)
        await wire.line()
        return wire
      }

      for (const octets of [513, 2_000, 100_000])
        it(`a command line of ${octets} octets in the ${state} state`, async () => {
          expect(await answer(await open(), `NOOP ${'x'.repeat(octets - 'NOOP \r\n'.length)}\r\n`)).to.match(
            /^(-ERR|closed)/,
          )
        })

      for (const command of [
        'XYZZY',
        '',
        ' ',
        '\0',
        '\xff\xfe',
        'RETR',
        'RETR 0',
        'RETR -1',
        'RETR 99999999999999999999',
        'RETR ../alice',
        'TOP 1',
        'constructor',
        '__proto__',
      ])
        it(`the command ${JSON.stringify(command)} in the ${state} state`, async () => {
          expect(await answer(await open(), Buffer.from(`${command}\r\n`, 'latin1'))).to.match(/^-ERR/)
        })

      it(`64 KiB of binary noise in the ${state} state`, async () => {
        const wire = await open()
        wire.send(noise('pop3'))
        wire.socket.end()
        await wire.closed()
      })
    }
  })

  describe('a client that hangs up', () => {
    const inTransaction = ['MAIL FROM:<bob@example.org>', `RCPT TO:<${ALICE}>`]

    for (const how of ['with FIN', 'with RST'] as const) {
      for (const [when, commands] of [
        ['after the greeting', []],
        ['after MAIL', inTransaction.slice(0, 1)],
        ['after RCPT', inTransaction],
        ['after 354', [...inTransaction, 'DATA']],
      ] as const)
        it(`${how} in SMTP ${when}`, async () => {
          hangUp(await smtp(commands), how)
        })

      it(`${how} in SMTP in the middle of a message leaves nothing of it`, async () => {
        const wire = await smtp([...inTransaction, 'DATA'])
        await new Promise((resolve) =>
          wire.socket.write(`Subject: half\r\n\r\n${'half\r\n'.repeat(20_000)}`, resolve),
        )
        hangUp(wire, how)
        const all = await retrieveAll(relais.pop3Port)
        expect(all.filter((message) => message.includes('Subject: half'))).to.deep.equal([])
      })

      it(`${how} in SMTP before the reply to a message`, async () => {
        const wire = await smtp([...inTransaction, 'DATA'])
        await new Promise((resolve) => wire.socket.write('Subject: impatient\r\n\r\n.\r\n', resolve))
        hangUp(wire, how)
      })

      it(`${how} in POP3 after the greeting`, async () => {
        const wire = await openWire(relais.pop3Port)
        await wire.line()
        hangUp(wire, how)
      })

      it(`${how} in POP3 after USER`, async () => {
        const wire = await openWire(relais.pop3Port)
        await wire.line()
        await wire.pop3('USER alice')
        hangUp(wire, how)
      })

      it(`${how} in POP3 after DELE deletes nothing (RFC 1939 §6)`, async () => {
        const before = await retrieveAll(relais.pop3Port)
        const wire = await signIn(relais.pop3Port)
        await wire.pop3('DELE 1')
        hangUp(wire, how)
        await released(relais.pop3Port)
        expect(await retrieveAll(relais.pop3Port)).to.deep.equal(before)
      })

      it(`${how} in POP3 in the middle of RETR`, async () => {
        await sendMessage(relais.smtpPort, { to: [ALICE], bytes: Buffer.from('large\r\n'.repeat(1_000_000)) })
        const count = (await retrieveAll(relais.pop3Port)).length
        const wire = await signIn(relais.pop3Port)
        await wire.pop3(`RETR ${count}`)
        hangUp(wire, how)
        await released(relais.pop3Port)
      })
    }
  })

  async function smtp(commands: readonly string[] = []): Promise<Wire> {
    const wire = await openWire(relais.smtpPort)
    await wire.line()
    for (const command of ['EHLO mail.example.org', ...commands]) {
      const reply = await wire.smtp(command)
      if (!/^[23]/.test(reply)) throw new Error(`${command} was answered ${reply}`)
    }
    return wire
  }
})

/** The next line, or `closed`; hangs up then. */
async function answer(wire: Wire, octets: string | Buffer): Promise<string> {
  wire.send(octets)
  try {
    return await wire.line()
  } catch {
    return 'closed'
  } finally {
    wire.hangUp()
  }
}

function hangUp(wire: Wire, how: 'with FIN' | 'with RST'): void {
  if (how === 'with RST') wire.socket.resetAndDestroy()
  else wire.hangUp()
}

/** The server may learn of a hang-up a little later than we: until then the maildrop is in use (RFC 2449 §8.1.1). */
async function released(port: number): Promise<void> {
  const until = Date.now() + 5_000
  for (;;)
    try {
      const wire = await signIn(port)
      await wire.pop3('QUIT')
      return
    } catch (error) {
      if (Date.now() > until || !String(error).includes('[IN-USE]')) throw error
    }
}

function noise(seed: string): Buffer {
  return createHash('shake256', { outputLength: 65_536 }).update(seed).digest()
}

function leftInTmp(root: string): string[] {
  const folders = [
    join(root, 'lost/tmp'),
    ...readdirSync(join(root, 'maildir')).map((name) => join(root, 'maildir', name, 'tmp')),
  ]
  return folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder))
}
