import { expect } from 'chai'
import { createAccounts, type Accounts } from '../../../src/accounts/accounts.ts'
import { GatewayError } from '../../../src/base/errors.ts'
import type { Account, AccountDirectory } from '../../../src/ports/account-directory.ts'
import type { MailboxStore, MailFate } from '../../../src/ports/mailbox-store.ts'
import { createMemoryAccountDirectory } from '../../../src/storage/memory/memory-account-directory.ts'
import { createMemorySignInAttempts } from '../../../src/storage/memory/memory-sign-in-attempts.ts'
import { failureOf, gatewayErrorOf } from '../../contract/support/failure-of.ts'

const GOOD = 'Abcdefgh12'
const OTHER = 'Zyxwvuts98'
const NOW = new Date('2026-11-21T03:04:05Z')

/** A directory in memory whose next calls can be made to fail. */
function fakeDirectory() {
  const memory = createMemoryAccountDirectory()
  const broken = new Set<'find' | 'add' | 'change' | 'remove'>()
  async function demand(call: 'find' | 'add' | 'change' | 'remove'): Promise<void> {
    if (broken.has(call)) throw new GatewayError('store.unavailable', `${call} fails`)
  }
  const directory: AccountDirectory = {
    ...memory,
    find: (key) => demand('find').then(() => memory.find(key)),
    add: (account) => demand('add').then(() => memory.add(account)),
    change: (key, change, onlyIf) => demand('change').then(() => memory.change(key, change, onlyIf)),
    remove: (key) => demand('remove').then(() => memory.remove(key)),
  }
  return { directory, memory, broken, keys: async () => (await memory.list()).map(({ key }) => key) }
}

/** Mailboxes as a set of keys. */
function fakeMailboxes() {
  const keys = new Set<string>()
  const broken = new Set<'create' | 'retire'>()
  const notAsked = async (): Promise<never> => {
    throw new Error('accounts has no business with this')
  }
  const mailboxes: MailboxStore = {
    async create(key, { adopt }) {
      if (broken.has('create')) throw new GatewayError('store.cannot-create', 'no folder')
      if (keys.has(key) && !adopt) throw new GatewayError('account.exists', 'there is a folder')
      keys.add(key)
    },
    async retire(key: string, fate: MailFate) {
      if (broken.has('retire')) throw new GatewayError('store.unavailable', 'stuck')
      keys.delete(key)
      return fate === 'keep' ? `/removed/${key}` : undefined
    },
    isEmpty: notAsked,
    begin: notAsked,
    usedOctets: notAsked,
    openMaildrop: notAsked,
    view: notAsked,
    freeOctets: notAsked,
    close: notAsked,
  }
  return { mailboxes, keys, broken }
}

