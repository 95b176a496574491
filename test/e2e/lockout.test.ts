/** Failed sign-ins, counted over both protocols, every port and every connection together. */

import { expect } from 'chai'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { PASSWORD, type Relais, newRoot, relais as runRelais, startRelais } from './support/relais.ts'
import { scram } from './support/scram.ts'
import { type Wire, openWire, secureWire } from './support/wire.ts'

const WRONG = 'Perseverance-1903'

/** How long a block lasts here. */
const BLOCK_MS = 2000

/** A connection on which somebody tries to sign in. */
interface Terminal {
  readonly wire: Wire
  /** Gives the last line of the reply. */
  guess(password: string, name?: string): Promise<string>
  leave(): Promise<void>
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = (name: string, password: string): string => base64(`\0${name}\0${password}`)

async function smtp(wire: Wire): Promise<Terminal & { readonly auth: 'PLAIN' }> {
  await wire.reply()
  await wire.smtp('EHLO client')
  return {
    wire,
    auth: 'PLAIN',
    guess: (password, name = 'alice') => wire.smtp(`AUTH PLAIN ${plain(name, password)}`),
    leave: async () => (await wire.smtp('QUIT'), wire.closed()),
  }
}

async function pop3(wire: Wire): Promise<Terminal> {
  await wire.line()
  return {
    wire,
    guess: async (password, name = 'alice') => (
      await wire.pop3(`USER ${name}`),
      wire.pop3(`PASS ${password}`)
    ),
    leave: async () => (await wire.pop3('QUIT'), wire.closed()),
  }
}

/** Every way in that a mail program may take. */
const WAYS = {
  'AUTH PLAIN on the SMTP port': async ({ smtpPort }) => smtp(await openWire(smtpPort)),
  'USER and PASS': async ({ pop3Port }) => pop3(await openWire(pop3Port)),
  'AUTH LOGIN on the submission port': async ({ submissionPort }) => {
    const terminal = await smtp(await openWire(submissionPort))
    const { wire } = terminal
    return {
      ...terminal,
      guess: async (password, name = 'alice') => {
        const asked = await wire.smtp(`AUTH LOGIN ${base64(name)}`)
        return asked.startsWith('334 ') ? wire.smtp(base64(password)) : asked
      },
    }
  },
  'AUTH PLAIN in POP3': async ({ pop3Port }) => {
    const terminal = await pop3(await openWire(pop3Port))
    const { wire } = terminal
    return {
      ...terminal,
      guess: (password, name = 'alice') => wire.pop3(`AUTH PLAIN ${plain(name, password)}`),
    }
  },
  'AUTH PLAIN over TLS': async (server) => {
    const wire = await secureWire(await openWire(server.submissionsPort), readFileSync(server.certificate))
    return smtp(wire)
  },
  'USER and PASS over TLS': async (server) =>
    pop3(await secureWire(await openWire(server.pop3sPort), readFileSync(server.certificate))),
  'SCRAM in POP3': async ({ pop3Port }) => {
    const terminal = await pop3(await openWire(pop3Port))
    return { ...terminal, guess: (password, name = 'alice') => scram(terminal.wire, { name, password }) }
  },
} as const satisfies Record<string, (server: Relais) => Promise<Terminal>>

type Way = keyof typeof WAYS
const EVERY_WAY = Object.keys(WAYS).filter((name): name is Way => name in WAYS)

type Verdict = 'in' | 'wrong' | 'blocked'

function verdictOf(reply: string): Verdict {
  if (/^(?:235 2\.7\.0 |\+OK )/.test(reply)) return 'in'
  if (/^(?:535 5\.7\.8 |-ERR \[AUTH\] )/.test(reply)) return 'wrong'
  if (/^(?:454 4\.7\.0 |-ERR \[SYS\/TEMP\] )/.test(reply)) return 'blocked'
  throw new Error(`neither in, wrong nor blocked: ${reply}`)
}

describe('failed sign-ins', () => {
  /** A root with alice and bob, to start from. */
  const template = newRoot()
  let relais: Relais
  let terminals: Terminal[] = []

  before(async () => {
    const maker = await startRelais({ root: template })
    await maker.addAccounts('alice', 'bob')
    expect(await maker.stop()).to.equal(0)
  })

  afterEach(() => {
    for (const { wire } of terminals) wire.hangUp()
    terminals = []
  })

  after(async () => {
    await relais?.close()
    rmSync(template, { recursive: true, force: true })
  })

  /** In the place of the server before. */
  async function start(attempts: number, env: NodeJS.ProcessEnv = {}): Promise<void> {
    await relais?.close()
    const root = newRoot()
    cpSync(template, root, { recursive: true })
    relais = await startRelais({ root, env: { ...settings(attempts), ...env } })
  }

  async function terminal(way: Way): Promise<Terminal> {
    const opened = await WAYS[way](relais)
    terminals.push(opened)
    return opened
  }

  /** One guess on a connection of its own, which is left then. */
  async function guess(way: Way, password: string, name?: string): Promise<string> {
    const at = await terminal(way)
    const reply = await at.guess(password, name)
    if (verdictOf(reply) === 'in') await at.leave()
    at.wire.hangUp()
    return reply
  }

  const tried = async (way: Way, password: string, name?: string): Promise<Verdict> =>
    verdictOf(await guess(way, password, name))

  /** When, by `performance.now()`, alice was let in; what was said before that is `blocked`. */
  async function untilAccepted(deadlineMs: number, password = PASSWORD): Promise<number> {
    for (let turn = 0; performance.now() < deadlineMs; turn += 1) {
      const verdict = await tried(EVERY_WAY[turn % EVERY_WAY.length] ?? 'USER and PASS', password)
      if (verdict === 'in') return performance.now()
      expect(verdict).to.equal('blocked')
      await delay(50)
    }
    throw new Error('nobody was let in before the deadline')
  }

  for (const attempts of [1, 3, 5])
    it(`block the account at the ${attempts}. in a row, over every protocol, and for no longer than is set`, async () => {
      await start(attempts)
      const first = await terminal('AUTH PLAIN on the SMTP port')
      const others = EVERY_WAY.slice(1, attempts - 1)
      if (attempts > 1) expect(verdictOf(await first.guess(WRONG))).to.equal('wrong')
      for (const way of others) expect(await tried(way, WRONG), way).to.equal('wrong')

      const last = await terminal('USER and PASS')
      const beganMs = performance.now()
      expect(verdictOf(await last.guess(WRONG)), 'the last one').to.equal('wrong')
      const blockedMs = performance.now()
      await last.wire.closed()

      for (const way of EVERY_WAY) expect(await tried(way, PASSWORD), way).to.equal('blocked')
      if (attempts > 1) expect(verdictOf(await first.guess(PASSWORD)), 'the first one').to.equal('blocked')
      expect(await tried('AUTH PLAIN over TLS', PASSWORD, 'bob')).to.equal('in')
      expect(await tried('USER and PASS over TLS', WRONG), 'wrong while blocked').to.equal('blocked')

      // Looked at again and again: no guess meanwhile makes it any longer.
      const acceptedMs = await untilAccepted(blockedMs + 2 * BLOCK_MS)
      expect(acceptedMs - beganMs).to.be.at.least(BLOCK_MS)
    })

  it('are forgotten at the end of a block', async () => {
    await start(3)
    for (const way of EVERY_WAY.slice(0, 3)) expect(await tried(way, WRONG), way).to.equal('wrong')
    await untilAccepted(performance.now() + 2 * BLOCK_MS)
    for (const way of EVERY_WAY.slice(2, 4)) expect(await tried(way, WRONG), way).to.equal('wrong')
    expect(await tried('USER and PASS', PASSWORD)).to.equal('in')
  })

  it('are forgotten at a success: two, a success, and two more block nobody', async () => {
    await start(3)
    for (const success of EVERY_WAY) {
      for (const way of EVERY_WAY.slice(0, 2)) expect(await tried(way, WRONG), way).to.equal('wrong')
      expect(await tried(success, PASSWORD), success).to.equal('in')
    }
  })

  it('close the connection that made the block, after its reply', async () => {
    await start(2)
    for (const [index, way] of EVERY_WAY.entries()) {
      const at = await terminal(way)
      const name = `nobody${index}`
      expect(verdictOf(await at.guess(WRONG, name)), way).to.equal('wrong')
      expect(verdictOf(await at.guess(WRONG, name)), way).to.equal('wrong')
      await at.wire.closed()
    }
  })

  it('are said in the same words for a name that nobody has', async () => {
    await start(3)
    const said = async (name: string, way: Way): Promise<readonly string[]> => {
      const replies: string[] = []
      for (let turn = 0; turn < 4; turn += 1) replies.push(await guess(way, WRONG, name))
      return replies
    }
    const ofAlice = await said('alice', 'USER and PASS')
    expect(ofAlice.map(verdictOf)).to.deep.equal(['wrong', 'wrong', 'wrong', 'blocked'])
    expect(await said('nobody', 'USER and PASS')).to.deep.equal(ofAlice)
    const ofBob = await said('bob', 'AUTH PLAIN on the SMTP port')
    expect(ofBob.map(verdictOf)).to.deep.equal(['wrong', 'wrong', 'wrong', 'blocked'])
    expect(await said('no.one', 'AUTH PLAIN on the SMTP port')).to.deep.equal(ofBob)
    expect(await said('noone', 'AUTH LOGIN on the submission port')).to.deep.equal(ofBob)
    expect(await said('nemo', 'SCRAM in POP3')).to.deep.equal(ofAlice)
  })

  it('of a name are counted however it is written', async () => {
    await start(3)
    const names = ['ALICE', 'alice@glo2000.ca', 'Alice@GLO2000.CA']
    for (const [index, name] of names.entries())
      expect(await tried(EVERY_WAY[index] ?? 'USER and PASS', WRONG, name), name).to.equal('wrong')
    expect(await tried('USER and PASS', PASSWORD)).to.equal('blocked')
  })

  it('hold over a restart', async () => {
    await start(2, { RELAIS_LOCKOUT_SECONDS: '600' })
    expect(await tried('USER and PASS', WRONG)).to.equal('wrong')
    await restart()
    expect(await tried('AUTH PLAIN on the SMTP port', WRONG)).to.equal('wrong')
    await restart()
    expect(await tried('USER and PASS', PASSWORD)).to.equal('blocked')
    expect(await tried('USER and PASS', PASSWORD, 'bob')).to.equal('in')
  })

  async function restart(): Promise<void> {
    expect(await relais.stop()).to.equal(0)
    relais = await startRelais({ root: relais.root, env: { ...settings(2), RELAIS_LOCKOUT_SECONDS: '600' } })
  }

  it('end by an unlock', async () => {
    await start(1, { RELAIS_LOCKOUT_SECONDS: '600' })
    expect(await tried('USER and PASS', WRONG)).to.equal('wrong')
    expect(await tried('USER and PASS', PASSWORD)).to.equal('blocked')
    expect((await relais.cli(['account', 'unlock', 'alice'])).status).to.equal(0)
    expect(await tried('USER and PASS', PASSWORD)).to.equal('in')
  })

  describe('are not what', () => {
    before(() => start(3))

    /** Each is said thrice: as guesses they would block the account. */
    for (const [what, response, smtpReply, pop3Reply] of [
      ['is no base64', 'AGFsaWNl!', /^501 5\.5\.2 /, /^-ERR (?!\[AUTH\])/],
      ['is base64 cut short', plain('alice', PASSWORD).slice(0, -1), /^501 5\.5\.2 /, /^-ERR (?!\[AUTH\])/],
      ['has a third NUL', base64(`\0alice\0${WRONG}\0x`), /^501 5\.5\.2 /, /^-ERR (?!\[AUTH\])/],
      ['has no NUL', base64('alice'), /^501 5\.5\.2 /, /^-ERR (?!\[AUTH\])/],
      ['has an empty password', base64('\0alice\0'), /^501 5\.5\.2 /, /^-ERR (?!\[AUTH\])/],
      [
        'is no UTF-8',
        Buffer.from('\0alice\0\xff', 'latin1').toString('base64'),
        /^501 5\.5\.2 /,
        /^-ERR (?!\[AUTH\])/,
      ],
      ['is taken back', '*', /^501 5\.7\.0 /, /^-ERR (?!\[AUTH\])/],
    ] as const)
      it(what, async () => {
        for (let turn = 0; turn < 3; turn += 1) {
          const atSmtp = await terminal('AUTH PLAIN on the SMTP port')
          expect(await atSmtp.wire.smtp('AUTH PLAIN')).to.equal('334 ')
          expect(await atSmtp.wire.smtp(response)).to.match(smtpReply)
          const atPop3 = await terminal('AUTH PLAIN in POP3')
          expect(await atPop3.wire.pop3('AUTH PLAIN')).to.equal('+ ')
          expect(await atPop3.wire.pop3(response)).to.match(pop3Reply)
          // Neither has left the connection in the midst of an exchange.
          expect(await atSmtp.wire.smtp('NOOP')).to.match(/^250 /)
          expect(await atPop3.wire.pop3('USER alice')).to.match(/^\+OK/)
        }
        expect(await tried('USER and PASS', PASSWORD)).to.equal('in')
      })

    it('is a line of 1 MB, after which others are served at once', async () => {
      const endless = Buffer.concat([Buffer.alloc(1_000_000, 'A'), Buffer.from('\r\n')])
      for (let turn = 0; turn < 3; turn += 1) {
        const atSmtp = await terminal('AUTH PLAIN on the SMTP port')
        expect(await atSmtp.wire.smtp('AUTH PLAIN')).to.equal('334 ')
        atSmtp.wire.send(endless)
        expect(await atSmtp.wire.reply()).to.match(/^(?:500 5\.5\.6|421 4\.7\.0) /)
        const atPop3 = await terminal('AUTH PLAIN in POP3')
        expect(await atPop3.wire.pop3('AUTH PLAIN')).to.equal('+ ')
        atPop3.wire.send(endless)
        expect(await atPop3.wire.line()).to.match(/^-ERR (?!\[AUTH\])/)
      }
      const beganMs = performance.now()
      expect(await tried('AUTH PLAIN on the SMTP port', PASSWORD)).to.equal('in')
      expect(performance.now() - beganMs).to.be.below(2000)
    })
  })

  it('are said for somebody who wants to act as somebody else, with the right password too', async () => {
    await start(3)
    const asBob = base64(`bob\0alice\0${PASSWORD}`)
    const atSmtp = await terminal('AUTH PLAIN on the SMTP port')
    expect(await atSmtp.wire.smtp(`AUTH PLAIN ${asBob}`)).to.match(/^535 5\.7\.8 /)
    expect(await atSmtp.wire.smtp('MAIL FROM:<bob@glo2000.ca>')).to.match(/^530 /)
    const atPop3 = await terminal('AUTH PLAIN in POP3')
    expect(await atPop3.wire.pop3(`AUTH PLAIN ${asBob}`)).to.match(/^-ERR \[AUTH\] /)
    expect(await atPop3.wire.pop3('STAT')).to.match(/^-ERR/)
    for (const own of ['alice', 'ALICE@glo2000.ca'])
      expect(await atPop3.wire.pop3(`AUTH PLAIN ${base64(`${own}\0alice\0${PASSWORD}`)}`), own).to.match(
        own === 'alice' ? /^\+OK / : /^-ERR/,
      )
  })

  describe('sent a hundred at once on one connection', () => {
    const guesses = Array.from({ length: 100 }, (_, index) => `Perseverance-${index}`)

    it('are cut off with the one that blocks the account', async () => {
      await start(3)
      for (const way of ['AUTH PLAIN on the SMTP port', 'AUTH PLAIN in POP3'] as const) {
        const name = way === 'AUTH PLAIN in POP3' ? 'bob' : 'alice'
        const { wire } = await terminal(way)
        const passwords = [...guesses, PASSWORD]
        wire.send(passwords.map((password) => `AUTH PLAIN ${plain(name, password)}\r\n`).join(''))
        const replies = await everyLine(wire)
        expect(replies.map(verdictOf), way).to.deep.equal(['wrong', 'wrong', 'wrong'])
      }
    })

    it('are cut off at the fifth where each is for another name', async () => {
      await start(5)
      for (const [way, ending] of [
        ['AUTH PLAIN on the SMTP port', /^421 4\.7\.0 /],
        ['AUTH PLAIN in POP3', /^-ERR /],
      ] as const) {
        const { wire } = await terminal(way)
        wire.send(guesses.map((password) => `AUTH PLAIN ${plain(password, password)}\r\n`).join(''))
        const replies = await everyLine(wire)
        expect(replies, way).to.have.length(5)
        expect(replies.at(-1), way).to.match(ending)
      }
    })
  })

  it('on a hundred connections at once are no hundred guesses', async () => {
    await start(3)
    const opened = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        terminal(index % 2 === 0 ? 'AUTH PLAIN on the SMTP port' : 'AUTH PLAIN in POP3'),
      ),
    )
    const replies = await Promise.all(opened.map((at, index) => at.guess(`Perseverance-${index}`)))
    const verdicts = replies.map(verdictOf)
    expect(verdicts.filter((verdict) => verdict === 'wrong')).to.have.length(3)
    expect(verdicts.filter((verdict) => verdict === 'blocked')).to.have.length(97)
  })
})

