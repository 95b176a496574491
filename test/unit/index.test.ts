import { expect } from 'chai'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { startRelais, type RelaisOptions, type RunningRelais } from '../../src/index.ts'
import { failureOf, gatewayErrorOf } from '../contract/support/failure-of.ts'
import { tempFolder } from '../contract/support/temp-folder.ts'
import { smtpClient } from './smtp/smtp-client.ts'

const PASSWORD = 'Diligence-1840'
const ALICE = { name: 'Alice', password: PASSWORD }

/** Hands a message in; answers the reply to its final dot. */
async function send(relais: RunningRelais, to: string, text: string): Promise<string> {
  const client = await smtpClient(relais.smtp.port)
  await client.reply()
  for (const command of ['EHLO test', 'MAIL FROM:<carol@example.org>', `RCPT TO:<${to}>`, 'DATA'])
    await client.say(command)
  const reply = await client.say(`${text}\r\n.`)
  await client.say('QUIT')
  client.socket.destroy()
  return reply
}

/** What POP3 says to each command, greeting first, until it hangs up. */
async function pop3(relais: RunningRelais, ...commands: readonly string[]): Promise<string> {
  const socket = connect(relais.pop3)
  socket.write(commands.map((command) => `${command}\r\n`).join(''))
  const said: Buffer[] = []
  socket.on('data', (chunk: Buffer) => said.push(chunk))
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(said).toString('latin1')
}

async function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', () => resolve(true))
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })
}

