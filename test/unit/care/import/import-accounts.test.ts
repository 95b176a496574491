import { expect } from 'chai'
import { accountKey } from '../../../../src/accounts/names.ts'
import { GatewayError } from '../../../../src/base/errors.ts'
import { parseCredentials } from '../../../../src/care/import/credentials.ts'
import type { Found, Secret } from '../../../../src/care/import/found.ts'
import {
  importAccounts,
  type AccountsToFill,
  type Outcome,
} from '../../../../src/care/import/import-accounts.ts'
import { describePlace, describeReason, IMPORT_TEXTS } from '../../../../src/care/import/texts.ts'
import { gatewayErrorOf } from '../../../contract/support/failure-of.ts'

/** Accounts in memory, which tell what was brought in and how many at once. */
function fakeAccounts() {
  const there = new Map<string, { readonly name: string; readonly secret?: Secret }>()
  const taken = new Set<string>()
  const failing = new Set<string>()
  let now = 0
  let most = 0
  async function checkNewName(name: string): Promise<void> {
    if (taken.has(accountKey(name))) throw new GatewayError('account.exists', `${name} is a role address`)
    if (there.has(accountKey(name))) throw new GatewayError('account.exists', 'there is an account already')
  }
  const accounts: AccountsToFill = {
    async get(name) {
      const account = there.get(accountKey(name))
      if (account === undefined) throw new GatewayError('account.unknown', 'unknown')
      return account
    },
    checkNewName,
    async bringIn(name, secret) {
      now += 1
      most = Math.max(most, now)
      await new Promise((resolve) => setImmediate(resolve))
      now -= 1
      if (failing.has(name)) throw new GatewayError('store.full', `no space for ${name}`)
      await checkNewName(name)
      there.set(accountKey(name), { name, secret })
    },
  }
  return { accounts, there, taken, failing, mostAtOnce: () => most }
}

async function outcomes(
  source: Iterable<Found>,
  accounts: AccountsToFill,
  dryRun = false,
): Promise<readonly Outcome[]> {
  const all: Outcome[] = []
  for await (const outcome of importAccounts(source, accounts, { dryRun })) all.push(outcome)
  return all
}

/** One word for each: its result, or the kind of its reason. */
const inShort = (all: readonly Outcome[]): readonly string[] =>
  all.map((outcome) => (outcome.result === 'refused' ? outcome.reason.kind : outcome.result))

const lines = (...text: readonly string[]): Iterable<Found> => parseCredentials(text.join('\n'))

