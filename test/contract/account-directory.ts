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
    quotaOctets: undefined,
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
        expect(await failureOf(directory.setPasswordRecord(key, 'x'))).to.equal('account.unknown')
        expect(await failureOf(directory.remove(key))).to.equal('account.unknown')
      }
      expect(await directory.list()).to.deep.equal([anAccount('alice')])
    })

    it('keeps a quota, none and one without bound apart', async () => {
      await directory.add(anAccount('alice', { quotaOctets: 5 * 2 ** 40 }))
      await directory.add(anAccount('bob'))
      const quotas = async () => (await directory.list()).map(({ quotaOctets }) => quotaOctets)
      expect(await quotas()).to.deep.equal([5 * 2 ** 40, undefined])
      await directory.setQuota('alice', undefined)
      await directory.setQuota('bob', 0)
      expect(await quotas()).to.deep.equal([undefined, 0])
      expect(await failureOf(directory.setQuota('carol', 0))).to.equal('account.unknown')
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
      await directory.setPasswordRecord('alice', 'a new record')
      expect(await directory.list()).to.deep.equal([
        anAccount('alice', { passwordRecord: 'a new record' }),
        anAccount('bob'),
      ])
    })

    it('takes the same password record again', async () => {
      await directory.add(anAccount('alice'))
      await directory.setPasswordRecord('alice', 'record of alice')
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
      expect(await failureOf(directory.setPasswordRecord('bob', 'x'))).to.equal('account.unknown')
      expect(await failureOf(directory.remove('bob'))).to.equal('account.unknown')
      expect(await failureOf(directory.remove('Alice'))).to.equal('account.unknown')
      expect(await directory.list()).to.deep.equal([anAccount('alice')])
    })

    it('shows each change to every other handle with the next call', async () => {
      const other = await anotherHandle()
      await directory.add(anAccount('alice'))
      expect(await other.find('alice')).to.deep.equal(anAccount('alice'))
      await other.setPasswordRecord('alice', 'changed')
      expect((await directory.find('alice'))?.passwordRecord).to.equal('changed')
      await directory.remove('alice')
      expect(await other.list()).to.deep.equal([])
      expect(await failureOf(other.remove('alice'))).to.equal('account.unknown')
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
