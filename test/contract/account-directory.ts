/** Every promise of `ports/account-directory.ts`, once, for every engine. */
import { expect } from 'chai'
import type { Account, AccountDirectory } from '../../src/ports/account-directory.ts'
import { failureOf } from './support/failure-of.ts'

/** One place where accounts are kept, empty at first; each `open` is a handle on it as another process may have one. */
export interface DirectoryPlace {
  open(): Promise<AccountDirectory>
}

/** An account made up for a test. */
export function anAccount(name: string, rest: Partial<Account> = {}): Account {
  const createdAt = new Date('2026-11-21T03:04:05.678Z')
  return {
    name,
    key: name.toLowerCase(),
    passwordRecord: `record of ${name}`,
    createdAt,
    role: 'member',
    locked: false,
    quotaOctets: undefined,
    retentionDays: undefined,
    ...rest,
  }
}

/** @param newPlace a place of its own for each test */
export function accountDirectoryContract(engine: string, newPlace: () => DirectoryPlace): void {
  describe(`the account directory on ${engine}`, () => {
    let place: DirectoryPlace
    let directory: AccountDirectory
    const others: AccountDirectory[] = []

    beforeEach(async () => {
      place = newPlace()
      directory = await place.open()
    })
    afterEach(async () => {
      for (const handle of [directory, ...others.splice(0)]) await handle.close()
    })

    async function anotherHandle(): Promise<AccountDirectory> {
      const handle = await place.open()
      others.push(handle)
      return handle
    }

    it('is empty at first', async () => {
      expect(await directory.list()).to.deep.equal([])
      expect(await directory.find('alice')).to.equal(undefined)
    })

    it('finds an account by its key, every field as it was added', async () => {
      const alice = anAccount('Alice', { passwordRecord: 'SCRAM-SHA3-512$1:c2FsdA==$AA==:BB==' })
      await directory.add(alice)
      expect(await directory.find('alice')).to.deep.equal(alice)
    })

    it('compares keys octet by octet, so that only lower case finds', async () => {
      await directory.add(anAccount('Alice'))
      expect(await directory.find('Alice')).to.equal(undefined)
      expect(await directory.find('alic')).to.equal(undefined)
      expect(await directory.find('alice ')).to.equal(undefined)
    })

    it('takes a key as text, whatever is in it', async () => {
      await directory.add(anAccount('alice'))
      for (const key of ['%', 'alic_', "' OR ''='", 'alice\0', 'alice\0x', '', '__proto__']) {
        expect(await directory.find(key), JSON.stringify(key)).to.equal(undefined)
        expect(await failureOf(directory.change(key, { passwordRecord: 'x' }))).to.equal('account.unknown')
        expect(await failureOf(directory.remove(key))).to.equal('account.unknown')
      }
      expect(await directory.list()).to.deep.equal([anAccount('alice')])
    })

    it('keeps a quota, none and one without bound apart', async () => {
      await directory.add(anAccount('alice', { quotaOctets: 5 * 2 ** 40 }))
      await directory.add(anAccount('bob'))
      const quotas = async () => (await directory.list()).map(({ quotaOctets }) => quotaOctets)
      expect(await quotas()).to.deep.equal([5 * 2 ** 40, undefined])
      await directory.change('alice', { quotaOctets: undefined })
      await directory.change('bob', { quotaOctets: 0 })
      expect(await quotas()).to.deep.equal([undefined, 0])
      expect(await failureOf(directory.change('carol', { quotaOctets: 0 }))).to.equal('account.unknown')
    })

    it('lists all accounts by key, whatever the order they came in', async () => {
      for (const name of ['dave', 'Bob', 'alice', 'Carol', '0_first', 'a.b', 'a-b'])
        await directory.add(anAccount(name))
      const keys = (await directory.list()).map(({ key }) => key)
      expect(keys).to.deep.equal(['0_first', 'a-b', 'a.b', 'alice', 'bob', 'carol', 'dave'])
    })

    it('lists accounts with every field', async () => {
      await directory.add(anAccount('Bob'))
      expect(await directory.list()).to.deep.equal([anAccount('Bob')])
    })

    it('refuses a second account with the same key and keeps the first', async () => {
      await directory.add(anAccount('bob'))
      const second = anAccount('BOB', { passwordRecord: 'another' })
      expect(await failureOf(directory.add(second))).to.equal('account.exists')
      expect(await directory.list()).to.deep.equal([anAccount('bob')])
    })

    it('lets exactly one of many additions of one key succeed', async () => {
      const second = await anotherHandle()
      const tries = [directory, second, directory, second].map((handle) => handle.add(anAccount('carol')))
      const outcomes = await Promise.allSettled(tries)
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).to.include({ code: 'account.exists' })
    })

    it('changes the password record of one account and nothing else', async () => {
      await directory.add(anAccount('alice'))
      await directory.add(anAccount('bob'))
      await directory.change('alice', { passwordRecord: 'a new record' })
      expect(await directory.list()).to.deep.equal([
        anAccount('alice', { passwordRecord: 'a new record' }),
        anAccount('bob'),
      ])
    })

    it('takes the same password record again', async () => {
      await directory.add(anAccount('alice'))
      await directory.change('alice', { passwordRecord: 'record of alice' })
      expect(await directory.find('alice')).to.deep.equal(anAccount('alice'))
    })

    it('removes one account and no other', async () => {
      await directory.add(anAccount('alice'))
      await directory.add(anAccount('bob'))
      await directory.remove('alice')
      expect(await directory.list()).to.deep.equal([anAccount('bob')])
    })

    it('adds a removed account anew', async () => {
      await directory.add(anAccount('alice'))
      await directory.remove('alice')
      const again = anAccount('ALICE', { passwordRecord: 'another' })
      await directory.add(again)
      expect(await directory.find('alice')).to.deep.equal(again)
    })

    it('says that an account is unknown instead of changing nothing in silence', async () => {
      await directory.add(anAccount('alice'))
      expect(await failureOf(directory.change('bob', { passwordRecord: 'x' }))).to.equal('account.unknown')
      expect(await failureOf(directory.remove('bob'))).to.equal('account.unknown')
      expect(await failureOf(directory.remove('Alice'))).to.equal('account.unknown')
      expect(await directory.list()).to.deep.equal([anAccount('alice')])
    })

    it('shows each change to every other handle with the next call', async () => {
      const other = await anotherHandle()
      await directory.add(anAccount('alice'))
      expect(await other.find('alice')).to.deep.equal(anAccount('alice'))
      await other.change('alice', { passwordRecord: 'changed' })
      expect((await directory.find('alice'))?.passwordRecord).to.equal('changed')
      await directory.remove('alice')
      expect(await other.list()).to.deep.equal([])
      expect(await failureOf(other.remove('alice'))).to.equal('account.unknown')
    })

    it('changes what is named and nothing else, also to nothing', async () => {
      await directory.add(anAccount('alice', { quotaOctets: 7, retentionDays: 30 }))
      await directory.change('alice', { role: 'postmaster', locked: true, retentionDays: undefined })
      expect(await directory.find('alice')).to.deep.equal(
        anAccount('alice', { quotaOctets: 7, role: 'postmaster', locked: true }),
      )
      await directory.change('alice', { role: 'member', locked: false, retentionDays: 0 })
      expect(await directory.find('alice')).to.deep.equal(
        anAccount('alice', { quotaOctets: 7, retentionDays: 0 }),
      )
    })

    it('changes only if the record is still the one that was looked at, and says whether', async () => {
      await directory.add(anAccount('alice'))
      const onlyIf = { passwordRecord: 'record of alice' }
      expect(await directory.change('alice', { passwordRecord: 'new' }, onlyIf)).to.equal(true)
      expect(await directory.change('alice', { passwordRecord: 'newer' }, onlyIf)).to.equal(false)
      expect((await directory.find('alice'))?.passwordRecord).to.equal('new')
      expect(await failureOf(directory.change('bob', { locked: true }, onlyIf))).to.equal('account.unknown')
    })

    it('knows the accounts of a role', async () => {
      for (const name of ['carol', 'Bob', 'alice']) await directory.add(anAccount(name))
      expect(await directory.withRole('postmaster')).to.deep.equal([])
      for (const key of ['carol', 'bob']) await directory.change(key, { role: 'postmaster' })
      expect((await directory.withRole('postmaster')).map(({ key }) => key)).to.deep.equal(['bob', 'carol'])
      expect((await directory.withRole('member')).map(({ key }) => key)).to.deep.equal(['alice'])
    })

    describe('role addresses', () => {
      const info = (...members: readonly string[]) => ({ name: 'Info', key: 'info', members })
      const reached = async (key: string) => (await directory.reachedBy(key)).map((account) => account.key)

      beforeEach(async () => {
        for (const name of ['alice', 'Bob', 'carol']) await directory.add(anAccount(name))
      })

      it('reach their members, and an account reaches itself', async () => {
        await directory.addToAlias(info('carol', 'alice'))
        expect(await reached('info')).to.deep.equal(['alice', 'carol'])
        expect(await reached('bob')).to.deep.equal(['bob'])
        expect(await directory.reachedBy('bob')).to.deep.equal([anAccount('Bob')])
        for (const key of ['nobody', 'Info', 'info\0', '%']) expect(await reached(key), key).to.deep.equal([])
      })

      it('are listed by key with their members', async () => {
        await directory.addToAlias(info('carol', 'alice'))
        await directory.addToAlias({ name: 'help', key: 'help', members: ['bob'] })
        expect(await directory.aliases()).to.deep.equal([
          { name: 'help', key: 'help', members: ['bob'] },
          { name: 'Info', key: 'info', members: ['alice', 'carol'] },
        ])
      })

      it('take more members, each once', async () => {
        await directory.addToAlias(info('alice'))
        await directory.addToAlias(info('bob', 'alice', 'bob'))
        expect(await reached('info')).to.deep.equal(['alice', 'bob'])
      })

      it('take nobody at all when one of those to be added is no account', async () => {
        expect(await failureOf(directory.addToAlias(info('alice', 'nobody')))).to.equal('account.unknown')
        expect(await directory.aliases()).to.deep.equal([])
      })

      it('have no name that an account has, nor the other way round', async () => {
        expect(await failureOf(directory.addToAlias({ ...info('bob'), key: 'alice' }))).to.equal(
          'account.exists',
        )
        await directory.addToAlias(info('bob'))
        expect(await failureOf(directory.add(anAccount('Info')))).to.equal('account.exists')
        expect(await directory.find('info')).to.equal(undefined)
      })

      it('lose members that are taken out, and end with the last', async () => {
        await directory.addToAlias(info('alice', 'bob', 'carol'))
        await directory.removeFromAlias('info', ['bob'])
        expect(await reached('info')).to.deep.equal(['alice', 'carol'])
        expect(await failureOf(directory.removeFromAlias('info', ['alice', 'bob']))).to.equal(
          'account.unknown',
        )
        expect(await reached('info')).to.deep.equal(['alice', 'carol'])
        await directory.removeFromAlias('info', ['alice', 'carol'])
        expect(await directory.aliases()).to.deep.equal([])
        expect(await failureOf(directory.removeFromAlias('info'))).to.equal('account.unknown')
      })

      it('end whole when nobody is named', async () => {
        await directory.addToAlias(info('alice', 'bob'))
        await directory.removeFromAlias('info')
        expect(await directory.aliases()).to.deep.equal([])
      })

      it('lose an account that is removed, and one that is added anew is no member', async () => {
        await directory.addToAlias(info('alice', 'bob'))
        await directory.addToAlias({ name: 'solo', key: 'solo', members: ['alice'] })
        await directory.remove('alice')
        expect(await reached('info')).to.deep.equal(['bob'])
        expect(await reached('solo')).to.deep.equal([])
        await directory.add(anAccount('alice'))
        expect(await reached('info')).to.deep.equal(['bob'])
        await directory.add(anAccount('solo'))
      })
    })

    it('has another mark after another handle has changed something, and the same while nothing happens', async () => {
      const other = await anotherHandle()
      const before = await directory.changeMark()
      expect(await directory.changeMark()).to.equal(before)
      await other.add(anAccount('alice'))
      const after = await directory.changeMark()
      if (other !== directory) expect(after).to.not.equal(before)
      expect(await directory.changeMark()).to.equal(after)
    })

    it('keeps accounts after it was closed', async () => {
      await directory.add(anAccount('alice'))
      await directory.close()
      directory = await place.open()
      expect(await directory.list()).to.deep.equal([anAccount('alice')])
    })

    it('may be opened by several processes at once while it is still empty', async () => {
      const fresh = newPlace()
      const handles = await Promise.all([fresh.open(), fresh.open(), fresh.open()])
      others.push(...handles)
      await handles[0].add(anAccount('dave'))
      for (const handle of handles) expect(await handle.find('dave')).to.deep.equal(anAccount('dave'))
    })
  })
}
