import { expect } from 'chai'
import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { createAccounts, type Accounts } from '../../../src/accounts/accounts.ts'
import type { Account } from '../../../src/ports/account-directory.ts'
import { startClient } from '../../../src/sasl/client.ts'
import type { ClientStep } from '../../../src/sasl/client-step.ts'
import type { SaslChannel, SaslExchange, SaslMechanism } from '../../../src/sasl/exchange.ts'
import { offeredMechanisms } from '../../../src/sasl/offered.ts'
import { createMemoryAccountDirectory } from '../../../src/storage/memory/memory-account-directory.ts'
import { createMemoryMailboxStore } from '../../../src/storage/memory/memory-mailbox-store.ts'
import { createMemorySignInAttempts } from '../../../src/storage/memory/memory-sign-in-attempts.ts'
import { failureOf } from '../../contract/support/failure-of.ts'

const GOOD = 'Abcdefgh12'
const WRONG = 'Zyxwvuts98'
const TLS_EXPORTER = Buffer.alloc(32, 5)

describe('SASL', () => {
  let nowMs: number
  let accounts: Accounts

  beforeEach(async () => {
    nowMs = Date.parse('2026-11-21T03:04:05Z')
    accounts = createAccounts({
      directory: createMemoryAccountDirectory(),
      attempts: createMemorySignInAttempts({
        perAccount: { failures: 3, blockMs: 10_000 },
        perAddress: { failures: 10, withinMs: 900_000 },
      }),
      mailboxes: createMemoryMailboxStore(),
      domain: 'glo2000.ca',
      iterations: 4096,
      clock: () => new Date(nowMs),
    })
    await accounts.add('Alice', GOOD)
    await accounts.add('Bob', GOOD)
  })
  afterEach(() => accounts.close())

  let lastHost = 0
  function channel(tlsExporter?: Buffer): SaslChannel {
    lastHost += 1
    return { address: `192.0.2.${lastHost}`, tlsExporter }
  }

  function start(mechanism: SaslMechanism, over = channel()): SaslExchange<Account> {
    const offered = offeredMechanisms({ protocol: 'pop3', clearPasswords: true, channel: over })
    return accounts.authenticate(mechanism, over, [...offered, 'LOGIN'])
  }

  async function signIn(mechanism: SaslMechanism, ...responses: readonly string[]): Promise<Account> {
    const exchange = start(mechanism)
    for (const response of responses) {
      const reply = await exchange.respond(Buffer.from(response))
      if (reply.kind === 'done') return reply.outcome
    }
    throw new Error('the exchange wants more')
  }

  describe('PLAIN', () => {
    for (const authorizationId of ['', 'alice', 'Alice', 'ALICE@glo2000.ca'])
      it(`signs in with ${JSON.stringify(authorizationId)} to act as`, async () => {
        expect(await signIn('PLAIN', `${authorizationId}\0alice\0${GOOD}`)).to.include({ key: 'alice' })
      })

    it('refuses to act as somebody else, whoever knows a password', async () => {
      for (const authorizationId of ['bob', 'nobody', 'postmaster', ' alice', 'alice@example.org'])
        expect(await failureOf(signIn('PLAIN', `${authorizationId}\0alice\0${GOOD}`))).to.equal(
          'sign-in.refused',
        )
    })

    it('refuses a wrong password and an unknown name alike', async () => {
      expect(await failureOf(signIn('PLAIN', `\0alice\0${WRONG}`))).to.equal('sign-in.refused')
      expect(await failureOf(signIn('PLAIN', `\0nobody\0${GOOD}`))).to.equal('sign-in.refused')
    })

    it('refuses what is no message of its own without counting it', async () => {
      for (let time = 0; time < 20; time += 1)
        expect(await failureOf(signIn('PLAIN', 'alice'))).to.equal('sign-in.malformed')
      expect(await signIn('PLAIN', `\0alice\0${GOOD}`)).to.include({ key: 'alice' })
    })

    it('asks for the message when there is no initial response', async () => {
      const exchange = start('PLAIN')
      expect(await exchange.respond(undefined)).to.deep.equal({ kind: 'challenge', octets: Buffer.alloc(0) })
      expect(await exchange.respond(Buffer.from(`\0bob\0${GOOD}`))).to.have.nested.property(
        'outcome.key',
        'bob',
      )
    })
  })

  it('LOGIN asks for name and password', async () => {
    expect(await signIn('LOGIN', 'alice', GOOD)).to.include({ key: 'alice' })
    expect(await failureOf(signIn('LOGIN', 'alice', WRONG))).to.equal('sign-in.refused')
  })

  describe('SCRAM', () => {
    /** Our client against our house; answers who is in once the server's signature was right as well. */
    async function talk(
      name: string,
      password: string,
      over = channel(),
      offered: readonly string[] = offeredMechanisms({
        protocol: 'pop3',
        clearPasswords: false,
        channel: over,
      }),
    ): Promise<Account> {
      const terms = { offered, tlsExporter: over.tlsExporter, clearPassword: false, name }
      const nonce = randomBytes(18).toString('base64')
      const client = startClient({ ...terms, nonce, secret: { kind: 'password', password } })
      if (client === undefined) throw new Error('no mechanism')
      const exchange = start(client.mechanism, over)
      let step: ClientStep = client.step
      for (;;) {
        if (step.kind === 'derive') {
          step = step.next(pbkdf2Sync(step.password, step.salt, step.iterations, 64, 'sha3-512'))
          continue
        }
        const reply = await exchange.respond(step.octets)
        if (reply.kind === 'done') {
          expect(step.kind).to.equal('last')
          return reply.outcome
        }
        if (step.kind === 'last') throw new Error('the server wants more')
        step = step.next(reply.octets)
      }
    }

    it('proves both sides, in clear and bound to the channel', async () => {
      expect(await talk('alice', GOOD)).to.include({ key: 'alice' })
      expect(await talk('Alice@glo2000.ca', GOOD, channel(TLS_EXPORTER))).to.include({ key: 'alice' })
    })

    it('refuses a wrong password, an unknown name and a locked account alike', async () => {
      await accounts.change('bob', { locked: true })
      for (const [name, password] of [
        ['alice', WRONG],
        ['nobody', GOOD],
        ['bob', GOOD],
      ] as const)
        expect(await failureOf(talk(name, password))).to.equal('sign-in.refused')
    })

    it('counts with every other way of signing in', async () => {
      await failureOf(talk('alice', WRONG))
      await failureOf(signIn('PLAIN', `\0alice\0${WRONG}`))
      expect(await failureOf(talk('alice', WRONG))).to.equal('sign-in.refused-last')
      expect(await failureOf(talk('alice', GOOD))).to.equal('sign-in.locked')
      expect(await failureOf(accounts.signIn('alice', GOOD, '192.0.2.1'))).to.equal('sign-in.locked')
      nowMs += 10_001
      expect(await talk('alice', GOOD)).to.include({ key: 'alice' })
    })

    it('ends failures in a row with a success', async () => {
      for (const password of [WRONG, WRONG, GOOD, WRONG, WRONG]) await talk('alice', password).catch(() => {})
      expect(await talk('alice', GOOD)).to.include({ key: 'alice' })
    })

    it('counts nothing for a client that only asks for the salt', async () => {
      for (let time = 0; time < 20; time += 1) {
        const exchange = start('SCRAM-SHA3-512')
        await exchange.respond(Buffer.from('n,,n=alice,r=abc'))
        exchange.abandon()
      }
      expect(await talk('alice', GOOD)).to.include({ key: 'alice' })
    })

    /** What the first challenge says of a name, without its nonce. */
    async function saltOf(name: string): Promise<string> {
      const reply = await start('SCRAM-SHA3-512').respond(Buffer.from(`n,,n=${name},r=abc`))
      if (reply.kind === 'done') throw new Error('done too soon')
      return reply.octets.toString().replace(/^r=[^,]*,/, '')
    }

    it('tells of a name that nobody has the same salt each time, as of an account', async () => {
      expect(await saltOf('nobody')).to.equal(await saltOf('NOBODY'))
      expect(await saltOf('nobody')).to.match(/^s=[A-Za-z0-9+/]{22}==,i=4096$/)
      expect(await saltOf('alice')).to.match(/^s=[A-Za-z0-9+/]{22}==,i=4096$/)
      expect(await saltOf('nobody')).to.not.equal(await saltOf('nobody2'))
    })

    it('cannot prove the password of an imported digest, and does not count that', async () => {
      const hex = createHash('sha512').update('old and weak').digest('hex')
      await accounts.bringIn('carol', { kind: 'digest', hex })
      for (let time = 0; time < 5; time += 1)
        expect(await failureOf(talk('carol', 'old and weak'))).to.equal('sign-in.refused')
      expect(await accounts.signIn('carol', 'old and weak', '192.0.2.1')).to.include({ key: 'carol' })
      expect(await talk('carol', 'old and weak')).to.include({ key: 'carol' })
    })

    for (const beforeProof of [true, false])
      it(`is refused when the account was changed, locked or removed ${beforeProof ? 'before the proof' : 'before the last answer'}`, async () => {
        const changes = [
          () => accounts.setPassword('alice', WRONG),
          () => accounts.change('alice', { locked: true }),
          async () => {
            await accounts.remove('alice', 'delete')
            await accounts.add('alice', GOOD)
          },
        ]
        for (const change of changes) {
          const client = startClient({
            offered: ['SCRAM-SHA3-512'],
            clearPassword: false,
            name: 'alice',
            nonce: 'abc',
            secret: { kind: 'password', password: GOOD },
          })
          if (client?.step.kind !== 'send') throw new Error('no message')
          const exchange = start('SCRAM-SHA3-512')
          const reply = await exchange.respond(client.step.octets)
          if (reply.kind === 'done') throw new Error('done too soon')
          const derive = client.step.next(reply.octets)
          if (derive.kind !== 'derive') throw new Error('no derivation')
          const final = derive.next(
            pbkdf2Sync(derive.password, derive.salt, derive.iterations, 64, 'sha3-512'),
          )
          if (final.kind === 'derive') throw new Error('derived twice')
          if (beforeProof) {
            await change()
            expect(await failureOf(exchange.respond(final.octets))).to.equal('sign-in.refused')
          } else {
            expect((await exchange.respond(final.octets)).kind).to.equal('challenge')
            await change()
            expect(await failureOf(exchange.respond(Buffer.alloc(0)))).to.equal('sign-in.refused')
          }
          await accounts.change('alice', { locked: false })
          await accounts.setPassword('alice', GOOD)
          await accounts.forgive('alice')
        }
      })

    it('shows a locked account the salt that it had', async () => {
      const before = await saltOf('bob')
      await accounts.change('bob', { locked: true })
      expect(await saltOf('bob')).to.equal(before)
    })

    it('refuses a client that was told less than we offer', async () => {
      const over = channel(TLS_EXPORTER)
      expect(await failureOf(talk('alice', GOOD, over, ['SCRAM-SHA3-512']))).to.equal('sign-in.malformed')
    })

    it('refuses a binding to another channel', async () => {
      const over = channel(TLS_EXPORTER)
      const terms = { offered: ['SCRAM-SHA3-512-PLUS'], clearPassword: false, name: 'alice', nonce: 'abc' }
      const client = startClient({
        ...terms,
        tlsExporter: Buffer.alloc(32, 6),
        secret: { kind: 'password', password: GOOD },
      })
      if (client?.step.kind !== 'send') throw new Error('no message')
      const exchange = start('SCRAM-SHA3-512-PLUS', over)
      const reply = await exchange.respond(client.step.octets)
      if (reply.kind === 'done') throw new Error('done too soon')
      const derive = client.step.next(reply.octets)
      if (derive.kind !== 'derive') throw new Error('no derivation')
      const final = derive.next(pbkdf2Sync(derive.password, derive.salt, derive.iterations, 64, 'sha3-512'))
      if (final.kind === 'derive') throw new Error('derived twice')
      expect(await failureOf(exchange.respond(final.octets))).to.equal('sign-in.malformed')
    })

    it('that was abandoned or is over answers nothing more', async () => {
      const exchange = start('SCRAM-SHA3-512')
      await exchange.respond(Buffer.from('n,,n=alice,r=abc'))
      exchange.abandon()
      expect(await exchange.respond(Buffer.from('x')).catch((error: unknown) => error)).to.be.an('error')
    })
  })
})