describe('an import of accounts', () => {
  let fake: ReturnType<typeof fakeAccounts>
  beforeEach(() => {
    fake = fakeAccounts()
  })

  it('brings in each with its old password, weak as it may be, in the spelling of the source', async () => {
    const all = await outcomes(lines('r2D2 x', 'Obi-wan (kenobi)'), fake.accounts)
    expect(all).to.deep.equal([
      { place: { kind: 'line', number: 1 }, name: 'r2D2', result: 'created' },
      { place: { kind: 'line', number: 2 }, name: 'Obi-wan', result: 'created' },
    ])
    expect(fake.there.get('obi-wan')).to.deep.equal({
      name: 'Obi-wan',
      secret: { kind: 'password', password: '(kenobi)' },
    })
  })

  it('changes nothing when it is run again, and says that each is there', async () => {
    const text = ['alice one', 'bob two', 'Alice three']
    expect(inShort(await outcomes(lines(...text), fake.accounts))).to.deep.equal([
      'created',
      'created',
      'double',
    ])
    const before = structuredClone([...fake.there])
    expect(inShort(await outcomes(lines(...text), fake.accounts))).to.deep.equal([
      'skipped',
      'skipped',
      'double',
    ])
    expect([...fake.there]).to.deep.equal(before)
  })

  it('goes on where it was cut off', async () => {
    fake.failing.add('bob')
    const error = await gatewayErrorOf(outcomes(lines('alice one', 'bob two', 'carol three'), fake.accounts))
    expect(error.code).to.equal('store.full')
    fake.failing.clear()
    const again = inShort(await outcomes(lines('alice one', 'bob two', 'carol three'), fake.accounts))
    expect(again.slice(0, 2)).to.deep.equal(['skipped', 'created'])
    expect([...fake.there.keys()].toSorted()).to.deep.equal(['alice', 'bob', 'carol'])
  })

  it('refuses the second of two names that differ in capitals, however many stand between', async () => {
    const between = Array.from({ length: 40 }, (_, index) => `x${index} y`)
    const all = await outcomes(lines('Obiwan a', ...between, 'obiWAN b', 'obiwan c'), fake.accounts)
    expect(inShort(all).slice(-2)).to.deep.equal(['double', 'double'])
    expect(all.at(-1)).to.have.deep.property('reason', { kind: 'double', first: { kind: 'line', number: 1 } })
    expect(fake.there.get('obiwan')?.name).to.equal('Obiwan')
  })

  it('takes the second of two alike when the first could not be one', async () => {
    expect(inShort(await outcomes(lines('alice ', 'Alice x'), fake.accounts))).to.deep.equal([
      'no-password',
      'created',
    ])
  })

  it('refuses a name that the house has in other capitals, or for something else', async () => {
    fake.there.set('alice', { name: 'ALICE' })
    fake.taken.add('info')
    const all = await outcomes(lines('alice x', 'info y'), fake.accounts)
    expect(all.map((outcome) => 'reason' in outcome && outcome.reason)).to.deep.equal([
      { kind: 'taken', by: 'ALICE' },
      { kind: 'occupied', why: 'info is a role address' },
    ])
    expect(fake.there.size).to.equal(1)
  })

  it('skips the account that another process adds meanwhile', async () => {
    const { accounts } = fake
    const racing: AccountsToFill = {
      ...accounts,
      async bringIn(name, secret) {
        fake.there.set(accountKey(name), { name })
        await accounts.bringIn(name, secret)
      },
    }
    expect(inShort(await outcomes(lines('alice x'), racing))).to.deep.equal(['skipped'])
  })

  const refused: readonly (readonly [line: string, kind: string])[] = [
    ['nospace', 'no-space'],
    [' x', 'bad-name'],
    ['-leia alderaan', 'bad-name'],
    ['root deathstar', 'bad-name'],
    ['élodie été', 'bad-name'],
    ['../../etc x', 'bad-name'],
    [`${'x'.repeat(65)} y`, 'bad-name'],
    ['root ', 'bad-name'],
    ['alice tab\there', 'bad-password'],
    ['alice \u200B', 'bad-password'],
    [`alice ${'x'.repeat(1025)}`, 'bad-password'],
    ['alice ', 'no-password'],
  ]
  for (const [line, kind] of refused) {
    it(`refuses ${JSON.stringify(line.slice(0, 20))}: ${kind}, in a trial as well`, async () => {
      for (const dryRun of [true, false]) {
        expect(inShort(await outcomes(lines(line, 'bob x'), fake.accounts, dryRun))).to.deep.equal([
          kind,
          'created',
        ])
        expect(fake.there.size).to.equal(dryRun ? 0 : 1)
      }
    })
  }

  it('says in a trial what it would do, and does nothing', async () => {
    fake.there.set('bob', { name: 'bob' })
    fake.taken.add('info')
    const all = await outcomes(lines('alice x', 'bob y', 'info z', 'ALICE w'), fake.accounts, true)
    expect(inShort(all)).to.deep.equal(['created', 'skipped', 'occupied', 'double'])
    expect([...fake.there.keys()]).to.deep.equal(['bob'])
  })

  it('has a few under way at once, never many, and answers in the order of the source', async () => {
    const source = Array.from({ length: 1000 }, (_, index) => `name${index} password${index}`)
    const all = await outcomes(lines(...source), fake.accounts)
    expect(all.map(({ name }) => name)).to.deep.equal(source.map((line) => line.split(' ')[0]))
    expect(fake.mostAtOnce()).to.be.within(2, 16)
  })

  it('begins no more when somebody stops listening, and ends what it began', async () => {
    const source = Array.from({ length: 100 }, (_, index) => `name${index} x`)
    for await (const outcome of importAccounts(lines(...source), fake.accounts, { dryRun: false }))
      if (outcome.name === 'name2') break
    expect(fake.there.size).to.be.within(3, 20)
  })

  it('ends with the failure of the store; those before it are told, those beside it end', async () => {
    fake.failing.add('name3')
    const told: (string | undefined)[] = []
    const source = Array.from({ length: 100 }, (_, index) => `name${index} x`)
    const run = (async () => {
      for await (const { name } of importAccounts(lines(...source), fake.accounts, { dryRun: false }))
        told.push(name)
    })()
    expect((await gatewayErrorOf(run)).code).to.equal('store.full')
    expect(told).to.deep.equal(['name0', 'name1', 'name2'])
    expect(fake.there.size).to.be.within(3, 20)
  })

  it('never tells a password', async () => {
    const all = await outcomes(
      lines(
        's3cret',
        'alice s3cret\t',
        'root s3cret',
        'bob s3cret',
        'bob s3cret',
        'eve\ts3cret x',
        'eve:s3cret x',
      ),
      fake.accounts,
    )
    const reasons = all.map((outcome) =>
      outcome.result === 'refused' ? describeReason(outcome.reason, 'en') : '',
    )
    expect(JSON.stringify([all, reasons])).to.not.contain('s3cret')
  })
})

describe('what is said of an import', () => {
  it('is said in both languages', () => {
    for (const part of ['place', 'reason'] as const) {
      expect(Object.keys(IMPORT_TEXTS.fr[part])).to.deep.equal(Object.keys(IMPORT_TEXTS.en[part]))
      for (const text of Object.values(IMPORT_TEXTS.fr[part])) expect(text).to.not.equal('')
    }
  })

  it('names the place and the reason with its details', () => {
    expect(describePlace({ kind: 'folder', name: '$& {}' }, 'fr')).to.equal('dossier $& {}')
    expect(describePlace({ kind: 'entry', number: 3 }, 'en')).to.equal('entry 3')
    expect(describeReason({ kind: 'digest-length', digits: 64 }, 'en')).to.equal(
      'a digest of 64 digits; only those of 128 are taken',
    )
    expect(describeReason({ kind: 'double', first: { kind: 'line', number: 2 } }, 'fr')).to.equal(
      'le même nom que ligne 2\u00A0; les majuscules ne comptent pas',
    )
    expect(describeReason({ kind: 'bad-name', problems: ['edges', 'reserved'] }, 'en')).to.match(
      /^the name: .*; it is/,
    )
  })
})
