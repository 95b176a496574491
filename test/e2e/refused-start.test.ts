/** What stops the start: one line that names what was found and what is expected, an exit status, nobody listening. */

import { expect } from 'chai'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { type Server, createServer } from 'node:net'
import { join } from 'node:path'

import { isListening, newRoot, relais, startRelais } from './support/relais.ts'
import type { Outcome } from './support/run.ts'

describe('the start is refused', () => {
  let root: string

  beforeEach(() => {
    root = newRoot()
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  for (const [taken, free] of [
    ['--smtp-port', '--pop3-port'],
    ['--pop3-port', '--smtp-port'],
  ] as const)
    it(`if ${taken} is in use, with 69`, async () => {
      const holder = await listenAnywhere()
      const port = String(portOf(holder))
      const other = await freePort()
      const outcome = await serve([taken, port, free, String(other)])
      holder.close()
      expectRefusal(outcome, 69, port)
      expect(await isListening(other)).to.equal(false)
    })

  it('if the data folder cannot be made, with 73', async () => {
    const file = join(root, 'a-file')
    writeFileSync(file, '')
    const outcome = await relais([
      'serve',
      '--root',
      join(file, 'data'),
      '--smtp-port',
      '0',
      '--pop3-port',
      '0',
    ])
    expectRefusal(outcome, 73, file)
  })

  it('if maildir/ is a file, with 73 or 74', async () => {
    writeFileSync(join(root, 'maildir'), '')
    const outcome = await serve([])
    expect(outcome.status).to.be.oneOf([73, 74])
    expectOneLine(outcome, 'maildir')
  })

  for (const [what, text, ...named] of [
    ['broken TOML', '[smtp\nport = 1\n', 'relais.toml'],
    ['an unknown key', '[smtp]\nprot = 2525\n', 'relais.toml', 'smtp.prot'],
    ['an unknown table', '[snmp]\nport = 2525\n', 'relais.toml', 'snmp'],
    ['a port that is a word', '[smtp]\nport = "abc"\n', 'relais.toml', 'smtp.port', 'abc', '65535'],
    ['a port that is too large', '[pop3]\nport = 65536\n', 'relais.toml', 'pop3.port', '65536', '65535'],
    ['a domain that is none', 'domain = "glo2000 ca"\n', 'relais.toml', 'domain', 'glo2000 ca'],
    ['a table where a value belongs', '[domain]\nname = "x"\n', 'relais.toml', 'domain'],
    ['octets that are no text', Buffer.from('domain = "\xff"\n', 'latin1'), 'relais.toml'],
  ] as const)
    it(`if config/relais.toml holds ${what}, with 78`, async () => {
      mkdirSync(join(root, 'config'))
      writeFileSync(join(root, 'config/relais.toml'), text)
      expectRefusal(await serve([]), 78, ...named)
    })

  it('if config/relais.toml is a folder, with 78 or 74', async () => {
    mkdirSync(join(root, 'config/relais.toml'), { recursive: true })
    const outcome = await serve([])
    expect(outcome.status).to.be.oneOf([74, 78])
    expectOneLine(outcome, 'relais.toml')
  })

  it('if a variable holds a wrong value, with 78', async () => {
    const outcome = await relais(['serve', '--root', root], { env: { RELAIS_SMTP_PORT: 'abc' } })
    expectRefusal(outcome, 78, 'RELAIS_SMTP_PORT', 'abc', '65535')
  })

  it('if a flag holds a wrong value, with 78 or 64', async () => {
    const outcome = await relais(['serve', '--root', root, '--smtp-port', '-1'])
    expect(outcome.status).to.be.oneOf([64, 78])
    expect(outcome.stdout.toString()).to.equal('')
  })

  it('if a command or a flag is unknown, with 64', async () => {
    for (const args of [['sevre'], ['serve', '--smpt-port', '0'], []])
      expect((await relais(args)).status).to.equal(64)
  })

  it('not for an unknown variable, which is warned about', async () => {
    const server = await startRelais({ root, env: { RELAIS_FOO: '1' } })
    expect(await server.stop()).to.equal(0)
    expect(server.stderr()).to.include('RELAIS_FOO')
  })

  it('if a variable is there but blank, with 78 and what is expected', async () => {
    for (const blank of ['', ' ']) {
      const outcome = await relais(['serve', '--root', root], { env: { RELAIS_LOCKOUT_ATTEMPTS: blank } })
      expectRefusal(outcome, 78, 'RELAIS_LOCKOUT_ATTEMPTS', 'expected a whole number of failures from 1 to 5')
    }
  })

  it('not for an empty file', async () => {
    mkdirSync(join(root, 'config'))
    writeFileSync(join(root, 'config/relais.toml'), '')
    const server = await startRelais({ root })
    expect(await server.stop()).to.equal(0)
  })

  const serve = (args: readonly string[]): Promise<Outcome> => {
    const ports = ['--smtp-port', '--pop3-port'].flatMap((flag) => (args.includes(flag) ? [] : [flag, '0']))
    return relais(['serve', '--root', root, ...ports, ...args])
  }
})

function expectRefusal(outcome: Outcome, status: number, ...named: readonly string[]): void {
  expect(outcome.status, outcome.stderr).to.equal(status)
  expectOneLine(outcome, ...named)
}

function expectOneLine(outcome: Outcome, ...named: readonly string[]): void {
  expect(outcome.stdout.toString()).to.equal('')
  expect(outcome.stderr).to.match(/^[^\n]+\n$/)
  for (const each of named) expect(outcome.stderr).to.include(each)
}

async function listenAnywhere(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function freePort(): Promise<number> {
  const server = await listenAnywhere()
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  return address.port
}
