import { expect } from 'chai'
import { createAccounts, type Accounts } from '../../../src/accounts/accounts.ts'
import { createKeyDerivation, type KeyDerivation } from '../../../src/accounts/key-derivation.ts'
import { formatPasswordRecord, makePasswordRecord } from '../../../src/accounts/password-record.ts'
import type { Account, AccountDirectory } from '../../../src/ports/account-directory.ts'
import type { SignInAttempts } from '../../../src/ports/sign-in-attempts.ts'
import { createMemoryAccountDirectory } from '../../../src/storage/memory/memory-account-directory.ts'
import { createMemoryMailboxStore } from '../../../src/storage/memory/memory-mailbox-store.ts'
import { createMemorySignInAttempts } from '../../../src/storage/memory/memory-sign-in-attempts.ts'
import { failureOf } from '../../contract/support/failure-of.ts'

const GOOD = 'Abcdefgh12'
const WRONG = 'Zyxwvuts98'

describe('signing in', () => {
  let nowMs: number
  let hashes: number
  let writes: string[]
  let directory: AccountDirectory
  let derivation: KeyDerivation
  let accounts: Accounts
  const opened: Accounts[] = []

  /** As another process has it: on the same directory and counts. */
  function open(attempts: SignInAttempts, iterations = 2): Accounts {
    const one = createAccounts({
      directory,
      attempts,
      mailboxes: createMemoryMailboxStore(),
      domain: 'glo2000.ca',
      iterations,
      secret: Buffer.alloc(32, 7),
      derivation,
      clock: () => new Date(nowMs),
    })
    opened.push(one)
    return one
  }

  function newAttempts(failures = 3): SignInAttempts {
    const memory = createMemorySignInAttempts({
      perAccount: { failures, blockMs: 10_000 },
      perAddress: { failures: 10, withinMs: 900_000 },
    })
    return {
      ...memory,
      book: (attempt, at) => {
        writes.push('book')
        return memory.book(attempt, at)
      },
      forget: (account) => {
        writes.push('forget')
        return memory.forget(account)
      },
    }
  }

  let attempts: SignInAttempts
  beforeEach(async () => {
    nowMs = Date.parse('2026-11-21T03:04:05Z')
    hashes = 0
    writes = []
    directory = createMemoryAccountDirectory()
    const threads = createKeyDerivation(1)
    derivation = {
      ...threads,
      derive: (...given) => {
        hashes += 1
        return threads.derive(...given)
      },
    }
    attempts = newAttempts()
    accounts = open(attempts)
    await accounts.add('Alice', GOOD)
    await accounts.add('Bob', GOOD)
    hashes = 0
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })

  let lastHost = 0
  /** From an address of its own each time, unless one is given. */
  const signIn = (name: string, password: string, address = `192.0.2.${(lastHost += 1)}`, at = accounts) =>
    at.signIn(name, password, address)
  const codeOf = (name: string, password: string, address?: string): Promise<string | undefined> =>
    failureOf(signIn(name, password, address))
  const tryAll = async (...passwords: readonly string[]): Promise<void> => {
    for (const password of passwords) await signIn('alice', password).catch(() => {})
  }

  describe('with wrong passwords', () => {
    it('blocks the account with the third in a row, for everybody and for the right one too', async () => {
      const codes = [
        await codeOf('alice', WRONG),
        await codeOf('ALICE@glo2000.ca', WRONG),
        await codeOf('Alice', WRONG),
      ]
      expect(codes).to.deep.equal(['sign-in.refused', 'sign-in.refused', 'sign-in.refused-last'])
      nowMs += 9000
      expect(await codeOf('alice', GOOD)).to.equal('sign-in.locked')
      nowMs += 1500
      expect(await signIn('alice', GOOD)).to.include({ key: 'alice' })
    })

    it('blocks nobody else', async () => {
      for (let time = 0; time < 3; time += 1) await codeOf('alice', WRONG)
      expect(await signIn('bob', GOOD)).to.include({ key: 'bob' })
    })

    it('begins anew after a success', async () => {
      await tryAll(WRONG, WRONG, GOOD, WRONG, WRONG)
      expect(await signIn('alice', GOOD)).to.include({ key: 'alice' })
    })

    it('begins anew after a success from the cache as well', async () => {
      await signIn('alice', GOOD)
      await tryAll(WRONG, WRONG, GOOD, WRONG, WRONG)
      expect(await signIn('alice', GOOD)).to.include({ key: 'alice' })
    })

    it('neither counts nor extends while blocked', async () => {
      for (let time = 0; time < 3; time += 1) await codeOf('alice', WRONG)
      for (let second = 0; second < 9; second += 1) {
        nowMs += 1000
        expect(await codeOf('alice', WRONG)).to.equal('sign-in.locked')
      }
      nowMs += 1500
      expect(await signIn('alice', GOOD)).to.include({ key: 'alice' })
    })

    it('behaves the same for a name that does not exist, at the price of a hash each', async () => {
      const codes = [
        await codeOf('nobody', WRONG),
        await codeOf('NOBODY', WRONG),
        await codeOf('nobody', WRONG),
        await codeOf('nobody', WRONG),
      ]
      expect(codes).to.deep.equal([
        'sign-in.refused',
        'sign-in.refused',
        'sign-in.refused-last',
        'sign-in.locked',
      ])
      expect(hashes).to.equal(3)
    })

    it('lets a hundred guesses at once be three', async () => {
      const codes = await Promise.all(Array.from({ length: 100 }, () => codeOf('alice', WRONG)))
      expect(codes.filter((code) => code === 'sign-in.locked')).to.have.length(97)
      expect(hashes).to.equal(3)
    })

    it('counts over all processes together', async () => {
      const other = open(attempts)
      await codeOf('alice', WRONG)
      await failureOf(signIn('alice', WRONG, '192.0.2.250', other))
      expect(await codeOf('alice', WRONG)).to.equal('sign-in.refused-last')
      expect(await failureOf(signIn('alice', GOOD, '192.0.2.251', other))).to.equal('sign-in.locked')
    })

    it('costs the same for a record of fewer iterations', async () => {
      const costlier = open(attempts, 9)
      const asked: number[] = []
      const { derive } = derivation
      derivation = { ...derivation, derive }
      const spying = createAccounts({
        directory,
        attempts,
        mailboxes: createMemoryMailboxStore(),
        domain: 'glo2000.ca',
        iterations: 9,
        derivation: {
          ...derivation,
          derive: (password, salt, iterations) => {
            asked.push(iterations)
            return derive(password, salt, iterations)
          },
        },
      })
      opened.push(spying)
      await failureOf(spying.signIn('alice', WRONG, '192.0.2.1'))
      await failureOf(spying.signIn('nobody', WRONG, '192.0.2.2'))
      expect(asked).to.deep.equal([2, 7, 9])
      await costlier.close()
    })
  })

  describe('of one address', () => {
    it('is turned away after ten failures over many accounts, and the accounts stay as they are', async () => {
      for (let time = 0; time < 10; time += 1) await codeOf(`name${time}`, WRONG, '198.51.100.1')
      for (let time = 0; time < 5; time += 1)
        expect(await codeOf('alice', WRONG, '198.51.100.1')).to.equal('sign-in.limited')
      expect(await codeOf('alice', GOOD, '198.51.100.1')).to.equal('sign-in.limited')
      expect(await signIn('alice', GOOD, '198.51.100.2')).to.include({ key: 'alice' })
    })

    it('is let in again a quarter of an hour later', async () => {
      for (let time = 0; time < 10; time += 1) await codeOf(`name${time}`, WRONG, '198.51.100.1')
      nowMs += 15 * 60_000
      expect(await signIn('alice', GOOD, '198.51.100.1')).to.include({ key: 'alice' })
    })

    it('counts an IPv6 network as one', async () => {
      for (let time = 0; time < 10; time += 1) await codeOf(`name${time}`, WRONG, `2001:db8:1:2::${time}`)
      expect(await codeOf('alice', GOOD, '2001:db8:1:2:ffff::1')).to.equal('sign-in.limited')
      expect(await signIn('alice', GOOD, '2001:db8:1:3::1')).to.include({ key: 'alice' })
    })
  })

  describe('again', () => {
    it('costs no hash and writes nothing', async () => {
      await signIn('alice', GOOD)
      expect([hashes, writes]).to.deep.equal([1, ['book']])
      for (const name of ['alice', 'Alice@glo2000.ca']) await signIn(name, GOOD)
      expect([hashes, writes]).to.deep.equal([1, ['book']])
    })

    it('costs one hash for many connections that come at once', async () => {
      await Promise.all(Array.from({ length: 20 }, () => signIn('alice', GOOD)))
      expect(hashes).to.equal(1)
    })

    it('with the old password is refused as soon as there is a new one, of whatever process', async () => {
      await signIn('alice', GOOD)
      await open(attempts).setPassword('alice', WRONG)
      expect(await codeOf('alice', GOOD)).to.equal('sign-in.refused')
      expect(await signIn('alice', WRONG)).to.include({ key: 'alice' })
    })

    it('is refused once the account is locked or gone', async () => {
      await signIn('alice', GOOD)
      await accounts.change('alice', { locked: true })
      expect(await codeOf('alice', GOOD)).to.equal('sign-in.refused')
      await accounts.change('alice', { locked: false })
      expect(await signIn('alice', GOOD)).to.include({ key: 'alice' })
      await accounts.remove('alice', 'delete')
      expect(await codeOf('alice', GOOD)).to.equal('sign-in.refused')
    })

    it('is refused while the account is blocked', async () => {
      await signIn('alice', GOOD)
      for (let time = 0; time < 3; time += 1) await codeOf('alice', WRONG)
      expect(await codeOf('alice', GOOD)).to.equal('sign-in.locked')
    })
  })

  describe('with an older record', () => {
    const recordOf = async (key: string) => (await directory.find(key))?.passwordRecord

    it('renews it when the setting asks for more iterations, once', async () => {
      const costlier = open(attempts, 5)
      const account: Account = await signIn('alice', GOOD, '192.0.2.1', costlier)
      expect(account.passwordRecord).to.match(/^SCRAM-SHA3-512\$5:/)
      expect(await recordOf('alice')).to.equal(account.passwordRecord)
      hashes = 0
      await signIn('alice', GOOD, '192.0.2.1', costlier)
      expect(hashes).to.equal(0)
      await signIn('alice', GOOD)
      expect(await recordOf('alice')).to.equal(account.passwordRecord)
    })

    it('keeps it after a wrong password', async () => {
      await failureOf(signIn('alice', WRONG, '192.0.2.1', open(attempts, 5)))
      expect(await recordOf('alice')).to.match(/^SCRAM-SHA3-512\$2:/)
    })

    it('leaves a password that was set meanwhile alone, which the old one is no more', async () => {
      const renewed = formatPasswordRecord(await makePasswordRecord(WRONG, 5))
      const { derive } = derivation
      derivation = {
        ...derivation,
        derive: async (...given) => {
          const derived = await derive(...given)
          await directory.change('alice', { passwordRecord: renewed })
          return derived
        },
      }
      const late = open(attempts, 5)
      expect(await failureOf(signIn('alice', GOOD, '192.0.2.1', late))).to.equal('sign-in.refused')
      expect(await recordOf('alice')).to.equal(renewed)
      expect(await signIn('alice', WRONG, '192.0.2.1', late)).to.include({ key: 'alice' })
    })

    for (const [what, change] of [
      ['locked', () => directory.change('alice', { locked: true })],
      ['removed', () => directory.remove('alice').catch(() => {})],
    ] as const)
      it(`lets nobody in whose account was ${what} while the password was being looked at`, async () => {
        const { derive } = derivation
        derivation = {
          ...derivation,
          derive: async (...given) => {
            const derived = await derive(...given)
            await change()
            return derived
          },
        }
        expect(await failureOf(signIn('alice', GOOD, '192.0.2.1', open(attempts)))).to.equal(
          'sign-in.refused',
        )
      })

    it('of a bare digest signs in with its password and is replaced by a record of today', async () => {
      const { createHash } = await import('node:crypto')
      for (const [name, algorithm] of [
        ['carol', 'sha3-512'],
        ['dave', 'sha512'],
      ] as const) {
        const hex = createHash(algorithm).update('old and weak').digest('hex')
        await accounts.bringIn(name, { kind: 'digest', hex })
        expect(await recordOf(name)).to.match(/^LEGACY-SHA3-512\$/)
        expect(await recordOf(name)).to.not.contain(hex)
        expect(await codeOf(name, hex)).to.equal('sign-in.refused')
        expect(await signIn(name, 'old and weak')).to.include({ key: name })
        expect(await recordOf(name)).to.match(/^SCRAM-SHA3-512\$2:/)
      }
    })
  })

  it('can be forgiven by the postmaster', async () => {
    for (let time = 0; time < 3; time += 1) await codeOf('alice', WRONG)
    await accounts.forgive('Alice')
    expect(await signIn('alice', GOOD)).to.include({ key: 'alice' })
  })

  it('gives the attempt back when nobody can say whether it was right', async () => {
    const { derive } = derivation
    const broken: KeyDerivation = { ...derivation, derive: () => Promise.reject(new Error('no thread')) }
    const one = createAccounts({
      directory,
      attempts,
      mailboxes: createMemoryMailboxStore(),
      domain: 'glo2000.ca',
      iterations: 2,
      secret: Buffer.alloc(32, 7),
      derivation: broken,
      clock: () => new Date(nowMs),
    })
    opened.push(one)
    for (let time = 0; time < 5; time += 1)
      expect(await one.signIn('alice', GOOD, '192.0.2.1').catch((error: unknown) => error)).to.have.property(
        'message',
        'no thread',
      )
    derivation = { ...derivation, derive }
    expect(await signIn('alice', GOOD)).to.include({ key: 'alice' })
  })
})