describe('lockout.attempts', () => {
  for (const value of ['0', '6', '1.5', '"x"', '""', '"three"'])
    it(`of ${value} stops the start with 78, naming it and what is allowed`, async () => {
      const root = newRoot()
      mkdirSync(join(root, 'config'))
      writeFileSync(join(root, 'config/relais.toml'), `[lockout]\nattempts = ${value}\n`)
      const { status, stdout, stderr } = await runRelais(['serve', '--root', root, '--smtp-port', '0'])
      rmSync(root, { recursive: true, force: true })
      expect(status, stderr).to.equal(78)
      expect(stdout.toString()).to.equal('')
      expect(stderr).to.match(/^[^\n]+\n$/)
      for (const named of ['lockout.attempts', value, 'from 1 to 5']) expect(stderr).to.include(named)
    })

  for (const value of ['0', '6', '1.5', 'x'])
    it(`of "${value}" in the environment does the same`, async () => {
      const root = newRoot()
      const env = { RELAIS_LOCKOUT_ATTEMPTS: value }
      const { status, stderr } = await runRelais(['serve', '--root', root, '--smtp-port', '0'], { env })
      rmSync(root, { recursive: true, force: true })
      expect(status, stderr).to.equal(78)
      for (const named of ['RELAIS_LOCKOUT_ATTEMPTS', value, 'from 1 to 5']) expect(stderr).to.include(named)
    })
})

function settings(attempts: number): NodeJS.ProcessEnv {
  return {
    RELAIS_LOCKOUT_ATTEMPTS: String(attempts),
    RELAIS_LOCKOUT_SECONDS: String(BLOCK_MS / 1000),
    RELAIS_ADDRESS_LIMITS: 'off',
  }
}

/** What the other side still says until it closes. */
async function everyLine(wire: Wire): Promise<readonly string[]> {
  const lines: string[] = []
  for (;;)
    try {
      lines.push(await wire.line())
    } catch {
      return lines
    }
}