describe('startRelais', () => {
  const newPath = tempFolder()
  const started: RunningRelais[] = []

  async function start(options?: RelaisOptions): Promise<RunningRelais> {
    const relais = await startRelais(options)
    started.push(relais)
    return relais
  }

  afterEach(async () => {
    for (const relais of started.splice(0)) await relais.close()
  })

  for (const where of ['in memory', 'below a root'] as const) {
    describe(where, () => {
      const place = (): RelaisOptions => (where === 'in memory' ? {} : { root: newPath() })

      it('takes a message by SMTP, shows it, and hands it out by POP3', async () => {
        const relais = await start({ ...place(), accounts: [ALICE] })
        expect(relais.domain).to.equal('glo2000.ca')
        expect(relais.smtp.host).to.equal('127.0.0.1')
        expect(await relais.messages('alice')).to.deep.equal([])
        expect(await send(relais, 'alice@glo2000.ca', 'Subject: one\r\n\r\nHello')).to.match(/^250 /)
        const [message] = await relais.messages('ALICE')
        expect(message?.toString()).to.match(/^Return-Path: [^]*\r\nSubject: one\r\n\r\nHello\r\n$/)
        const said = await pop3(relais, 'USER alice', `PASS ${PASSWORD}`, 'RETR 1', 'DELE 1', 'QUIT')
        expect(said).to.contain(message?.toString() ?? 'nothing')
        expect(await relais.messages('alice')).to.deep.equal([])
      })

      it('shows what reached nobody, with the reason', async () => {
        const relais = await start(place())
        expect(await relais.lost()).to.deep.equal([])
        expect(await send(relais, 'dave@glo2000.ca', 'Subject: one\r\n\r\nHello')).to.match(/^550 /)
        const [message = ''] = await relais.lost()
        expect(String(message)).to.match(/^X-Relais-Lost-Reason: unknown-recipient\r\n[^]*Hello\r\n$/)
      })

      it('changes accounts while it runs', async () => {
        const relais = await start({ ...place(), accounts: [ALICE] })
        await relais.accounts.add('bob', PASSWORD)
        await relais.accounts.setPassword('bob', 'Postilion-1900')
        expect(await pop3(relais, 'USER bob', `PASS ${PASSWORD}`, 'QUIT')).to.contain('-ERR')
        expect(await pop3(relais, 'USER bob', 'PASS Postilion-1900', 'QUIT')).not.to.contain('-ERR')
        await send(relais, 'bob@glo2000.ca', 'Hello')
        await relais.accounts.remove('bob')
        expect(await failureOf(relais.messages('bob'))).to.equal('account.unknown')
        expect(await send(relais, 'bob@glo2000.ca', 'Hello')).to.match(/^550 /)
        await relais.accounts.add('bob', PASSWORD)
        expect(await relais.messages('bob')).to.deep.equal([])
      })

      it('shows a mailbox while a client holds it', async () => {
        const relais = await start({ ...place(), accounts: [ALICE] })
        await send(relais, 'alice@glo2000.ca', 'Hello')
        const socket = connect(relais.pop3)
        socket.write(`USER alice\r\nPASS ${PASSWORD}\r\nSTAT\r\n`)
        for await (const chunk of socket) {
          if (!/\+OK 1 \d+\r\n/.test(String(chunk))) continue
          expect(await relais.messages('alice')).to.have.length(1)
          break
        }
        socket.destroy()
      })
    })
  }

  it('keeps everything below the root, where the next one finds it', async () => {
    const root = newPath()
    const first = await start({ root, accounts: [ALICE] })
    await send(first, 'alice@glo2000.ca', 'Hello')
    await first.close()
    expect((await readdir(root)).toSorted()).to.deep.equal(['config', 'lost', 'maildir'])
    const second = await start({ root })
    expect(await second.messages('alice')).to.have.length(1)
    expect(await failureOf(startRelais({ root }))).to.equal('root.in-use')
    await second.close()
    expect(await failureOf(startRelais({ root, accounts: [ALICE] }))).to.equal('account.exists')
  })

  it('reads neither the environment nor the configuration below the root', async () => {
    const root = newPath()
    await mkdir(`${root}/config`, { recursive: true })
    await writeFile(`${root}/config/relais.toml`, 'domain = "file.example"\n')
    process.env['RELAIS_DOMAIN'] = 'environment.example'
    try {
      expect((await start({ root })).domain).to.equal('glo2000.ca')
    } finally {
      delete process.env['RELAIS_DOMAIN']
    }
  })

  it('runs several at once that share nothing', async () => {
    const [one, two] = await Promise.all([
      start({ accounts: [ALICE] }),
      start({ accounts: [ALICE], domain: 'Two.Example' }),
    ])
    expect(two.domain).to.equal('two.example')
    expect(new Set([one.smtp.port, one.pop3.port, two.smtp.port, two.pop3.port]).size).to.equal(4)
    expect(await send(two, 'alice@two.example', 'Hello')).to.match(/^250 /)
    expect(await one.messages('alice')).to.have.length(0)
    expect(await two.messages('alice')).to.have.length(1)
    await one.close()
    expect(await send(two, 'alice@two.example', 'Hello')).to.match(/^250 /)
  })

  it('takes settings as the configuration file has them', async () => {
    const relais = await start({ settings: { 'lost.reply': 'accept', max_message_octets: '1 kB' } })
    expect(await send(relais, 'dave@glo2000.ca', 'Hello')).to.match(/^250[ -]/)
    expect(await send(relais, 'dave@glo2000.ca', 'x'.repeat(2000))).to.match(/^552 /)
  })

  it('is gone once it is closed, connections and all, and may be closed again', async () => {
    const relais = await start({ accounts: [ALICE] })
    const smtp = await smtpClient(relais.smtp.port)
    const fetching = pop3(relais, 'USER alice', `PASS ${PASSWORD}`)
    await smtp.reply()
    await Promise.all([relais.close(), relais.close()])
    await Promise.all([smtp.closed, fetching])
    expect(await refused(relais.smtp.port)).to.equal(true)
    expect(await refused(relais.pop3.port)).to.equal(true)
    await relais.close()
  })

  it('listens for no signal', async () => {
    const before = process.eventNames().map((name) => [name, process.listenerCount(name)])
    await start()
    expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).to.deep.equal(before)
  })

  const refusals: readonly (readonly [what: string, options: RelaisOptions, code: string])[] = [
    ['a password', { accounts: [{ name: 'alice', password: 'weak' }] }, 'account.password-refused'],
    ['a name', { accounts: [{ name: 'new', password: PASSWORD }] }, 'account.name-refused'],
    ['an account given twice', { accounts: [ALICE, { ...ALICE, name: 'alice' }] }, 'account.exists'],
    ['a domain', { domain: 'no domain' }, 'config.invalid'],
    ['no SMTP', { settings: { 'smtp.port': 'off' } }, 'config.invalid'],
    ['no POP3', { settings: { 'pop3.port': 'off' } }, 'config.invalid'],
    ['an address of another machine', { settings: { listen: '192.0.2.1' } }, 'listen.refused'],
  ]
  for (const [what, options, code] of refusals) {
    it(`refuses ${what} by name`, async () => {
      const error = await gatewayErrorOf(startRelais(options))
      expect(error.code).to.equal(code)
      expect(error.message).not.to.contain('\n')
    })
  }
})