describe('accounts', () => {
  let directory: ReturnType<typeof fakeDirectory>
  let mailboxes: ReturnType<typeof fakeMailboxes>
  let accounts: Accounts
  const opened: Accounts[] = []

  beforeEach(() => {
    directory = fakeDirectory()
    mailboxes = fakeMailboxes()
    accounts = open(1)
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })

  function open(iterations: number): Accounts {
    const one = createAccounts({
      directory: directory.directory,
      attempts: createMemorySignInAttempts({ perAccount: undefined, perAddress: undefined }),
      mailboxes: mailboxes.mailboxes,
      domain: 'glo2000.ca',
      iterations,
      clock: () => NOW,
    })
    opened.push(one)
    return one
  }

  const signIn = (name: string, password: string, at = accounts): Promise<Account> =>
    at.signIn(name, password, '192.0.2.1')

  describe('adding one', () => {
    it('keeps the name as given, its key in lower case, a record and the time, and makes a mailbox', async () => {
      const account = await accounts.add('Alice', GOOD)
      expect(account).to.include({ name: 'Alice', key: 'alice', createdAt: NOW })
      expect(account.passwordRecord).to.match(/^SCRAM-SHA3-512\$1:/)
      expect(await directory.memory.find('alice')).to.deep.equal(account)
      expect([...mailboxes.keys]).to.deep.equal(['alice'])
    })

    const refused: readonly (readonly [why: string, name: string, password: string, code: string])[] = [
      ['a bad name', '../x', GOOD, 'account.name-refused'],
      ['a bad password', 'alice', 'short', 'account.password-refused'],
      ['a bad name before a bad password', '', '', 'account.name-refused'],
      ['a name taken in another case', 'BOB', GOOD, 'account.exists'],
    ]
    for (const [why, name, password, code] of refused) {
      it(`is refused for ${why}, and nothing changes`, async () => {
        await accounts.add('bob', GOOD)
        expect(await failureOf(accounts.add(name, password))).to.equal(code)
        expect(await directory.keys()).to.deep.equal(['bob'])
        expect([...mailboxes.keys]).to.deep.equal(['bob'])
      })
    }

    it('names every broken rule of the name and of the password at once', async () => {
      expect((await gatewayErrorOf(accounts.add('a..', GOOD))).message).to.equal(
        'name "a.." is refused: it must begin and end with a letter, a digit or _; it may not hold two dots in a row',
      )
      expect((await gatewayErrorOf(accounts.add('alice', 'x'))).message).to.equal(
        'password is refused; it needs: at least 10 characters, an upper-case letter, a digit',
      )
    })

    it('is refused where a mailbox of that name lies already, unless it is adopted', async () => {
      mailboxes.keys.add('alice')
      expect(await failureOf(accounts.add('alice', GOOD))).to.equal('account.exists')
      expect(await directory.keys()).to.deep.equal([])
      expect([...mailboxes.keys]).to.deep.equal(['alice'])
      await accounts.add('alice', GOOD, { adopt: true })
      expect(await directory.keys()).to.deep.equal(['alice'])
    })

    it('adds nothing to the directory when the mailbox cannot be made', async () => {
      mailboxes.broken.add('create')
      expect(await failureOf(accounts.add('alice', GOOD))).to.equal('store.cannot-create')
      expect(await directory.keys()).to.deep.equal([])
    })

    it('takes the new mailbox back when the directory refuses the account', async () => {
      directory.broken.add('add')
      expect(await failureOf(accounts.add('alice', GOOD))).to.equal('store.unavailable')
      expect([...mailboxes.keys]).to.deep.equal([])
      directory.broken.clear()
      await accounts.add('alice', GOOD)
    })

    it('leaves an adopted mailbox where it was when the directory refuses the account', async () => {
      mailboxes.keys.add('alice')
      directory.broken.add('add')
      expect(await failureOf(accounts.add('alice', GOOD, { adopt: true }))).to.equal('store.unavailable')
      expect([...mailboxes.keys]).to.deep.equal(['alice'])
    })

    it('leaves the mailbox to the account that another process added meanwhile', async () => {
      const { add } = directory.directory
      directory.directory.add = async (account) => {
        await add({ ...account, name: 'the other' })
        await add(account)
      }
      expect(await failureOf(accounts.add('alice', GOOD))).to.equal('account.exists')
      expect((await directory.memory.find('alice'))?.name).to.equal('the other')
      expect([...mailboxes.keys]).to.deep.equal(['alice'])
    })
  })

  describe('checking a new name', () => {
    it('says what adding would say', async () => {
      await accounts.add('Bob', GOOD)
      await accounts.checkNewName('alice')
      expect(await failureOf(accounts.checkNewName('a/b'))).to.equal('account.name-refused')
      const error = await gatewayErrorOf(accounts.checkNewName('bOB'))
      expect(error).to.include({
        code: 'account.exists',
        message: 'there is an account Bob already',
      })
      expect([...mailboxes.keys]).to.deep.equal(['bob'])
    })
  })

  describe('finding', () => {
    it('compares without case and names whom it does not find', async () => {
      await accounts.add('Alice', GOOD)
      expect(await accounts.get('ALICE')).to.include({ name: 'Alice' })
      expect(await accounts.find('aLICE')).to.deep.equal([{ key: 'alice', quotaOctets: 0 }])
      expect(await accounts.find('bob')).to.deep.equal([])
      const error = await gatewayErrorOf(accounts.get('bob\n'))
      expect(error).to.include({ code: 'account.unknown', message: 'there is no account "bob\\n"' })
      expect((await accounts.list()).map(({ key }) => key)).to.deep.equal(['alice'])
    })
  })

  describe('removing one', () => {
    it('ends the account and its mailbox, and tells where kept mail is', async () => {
      await accounts.add('Alice', GOOD)
      expect(await accounts.remove('ALICE', 'keep')).to.equal('/removed/alice')
      expect([...(await directory.keys()), ...mailboxes.keys]).to.deep.equal([])
      await accounts.add('alice', GOOD)
      expect(await accounts.remove('alice', 'delete')).to.equal(undefined)
    })

    it('that nobody knows changes nothing', async () => {
      mailboxes.keys.add('alice')
      expect(await failureOf(accounts.remove('alice', 'delete'))).to.equal('account.unknown')
      expect([...mailboxes.keys]).to.deep.equal(['alice'])
    })

    it('leaves the mail alone when the directory cannot remove the account', async () => {
      await accounts.add('alice', GOOD)
      directory.broken.add('remove')
      expect(await failureOf(accounts.remove('alice', 'delete'))).to.equal('store.unavailable')
      expect([...mailboxes.keys]).to.deep.equal(['alice'])
      expect((await accounts.find('alice'))[0]).to.include({ key: 'alice' })
    })

    it('never leaves an account without its mailbox when the mail cannot be moved', async () => {
      await accounts.add('alice', GOOD)
      mailboxes.broken.add('retire')
      expect(await failureOf(accounts.remove('alice', 'keep'))).to.equal('store.unavailable')
      expect(await accounts.find('alice')).to.deep.equal([])
      expect([...mailboxes.keys]).to.deep.equal(['alice'])
    })
  })

  describe('setting a password', () => {
    it('replaces the old one', async () => {
      await accounts.add('alice', GOOD)
      await accounts.setPassword('ALICE', OTHER)
      expect(await failureOf(signIn('alice', GOOD))).to.equal('sign-in.refused')
      expect(await signIn('alice', OTHER)).to.include({ key: 'alice' })
    })

    it('is refused for a bad one, for nobody, and when it cannot be kept; the old one holds', async () => {
      await accounts.add('alice', GOOD)
      expect(await failureOf(accounts.setPassword('alice', 'short'))).to.equal('account.password-refused')
      expect(await failureOf(accounts.setPassword('bob', OTHER))).to.equal('account.unknown')
      directory.broken.add('change')
      expect(await failureOf(accounts.setPassword('alice', OTHER))).to.equal('store.unavailable')
      expect(await signIn('alice', GOOD)).to.include({ key: 'alice' })
    })
  })

  describe('signing in', () => {
    beforeEach(async () => {
      await accounts.add('Alice', GOOD)
    })

    for (const name of ['alice', 'ALICE', 'alice@glo2000.ca', 'Alice@GLO2000.ca']) {
      it(`as ${name} succeeds with the right password`, async () => {
        expect(await signIn(name, GOOD)).to.include({ name: 'Alice', key: 'alice' })
      })
    }

    const refused: readonly (readonly [name: string, password: string])[] = [
      ['alice', OTHER],
      ['alice', ''],
      ['alice', GOOD.toLowerCase()],
      ['alice', `${GOOD} `],
      ['bob', GOOD],
      ['', ''],
      ['', GOOD],
      ['@glo2000.ca', GOOD],
      ['alice@', GOOD],
      ['alice@example.org', GOOD],
      ['alice@glo2000.ca@glo2000.ca', GOOD],
      ['alice@xglo2000.ca', GOOD],
      [' alice', GOOD],
      ['bob@glo2000.ca', '\0'],
    ]
    for (const [name, password] of refused) {
      it(`as ${JSON.stringify(name)} with ${JSON.stringify(password)} is refused like any other`, async () => {
        const error = await gatewayErrorOf(signIn(name, password))
        expect(error).to.include({ code: 'sign-in.refused', message: 'wrong name or password' })
        expect(error.cause).to.equal(undefined)
      })
    }

    it('checks a record with its own rounds, not with those of new records', async () => {
      const costlier = open(3)
      expect(await signIn('alice', GOOD, costlier)).to.include({ key: 'alice' })
      await costlier.setPassword('alice', OTHER)
      expect((await directory.memory.find('alice'))?.passwordRecord).to.match(/^SCRAM-SHA3-512\$3:/)
      expect(await signIn('alice', OTHER)).to.include({ key: 'alice' })
    })

    it('says that the store is damaged when the record is', async () => {
      await directory.memory.change('alice', { passwordRecord: 'plain:Abcdefgh12' })
      expect(await failureOf(signIn('alice', GOOD))).to.equal('store.damaged')
    })

    it('fails by name when the directory cannot be asked', async () => {
      directory.broken.add('find')
      expect(await failureOf(signIn('alice', GOOD))).to.equal('store.unavailable')
    })
  })
})
